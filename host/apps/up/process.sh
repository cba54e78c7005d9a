# shellcheck shell=bash
# Long-running processes by pid file, never by name. Needs report.sh; $root is the checkout.
#
# var/run/NAME.pid holds the process id and the moment the kernel started it: a number that was given to another
# process since then does not match, and is never signalled. var/log/NAME.log takes what the process prints.

: "${root:?the script that sources this file sets it}"

process_run=$root/var/run
process_log=$root/var/log

# The 22nd field of /proc/PID/stat, counted after the last `)`: the name before it may hold anything. Nothing for
# a process that has ended and only waits to be reaped.
process_birth() { # PID
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" {print $20}'
}

process_pid() { # NAME: prints the process id when it runs
    local pid birth
    read -r pid birth 2>/dev/null <"$process_run/$1.pid" || return 1
    [ -n "$birth" ] && [ "$(process_birth "$pid")" = "$birth" ] || return 1
    printf '%s\n' "$pid"
}

# Starts COMMAND in the background, in a session of its own, unless NAME runs already. The lock of ./up (9) stays here.
process_start() { # NAME COMMAND...
    local name=$1 pid
    shift
    process_pid "$name" >/dev/null && return 0
    mkdir -p "$process_run" "$process_log"
    printf '\n=== %s: %s\n' "$(date -u +%FT%TZ)" "$*" >>"$process_log/$name.log"
    setsid -- "$@" </dev/null >>"$process_log/$name.log" 2>&1 9>&- &
    pid=$!
    printf '%s %s\n' "$pid" "$(process_birth "$pid")" >"$process_run/$name.pid"
}

# Waits until COMMAND succeeds, as long as NAME lives. Otherwise: its last words, and the end.
process_wait() { # NAME SECONDS WHAT COMMAND...
    local name=$1 until=$((SECONDS + $2)) what=$3
    shift 3
    until "$@" >/dev/null 2>&1; do
        process_pid "$name" >/dev/null || {
            report_log_end "$process_log/$name.log"
            die "$name ended before $what; what it said stands above and in var/log/$name.log. ./up starts it again."
        }
        [ $SECONDS -lt $until ] || {
            report_log_end "$process_log/$name.log"
            die "$name runs, but not yet $what; see var/log/$name.log. ./down stops everything."
        }
        sleep 0.2
    done
}

# True when something accepts connections there.
port_open() { # HOST PORT [NAMESPACE]
    # shellcheck disable=SC2016 # the inner bash expands its own arguments
    ${3:+ip netns exec "$3"} bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$1" "$2" 2>/dev/null
}

# TERM, then a grace period, then KILL. Harmless when it does not run.
process_stop() { # NAME [SECONDS]
    local name=$1 until=$((SECONDS + ${2:-15})) pid
    if pid=$(process_pid "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        while process_pid "$name" >/dev/null; do
            if [ $SECONDS -ge $until ]; then
                printf '%s did not end within %s s of TERM; killing it\n' "$name" "${2:-15}" >&2
                kill -KILL "$pid" 2>/dev/null || true
                sleep 0.2
                break
            fi
            sleep 0.1
        done
    fi
    rm -f "$process_run/$name.pid"
}
