"""A second implementation of SoupBinTCP 3.00 and OUCH 5.0, the client's side, written from the published layouts.

Blocking sockets, plain structs, no code shared with the exchange: it judges what the exchange sends.
"""
import socket
import struct
import time

MARKET = 0x7FFFFFFFFFFFFFFF


class Closed(Exception):
    """The exchange closed the connection."""


class Rejected(Exception):
    """The login was rejected; the argument is the reason code."""


def enter_order(ref, side, qty, symbol, price, tif="0", display="Y", clord="", appendage=b""):
    """price has four implied decimals; qty counts lots."""
    return (struct.pack(">cIcI8sQ", b"O", ref, side.encode(), qty, symbol.ljust(8).encode(), price)
            + (tif + display + "P" + "N" + "N").encode()
            + clord.ljust(14).encode() + struct.pack(">H", len(appendage)) + appendage)


def post_only():
    return b"\x02\x0cP"


def replace_order(orig_ref, ref, qty, price, tif="0", display="Y", clord="", appendage=b""):
    return (struct.pack(">cIIIQ", b"U", orig_ref, ref, qty, price) + (tif + display + "N").encode()
            + clord.ljust(14).encode() + struct.pack(">H", len(appendage)) + appendage)


def cancel_order(ref, qty=0):
    return struct.pack(">cII", b"X", ref, qty)


def modify_order(ref, side, qty):
    return struct.pack(">cIcI", b"M", ref, side.encode(), qty)


def account_query():
    return b"Q"


def decode(message):
    """A dictionary of the fields that tests look at; `type` always."""
    kind = message[:1].decode()
    fields = {"type": kind, "raw": message, "ts": struct.unpack_from(">Q", message, 1)[0]}
    if kind == "A":
        (fields["ref"], side, fields["qty"], symbol, fields["price"], tif, display,
         fields["order_no"]) = struct.unpack_from(">IcI8sQccQ", message, 9)
        fields.update(side=side.decode(), symbol=symbol.decode().rstrip(), tif=tif.decode(), display=display.decode(),
                      state=message[47:48].decode(), clord=message[48:62].decode().rstrip())
    elif kind == "U":
        (fields["orig_ref"], fields["ref"], side, fields["qty"], symbol, fields["price"], tif, display,
         fields["order_no"]) = struct.unpack_from(">IIcI8sQccQ", message, 9)
        fields.update(side=side.decode(), symbol=symbol.decode().rstrip(), state=message[51:52].decode())
    elif kind == "C":
        fields["ref"], fields["qty"], reason = struct.unpack_from(">IIc", message, 9)
        fields["reason"] = reason.decode()
    elif kind == "D":
        fields["ref"], fields["qty"], reason = struct.unpack_from(">IIc", message, 9)
        fields["reason"] = reason.decode()
    elif kind == "E":
        fields["ref"], fields["qty"], fields["price"], liquidity, fields["match"] = struct.unpack_from(">IIQcQ", message, 9)
        fields["liquidity"] = liquidity.decode()
    elif kind == "J":
        fields["ref"], fields["reason"] = struct.unpack_from(">IH", message, 9)
        fields["clord"] = message[15:29].decode().rstrip()
    elif kind == "M":
        fields["ref"], side, fields["qty"] = struct.unpack_from(">IcI", message, 9)
        fields["side"] = side.decode()
    elif kind == "Q":
        fields["next_ref"] = struct.unpack_from(">I", message, 9)[0]
    elif kind == "S":
        fields["event"] = message[9:10].decode()
    return fields


class Client:
    """One connection, logged on. `sequence` is the number of the next sequenced message."""

    def __init__(self, address, username, password, session="", sequence=1, timeout=10.0):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.timeout = timeout
        self.ref = 0
        login = (username.ljust(6) + password.ljust(10) + session.rjust(10) + str(sequence).rjust(20)).encode()
        self.send_packet(b"L", login)
        kind, payload = self.read_packet()
        if kind == b"J":
            self.close()
            raise Rejected(payload.decode())
        assert kind == b"A", (kind, payload)
        self.session = payload[:10].decode()
        self.sequence = int(payload[10:30])

    def close(self):
        self.socket.close()

    def send_packet(self, kind, payload=b""):
        self.socket.sendall(struct.pack(">H", len(payload) + 1) + kind + payload)

    def send(self, *messages):
        """Unsequenced messages, all in one write."""
        self.socket.sendall(b"".join(struct.pack(">H", len(m) + 1) + b"U" + m for m in messages))

    def next_ref(self):
        self.ref += 1
        return self.ref

    def enter(self, side, qty, symbol, price, **more):
        ref = self.next_ref()
        self.send(enter_order(ref, side, qty, symbol, price, **more))
        return ref

    def read_packet(self, deadline=None):
        while True:
            if len(self.buffer) >= 2:
                length = struct.unpack_from(">H", self.buffer)[0]
                if len(self.buffer) >= 2 + length:
                    packet = bytes(self.buffer[2:2 + length])
                    del self.buffer[:2 + length]
                    return packet[:1], packet[1:]
            self.socket.settimeout(self.timeout if deadline is None else max(0.001, deadline - time.monotonic()))
            received = self.socket.recv(1 << 16)
            if not received:
                raise Closed()
            self.buffer += received

    def read(self, timeout=None):
        """The next sequenced message, decoded; None when none came in time. Heartbeats are passed over."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            try:
                kind, payload = self.read_packet(deadline)
            except socket.timeout:
                return None
            if kind == b"S":
                self.sequence += 1
                return decode(payload)
            if kind == b"Z":
                raise Closed()
            assert kind in (b"H", b"+"), (kind, payload)

    def read_until(self, *types, timeout=None):
        """All messages up to and with the first of these types."""
        seen = []
        while True:
            message = self.read(timeout)
            assert message is not None, f"waited for {types}, got {seen}"
            seen.append(message)
            if message["type"] in types:
                return seen

    def heartbeat(self):
        self.send_packet(b"R")
