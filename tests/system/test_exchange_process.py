"""The process around the engine: its clock, and those who hang on its sockets without a word."""
import glob
import os
import socket
import subprocess
import time

import pytest

from exchange_process import Exchange, wait_for

# An hour is added to the wall clock; monotonic time stays.
CLOCK_AHEAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, now);
    if (id == CLOCK_REALTIME)
        now->tv_sec += 3600;
    return result;
}
"""


@pytest.fixture(name="exchange")
def exchange_fixture(tmp_path):
    exchange = Exchange(tmp_path / "var")
    yield exchange
    if exchange.process is not None and exchange.process.poll() is None:
        exchange.kill()


def silent(path, count):
    """Connections to a socket of the exchange that never say a word."""
    connections = []
    for _ in range(count):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.connect(path)
        connections.append(connection)
    return connections


def test_a_start_after_the_clock_was_set_back_goes_on(exchange, tmp_path):
    source, library = tmp_path / "clock_ahead.c", tmp_path / "clock_ahead.so"
    source.write_text(CLOCK_AHEAD)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    ahead = ["env", f"LD_PRELOAD={library}", "ASAN_OPTIONS=verify_asan_link_order=0"]
    exchange.prefix = ahead
    exchange.start()
    exchange.fill()
    exchange.stop()
    exchange.prefix = []
    exchange.start()
    exchange.tool("account", "add", "new")
    exchange.stop()


def test_whoever_attaches_and_says_nothing_keeps_nobody_waiting(exchange):
    exchange.start()
    connections = silent(exchange.folder + "/run/attach.sock", 8)
    began = time.monotonic()
    exchange.tool("status")
    assert time.monotonic() - began < 1
    for connection in connections:  # and is not kept for ever
        connection.settimeout(5)
        connection.recv(64)
        connection.close()
    exchange.stop()


def test_operators_who_wait_in_the_queue_cost_no_processor(exchange):
    exchange.start()
    connections = silent(exchange.folder + "/run/operator.sock", 12)
    [thread] = [os.path.dirname(path) for path in glob.glob(f"/proc/{exchange.process.pid}/task/*/comm")
                if open(path, encoding="utf-8").read().strip() == "operator"]

    def ticks():
        fields = open(thread + "/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(2)
    assert ticks() - before < os.sysconf("SC_CLK_TCK") // 2
    for connection in connections:
        connection.close()
    wait_for(lambda: exchange.tool("status", check=False).returncode == 0)
    exchange.stop()
