"""What a connection may not become. The table of facts about the library, kept as a test: each of these is hung up
or refused at every listener, and the server lives on."""
import socket
import time

import pytest
from exchange_process import Exchange
from web_process import Web
from web_socket import Closed

LISTENERS = ("plain", "v1", "ws")


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("venue")
    exchange = Exchange(folder, "exchange.order_entry.port=0").start()
    exchange.fill()
    web = Web(folder).start()
    yield web
    web.stop()
    exchange.stop()


def everything_until_closed(raw, seconds=15):
    """All bytes until the other side hangs up; fails when it does not."""
    deadline = time.monotonic() + seconds
    got = b""
    while True:
        raw.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            piece = raw.recv(65536)
        except ConnectionResetError:
            return got
        except socket.timeout:
            raise AssertionError(f"still open after {seconds} s: {got[:200]}") from None
        if not piece:
            return got
        got += piece


def upgrade(to, path="/"):
    return (f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: {to}\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n").encode()


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("name, request_bytes", [
    ("h2c", upgrade("h2c")),
    ("unknown upgrade", upgrade("gopher")),
    ("raw", upgrade("raw")),
    ("long upgrade", upgrade("w" * 300)),
    ("connect", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
    ("connect then bytes", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + b"z" * 1000),
    ("http/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
    ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))),
    ("long headers", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 20000 + b"\r\n\r\n"),
])
def test_it_is_hung_up_or_refused(web, listener, name, request_bytes):
    with socket.create_connection(("127.0.0.1", web.ports[listener]), timeout=10) as raw:
        raw.sendall(request_bytes)
        got = everything_until_closed(raw)
    status = got.split(b" ")[1] if got.startswith(b"HTTP/1.") else b""
    assert status in (b"", b"400", b"403", b"404", b"405", b"413", b"414", b"431"), f"{name}: {got[:200]}"
    assert web.alive()


def test_headers_that_do_not_come_are_hung_up(web):
    """A byte now and then is not enough to hold a connection, at any listener."""
    held = {name: socket.create_connection(("127.0.0.1", web.ports[name]), timeout=10) for name in LISTENERS}
    for raw in held.values():
        raw.sendall(b"GET /health HTTP/1.1\r\n")
        raw.settimeout(0.2)
    deadline = time.monotonic() + 20
    while held:
        assert time.monotonic() < deadline, f"slow headers still hold {list(held)}"
        for name, raw in list(held.items()):
            try:
                raw.sendall(b"X")
                if raw.recv(100) == b"":
                    del held[name]
            except socket.timeout:
                continue
            except (ConnectionResetError, BrokenPipeError):
                del held[name]
    assert web.alive()


def test_a_body_that_does_not_come_is_hung_up(web):
    with socket.create_connection(("127.0.0.1", web.ports["plain"]), timeout=10) as raw:
        raw.sendall(b"POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        everything_until_closed(raw, 25)
    assert web.alive()


def test_a_websocket_is_served_where_one_is_and_declines_compression(web):
    for listener, path in (("ws", "/"), ("ws", "/simple"), ("plain", "/channels")):
        socket_of_ours = web.socket(path, listener, headers=["Sec-WebSocket-Extensions: permessage-deflate"])
        assert socket_of_ours.status == 101
        assert "deflate" not in socket_of_ours.head
        socket_of_ours.close()


@pytest.mark.parametrize("listener, path", [("plain", "/"), ("plain", "/order"), ("v1", "/"), ("v1", "/channels"),
                                            ("ws", "/channels"), ("ws", "/nothing")])
def test_elsewhere_there_is_no_websocket(web, listener, path):
    try:
        assert web.socket(path, listener).status != 101
    except (Closed, ConnectionResetError):
        pass
    assert web.alive()


def test_many_idle_connections_leave_room_for_others(web):
    idle = [socket.create_connection(("127.0.0.1", web.ports["plain"]), timeout=10) for _ in range(300)]
    assert web.get("/health")[0] == 200
    for raw in idle:
        raw.close()
    assert web.alive()
