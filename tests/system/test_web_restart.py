"""Exchange and web die and come back, each alone."""
import pytest
from exchange_process import Exchange, wait_for
from web_process import Web

ALICE, BOB = "1", "2"
GOOD = {"market": "TATA_INR", "side": "buy", "price": "90", "quantity": "1", "user_id": ALICE}


@pytest.fixture
def venue(tmp_path):
    exchange = Exchange(tmp_path, "exchange.order_entry.port=0").start()
    exchange.fill()
    web = Web(tmp_path).start()
    yield exchange, web
    web.stop()
    exchange.stop()


def test_while_the_exchange_is_away_everything_stays_readable_and_orders_are_503(venue):
    exchange, web = venue
    web.limit(ALICE, "buy", "95", "3")
    web.limit(BOB, "sell", "95", "1")
    before = [web.get(path, symbol="TATA_INR", interval="1m", user_id=ALICE)
              for path in ("/depth", "/trades", "/orders/open", "/balance", "/trade/history")]
    ours = web.socket("/")
    ours.ask(method="SUBSCRIBE", params=["status"], id=1)
    assert ours.until(lambda m: "channel" in m)["data"]["exchange"] == "attached"
    exchange.kill()
    assert ours.until(lambda m: "channel" in m)["data"]["exchange"] == "away"
    status, answer = web.get("/health")
    assert status == 503 and answer["exchange"] == "away"
    status, answer = web.order(**GOOD)
    assert status == 503 and answer["reason"] == "EXCHANGE_AWAY"
    assert before == [web.get(path, symbol="TATA_INR", interval="1m", user_id=ALICE)
                      for path in ("/depth", "/trades", "/orders/open", "/balance", "/trade/history")]
    exchange.start()
    web.wait_attached()
    assert ours.until(lambda m: m["data"]["exchange"] == "attached")["data"]["epoch"] >= 1
    order = web.limit(ALICE, "buy", "94", "1")
    status, answer, _ = web.ask("DELETE", "/order", {"order_id": order["orderId"], "user_id": ALICE})
    assert status == 200 and answer["status"] == "CANCELED"
    assert web.get("/depth", symbol="TATA_INR")[1]["bids"] == [["95.00", "2"]]


def test_a_new_web_process_shows_what_the_old_one_showed(venue):
    _, web = venue
    for i in range(50):
        web.limit(ALICE, "buy", f"{80 + i % 10}", "1")
    web.limit(BOB, "sell", "85", "12")
    paths = ("/depth", "/trades", "/orders/open", "/orders/history", "/balance", "/trade/history")
    before = [web.get(path, symbol="TATA_INR", user_id=user) for path in paths for user in (ALICE, BOB)]
    web.stop()
    web.start()
    assert before == [web.get(path, symbol="TATA_INR", user_id=user) for path in paths for user in (ALICE, BOB)]


def test_web_may_start_before_the_exchange(tmp_path):
    web = Web(tmp_path).start(attached=False)
    assert web.get("/health")[0] == 503
    status, answer = web.get("/depth", symbol="TATA_INR")
    assert status == 503 and answer["reason"] == "EXCHANGE_AWAY"
    exchange = Exchange(tmp_path, "exchange.order_entry.port=0").start()
    exchange.fill()
    web.wait_attached()
    wait_for(lambda: web.get("/depth", symbol="TATA_INR")[0] == 200)
    web.limit(ALICE, "buy", "95", "3")
    web.stop()
    exchange.stop()
    web.start(attached=False)
    wait_for(lambda: web.get("/depth", symbol="TATA_INR")[1].get("bids") == [["95.00", "3"]])
    web.stop()


def test_a_second_web_process_is_told_that_the_door_is_held(venue):
    _, web = venue
    second = Web(web.folder)
    ports = dict(web.ports)
    second.start(attached=False)
    wait_for(lambda: "another web process" in second.log())
    assert second.order(**GOOD)[0] == 503
    second.stop()
    web.ports = ports
    assert web.order(**GOOD)[0] == 200
