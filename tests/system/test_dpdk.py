"""The TCP stack on DPDK devices, against kernel clients in another namespace and against itself.

What needs DPDK or namespaces is skipped, with the reason, when they are not to be had."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import pytest

import namespaces

PROGRAM = str(pathlib.Path(os.environ.get("CROSSPOINT_BUILD", "build")).resolve() / "bin" / "ping_pong")
CLIENT = str(pathlib.Path(__file__).parent / "echo_client.py")
PORT = "7000"  # inside a namespace or on a stack of our own: nobody else is there
NOT_BUILT_IN = "this build found no libdpdk"

pytestmark = pytest.mark.skipif(os.environ.get("CROSSPOINT_TRANSPORT") == "kernel", reason="this run is without DPDK")


@pytest.fixture(scope="module")
def pair():
    reason = namespaces.available()
    if reason:
        assert os.environ.get("CROSSPOINT_NAMESPACES") != "1", reason
        pytest.skip(f"no network namespaces: {reason}")
    with namespaces.Pair() as made:
        yield made


class Server:
    """An echo server on a DPDK or TAP device; as a context it is stopped in an orderly way."""

    def __init__(self, nic, namespace=None, prefix="server"):
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*inside, PROGRAM, "serve", "--stack", "lwip", "--nic", nic, "--host", namespaces.FAR_HOST,
             "--port", PORT, "--file-prefix", f"xp{os.getpid()}{prefix}"],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        if line != f"listening {PORT}\n":
            self.process.wait()
            said = self.said()
            if NOT_BUILT_IN in said:
                pytest.skip(NOT_BUILT_IN)
            pytest.fail(f"the server did not start on {nic}: {said}")

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                assert self.process.wait(timeout=20) == 0, self.said()
            finally:
                self.process.kill()


def echo(pair, length, connections=1):
    """Bytes from the kernel client of the near namespace, there and back."""
    done = subprocess.run(["ip", "netns", "exec", pair.near, sys.executable, CLIENT, namespaces.FAR_HOST, PORT,
                           str(length), str(connections)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "ok\n", done.stderr


def device(pair, kind):
    return f"dpdk:{kind}0,iface={pair.far_device}"


@pytest.mark.parametrize("kind", ["net_af_packet", "net_af_xdp"])
def test_a_kernel_client_gets_every_byte_back_over_dpdk(pair, kind):
    with Server(device(pair, kind), pair.far):
        echo(pair, length=1)
        echo(pair, length=5_000_000)
        echo(pair, length=200_000, connections=32)


@pytest.mark.parametrize("kind", ["net_af_packet", "net_af_xdp"])
def test_a_dpdk_server_starts_again_after_kill_9(pair, kind):
    for _ in range(2):
        server = Server(device(pair, kind), pair.far)
        echo(pair, length=1000)
        server.kill()
    with Server(device(pair, kind), pair.far):
        echo(pair, length=100_000)


def test_a_client_of_a_killed_dpdk_server_learns_it_from_the_next_one(pair):
    """The new stack knows nothing of the old connection, and says so with a reset."""
    script = ("import socket, sys, time\n"
              f"s = socket.create_connection(('{namespaces.FAR_HOST}', {PORT}), timeout=20)\n"
              "s.send(b'a'); assert s.recv(1) == b'a'; print('open', flush=True); sys.stdin.readline()\n"
              "s.send(b'b')\n"
              "try:\n    print('got', s.recv(1))\n"
              "except ConnectionResetError:\n    print('reset')\n")
    server = Server(device(pair, "net_af_xdp"), pair.far)
    client = subprocess.Popen(["ip", "netns", "exec", pair.near, sys.executable, "-c", script],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert client.stdout.readline() == "open\n"
        server.kill()
        with Server(device(pair, "net_af_xdp"), pair.far):
            said, _ = client.communicate("go on\n", timeout=30)
            assert said == "reset\n"
    finally:
        client.kill()


def test_a_tap_device_carries_what_dpdk_would(pair):
    name = f"xt{os.getpid()}"
    with Server(f"tap:{name}", pair.far):
        namespaces.ip("-n", pair.far, "addr", "add", "10.9.0.3/24", "dev", name)
        namespaces.ip("-n", pair.far, "link", "set", name, "up")
        done = subprocess.run(["ip", "netns", "exec", pair.far, sys.executable, CLIENT, namespaces.FAR_HOST, PORT,
                               "1000000", "4"], capture_output=True, text=True, timeout=60)
        assert done.stdout == "ok\n", done.stderr


class Memif:
    """The strings of a memif pair, in a folder of its own: a socket's path may have 107 bytes."""

    def __init__(self, folder):
        common = f"id=0,socket={folder}/memif,socket-abstract=no"
        self.server = f"dpdk:net_memif0,role=server,{common},mac=02:00:00:00:00:02"
        self.client = f"dpdk:net_memif0,role=client,{common},mac=02:00:00:00:00:01,zero-copy=yes"

    def call(self, rounds, size):
        return [PROGRAM, "call", "--stack", "lwip", "--nic", self.client, "--host", namespaces.NEAR_HOST,
                "--peer", namespaces.FAR_HOST, "--port", PORT, "--count", str(rounds), "--bytes", str(size),
                "--wait-ms", "10000", "--file-prefix", f"xp{os.getpid()}client"]


@pytest.fixture
def memif():
    with tempfile.TemporaryDirectory(prefix="xp", dir="/tmp") as folder:
        yield Memif(folder)


def test_two_processes_play_ping_pong_over_memif_dpdk(memif):
    with Server(memif.server):
        for size in (1, 64, 50_000):
            done = subprocess.run(memif.call(2000, size), capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["rounds"] == 2000


def test_a_memif_dpdk_client_that_was_killed_may_come_back(memif):
    with Server(memif.server):
        for _ in range(3):
            client = subprocess.Popen(memif.call(1_000_000, 64), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.7)
            client.kill()
            client.wait()
        done = subprocess.run(memif.call(1000, 64), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_a_device_that_is_not_there_is_refused_by_dpdk_in_a_sentence():
    done = subprocess.run([PROGRAM, "serve", "--stack", "lwip", "--nic", "dpdk:net_af_packet0,iface=nosuchdevice",
                           "--host", namespaces.FAR_HOST, "--port", PORT], capture_output=True, text=True, timeout=30)
    if NOT_BUILT_IN in done.stderr:
        pytest.skip(NOT_BUILT_IN)
    assert done.returncode == 1
    assert "ping_pong: " in done.stderr
