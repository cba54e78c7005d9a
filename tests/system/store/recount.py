"""Counts again, from the segment files alone, what PostgreSQL should hold: a second implementation of the layouts
in core/record.h and journal/segment.h, that shares nothing with the first."""
import os
import struct
from collections import defaultdict

INTERVALS = (1, 60, 300, 900, 1800, 3600, 14400, 86400)
OUTSIDE, HOUSE = 0, 0xFFFFFFFF
CANCEL_WHY = {1: "user", 2: "ioc", 3: "self_trade", 4: "band", 5: "mass", 6: "replace"}


def records(folder):
    """(kind, record_seq, time_ns, instrument, bytes of the whole record), in order."""
    expected = 1
    for name in sorted(n for n in os.listdir(folder) if n.startswith("segment-")):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        at = 4096
        while at < len(data):
            _, _, seq, time_ns, _, kind, units, instrument = struct.unpack_from("<IIQQIBBH", data, at)
            if kind == 0:
                break
            if kind < 64:
                assert seq == expected, (name, at, seq, expected)
                expected += 1
                yield kind, seq, time_ns, instrument, data[at:at + units * 64]
            at += units * 64


def amount(record, at):
    return int.from_bytes(record[at:at + 16], "little", signed=True)


class Recount:
    def __init__(self, folder):
        self.orders, self.trades, self.candles = {}, [], {}
        self.balances = defaultdict(lambda: [0, 0])
        self.changes = defaultdict(lambda: [0, 0])  # per account and asset: sums
        self.terms, self.replaces, self.last = {}, {}, 0
        for kind, seq, time_ns, instrument, record in records(folder):
            self.last = seq
            method = getattr(self, "kind_%d" % kind, None)
            if method:
                method(seq, time_ns, instrument, record)

    def move(self, account, asset, available, held):
        for table in (self.balances, self.changes):
            table[account, asset][0] += available
            table[account, asset][1] += held

    def kind_4(self, seq, time_ns, instrument, record):  # INSTRUMENT
        if struct.unpack_from("<H", record, 46)[0] == 0:
            lot, tick_lot = struct.unpack_from("<QQ", record, 72)
            self.terms[instrument] = (*struct.unpack_from("<HH", record, 160), lot, tick_lot)

    def kind_7(self, seq, time_ns, instrument, record):  # TRANSFER
        account, verdict = struct.unpack_from("<IxxH", record, 40)
        asset, kind, state = struct.unpack_from("<HBB", record, 72)
        atoms = amount(record, 48)
        if verdict:
            return
        if (kind, state) == (1, 3):
            self.move(account, asset, atoms, 0)
            self.move(OUTSIDE, asset, -atoms, 0)
        elif kind == 2:
            self.move(account, asset, *{1: (-atoms, atoms), 2: (0, 0), 3: (0, -atoms), 4: (atoms, -atoms)}[state])
            if state == 3:
                self.move(OUTSIDE, asset, atoms, 0)

    def kind_2(self, seq, time_ns, instrument, record):  # COMMAND
        account, verdict = struct.unpack_from("<IxxH", record, 40)
        order_no, matcher_seq, qty = struct.unpack_from("<QQQ", record, 48)
        price, = struct.unpack_from("<I", record, 96)
        op, side = record[136], record[137]
        length = min(record[144], 36)
        client = record[145:145 + length].split(b"\0")[0]
        client = "".join(chr(c) if 32 <= c < 127 else "?" for c in client) or None
        if verdict == 0 and amount(record, 80):
            base, quote = self.terms[instrument][:2]
            self.move(account, base if side else quote, -amount(record, 80), amount(record, 80))
        if op == 1 or (op == 4 and verdict == 0):
            self.orders[seq] = dict(account=account, instrument=instrument, side=side, price=price, executed=0, left=qty,
                                    cancelled=0, quote=0, fee=0, client=client, qty=min(qty, 2**63 - 1),
                                    status="refused" if verdict else "waiting" if op == 1 and not matcher_seq else "sent",
                                    replaces=order_no if op == 4 else None)
            if verdict:
                self.orders[seq]["left"] = 0
            if op == 4:
                self.replaces[matcher_seq] = seq
        elif op == 8 and verdict == 0:
            self.orders[order_no]["status"] = "sent"

    def kind_32(self, seq, time_ns, instrument, record):  # ACCEPTED
        self.orders[struct.unpack_from("<Q", record, 40)[0]]["status"] = "open"

    def kind_33(self, seq, time_ns, instrument, record):  # TRADE
        _, match, maker_no, taker_no, qty, maker_left, taker_left = struct.unpack_from("<QQQQQQQ", record, 32)
        price, maker, taker, side = struct.unpack_from("<IIIB", record, 88)
        maker_fee, taker_fee, release = (amount(record, at) for at in (112, 128, 144))
        base_asset, quote_asset, lot, tick_lot = self.terms[instrument]
        base, quote = qty * lot, price * qty * tick_lot
        self.trades.append((seq, time_ns, instrument, match, price, qty, maker_no, taker_no, maker, taker,
                            ("buy", "sell")[side], maker_fee, taker_fee))
        for number, left, fee in ((maker_no, maker_left, maker_fee), (taker_no, taker_left, taker_fee)):
            order = self.orders[number]
            order["executed"] += qty
            order["quote"] += quote
            order["fee"] += fee
            order["left"] = left
            order["status"] = "partly_filled" if left else "filled"
        buyer, seller = (maker, taker) if side else (taker, maker)
        buyer_fee, seller_fee = (maker_fee, taker_fee) if side else (taker_fee, maker_fee)
        self.move(taker, quote_asset, release, -release)
        self.move(buyer, quote_asset, 0, -quote)
        self.move(buyer, base_asset, base - buyer_fee, 0)
        self.move(seller, base_asset, 0, -base)
        self.move(seller, quote_asset, quote - seller_fee, 0)
        self.move(HOUSE, base_asset, buyer_fee, 0)
        self.move(HOUSE, quote_asset, seller_fee, 0)
        for width in INTERVALS:
            key = (instrument, width, time_ns // (width * 10**9) * width * 10**9)
            old = self.candles.get(key)
            buy = (0, 0) if side else (qty, quote)
            self.candles[key] = ((price, price, price, price, qty, quote, *buy, 1, match, match, seq) if old is None else (
                old[0], max(old[1], price), min(old[2], price), price, old[4] + qty, old[5] + quote, old[6] + buy[0],
                old[7] + buy[1], old[8] + 1, old[9], match, seq))

    def kind_34(self, seq, time_ns, instrument, record):  # RESTED
        number, qty = struct.unpack_from("<QQ", record, 40)
        self.orders[number]["left"] = qty

    def kind_35(self, seq, time_ns, instrument, record, reduced=False):  # CANCELLED
        number, = struct.unpack_from("<Q", record, 40)
        qty, taken, account, why, side = struct.unpack_from("<QQIBB", record, 64)
        release, order = amount(record, 48), self.orders[number]
        base, quote = self.terms[instrument][:2]
        self.move(account, base if side else quote, release, -release)
        order["cancelled"] += taken
        order["left"] = qty if reduced else 0
        if not reduced:
            order["status"] = "replaced" if why == 6 else "cancelled"
            order["why"] = CANCEL_WHY[why]

    def kind_36(self, *arguments):  # REDUCED
        self.kind_35(*arguments, reduced=True)

    def kind_37(self, seq, time_ns, instrument, record):  # REJECTED
        number, = struct.unpack_from("<Q", record, 40)
        account, _, op, side = struct.unpack_from("<IBBB", record, 64)
        base, quote = self.terms[instrument][:2]
        self.move(account, base if side else quote, amount(record, 48), -amount(record, 48))
        if op in (1, 4, 8):
            self.orders[number].update(status="rejected", left=0)

    def kind_38(self, seq, time_ns, instrument, record):  # DONE
        number = self.replaces.pop(struct.unpack_from("<Q", record, 32)[0], None)
        if number and self.orders[number]["status"] == "sent":
            self.orders[number].update(status="cancelled", left=0, why="nothing_left")

    def order_rows(self):
        for number, o in self.orders.items():
            asked = o["status"] in ("refused", "rejected")
            yield (number, o["account"], min(o["instrument"], 2**31 - 1), {0: "buy", 1: "sell"}.get(o["side"]), o["price"],
                   o["qty"] if asked else o["executed"] + o["cancelled"] + o["left"], o["executed"], o["cancelled"],
                   o["left"], o["quote"], o["fee"], o["status"], o["client"], o["replaces"])
