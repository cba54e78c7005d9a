#!/usr/bin/env python3
"""echo_client.py HOST PORT BYTES CONNECTIONS: sends BYTES over each of CONNECTIONS connections at once, in
pieces of odd sizes, reads the echo, and compares. Prints "ok" or fails. A plain kernel client, run by the
tests inside a namespace."""

import random
import selectors
import socket
import sys


def main():
    host, port, length, count = sys.argv[1], *map(int, sys.argv[2:5])
    chooser = random.Random(7)
    selector = selectors.DefaultSelector()
    streams = {}
    for index in range(count):
        connection = socket.create_connection((host, port), timeout=20)
        connection.setblocking(False)
        streams[connection] = [random.Random(index).randbytes(length), 0, bytearray()]
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
    while streams:
        ready = selector.select(timeout=20)
        if not ready:
            sys.exit("nothing moved for 20 s")
        for key, mask in ready:
            step(selector, streams, key.fileobj, mask, chooser)
    print("ok")


def step(selector, streams, connection, mask, chooser):
    stream = streams[connection]
    data, sent, received = stream
    if mask & selectors.EVENT_WRITE:
        stream[1] = sent + connection.send(data[sent:sent + chooser.randrange(1, 20000)])
        if stream[1] == len(data):
            connection.shutdown(socket.SHUT_WR)  # half-closed: the rest of the echo must still come
            selector.modify(connection, selectors.EVENT_READ)
    if mask & selectors.EVENT_READ:
        piece = connection.recv(65536)
        received += piece
        if not piece:
            if bytes(received) != data:
                sys.exit(f"the echo differs: {len(received)} of {len(data)} bytes came back")
            selector.unregister(connection)
            connection.close()
            del streams[connection]


main()
