#!/usr/bin/env bash
# packages.sh: installs what package-lock.json pins into build/webtests, once, and prints that folder.
# 77: the registry cannot be reached.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${CROSSPOINT_WEBTESTS:-$root/build/webtests}

mkdir -p "$work"
exec 9>"$work/lock"
flock 9
wanted=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$work/packages" 2>/dev/null)" != "$wanted" ]; then
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work/"
    rm -f "$work/packages"
    (cd "$work" && npm ci --no-progress --loglevel=error) </dev/null >"$work/npm.log" 2>&1 || {
        cat "$work/npm.log" >&2
        if grep -qE 'ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN' "$work/npm.log"; then exit 77; fi
        exit 1
    }
    echo "$wanted" >"$work/packages"
fi
echo "$work"
