/* Bundles the page: bundle.mjs SOURCES OUT. One js, one css, index.html that names them by content, and a gzipped copy
 * beside each. Run by build.sh, which brings node_modules. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, constants } from "node:zlib";
import { build } from "esbuild";

const [sources, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });

await build({
    entryPoints: { page: join(sources, "main.tsx") },
    outdir: out,
    bundle: true,
    minify: true,
    target: "es2020",
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    preserveSymlinks: true,
    legalComments: "none", // notice.txt has them all
    logLevel: "warning",
});

let html = readFileSync(join(sources, "index.html"), "utf8");
for (const name of ["page.js", "page.css"]) {
    const digest = createHash("sha256").update(readFileSync(join(out, name))).digest("hex").slice(0, 12);
    html = html.replace(`/${name}"`, `/${name}?${digest}"`);
}
writeFileSync(join(out, "index.html"), html);
writeFileSync(join(out, "notice.txt"), readFileSync(join(sources, "notice.txt")));

for (const name of ["index.html", "page.js", "page.css", "notice.txt"]) {
    const bytes = readFileSync(join(out, name));
    const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
    writeFileSync(join(out, `${name}.gz`), packed);
    console.log(`${name.padEnd(12)} ${bytes.length} bytes, ${packed.length} gzipped`);
}
