"""A WebSocket client on a plain socket: the handshake, text frames, nothing else. For tests."""
import base64
import json
import os
import socket
import struct
import time


class Closed(Exception):
    """The other side closed; `code` is None when it just hung up."""

    def __init__(self, code=None):
        super().__init__(f"closed {code}")
        self.code = code


class WebSocket:
    def __init__(self, port, path="/", headers=(), receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.bytes = b""
        while b"\r\n\r\n" not in self.bytes:
            piece = self.socket.recv(4096)
            if not piece:
                raise Closed()
            self.bytes += piece
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        self.head = head.decode()

    def send(self, message, opcode=1):
        data = message.encode() if isinstance(message, str) else message
        mask = os.urandom(4)
        length = len(data)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", length)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", length)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def ask(self, **message):
        self.send(json.dumps(message))

    def _take(self, count):
        while len(self.bytes) < count:
            piece = self.socket.recv(65536)
            if not piece:
                raise Closed()
            self.bytes += piece
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def receive(self, seconds=10):
        """The next message as JSON; answers pings on the way."""
        self.socket.settimeout(seconds)
        while True:
            first, second = self._take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            data = self._take(length)
            if first & 15 == 8:
                raise Closed(struct.unpack(">H", data[:2])[0] if len(data) >= 2 else None)
            if first & 15 == 9:
                self.send(data, opcode=10)
                continue
            assert first == 0x81, f"frame byte {first:#x}"
            return json.loads(data)

    def until(self, wanted, seconds=10):
        """Receives until `wanted(message)` is true; that message."""
        deadline = time.monotonic() + seconds
        while True:
            message = self.receive(max(0.01, deadline - time.monotonic()))
            if wanted(message):
                return message

    def close(self):
        self.socket.close()
