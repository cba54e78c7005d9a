# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shares names with the scripts that source it
# What ./up starts, in which order, and how each is known to be ready; ./down stops it in the opposite order.
# Needs report.sh, network.sh, process.sh; $root is the checkout. Options of ./up: transport, replay.

demo_programs="exchange store web ui crosspoint bots lab"
demo_bin=$root/build/bin
demo_var=$root/var
demo_common=(--config "$root/crosspoint.conf" --var "$demo_var")
demo_vdev=net_af_packet0,iface=venue # CROSSPOINT_VDEV names another DPDK device, e.g. net_af_xdp0,iface=venue

# With DPDK the exchange and its clients live at the two ends of the cable, each in its namespace.
demo_start_inside() { # NAMESPACE NAME COMMAND...
    local namespace=$1 name=$2
    shift 2
    if [ "$transport" = dpdk ]; then set -- ip netns exec "$namespace" "$@"; fi
    process_start "$name" "$@"
}

demo_start_database() {
    if [ -n "${DATABASE_URL:-}" ]; then
        report_step "history goes to the database that DATABASE_URL names"
        return
    fi
    report_step "database: a private PostgreSQL cluster in var/pg"
    "$root/host/store/cluster.sh" start "$demo_var/pg" 9>&- >>"$process_log/database.log" 2>&1 && return
    report_log_end "$process_log/database.log"
    report_step "PostgreSQL did not start (its own log: var/pg/log); the exchange does not need it, history waits for it"
}

demo_start_exchange() {
    # Without its journal the exchange begins anew, and the passwords of before are nobody's.
    [ -d "$demo_var/journal" ] || rm -f "$demo_var/demo.json"
    local command=("$demo_bin/exchange" "${demo_common[@]}")
    if [ "$transport" = dpdk ]; then
        command+=(--set "exchange.dpdk.vdev=${CROSSPOINT_VDEV:-$demo_vdev}"
            --set "exchange.dpdk.address=$network_exchange_address"
            --set "exchange.dpdk.gateway=$network_client_address")
    fi
    report_step "exchange"
    demo_start_inside "$network_venue" exchange "${command[@]}"
    # Recovery replays the journal first, and proves it: a long one takes its time.
    process_wait exchange 300 "answering its operator" "$demo_bin/crosspoint" --var "$demo_var" status
}

# The replies of a business day are kept until the next one begins. Refused, and harmless, when today has begun.
demo_begin_day() {
    "$demo_bin/crosspoint" --var "$demo_var" day >>"$process_log/demo.log" 2>&1 || true
}

# Instruments, accounts and deposits are journaled commands: a second ./up finds them there, and leaves the
# passwords as they are. Only how to reach order entry may have changed.
demo_fill() {
    report_step "instruments, accounts and deposits (var/demo.json)"
    local reach=(--order-entry 127.0.0.1:9050)
    if [ "$transport" = dpdk ]; then reach=(--order-entry "$network_exchange_address:9050" --namespace "$network_clients"); fi
    "$demo_bin/crosspoint" --var "$demo_var" demo "${reach[@]}" >>"$process_log/demo.log" 2>&1 || {
        report_log_end "$process_log/demo.log"
        die "the demo could not be filled; ./down && ./up tries again"
    }
}

demo_start_store() {
    report_step "store: journal to rows"
    process_start store "$demo_bin/store" "${demo_common[@]}"
}

demo_start_web() {
    report_step "web: page and APIs"
    process_start web "$demo_bin/web" "${demo_common[@]}"
    process_wait web 30 "serving the page on port 8080" port_open 127.0.0.1 8080
}

demo_start_bots() {
    report_step "bots: a maker and a taker"
    demo_start_inside "$network_clients" maker "$demo_bin/bots" --var "$demo_var" maker ${replay:+--replay "$replay"}
    demo_start_inside "$network_clients" taker "$demo_bin/bots" --var "$demo_var" taker
}

demo_show() {
    local where="127.0.0.1 port 9050 (kernel sockets)" inside=''
    if [ "$transport" = dpdk ]; then
        where="$network_exchange_address port 9050 (DPDK), from the namespace $network_clients"
        inside="
                    programs of your own: ip netns exec $network_clients PROGRAM"
    fi
    cat <<SCREEN

  crosspoint is up.

  page              http://127.0.0.1:8080/
  v1 API            http://127.0.0.1:8000/api/v1/    WebSocket ws://127.0.0.1:8081/
  order entry       OUCH 5.0 over SoupBinTCP, $where$inside
  demo accounts     var/demo.json
  logs              var/log/        running: var/run/*.pid

  send an order     curl -s -X POST http://127.0.0.1:8000/api/v1/order -H 'content-type: application/json' \\
                      -d '{"market":"TATA_INR","price":"100","quantity":"10","side":"buy","user_id":"1"}'
  operate           build/bin/crosspoint --help
  stop              ./down

SCREEN
}

demo_stop() {
    local name
    for name in taker maker web store exchange; do
        if process_pid "$name" >/dev/null; then report_step "stopping $name"; fi
        process_stop "$name" 30
    done
    if [ -d "$demo_var/pg" ]; then
        report_step "stopping the database"
        "$root/host/store/cluster.sh" stop "$demo_var/pg" 9>&- >>"$process_log/database.log" 2>&1 ||
            report_log_end "$process_log/database.log"
    fi
    if network_exists "$network_venue" || network_exists "$network_clients"; then
        report_step "removing the namespaces"
        network_down
    fi
    report_step "stopped; build/ and var/ are left"
}
