"""What lies behind the window of the web process comes from PostgreSQL, and joins without a seam."""
import subprocess
from decimal import Decimal

import pytest
from exchange_process import Exchange, wait_for
from test_store import SEED, Place, fresh_cluster, psycopg2, pytestmark  # noqa: F401
from web_process import Web

ALICE, BOB = "1", "2"
WINDOW = ("web.window_orders=16", "web.window_trades=16", "web.window_candles=16")


@pytest.fixture
def place(tmp_path, fresh_cluster):  # noqa: F811
    print(f"seed {SEED}")
    place = Place(tmp_path)
    subprocess.run(["cp", "-a", fresh_cluster, place.pg], check=True)
    place.cluster("start")
    yield place
    place.close()


def with_source(web, path):
    status, answer, headers = web.ask("GET", path)
    assert status == 200, answer
    return answer, headers["x-history-source"]


def test_orders_and_trades_behind_the_window_come_from_the_database(place):
    exchange = Exchange(place.folder, "exchange.order_entry.port=0").start()
    exchange.fill()
    place.socket = f"{place.folder}/run/attach.sock"
    place.start()
    web = Web(place.folder, *WINDOW).start()
    made = [web.limit(ALICE, "sell", "100", "1")["orderId"] for _ in range(60)]
    web.limit(BOB, "buy", "100", "60")
    paths = [f"/orders/history?user_id={ALICE}&limit=1000", f"/trade/history?user_id={ALICE}&limit=1000"]

    wait_for(lambda: web.get("/health")[1]["database"] == "attached")

    def database_has_all():
        try:
            return place.query("select count(*) from trades") == [(60,)]
        except psycopg2.errors.UndefinedTable:
            return False  # the store has not made its tables yet
    wait_for(database_has_all)
    wait_for(lambda: web.get("/health")[1]["database"] == "attached")
    orders, source = with_source(web, paths[0])
    assert source == "database" and len(orders) == 60
    assert sorted(order["orderId"] for order in orders) == sorted(made)
    assert {order["status"] for order in orders} == {"FILLED"}
    trades, source = with_source(web, paths[1])
    assert source == "database" and [trade["orderId"] for trade in trades] == made[::-1]
    whole = Web(place.folder)  # a second process cannot attach, but reads the journal: it remembers everything
    whole.start(attached=False)
    wait_for(lambda: whole.get("/orders/history", user_id=ALICE, limit=1000)[1][:1] == orders[:1])
    everything, source = with_source(whole, paths[0])
    assert source == "window"
    key = lambda order: order["orderId"]  # noqa: E731
    assert sorted(everything, key=key) == sorted(orders, key=key)
    assert with_source(whole, paths[1]) == (trades, "window")
    whole.stop()
    place.cluster("stop")
    wait_for(lambda: with_source(web, paths[1])[1] == "window", 30)
    trades, _ = with_source(web, paths[1])
    assert [trade["orderId"] for trade in trades] == made[::-1][:len(trades)] and 0 < len(trades) < 60
    web.stop()
    exchange.stop()


def walk(web, interval, start, end):
    """All candles of a width from `start` to `end`, page by page; and where they came from."""
    got, sources = [], set()
    while start < end:
        page, source = with_source(web, f"/klines?symbol=BTCUSDT&interval={interval}&limit=1000&start_time={start}"
                                        f"&end_time={end - 1}")
        if not page:
            break
        width = page[0][6] + 1 - page[0][0]
        assert [k[0] for k in page] == list(range(page[0][0], page[0][0] + width * len(page), width))
        assert not got or page[0][0] == got[-1][0] + width
        got += page
        sources.add(source)
        start = page[-1][0] + width
    return got, sources


def test_candles_behind_the_window_join_those_in_it(place):
    """The window keeps 16 candles of five minutes, but all minutes: the one must be the sum of the other."""
    place.exchange.open()
    place.write(12000)
    place.finish_journal()
    place.start()
    place.wait()
    web = Web(place.folder, *WINDOW).start(attached=False)
    wait_for(lambda: web.get("/health")[1]["recordSeq"] == place.exchange.record_seq)
    wait_for(lambda: web.get("/health")[1]["database"] == "attached")
    days, source = with_source(web, "/klines?symbol=BTCUSDT&interval=1d&limit=1000")
    end = place.exchange.time_ns // 10**6 // 300000 * 300000
    minutes, sources = walk(web, "1m", days[0][0], end)
    assert sources == {"window"}
    fives, sources = walk(web, "5m", days[0][0], end)
    assert "database" in sources
    sums = {}
    for k in minutes:
        if k[8]:
            sums.setdefault(k[0] // 300000 * 300000, []).append(k)
    assert len(sums) > 20
    previous = None
    for five in fives:
        parts = sums.pop(five[0], None)
        if parts is None:
            assert five[8] == 0 and Decimal(five[5]) == 0 and five[1] == five[4] == previous
        else:
            assert five[8] == sum(k[8] for k in parts)
            assert Decimal(five[5]) == sum(Decimal(k[5]) for k in parts)
            assert Decimal(five[7]) == sum(Decimal(k[7]) for k in parts)
            assert (five[1], five[4]) == (parts[0][1], parts[-1][4])
            assert Decimal(five[2]) == max(Decimal(k[2]) for k in parts)
            assert Decimal(five[3]) == min(Decimal(k[3]) for k in parts)
        previous = five[4]
    assert not {bucket for bucket in sums if bucket < end}
    newest, source = with_source(web, f"/klines?symbol=BTCUSDT&interval=5m&limit=500&end_time={end - 1}")
    assert newest == fives[-500:]
    web.stop()
