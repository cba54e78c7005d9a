#!/usr/bin/env bash
# test.sh: the page's types, then its unit tests on node's own runner. Packages go to build/ui and build/webtests;
# without npm it ends with 77.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: node or npm is missing (Debian packages nodejs and npm)"
    exit 77
fi
work=${CROSSPOINT_UI:-$root/build/ui}
tools=$("$root/tests/web/packages.sh")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$here/build.sh" "$out/page" >/dev/null
ln -sfn "$here/test" "$work/test"
cp "$here/tsconfig.json" "$work/"
node "$tools/node_modules/typescript/bin/tsc" --project "$work"
for test in "$here"/test/*.test.ts; do
    "$work/node_modules/.bin/esbuild" "$test" --bundle --platform=node --format=esm --log-level=warning \
        --outfile="$out/$(basename "$test" .ts).mjs"
done
node --test "$out"/*.test.mjs
