#!/usr/bin/env bash
# fetch.sh DIRECTORY: lwIP and libwebsockets from Debian's source packages, checked, patched, unpacked.
#
# Leaves DIRECTORY/lwip and DIRECTORY/libwebsockets. A second run sees them and returns at once; several
# builds may share one DIRECTORY (CROSSPOINT_SOURCES). The sources come from the mirror that this machine
# already installs from, through a private apt state, so that nothing of the system is changed and an
# ordinary user may do it. Both tarballs of each package must have the SHA-256 written here.
set -euo pipefail

# name, version, then file and SHA-256 of its upstream and of its Debian tarball
packages=(
    "lwip 2.1.3+dfsg1-2
     lwip_2.1.3+dfsg1.orig.tar.xz 0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24
     lwip_2.1.3+dfsg1-2.debian.tar.xz c5a48413d362cc757032cdd58f528f75eb64ee781ca46ca24f010b49b0e62a90"
    "libwebsockets 4.1.6-3
     libwebsockets_4.1.6.orig.tar.gz 402e9a8df553c9cd2aff5d7a9758e9e5285bf3070c82539082864633db3deb83
     libwebsockets_4.1.6-3.debian.tar.xz 8f141b844dcabdcae8ca7bc62b772ad071e73e3c77533cfc62519a8841cf1f5e"
)
release=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
    printf 'third-party sources: %s\n' "$*" >&2
    exit 1
}

# The first mirror that offers the release's main component: from the lists this machine has, or, where it
# never ran apt-get update, from its sources alone.
# shellcheck disable=SC2016 # apt expands $(REPO_URI), not the shell
mirror_find() {
    local found
    found=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' "Codename: $release" 'Component: main' 2>/dev/null || true)
    if [ -z "$found" ]; then
        found=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
            'Created-By: Packages' 2>/dev/null | awk -v r="$release" '$2 == r && $3 == "main" {print $1}' || true)
    fi
    printf '%s\n' "${found%%$'\n'*}"
}

# A whole apt in one folder: own sources, lists and cache; hooks of the system's apt are left out.
apt_prepare() { # STATE
    local state=$1 mirror
    mirror=$(mirror_find)
    [ -n "$mirror" ] || die "apt knows no deb entry for '$release main' on this machine" \
        "(apt-get indextargets is empty), so there is no mirror to take the sources from." \
        "Add one to /etc/apt/sources.list, or set CROSSPOINT_SOURCES to a folder that has them."
    [ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring."
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$release" >"$state/sources.list"
    cat >"$state/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$state/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$state/lists";
Dir::Cache "$state/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Error-Mode "any";
CONF
    apt-get -qq -c "$state/apt.conf" update >&2 ||
        die "the package mirror of this machine did not answer (offline?). The sources are needed once;" \
            "set CROSSPOINT_SOURCES to a folder that has them to build without a network."
}

package_fetch() { # STATE DOWNLOADS NAME VERSION (FILE SHA256)...
    local state=$1 downloads=$2 name=$3 version=$4 file sum
    shift 4
    printf 'third-party sources: fetching %s %s\n' "$name" "$version"
    (cd "$downloads" && apt-get -qq -c "$state/apt.conf" source --download-only "$name=$version" >&2) ||
        die "the mirror does not give the source package $name $version" \
            "(the release may have moved on: the pin and the sums in $0 then need a new pair)."
    while [ $# -ge 2 ]; do
        file=$1 sum=$2
        shift 2
        [ -f "$downloads/$file" ] || die "$name $version came without $file."
        printf '%s  %s\n' "$sum" "$downloads/$file" | sha256sum --check --quiet >&2 ||
            die "$file has not the SHA-256 that we expect; refusing to build it."
    done
}

main() {
    case "${1:-}" in
        "" | -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; [ -n "${1:-}" ]; exit ;;
    esac
    local directory state entry name version files tool
    mkdir -p "$1"
    directory=$(cd "$1" && pwd)
    [ -d "$directory/lwip" ] && [ -d "$directory/libwebsockets" ] && exit 0

    for tool in apt-get dpkg-source sha256sum flock; do
        command -v "$tool" >/dev/null || die "$tool is missing (Debian packages: apt, dpkg-dev, coreutils, util-linux)."
    done
    exec 9>"$directory/.lock"
    flock 9 # another build may be filling the same folder

    state=$directory/.apt
    rm -rf "$state" "$directory/.unpack"
    for entry in "${packages[@]}"; do
        read -r -d '' name version files < <(tr -s '\n ' ' ' <<<"$entry") || true
        [ -d "$directory/$name" ] && continue
        [ -f "$state/apt.conf" ] || apt_prepare "$state"
        # shellcheck disable=SC2086 # pairs of file and sum
        package_fetch "$state" "$directory" "$name" "$version" $files
        dpkg-source --no-check -x "$directory/${name}_$version.dsc" "$directory/.unpack" >/dev/null 2>"$state/unpack.log" ||
            die "$name $version does not unpack: $(tail -n 3 "$state/unpack.log")"
        mv "$directory/.unpack" "$directory/$name" # last step, whole or not at all
    done
    rm -rf "$state"
}

main "$@"
