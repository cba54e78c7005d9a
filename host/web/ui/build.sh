#!/usr/bin/env bash
# build.sh [OUT]: bundles the page into OUT (build/page when not given): index.html, page.js, page.css, each with a
# gzipped copy beside it.
#
# Packages come from the npm registry, as package-lock.json pins them, into build/ui; nothing is written beside the
# sources. Does nothing when neither sources nor lock have changed. Without npm it says so and leaves with 0: the
# exchange and its APIs do without the page. 77: the registry cannot be reached.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${1:-$root/build/page}
work=${CROSSPOINT_UI:-$root/build/ui}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "error: the page is not built, node or npm is missing (Debian packages nodejs and npm); the APIs do without it"
    exit 0
fi

mkdir -p "$work" "$out"
out=$(cd "$out" && pwd)
exec 9>"$work/lock" # two builds at once would install over each other
flock 9

digest() { # FILE...
    cat "$@" | sha256sum | cut -d' ' -f1
}

packages=$(digest "$here/package.json" "$here/package-lock.json")
if [ "$(cat "$work/packages" 2>/dev/null)" != "$packages" ]; then
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work/"
    rm -f "$work/packages"
    (cd "$work" && npm ci --no-progress --loglevel=error) </dev/null >"$work/npm.log" 2>&1 || {
        cat "$work/npm.log" >&2
        echo "page: npm could not install what package-lock.json names" >&2
        if [ -f "$out/index.html" ]; then
            echo "page: the one built before is kept" >&2
            exit 0
        fi
        if grep -qE 'ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN' "$work/npm.log"; then exit 77; fi
        exit 1
    }
    echo "$packages" >"$work/packages"
fi

mapfile -t sources < <(find "$here/src" "$here/bundle.mjs" -type f | LC_ALL=C sort)
wanted="$packages $(digest "${sources[@]}")"
if [ "$(cat "$out/.built" 2>/dev/null)" = "$wanted" ] && [ -f "$out/index.html" ]; then
    exit 0
fi
# Node looks for packages beside the file that asks for them, so the sources are shown to it beside node_modules.
ln -sfn "$here/src" "$work/src"
cp "$here/bundle.mjs" "$here/tsconfig.json" "$work/"
rm -f "$out/.built"
(cd "$work" && node bundle.mjs src "$out")
echo "$wanted" >"$out/.built"
