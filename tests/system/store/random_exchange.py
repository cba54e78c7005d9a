"""A small exchange that makes records, for tests of their readers: random orders, real consequences.

It is no model of our engine: it only has to say things that an engine could say, in the layouts of core/record.h,
with money that adds up. Its odd cases are frequent on purpose: refusals with meaningless fields, replaces that
enter nothing, stops, several days.
"""
import random
import struct

NEW, CANCEL, REDUCE, REPLACE, TRIGGER = 1, 2, 3, 4, 8
BUY, SELL = 0, 1
HOUSE = 0xFFFFFFFF
DAY_NS = 86_400_000_000_000


def amount(value):
    return value.to_bytes(16, "little", signed=True)


class Order:
    def __init__(self, number, account, instrument, side, price, left):
        self.number, self.account, self.instrument = number, account, instrument
        self.side, self.price, self.left = side, price, left


class RandomExchange:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.record_seq = self.seq = self.match = 0
        self.time_ns = 1_790_000_000 * 10**9
        self.out = []
        self.books = {0: [], 1: []}
        self.waiting = []
        self.terms = {0: (0, 1, 100, 10, 1000, 1500), 1: (2, 1, 1, 7, 0, 250)}  # base, quote, lot, tick_lot, fees

    def take(self):
        out, self.out = b"".join(self.out), []
        return out

    def put(self, kind, units, body, instrument=0xFFFF):
        self.record_seq += 1
        head = struct.pack("<IIQQIBBH", 0, 0, self.record_seq, self.time_ns, 0, kind, units, instrument)
        record = head + body
        assert len(record) <= units * 64, (kind, len(record))
        self.out.append(record.ljust(units * 64, b"\0"))
        return self.record_seq

    def request(self, account=0, verdict=0, door=3):
        return struct.pack("<QIBBH", self.record_seq + 1, account, door, 0, verdict)

    def open(self, accounts=8):
        self.accounts = list(range(1, accounts + 1))
        self.put(1, 2, self.request() + struct.pack("<II40s", 1, 1, b"test"))
        for index, (name, decimals) in enumerate([(b"BTC", 8), (b"USDT", 6), (b"TATA", 0)]):
            self.put(3, 2, self.request() + struct.pack("<16sHB", name, index, decimals))
        self.put(3, 2, self.request(verdict=44) + struct.pack("<16sHB", b"DOGE", 0, 0))
        for again in (0, 1):  # listed, then fees changed
            self.put_instrument(0, b"BTCUSDT", b"BTC", b"USDT", again)
            self.put_instrument(1, b"TATA_USDT", b"TATA", b"USDT", again)
        for account in self.accounts:
            self.put(5, 2, self.request(account) + struct.pack("<16sIIII", b"account %d" % account, 0xFFFFFFFF, 5, 0, 0))
            self.put(6, 2, self.request(account) + b"secret")
            for asset in (0, 1, 2):
                self.transfer(account, asset, 10**24, 1, 3, 0)
        self.transfer(1, 0, 5, 1, 3, 0, verdict=41)

    def put_instrument(self, index, symbol, base, quote, fee):
        base_asset, quote_asset, lot, tick_lot, maker, taker = self.terms[index]
        self.put(4, 3, self.request() + amount(1) + struct.pack(
            "<QQQQ16s16s16sIIIIHHB", 10_000_000, lot, tick_lot, 0, symbol, base, quote, 0, maker + fee, taker, 0,
            base_asset, quote_asset, 18), index)

    def transfer(self, account, asset, atoms, kind, state, number, verdict=0):
        own = 0 if verdict and not number else number or self.record_seq + 1
        return self.put(7, 2, self.request(account, verdict) + amount(atoms) + struct.pack(
            "<QHBB4x32s", own, asset, kind, state, b"ref \xff\xfe"))

    def command(self, op, account, instrument, **f):
        order = f.get("order_no", 0) or (self.record_seq + 1 if op == NEW else 0)
        client = f.get("client", b"")
        return self.put(2, 3, self.request(account, f.get("verdict", 0), 1) + struct.pack(
            "<QQQQ", order, f.get("seq", 0), f.get("qty", 0), f.get("seen", 0)) + amount(f.get("hold", 0)) + struct.pack(
            "<IIIIIIII8sBBBBBBBBB36s", f.get("price", 0), 0, f.get("trigger_ticks", 0), 0, 0, 0, f.get("user_ref", 0), 0,
            b"", op, f.get("side", 0), f.get("type", 0), f.get("tif", 0), f.get("stp", 0), f.get("post", 0), 0,
            f.get("trigger", 0), len(client), client), instrument)

    def next_seq(self):
        self.seq += 1
        return self.seq

    def cost(self, instrument, side, price, qty):
        _, _, lot, tick_lot, _, _ = self.terms[instrument]
        return price * qty * tick_lot if side == BUY else qty * lot

    def done(self, instrument):
        self.put(38, 1, struct.pack("<QQQII", self.seq, 0, 0, 0, 0), instrument)

    def cancelled(self, order, why, release, new=0):
        self.put(35, 2, struct.pack("<QQ", self.seq, order.number) + amount(release) + struct.pack(
            "<QQIBBHQ", order.left, order.left, order.account, why, order.side, 0, new), order.instrument)

    def rejected(self, number, account, instrument, op, side, why, release):
        self.put(37, 2, struct.pack("<QQ", self.seq, number) + amount(release) + struct.pack(
            "<IBBB", account, why, op, side), instrument)

    def match_order(self, order, tif):
        """ACCEPTED, trades, then RESTED or CANCELLED(IOC)."""
        book = self.books[order.instrument]
        self.put(32, 1, struct.pack("<QQII", self.seq, order.number, order.account, 0), order.instrument)
        _, _, lot, tick_lot, maker_ppm, taker_ppm = self.terms[order.instrument]
        while order.left:
            makers = [m for m in book if m.side != order.side and
                      (m.price <= order.price if order.side == BUY else m.price >= order.price)]
            if not makers:
                break
            maker = min(makers, key=lambda m: (m.price if order.side == BUY else -m.price, m.number))
            qty = min(maker.left, order.left)
            maker.left -= qty
            order.left -= qty
            self.match += 1
            base, quote = qty * lot, maker.price * qty * tick_lot
            received_taker, received_maker = (base, quote) if order.side == BUY else (quote, base)
            release = (order.price - maker.price) * qty * tick_lot if order.side == BUY else 0
            self.put(33, 3, struct.pack(
                "<QQQQQQQIIIB3xQ", self.seq, self.match, maker.number, order.number, qty, maker.left, order.left,
                maker.price, maker.account, order.account, order.side, 0)
                + amount(-(-received_maker * maker_ppm // 10**6)) + amount(-(-received_taker * taker_ppm // 10**6))
                + amount(release), order.instrument)
            if not maker.left:
                book.remove(maker)
        if order.left and tif == 0:
            book.append(order)
            self.put(34, 1, struct.pack("<QQQIB", self.seq, order.number, order.left, order.price, order.side),
                     order.instrument)
        elif order.left:
            self.cancelled(order, 2, self.cost(order.instrument, order.side, order.price, order.left))

    def price(self, side):
        return self.random.randint(900, 1020) if side == BUY else self.random.randint(980, 1100)

    def new(self):
        r = self.random
        instrument, side = r.choice((0, 1)), r.choice((BUY, SELL))
        account, price, qty = r.choice(self.accounts), self.price(side), r.randint(1, 50)
        if r.random() < 0.1:
            self.command(NEW, r.choice((account, 99, 0xFFFFFFF0)), r.choice((0, 1, 300, 0xFFFF)), price=price,
                         qty=r.choice((0, 5, 2**64 - 1)), side=r.choice((0, 1, 7)), type=r.choice((0, 9)),
                         tif=r.choice((0, 200)), stp=r.choice((0, 8)), verdict=r.choice((1, 2, 20, 22)),
                         client=r.choice((b"", b"\xff\x00\xfe", b"x" * 36)))
            return
        hold = self.cost(instrument, side, price, qty)
        client = b"id-%d" % self.record_seq if r.random() < 0.5 else b""
        common = dict(price=price, qty=qty, side=side, hold=hold, client=client, user_ref=r.randint(0, 9))
        if r.random() < 0.05:
            number = self.command(NEW, account, instrument, trigger=r.choice((1, 2)), trigger_ticks=1000, **common)
            self.waiting.append(Order(number, account, instrument, side, price, qty))
            return
        tif = r.choice((0, 0, 0, 0, 1))
        number = self.command(NEW, account, instrument, seq=self.next_seq(), tif=tif, **common)
        if r.random() < 0.05:
            self.rejected(number, account, instrument, NEW, side, 6, hold)
        else:
            self.match_order(Order(number, account, instrument, side, price, qty), tif)
        self.done(instrument)

    def trigger(self):
        if not self.waiting:
            return
        order = self.waiting.pop(self.random.randrange(len(self.waiting)))
        if self.random.random() < 0.3:
            self.command(CANCEL, order.account, order.instrument, order_no=order.number, side=order.side)
            self.seq, seq = 0, self.seq
            self.cancelled(order, 1, self.cost(order.instrument, order.side, order.price, order.left))
            self.seq = seq
            return
        self.command(TRIGGER, order.account, order.instrument, order_no=order.number, seq=self.next_seq(),
                     side=order.side, price=order.price, qty=order.left)
        self.match_order(order, 0)
        self.done(order.instrument)

    def change(self, op):
        book = self.books[self.random.choice((0, 1))]
        if not book:
            return
        order, r = self.random.choice(book), self.random
        account, instrument, side = order.account, order.instrument, order.side
        if op == CANCEL:
            self.command(CANCEL, account, instrument, order_no=order.number, seq=self.next_seq(), side=side)
            book.remove(order)
            self.cancelled(order, 1, self.cost(instrument, side, order.price, order.left))
        elif op == REDUCE:
            by = r.randint(1, 3)
            self.command(REDUCE, account, instrument, order_no=order.number, seq=self.next_seq(), side=side, qty=by)
            if by < order.left:
                order.left -= by
                self.put(36, 2, struct.pack("<QQ", self.seq, order.number) + amount(
                    self.cost(instrument, side, order.price, by)) + struct.pack(
                    "<QQIBBHQ", order.left, by, account, 1, side, 0, 0), instrument)
            else:
                self.rejected(order.number, account, instrument, REDUCE, side, 4, 0)
        else:
            self.replace(book, order)
        self.done(instrument)

    def replace(self, book, order):
        r, instrument, side = self.random, order.instrument, order.side
        price, qty = self.price(side), r.randint(1, 50)
        had = self.cost(instrument, side, order.price, order.left)
        hold = max(0, self.cost(instrument, side, price, qty) - had)
        number = self.command(REPLACE, order.account, instrument, order_no=order.number, seq=self.next_seq(), side=side,
                              price=price, qty=qty, seen=order.left, hold=hold)
        if r.random() < 0.2:
            self.rejected(number, order.account, instrument, REPLACE, side, 5, hold)
            return
        book.remove(order)
        entered = 0 if r.random() < 0.2 else r.choice((qty, max(1, qty - 3)))
        self.cancelled(order, 6, had + hold - self.cost(instrument, side, price, entered), number)
        if entered:
            self.match_order(Order(number, order.account, instrument, side, price, entered), 0)

    def withdrawal(self):
        r = self.random
        account, asset, atoms = r.choice(self.accounts), r.choice((0, 1, 2)), r.randint(1, 10**6)
        number = self.transfer(account, asset, atoms, 2, 1, 0)
        if r.random() < 0.5:
            self.transfer(account, asset, atoms, 2, 2, number)
        self.transfer(account, asset, atoms, 2, r.choice((3, 4)), number)

    def step(self):
        r = self.random
        self.time_ns += r.choice((1000, 10**6, 10**8, 3 * 10**9))
        if r.random() < 0.0005:
            self.time_ns += r.choice((3600 * 10**9, DAY_NS, 5 * DAY_NS))
        kind = r.random()
        if kind < 0.6:
            self.new()
        elif kind < 0.75:
            self.change(CANCEL)
        elif kind < 0.85:
            self.change(REDUCE)
        elif kind < 0.95:
            self.change(REPLACE)
        elif kind < 0.98:
            self.trigger()
        elif kind < 0.99:
            self.withdrawal()
        else:
            self.put(39, 1, struct.pack("<QQQ", self.seq, 1, 2))
