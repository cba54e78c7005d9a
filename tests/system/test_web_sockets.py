"""The channels and the one-socket exchange, as docs/web-api.md says them."""
import json
import time

import pytest
from exchange_process import Exchange, wait_for
from web_process import Web
from web_socket import Closed

ALICE, BOB, CAROL, DAVE = "1", "2", "3", "4"


@pytest.fixture(scope="module")
def venue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("venue")
    exchange = Exchange(folder, "exchange.order_entry.port=0").start()
    exchange.fill()
    web = Web(folder).start()
    yield web
    web.stop()
    exchange.stop()


@pytest.fixture
def web(venue):
    yield venue
    venue.cancel_all(ALICE, BOB, CAROL, DAVE)


def subscribed(web, *channels, path="/", listener="ws"):
    """A socket that hears the channels, and the messages that opened them."""
    ours = web.socket(path, listener)
    ours.ask(method="SUBSCRIBE", params=list(channels), id=1)
    assert ours.receive() == {"result": None, "id": 1}
    return ours, [ours.receive() for _ in channels]


class Book:
    """A client's book, kept as the page says: snapshots replace, updates follow without a gap."""

    def __init__(self):
        self.u = None
        self.sides = {"bids": {}, "asks": {}}

    def take(self, message):
        data = message["data"]
        if message["event"] == "snapshot":
            self.sides = {side: dict(map(tuple, data[side])) for side in self.sides}
        else:
            assert self.u is not None and data["U"] == self.u + 1, (self.u, data["U"])
            for side, levels in self.sides.items():
                for price, quantity in data[side]:
                    if quantity == "0":
                        levels.pop(price, None)
                    else:
                        levels[price] = quantity
        self.u = data["u"]

    def shape(self):
        bids = sorted(self.sides["bids"].items(), key=lambda level: -float(level[0]))
        asks = sorted(self.sides["asks"].items(), key=lambda level: float(level[0]))
        return [list(level) for level in bids], [list(level) for level in asks]


@pytest.mark.parametrize("path, listener", [("/", "ws"), ("/channels", "plain")])
def test_snapshot_and_updates_make_the_book_that_rest_shows(web, path, listener):
    web.limit(ALICE, "buy", "99", "1")
    ours, opening = subscribed(web, "depth.TATA_INR", path=path, listener=listener)
    book = Book()
    book.take(opening[0])
    for i in range(30):
        web.limit(ALICE, "buy", f"{90 + i % 7}", "2")
        web.limit(BOB, "sell", f"{101 + i % 5}", "3")
        if i % 3 == 0:
            web.limit(CAROL, "sell", "99", "1", time_in_force="IOC")
        if i % 11 == 0:
            web.cancel_all(BOB)
    depth = web.get("/depth", symbol="TATA_INR", limit=1000)[1]
    while book.u < depth["lastUpdateId"]:
        book.take(ours.receive())
    assert book.shape() == (depth["bids"], depth["asks"])
    ours.close()


def test_trades_open_with_the_last_ones_and_then_come_one_by_one(web):
    web.limit(ALICE, "sell", "100", "10")
    web.limit(BOB, "buy", "100", "1")
    ours, opening = subscribed(web, "trade.TATA_INR")
    assert opening[0]["event"] == "snapshot" and opening[0]["data"][-1]["qty"] == "1"
    last = opening[0]["data"][-1]["id"]
    web.limit(BOB, "buy", "100", "2")
    web.limit(BOB, "buy", "100", "3")
    got = [ours.receive() for _ in range(2)]
    assert [message["event"] for message in got] == ["trade", "trade"]
    assert [message["data"]["qty"] for message in got] == ["2", "3"]
    assert [message["data"]["id"] for message in got] == [last + 1, last + 2]
    ours.close()


def test_a_user_hears_orders_trades_and_balances(web):
    ours, opening = subscribed(web, f"user.{DAVE}")
    assert set(opening[0]["data"]) == {"orders", "balances", "trades"}
    order = web.limit(DAVE, "sell", "100", "4")
    got = [ours.receive() for _ in range(2)]
    assert [(m["event"], m["data"].get("status"), m["data"].get("asset")) for m in got] == [
        ("balance", None, "TATA"), ("order", "NEW", None)]
    web.limit(BOB, "buy", "100", "1")
    got = [ours.receive() for _ in range(4)]
    assert [m["event"] for m in got] == ["order", "trade", "balance", "balance"]
    assert got[0]["data"]["status"] == "PARTIALLY_FILLED" and got[0]["data"]["executedQty"] == "1"
    assert got[1]["data"]["isMaker"] and got[1]["data"]["orderId"] == order["orderId"]
    web.cancel_all(DAVE)
    assert ours.until(lambda m: m["event"] == "order")["data"]["status"] == "CANCELED"
    ours.close()


def test_candles_and_tickers_follow_the_trades(web):
    ours, _ = subscribed(web, "ticker.TATA_INR", "candle.TATA_INR.1s", "status")
    web.limit(ALICE, "sell", "98", "1")
    web.limit(BOB, "buy", "98", "1")
    # The two channels have each a pace of their own: the candle may close before the ticker speaks.
    news = {"ticker.TATA_INR": lambda data: data["lastPrice"] == "98.00",
            "candle.TATA_INR.1s": lambda data: data["closed"] and data["kline"][4] == "98.00"}
    seen = {}
    while len(seen) < len(news):
        told = ours.until(lambda m: m["channel"] in news and news[m["channel"]](m["data"]))
        seen[told["channel"]] = told["data"]
    assert seen["ticker.TATA_INR"]["symbol"] == "TATA_INR"
    assert seen["candle.TATA_INR.1s"]["interval"] == "1s"
    ours.close()


def test_control_messages_answer_with_the_id_as_it_came(web):
    ours = web.socket("/")
    for identity in (7, "seven", None):
        ours.ask(method="LIST_SUBSCRIPTIONS", id=identity)
        assert ours.receive() == {"result": [], "id": identity}
    ours.ask(method="SUBSCRIBE", params=["trade.TATA_INR", "ticker.*"], id=1)
    ours.until(lambda m: m.get("channel") == "ticker.*")
    ours.ask(method="LIST_SUBSCRIPTIONS", id=2)
    assert ours.until(lambda m: m.get("id") == 2)["result"] == ["trade.TATA_INR", "ticker.*"]
    ours.ask(method="UNSUBSCRIBE", params=["trade.TATA_INR"], id=3)
    assert ours.until(lambda m: m.get("id") == 3)["result"] is None
    ours.ask(method="LIST_SUBSCRIPTIONS", id=4)
    assert ours.until(lambda m: m.get("id") == 4)["result"] == ["ticker.*"]
    ours.close()


@pytest.mark.parametrize("message, reason", [
    ("{", "BAD_JSON"), ("[]", "BAD_JSON"), ("{}", "BAD_PARAMETER"), ('{"method":"DANCE","id":1}', "BAD_PARAMETER"),
    ('{"method":"SUBSCRIBE"}', "MISSING_PARAMETER"), ('{"method":"SUBSCRIBE","params":[]}', "MISSING_PARAMETER"),
    ('{"method":"SUBSCRIBE","params":[1]}', "BAD_PARAMETER"),
    ('{"method":"SUBSCRIBE","params":["depth.NOPE"]}', "UNKNOWN_INSTRUMENT"),
    ('{"method":"SUBSCRIBE","params":["depth.TATA_INR","gossip"]}', "BAD_PARAMETER"),
    ('{"method":"SUBSCRIBE","params":["candle.TATA_INR.7m"]}', "BAD_INTERVAL"),
    ('{"method":"SUBSCRIBE","params":["user.999"]}', "UNKNOWN_ACCOUNT"),
    ('{"method":"SUBSCRIBE","params":["user.-1"]}', "BAD_PARAMETER"),
    ('{"method":"SUBSCRIBE","params":' + json.dumps(["trade.TATA_INR"] * 65) + "}", "TOO_MANY"),
])
def test_a_bad_message_is_refused_by_name_and_subscribes_nothing(web, message, reason):
    ours = web.socket("/")
    ours.send(message)
    assert ours.receive()["error"]["reason"] == reason
    ours.ask(method="LIST_SUBSCRIPTIONS", id=1)
    assert ours.receive() == {"result": [], "id": 1}
    ours.close()


def test_strangers_hear_no_user(web):
    ours = web.socket("/", headers=["Origin: http://evil.example"])
    ours.ask(method="SUBSCRIBE", params=["user.1"], id=1)
    assert ours.receive()["error"]["reason"] == "NOT_LOCAL"
    ours.close()


def test_large_binary_and_too_many_messages_close_the_connection(web):
    for spoil, code in ((lambda s: s.send("x" * 5000), 1009), (lambda s: s.send(b"x", opcode=2), None),
                        (lambda s: [s.ask(method="LIST_SUBSCRIPTIONS", id=i) for i in range(60)], 1008)):
        ours = web.socket("/")
        with pytest.raises((Closed, ConnectionResetError, BrokenPipeError)) as closed:
            spoil(ours)
            ours.until(lambda m: False, 5)
        if code and isinstance(closed.value, Closed):
            assert closed.value.code in (code, None)
    assert web.alive()


def test_who_does_not_read_is_skipped_and_gets_a_snapshot(web):
    """A reader with a small window sleeps while the book moves; then its book is right again, without a gap."""
    slow = web.socket("/", receive_bytes=4096)
    slow.ask(method="SUBSCRIBE", params=["depth.TATA_INR", "trade.TATA_INR"], id=1)
    for i in range(1500):
        web.limit(ALICE, "buy", f"{50 + i % 40}", "1", client_order_id=f"s-{i}")
        if i % 50 == 49:
            web.cancel_all(ALICE)
    web.limit(ALICE, "buy", "60", "5")
    depth = web.get("/depth", symbol="TATA_INR", limit=1000)[1]
    book = Book()
    while book.u is None or book.u < depth["lastUpdateId"]:
        message = slow.receive()
        if message.get("channel") == "depth.TATA_INR":
            book.take(message)
    assert book.shape() == (depth["bids"], depth["asks"])
    slow.close()


# The one-socket exchange


def simple(web, query=""):
    ours = web.socket("/simple" + query)
    user = ours.receive()["userId"]
    return ours, user


def test_simple_opens_with_user_id_book_and_trades(web):
    web.limit(ALICE, "buy", "99.95", "2")
    web.limit(ALICE, "buy", "99.55", "1")
    ours, user = simple(web, "?market=TATA_INR&step=0.5&interval=100")
    assert int(user) > 0
    book = ours.receive()["aggOrderBook"]
    assert book["bid"] == [{"price": "99.50", "amount": "3", "total": "298.50"}]
    assert isinstance(ours.receive()["trades"], list)
    ours.close()


def test_simple_adds_trades_and_deletes(web):
    ours, user = simple(web, "?market=TATA_INR")
    ours.ask(command="add", exec_type="limit", type="bid", price="97", amount="5")
    order = ours.until(lambda m: "order" in m)["order"]
    assert (order["status"], order["side"], order["user_id"]) == ("NEW", "BUY", user)
    web.limit(BOB, "sell", "97", "2")
    trade = ours.until(lambda m: "trades" in m and m["trades"] and m["trades"][-1]["price"] == "97.00")["trades"][-1]
    assert trade == {"userId": BOB, "security": "TATA_INR", "timestamp": trade["timestamp"], "price": "97.00",
                     "amount": "2", "total": "194.00"}
    ours.ask(command="delete", order_id=order["orderId"])
    assert ours.until(lambda m: m.get("order", {}).get("status") == "CANCELED")["order"]["executedQty"] == "2"
    ours.ask(command="delete", order_id=order["orderId"])
    assert ours.until(lambda m: "error" in m)["error"]["reason"] == "UNKNOWN_ORDER"
    ours.ask(command="add", exec_type="limit", type="bid", price="97.01", amount="5")
    assert ours.until(lambda m: "error" in m)["error"]["reason"] == "OFF_TICK"
    ours.ask(command="add", exec_type="market", type="ask", amount="1", user_id="1")
    ours.until(lambda m: "order" in m or "error" in m)
    ours.close()


def test_simple_cancels_when_the_socket_closes_and_lends_the_guest_again(web):
    ours, user = simple(web)
    ours.ask(command="add", exec_type="limit", type="bid", price="50000", amount="0.01")
    assert ours.until(lambda m: "order" in m)["order"]["status"] == "NEW"
    assert len(web.get("/orders/open", user_id=user)[1]) == 1
    ours.close()
    wait_for(lambda: web.get("/orders/open", user_id=user)[1] == [])
    again, same = simple(web)
    assert same == user
    again.close()


def test_simple_refuses_when_no_guest_is_free(web):
    lent = [simple(web)[0] for _ in range(8)]
    ours = web.socket("/simple")
    assert ours.receive()["error"]["reason"] == "NO_GUEST"
    with pytest.raises(Closed) as closed:
        ours.receive()
    assert closed.value.code == 1013
    for one in lent:
        one.close()
    wait_for(lambda: _can_open(web))


def _can_open(web):
    ours = web.socket("/simple")
    answer = ours.receive()
    ours.close()
    return "userId" in answer


def test_simple_throttles_the_book(web):
    ours, _ = simple(web, "?market=TATA_INR&interval=400")
    ours.until(lambda m: "trades" in m)
    began = time.monotonic()
    books = 0
    i = 0
    while time.monotonic() - began < 2:
        web.limit(ALICE, "buy", f"{80 + i % 9}", "1")
        i += 1
    try:
        while True:
            books += "aggOrderBook" in ours.receive(0.2)
    except TimeoutError:
        pass
    assert 3 <= books <= 7, books
    ours.close()
