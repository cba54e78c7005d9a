# shellcheck shell=bash
# shellcheck disable=SC2034 # shares names with the scripts that source it
# Two network namespaces and the cable between them, for DPDK without a network card. Needs report.sh and root.
#
#   crosspoint-venue                              crosspoint-clients
#   ┌──────────────────────────┐                 ┌──────────────────────────┐
#   │ exchange: DPDK on `venue`│══════ veth ═════│ `clients` 10.77.0.1/24   │  bots, your own programs
#   │ our TCP at 10.77.0.2     │                 │ the kernel's TCP         │
#   └──────────────────────────┘                 └──────────────────────────┘
#
# The kernel has no address at the venue's end: what arrives there is ours to answer. NETWORK_SUFFIX lets tests
# have their own pair beside a running exchange.

network_venue=crosspoint-venue${NETWORK_SUFFIX:-}
network_clients=crosspoint-clients${NETWORK_SUFFIX:-}
network_exchange_address=10.77.0.2
network_client_address=10.77.0.1

# Root alone is not enough: a container may forbid it. So make one, and see.
network_possible() {
    local probe=crosspoint-probe-$$
    [ "$(id -u)" -eq 0 ] && command -v ip >/dev/null || return 1
    ip netns add "$probe" 2>/dev/null || return 1
    ip netns delete "$probe"
}

network_exists() {
    [ -e "/run/netns/$1" ]
}

# Harmless when it is already there; whole or not at all.
network_up() {
    if network_exists "$network_venue" && network_exists "$network_clients" &&
        ip -n "$network_venue" link show venue >/dev/null 2>&1; then
        return 0
    fi
    network_down
    network_make || {
        network_down
        return 1
    }
}

network_make() {
    local venue=$network_venue clients=$network_clients
    ip netns add "$venue" && ip netns add "$clients" || return 1
    ip link add venue netns "$venue" type veth peer name clients netns "$clients" || return 1
    # No IPv6 chatter on the wire, and whole checksums: a veth hands partial ones over, and our TCP refuses those.
    ip netns exec "$venue" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true # a kernel without IPv6 has no such key
    ip netns exec "$clients" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true
    ip netns exec "$clients" ethtool -K clients tx off >/dev/null || return 1
    ip -n "$clients" addr add "$network_client_address/24" dev clients || return 1
    ip -n "$clients" link set lo up && ip -n "$venue" link set lo up || return 1
    ip -n "$clients" link set clients up && ip -n "$venue" link set venue up || return 1
}

# Deleting a namespace takes its end of the cable along, and with it the other end.
network_down() {
    local name
    for name in "$network_venue" "$network_clients"; do
        if network_exists "$name"; then
            ip netns delete "$name" || return 1
        fi
    done
}
