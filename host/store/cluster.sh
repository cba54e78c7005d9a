#!/bin/bash
# A private PostgreSQL 15 cluster for one checkout.
#
#   cluster.sh start DIR        make the cluster in DIR when it is not there, start it, wait until it answers
#   cluster.sh stop DIR         stop it; harmless when it does not run
#   cluster.sh status DIR       say whether it runs; exit code 0 running, 3 stopped
#   cluster.sh psql DIR [ARGS]  psql as the read-only role (PGUSER=xc_migrate and so on for another)
#
# DIR holds data/ (the cluster), sock/ (its socket; there is no TCP), log and lock; nothing is written elsewhere.
#
# Who runs it. PostgreSQL refuses root: as root we run it as `postgres` (the package's user) or `nobody`, inside a
# private mount namespace where DIR appears at /mnt, so that the user reaches it however closed the folders above
# are. An ordinary user runs it as himself, where it lies.
#
# Who may connect. The kernel tells the server who is at the other end of the socket (peer), and a map says which
# roles that user may be: the cluster's owner, root and who started it any; the users in CROSSPOINT_READERS
# (the web process, when it has a user of its own) only xc_reader. `trust` behind a 0700 folder would give every
# process that can open the socket every role; this does not, and needs no password anywhere.
#
# Long paths. A socket's path is limited to 107 bytes: the server names its socket relative to its data, and
# clients reach it by /proc/self/fd/N of an open descriptor of sock/ (host/store/database.c does the same).
# shellcheck disable=SC2016 # the lines for in_place are expanded there
set -euo pipefail

programs=/usr/lib/postgresql/15/bin
start_seconds=60 # more than recovery of max_wal_size takes; then we give up and show the log
stop_seconds=60  # then the backends are cut off (SIGQUIT); the next start recovers from the log

say() { printf 'database: %s\n' "$*"; }
die() { printf 'database: %s\n' "$*" >&2; exit 1; }

verb=${1:-} dir=${2:-}
case $verb in start | stop | status | psql) ;; *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;; esac
[ -n "$dir" ] || die "which folder? try: cluster.sh $verb var/pg"
[ -x $programs/postgres ] || die "PostgreSQL 15 is not installed ($programs/postgres): apt-get install postgresql-15"
[ "$verb" = start ] && mkdir -p "$dir"
if [ ! -d "$dir" ]; then say "stopped (no $dir)"; [ "$verb" = stop ] && exit 0; exit 3; fi
dir=$(realpath "$dir")
[ "$verb" = psql ] || [ ! -d "$dir/data" ] || [ -r "$dir/data" ] ||
    die "$dir/data belongs to $(stat -c %U "$dir/data"): ask as that user, or as root"

# Prints the postmaster's process id when it runs on our data: the file may be of a killed run, and its number
# may be another process by now, so we ask whether that process works in our folder.
running() {
    local pid
    [ -r "$dir/data/postmaster.pid" ] && read -r pid <"$dir/data/postmaster.pid" || return 1
    [ "$(stat -Lc %d:%i "/proc/$pid/cwd" 2>/dev/null)" = "$(stat -c %d:%i "$dir/data")" ] && echo "$pid"
}

# A killed postmaster's backends notice and end by themselves, but until then a new one is refused our data.
wait_for_orphans() {
    local ours began=$SECONDS
    ours=$(stat -c %d:%i "$dir/data")
    # stat fails on processes that end meanwhile
    while { stat -Lc %d:%i /proc/[0-9]*/cwd 2>/dev/null || true; } | grep -cx "$ours" >/dev/null; do
        [ $((SECONDS - began)) -lt $start_seconds ] || die "processes of a killed server still work in $dir/data"
        sleep 0.1
    done
    # Its number may be another process's by now (or of a dead one that nobody reaped), and PostgreSQL asks no more
    # than whether that number is alive; we have asked what it does.
    rm -f "$dir/data/postmaster.pid" "$dir/sock/.s.PGSQL.5432" "$dir/sock/.s.PGSQL.5432.lock"
}

as_owner() { # in the caller's mount namespace; replaces the shell
    if [ "$owner" = "$(id -un)" ]; then exec env -i "${clean[@]}" "$@"; else
        exec setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups --no-new-privs env -i "${clean[@]}" "$@"
    fi
}

write_settings() {
    cat >"$dir/data/postgresql.conf" <<'END'
# Written by cluster.sh at every start: edit there.
listen_addresses = ''                   # no TCP
unix_socket_directories = '../sock'     # relative to data/: no limit on the checkout's path
unix_socket_permissions = 0777          # pg_hba.conf decides, by who the kernel says is calling
max_connections = 24
shared_buffers = 64MB
work_mem = 8MB
maintenance_work_mem = 64MB
huge_pages = off                        # they belong to DPDK
dynamic_shared_memory_type = mmap       # in data/, so that a killed server leaves nothing in /dev/shm
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = minimal                     # no replication from here: the journal is what is copied
max_wal_senders = 0
max_wal_size = 512MB
min_wal_size = 80MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_checkpoints = off
log_line_prefix = '%m [%p] %q%u '
END
    cat >"$dir/data/pg_hba.conf" <<'END'
# Written by cluster.sh at every start. Only the socket, only who the map names.
local all        postgres                        peer map=crosspoint
local crosspoint xc_writer,xc_reader,xc_migrate  peer map=crosspoint
END
    local user role
    {
        echo "# Written by cluster.sh at every start: system user, role."
        for user in $(printf '%s\n' "$owner" root "$(id -un)" ${SUDO_USER:+"$SUDO_USER"} | sort -u); do
            for role in postgres xc_writer xc_reader xc_migrate; do echo "crosspoint \"$user\" $role"; done
        done
        for user in ${CROSSPOINT_READERS:-}; do echo "crosspoint \"$user\" xc_reader"; done
    } >"$dir/data/pg_ident.conf"
}

make_cluster() {
    rm -rf "$dir/data.new" # of an initdb that was killed
    mkdir -m 700 "$dir/data.new"
    chown "$owner" "$dir/data.new"
    say "making a new cluster in $dir"
    (in_place 'exec "$0" -D data.new -U postgres -A peer -E UTF8 --no-locale --data-checksums --no-instructions' \
        $programs/initdb >"$dir/initdb.log" 2>&1) || { tail -5 "$dir/initdb.log" >&2; die "initdb failed"; }
    mv "$dir/data.new" "$dir/data"
}

# Becomes a shell of the owner's that runs one line, working in DIR: in a mount namespace where DIR is /mnt when we are root.
in_place() {
    local line=$1
    shift
    if [ "$namespace" = yes ]; then
        exec unshare --mount --propagation private bash -c '
            mount --bind "$1" /mnt && cd /mnt || exit 1
            owner=$2 line=$3; shift 3
            exec setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups --no-new-privs \
                env -i LC_ALL=C PATH=/usr/bin:/bin bash -c "$line" "$@"' - "$dir" "$owner" "$line" "$@"
    else
        cd "$dir" && as_owner bash -c "$line" "$@"
    fi
}

psql_as() { # role, then psql's arguments
    local role=$1
    shift
    psql -X -h /proc/self/fd/7 -U "$role" "$@" 7<"$dir/sock"
}

start() {
    local pid began
    exec 8>"$dir/lock"
    flock -w "$start_seconds" 8 || die "another start or stop is at work on $dir"
    if pid=$(running); then say "already running, process $pid"; return; fi

    owner=$(id -un) namespace=no clean=(LC_ALL=C PATH=/usr/bin:/bin)
    if [ "$(id -u)" = 0 ]; then
        owner=nobody
        if id -u postgres >/dev/null 2>&1; then owner=postgres; fi
        if unshare --mount --propagation private mount --bind "$dir" /mnt 2>/dev/null; then namespace=yes
        elif ! (as_owner test -x "$dir"); then
            die "no mount namespace may be made here, and user $owner cannot reach $dir: move the checkout to where it can"
        fi
    fi
    chmod 711 "$dir"
    [ -d "$dir/data" ] || make_cluster
    [ "$(stat -c %U "$dir/data")" = "$owner" ] ||
        die "$dir/data belongs to $(stat -c %U "$dir/data"), but would run as $owner: start it as the user who made it"
    [ -d "$dir/sock" ] || mkdir -m 711 "$dir/sock"
    [ "$(id -u)" != 0 ] || chown "$owner" "$dir/sock"
    write_settings
    wait_for_orphans

    # 8 is our lock: the server must not keep it.
    in_place 'exec setsid "$0" -D data' $programs/postgres 8>&- 7<&- </dev/null >>"$dir/log" 2>&1 &
    began=$SECONDS
    until pg_isready -q -h /proc/self/fd/7 -U postgres -d postgres 7<"$dir/sock"; do
        if ! kill -0 $! 2>/dev/null && ! running >/dev/null; then tail -5 "$dir/log" >&2; die "the server did not start; $dir/log says why"; fi
        [ $((SECONDS - began)) -lt $start_seconds ] || die "the server does not answer after $start_seconds s; see $dir/log"
        sleep 0.1
    done
    psql_as postgres -q -d postgres -v ON_ERROR_STOP=1 -f "$(dirname "$0")/roles.sql" 8>&- || die "the roles could not be made"
    say "running, process $(running), socket in $dir/sock"
}

stop() {
    local pid began=$SECONDS
    exec 8>"$dir/lock"
    flock -w "$stop_seconds" 8 || die "another start or stop is at work on $dir"
    if ! pid=$(running); then say "stopped"; return; fi
    say "stopping process $pid"
    kill -INT "$pid"
    while running >/dev/null; do
        if [ $((SECONDS - began)) -eq $stop_seconds ]; then say "it takes too long: cutting it off"; kill -QUIT "$pid"; fi
        [ $((SECONDS - began)) -lt $((stop_seconds * 2)) ] || die "process $pid does not stop"
        sleep 0.1
    done
    say "stopped"
}

case $verb in
start) start ;;
stop) stop ;;
status) if pid=$(running); then say "running, process $pid, socket in $dir/sock"; else say "stopped"; exit 3; fi ;;
psql) shift 2; psql_as "${PGUSER:-xc_reader}" -d crosspoint "$@" ;;
esac
