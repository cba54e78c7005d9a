# shellcheck shell=bash
# Configures and builds one build folder, with progress. Needs report.sh; $root is the checkout.

: "${root:?the script that sources this file sets it}"

# Debian's own tools come first: another cmake, psql or python in /usr/local may be of another make.
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"
export PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
export CC=/usr/bin/gcc # counts when a folder is configured for the first time
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
export CROSSPOINT_SOURCES=${CROSSPOINT_SOURCES:-$root/build/sources}

build_jobs() {
    nproc
}

# Builds everything, or only build_targets when that is set.
build_make() { # FOLDER CMAKE-ARGUMENT...
    local folder=$1 log=$1/make.log
    shift
    mkdir -p "$folder"
    # shellcheck disable=SC2086 # a list of names
    {
        cmake -S "$root" -B "$folder" -G Ninja "$@" &&
            NINJA_STATUS='[%f/%t] ' ninja -C "$folder" -j "$(build_jobs)" ${build_targets:-}
    } </dev/null 2>&1 | tee "$log" | { grep --line-buffered -E '^\[[0-9]+/[0-9]+\]|rror|third-party' || true; } | report_every 20 || {
        report_log_end "$log"
        return 1
    }
}
