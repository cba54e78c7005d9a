"""The demo's maker and taker on a real exchange."""
import collections
import os
import subprocess
import time

import pytest

from exchange_process import BIN, Exchange, wait_for
from market_files import Recording

INSTRUMENTS = ("BTCUSDT", "ETHUSDT", "TATA_INR")


class Bot:
    def __init__(self, exchange, *words):
        self.log_path = os.path.join(exchange.folder, f"{words[-1] if len(words) == 1 else words[0]}.log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([os.path.join(BIN, "bots"), "--var", exchange.folder, "--seed", "7", *words],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def end(self):
        self.process.terminate()
        assert self.process.wait(20) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(name="exchange")
def exchange_fixture(tmp_path):
    exchange = Exchange(tmp_path / "var").start()
    exchange.tool("demo", "--order-entry", f"127.0.0.1:{exchange.port}")
    bots = []
    exchange.bot = lambda *words: bots.append(Bot(exchange, *words)) or bots[-1]
    yield exchange
    for bot in bots:
        bot.kill()
    exchange.stop()


def depth(exchange, symbol):
    """{side: {price: quantity}}, best first."""
    book = {"bid": {}, "ask": {}}
    for line in exchange.tool("depth", symbol, "--levels", 1000).splitlines():
        side, price, qty = line.split()
        book[side][float(price)] = float(qty)
    return book


def trades(exchange):
    return exchange.tool("journal", "--from", 1).count(" trade ")


def is_lifelike(exchange, symbol):
    book = depth(exchange, symbol)
    bids, asks = list(book["bid"]), list(book["ask"])
    return len(bids) >= 10 and len(asks) >= 10 and bids[0] < asks[0] < bids[0] * 1.005


def test_maker_and_taker_make_a_market_that_outlives_the_exchange(exchange):
    maker, taker = exchange.bot("maker"), exchange.bot("taker")
    time.sleep(8)
    for symbol in INSTRUMENTS:
        assert wait_for(lambda: is_lifelike(exchange, symbol)), symbol
    before = trades(exchange)
    assert before > 10
    exchange.kill()
    exchange.start()
    for symbol in INSTRUMENTS:
        assert wait_for(lambda: is_lifelike(exchange, symbol)), symbol
    wait_for(lambda: trades(exchange) > before + 5)
    for symbol in INSTRUMENTS:
        book = depth(exchange, symbol)
        assert max(map(len, book.values())) <= 24, "nothing of before was left behind"
    taker.end()
    maker.end()
    assert all(not side for symbol in INSTRUMENTS for side in depth(exchange, symbol).values()), "withdrawn at the end"
    assert "VERIFIED" in exchange.tool("verify")


def test_a_maker_that_was_killed_finds_its_orders_again(exchange):
    maker = exchange.bot("maker")
    wait_for(lambda: is_lifelike(exchange, "BTCUSDT"))
    maker.kill()
    left = depth(exchange, "BTCUSDT")
    assert left["bid"] and left["ask"], "nobody withdrew them"
    again = exchange.bot("maker")
    wait_for(lambda: depth(exchange, "BTCUSDT") != left and is_lifelike(exchange, "BTCUSDT"))
    time.sleep(1)
    assert max(map(len, depth(exchange, "BTCUSDT").values())) <= 24
    again.end()


def test_the_mirror_keeps_the_recorded_levels_whatever_the_taker_takes(exchange, tmp_path):
    file = Recording("BTCUSDT")
    bids = [[f"{60000 - 0.05 * i:.2f}", f"{0.02 + i * 0.001:.5f}"] for i in range(1, 60)]
    asks = [[f"{60000 + 0.05 * i:.2f}", f"{0.02 + i * 0.001:.5f}"] for i in range(1, 60)]
    file.depth(bids, asks)
    file.depth([["59999.95", "0.00000"], ["59990.00", "0.50000"]], [["60000.05", "0.03000"]])
    file.depth([["59000.00", "1.00000"]], [], after_ms=600000)  # ten minutes later: far beyond this test
    path = file.write(tmp_path / "recording.gz")
    expected = expected_book(bids, asks)

    exchange.bot("maker", "--replay", str(path))
    wait_for(lambda: depth(exchange, "BTCUSDT")["bid"])
    taker = exchange.bot("taker")
    wait_for(lambda: trades(exchange) > 10, 60)
    taker.end()
    wait_for(lambda: depth(exchange, "BTCUSDT") == expected)


def expected_book(bids, asks):
    """The file's levels at the demo's tick of 0.10: bids at the tick below, asks at the tick above."""
    levels = {"bid": dict(map(tuple, bids)), "ask": dict(map(tuple, asks))}
    levels["bid"].update({"59990.00": "0.50000", "59999.95": "0.00000"})
    levels["ask"]["60000.05"] = "0.03000"
    book = {"bid": collections.defaultdict(int), "ask": collections.defaultdict(int)}
    for side, up in (("bid", 0), ("ask", 9)):
        for price, qty in levels[side].items():
            cents = int(price.replace(".", ""))
            book[side][(cents + up) // 10] += int(qty.replace(".", ""))
    return {side: {ticks / 10: lots / 100000 for ticks, lots in book[side].items() if lots} for side in book}
