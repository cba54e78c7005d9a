# shellcheck shell=bash
# What the user sees: one line per step with its time, and a way out on every failure. Sourced by ./up, ./down, ./check.

report_start=$SECONDS

report_step() { # WHAT
    printf '[%3ds] %s\n' $((SECONDS - report_start)) "$*"
}

# The last words of a log, then what to do.
report_log_end() { # FILE
    [ -s "$1" ] || return 0
    printf -- '--- last lines of %s\n' "${1#"$PWD"/}" >&2
    tail -n 20 "$1" >&2
    printf -- '---\n' >&2
}

die() { # SENTENCE
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Passes every Nth line of a long output on, cut to the screen, so that progress shows also where there is no terminal.
report_every() { # N
    awk -v n="$1" '{last = $0; if (NR % n == 0) {print "       " substr($0, 1, 110); fflush(); last = ""}}
                   END {if (last != "") print "       " substr(last, 1, 110)}'
}
