# shellcheck shell=bash
# Installs what is missing from packages.txt, and only that. Needs report.sh; $root is the checkout.

: "${root:?the script that sources this file sets it}"

# Of these packages, the ones that are not installed.
packages_lacking() { # PACKAGE...
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk '$2 == "installed" {print $1}' | sort -u | comm -13 - <(printf '%s\n' "$@" | sort -u)
}

packages_missing() { # KIND...
    local wanted
    wanted=$(awk -v kinds=" $* " '$1 !~ /^#/ && index(kinds, " " $1 " ") {print $2}' "$root/host/apps/up/packages.txt")
    # node and npm often come from elsewhere, where Debian's npm would only be in conflict with them.
    if command -v node >/dev/null && command -v npm >/dev/null; then
        wanted=$(grep -vx -e nodejs -e npm <<<"$wanted")
    fi
    # shellcheck disable=SC2086 # a list of names
    packages_lacking $wanted
}

# The server package makes a system cluster unless it is told not to before it is installed. Ours is a private
# one under var/pg, so we say no for the time of this one installation; clusters that exist are left alone.
packages_install() { # LOG PACKAGE...
    local log=$1 told=/etc/postgresql-common/createcluster.d/crosspoint.conf
    shift
    export DEBIAN_FRONTEND=noninteractive
    report_step "installing $# packages: $*"
    mkdir -p "${told%/*}"
    printf 'create_main_cluster = false\n' >"$told"
    {
        apt-get -q -o DPkg::Lock::Timeout=300 update &&
            apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
                install --no-install-recommends "$@"
    } </dev/null 2>&1 | tee "$log" | { grep --line-buffered -E '^(Get:|Setting up |E:|Err)' || true; } | report_every 25 || true
    rm -f "$told"
    [ -z "$(packages_lacking "$@")" ]
}

# After this the packages are there, or the script has ended with the line that an administrator would type.
packages_ensure() { # KIND...
    local missing log=$root/var/log/install.log
    command -v dpkg-query >/dev/null || die "this is not a Debian system; crosspoint is built for Debian 12"
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        die "these packages are missing, and only root may install them:
  apt-get install --no-install-recommends $(tr '\n' ' ' <<<"$missing")"
    fi
    mkdir -p "${log%/*}"
    # shellcheck disable=SC2086 # a list of names
    packages_install "$log" $missing || {
        report_log_end "$log"
        die "apt-get could not install: $(packages_missing "$@" | tr '\n' ' ')(is the package mirror reachable?)"
    }
}
