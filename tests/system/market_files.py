"""Writes small markets in the formats that `lab replay` and the maker read: ITCH 5.0 files and Binance recordings."""
import gzip
import json
import random
import struct

START_NS = 34200 * 10**9


class Itch:
    """An ITCH 5.0 file. prefixed: lengths stand before the messages; else zeros, as some files have it."""

    def __init__(self, prefixed=True):
        self.prefixed, self.bytes, self.count, self.number = prefixed, bytearray(), 0, 0

    def put(self, kind, body):
        head = kind.encode() + struct.pack(">HH", 1, 0) + (START_NS + self.count * 1000).to_bytes(6, "big")
        message = head + body
        self.bytes += struct.pack(">H", len(message) if self.prefixed else 0) + message
        self.count += 1

    def system(self, event):
        self.put("S", event.encode())

    def add(self, side, qty, symbol, price, attributed=False):
        self.number += 1
        body = struct.pack(">QcI8sI", self.number, side.encode(), qty, symbol.ljust(8).encode(), price)
        self.put("F" if attributed else "A", body + (b"DEMO" if attributed else b""))
        return self.number

    def executed(self, ref, qty, price=None):
        body = struct.pack(">QIQ", ref, qty, self.count)
        if price is None:
            self.put("E", body)
        else:
            self.put("C", body + b"Y" + struct.pack(">I", price))

    def cancel(self, ref, qty):
        self.put("X", struct.pack(">QI", ref, qty))

    def delete(self, ref):
        self.put("D", struct.pack(">Q", ref))

    def replace(self, ref, qty, price):
        self.number += 1
        self.put("U", struct.pack(">QQII", ref, self.number, qty, price))
        return self.number

    def hidden_trade(self, symbol, price):
        self.put("P", struct.pack(">QcI8sIQ", 0, b"B", 100, symbol.ljust(8).encode(), price, self.count))

    def write(self, path, packed=True):
        with (gzip.open if packed else open)(path, "wb") as file:
            file.write(bytes(self.bytes))
        return path


def random_itch(seed, count, prefixed=True):
    """A lively market in two instruments, every kind of message, some of them about orders long gone."""
    lot, file, known = random.Random(seed), Itch(prefixed), []
    file.system("O")
    while file.count < count:
        what, symbol = lot.random(), lot.choice(["AAA", "LONGNAME"])
        if what < 0.55 or not known:
            price = (100000 if symbol == "AAA" else 2500000) + lot.randrange(-40, 41) * 100
            known.append(file.add(lot.choice("BS"), lot.randrange(1, 500), symbol, price, what < 0.1))
        elif what < 0.65:
            file.executed(lot.choice(known), lot.randrange(1, 200), None if what < 0.6 else 100000)
        elif what < 0.75:
            file.cancel(lot.choice(known), lot.randrange(1, 300))
        elif what < 0.85:
            file.delete(lot.choice(known))
        elif what < 0.95:
            known.append(file.replace(lot.choice(known), lot.randrange(1, 500), 100000 + lot.randrange(-40, 41) * 100))
        else:
            file.hidden_trade(symbol, 100000)
    file.system("C")
    return file


class Recording:
    """A Binance recording: lines of `nanoseconds JSON`. Prices and quantities are texts, as they come."""

    def __init__(self, symbol):
        self.symbol, self.lines, self.ns = symbol, [], 1723161600000000000

    def put(self, document, after_ms=100):
        self.ns += after_ms * 10**6
        self.lines.append(f"{self.ns} {json.dumps(document, separators=(',', ':'))}\n")

    def wrapped(self, stream, data, after_ms=100):
        self.put({"stream": f"{self.symbol.lower()}@{stream}", "data": dict(data, s=self.symbol)}, after_ms)

    def depth(self, bids=(), asks=(), after_ms=100):
        self.wrapped("depth@100ms", {"e": "depthUpdate", "b": list(map(list, bids)), "a": list(map(list, asks))}, after_ms)

    def snapshot(self, bids, asks):
        self.put({"lastUpdateId": len(self.lines), "bids": list(map(list, bids)), "asks": list(map(list, asks))})

    def trade(self, price, qty, buyer_is_maker, after_ms=1):
        self.wrapped("trade", {"e": "trade", "p": price, "q": qty, "m": buyer_is_maker}, after_ms)

    def best(self, bid, ask):
        self.wrapped("bookTicker", {"u": 1, "b": bid, "B": "1.0", "a": ask, "A": "1.0"}, 1)

    def write(self, path, packed=True):
        opened = gzip.open(path, "wt") if packed else open(path, "w", encoding="utf-8")
        with opened as file:
            file.writelines(self.lines)
        return path


def random_recording(seed, updates):
    """A book of 60 levels a side around a middle that jumps; what the middle runs over goes in the same update."""
    lot, file = random.Random(seed), Recording("XYZUSDT")
    middle, book = 10000, {"b": {}, "a": {}}

    def text(ticks):
        return f"{ticks // 100}.{ticks % 100:02d}000000"

    for update in range(updates):
        middle += lot.randrange(-6, 7)
        changes = {"b": {}, "a": {}}
        for side, sign in (("b", -1), ("a", 1)):
            for price in [p for p in book[side] if (p - middle) * sign <= 0]:
                changes[side][price] = 0
            for _ in range(12):
                price = middle + sign * lot.randrange(1, 61)
                changes[side][price] = lot.choice([0, lot.randrange(1, 90000)])
            book[side].update(changes[side])
            book[side] = {p: q for p, q in book[side].items() if q}
        rows = {side: [[text(p), f"{q // 1000}.{q % 1000:03d}"] for p, q in sorted(changes[side].items())] for side in "ba"}
        if update == updates // 2:
            whole = {s: [[text(p), f"{q // 1000}.{q % 1000:03d}"] for p, q in book[s].items()] for s in "ba"}
            file.snapshot(whole["b"], whole["a"])
        else:
            file.depth(rows["b"], rows["a"])
        if book["b"] and book["a"]:
            file.best(text(max(book["b"])), text(min(book["a"])))
            for _ in range(lot.randrange(3)):
                buys = lot.random() < 0.5
                file.trade(text(min(book["a"]) if buys else max(book["b"])), f"{lot.randrange(1, 40)}.5", not buys)
    return file
