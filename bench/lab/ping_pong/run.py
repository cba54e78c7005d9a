#!/usr/bin/env python3
"""run.py [BUILD]: the round trip of a 64-byte message over every stack that this machine has, in one run.

Prints p50 and p99 in microseconds and as ratios to two spinning kernel sockets over the same veth pair. Read ratios, not times:
client and server share whatever cores there are. Rows take turns, ROUNDS times, and the median of each counts, so that a noisy
minute does not fall on one row alone. Needs root (namespaces) and, for the rows that say so, DPDK.
"""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "system"))
import namespaces  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build")
PROGRAM = str(BUILD / "bin" / "ping_pong")
PORT = "7000"
ROUNDS = 5
MESSAGES = "10000"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = str(CORES[0]), str(CORES[-1])


def start(words, core):
    return subprocess.Popen(["taskset", "-c", core, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def one(server_words, client_words):
    """p50 and p99 of one run in ns, or None with the server's last line when it cannot run here."""
    server = start(server_words, SERVER_CORE)
    try:
        if not server.stdout.readline().startswith("listening"):
            return None, server.stderr.read().strip().splitlines()[-1:]
        client = start(client_words, CLIENT_CORE)
        said, complaint = client.communicate(timeout=60)
        if client.returncode != 0:
            return None, complaint.strip().splitlines()[-1:]
        result = json.loads(said)
        return (result["p50_ns"], result["p99_ns"]), None
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def rows(pair, folder):
    """Name, the server's words, the client's words."""
    far = ["ip", "netns", "exec", pair.far, PROGRAM, "serve", "--spin", "--port", PORT, "--host", namespaces.FAR_HOST]
    near = ["ip", "netns", "exec", pair.near, PROGRAM, "call", "--spin", "--port", PORT, "--count", MESSAGES]
    spinning = [*near, "--stack", "spinning", "--peer", namespaces.FAR_HOST]

    def device(kind):
        return [*far, "--stack", "lwip", "--core", SERVER_CORE, "--nic", f"dpdk:{kind}0,iface={pair.far_device}"]

    def kernel(stack):
        return [*far[:-1], namespaces.KERNEL_FAR_HOST, "--stack", stack]

    to_kernel = [*near, "--stack", "spinning", "--peer", namespaces.KERNEL_FAR_HOST]
    memif = f"id=0,socket={folder}/memif,socket-abstract=no"
    name = f"xpb{os.getpid()}"
    memif_server = [PROGRAM, "serve", "--spin", "--port", PORT, "--host", namespaces.FAR_HOST, "--stack", "lwip", "--core",
                    SERVER_CORE, "--file-prefix", f"{name}s", "--nic",
                    f"dpdk:net_memif0,role=server,{memif},mac=02:00:00:00:00:02"]
    memif_client = [PROGRAM, "call", "--spin", "--port", PORT, "--host", namespaces.NEAR_HOST, "--peer", namespaces.FAR_HOST,
                    "--stack", "lwip", "--core", CLIENT_CORE, "--count", MESSAGES, "--wait-ms", "5000", "--file-prefix",
                    f"{name}c", "--nic", f"dpdk:net_memif0,role=client,{memif},mac=02:00:00:00:00:01,zero-copy=yes"]
    return [
        ("kernel, blocking recv", kernel("blocking"), to_kernel),
        ("kernel, spinning recv", kernel("spinning"), to_kernel),
        ("host/net on kernel sockets", kernel("kernel"), to_kernel),
        ("host/net on af_packet", device("net_af_packet"), spinning),
        ("host/net on af_xdp", device("net_af_xdp"), spinning),
        ("host/net at both ends, memif", memif_server, memif_client),
    ]


def main():
    reason = namespaces.available()
    if reason:
        sys.exit(f"no network namespaces: {reason}")
    with namespaces.Pair() as pair, tempfile.TemporaryDirectory(prefix="xp", dir="/tmp") as folder:
        pair.give_far_kernel_address()
        table = rows(pair, folder)
        results = {name: [] for name, _, _ in table}
        for _ in range(ROUNDS):
            for name, server_words, client_words in table:
                result, why = one(server_words, client_words)
                if result is None:
                    results[name] = why or ["no reason given"]
                elif isinstance(results[name], list) and not any(isinstance(r, str) for r in results[name]):
                    results[name].append(result)
    report(results)


def report(results):
    base = results["kernel, spinning recv"]
    base_p50, base_p99 = (statistics.median(r[i] for r in base) for i in (0, 1))
    print(f"{MESSAGES} messages of 64 bytes, one connection; median of {ROUNDS} alternated rounds")
    print(f"server on core {SERVER_CORE}, client on core {CLIENT_CORE}\n")
    print(f"{'server':32}{'p50 us':>9}{'p99 us':>9}{'p50 ratio':>11}{'p99 ratio':>11}")
    for name, samples in results.items():
        if not samples or isinstance(samples[0], str):
            print(f"{name:32}not run: {' '.join(samples)}")
            continue
        p50, p99 = (statistics.median(r[i] for r in samples) for i in (0, 1))
        print(f"{name:32}{p50 / 1000:9.2f}{p99 / 1000:9.2f}{p50 / base_p50:11.2f}{p99 / base_p99:11.2f}")


main()
