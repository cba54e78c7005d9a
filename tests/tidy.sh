#!/usr/bin/env bash
# tidy.sh [ROOT]: the few rules of docs/style.md that matter, held by a machine. One line per fault: file:line: rule.
# tidy.sh --fix applies the formatter to every C file, and changes nothing else.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
python=/usr/bin/python3
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1

# Tracked or about to be; names only, relative to the root.
files() { # PATTERN...
    if git -c safe.directory='*' -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git -c safe.directory='*' -C "$root" ls-files --cached --others --exclude-standard -- "$@"
    else
        local pattern
        for pattern in "$@"; do
            (cd "$root" && find . -path './build*' -prune -o -path ./var -prune -o -type f -name "${pattern##*/}" -print)
        done
    fi | sed 's|^\./||' | sort -u | while IFS= read -r name; do
        if [ -f "$root/$name" ]; then printf '%s\n' "$name"; fi
    done
}

scripts() {
    files '*.sh'
    local name
    for name in up down check .ci/run; do
        if [ -f "$root/$name" ]; then printf '%s\n' "$name"; fi
    done
}

check_format() {
    local formatter
    formatter=$(command -v clang-format-14 || command -v clang-format) || {
        echo "clang-format is missing (Debian package clang-format): the layout of C cannot be checked"
        return 1
    }
    # clang-format writes "file:line:column: error: code should be clang-formatted"; keep file, line and rule
    files '*.c' '*.h' | (cd "$root" && xargs -r "$formatter" --dry-run -Werror --ferror-limit=1 2>&1) |
        awk -F: '/: error: / {print $1 ":" $2 ": not as clang-format lays it out: run tests/tidy.sh --fix"; bad = 1}
                 /^error|Invalid/ {print; bad = 1} END {exit bad}'
}

check_scripts() {
    command -v shellcheck >/dev/null || {
        echo "shellcheck is missing (Debian package shellcheck): the scripts cannot be checked"
        return 1
    }
    scripts | (cd "$root" && xargs -r shellcheck -x --format gcc --severity style)
}

main() {
    case "${1:-}" in
        -h | --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
        --fix)
            files '*.c' '*.h' | (cd "$root" && xargs -r "$(command -v clang-format-14 || command -v clang-format)" -i)
            exit 0 ;;
        "") ;;
        *) root=$(cd "$1" && pwd) ;;
    esac
    local failed=0
    "$python" "$here/tidy/source.py" "$root" || failed=1
    "$python" "$here/tidy/symbols.py" "$root" || failed=1
    check_format || failed=1
    check_scripts || failed=1
    if [ $failed -ne 0 ]; then
        echo "tidy: the tree breaks the rules named above (docs/style.md)"
        exit 1
    fi
    echo "tidy: the tree keeps its rules"
}

main "$@"
