"""REST, as docs/web-api.md says it: against a real exchange and a real web process."""
import json
import os
import socket
import subprocess
import time

import pytest
from exchange_process import Exchange, wait_for
from web_process import Web

ALICE, BOB, CAROL = "1", "2", "3"


@pytest.fixture(scope="module")
def venue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("venue")
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<h1>page</h1>")
    (page / "app.js").write_text("plain")
    (page / "app.js.gz").write_bytes(b"\x1f\x8bzipped")
    exchange = Exchange(folder, "exchange.order_entry.port=0").start()
    exchange.fill()
    openapi = os.path.join(os.path.dirname(__file__), "../../host/web/openapi.yaml")
    web = Web(folder, f"web.page_path={page}", f"web.openapi_path={openapi}").start()
    yield web
    web.stop()
    exchange.stop()


@pytest.fixture
def web(venue):
    yield venue
    venue.cancel_all(ALICE, BOB, CAROL)


def everything(web):
    """All that a refused request must leave as it was."""
    users = [web.get(path, user_id=user) for user in (ALICE, BOB, CAROL)
             for path in ("/balance", "/orders/open", "/orders/history")]
    return users, web.get("/depth", symbol="TATA_INR"), web.get("/trades", symbol="TATA_INR")


def test_the_curl_lines_of_the_founding_documents_work_verbatim(web):
    def curl(*words):
        done = subprocess.run(["curl", "-s", "-m", "10", *words], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    v1 = f"http://localhost:{web.ports['v1']}"
    order = curl("-X", "POST", f"{v1}/api/v1/order/", "-H", "Content-Type: application/json", "-d",
                 '{"market":"TATA_INR","price":"100","quantity":"10","side":"buy","user_id":"1"}')
    assert (order["status"], order["price"], order["origQty"], order["side"]) == ("NEW", "100.00", "10", "BUY")
    web.limit(BOB, "sell", "100", "3")
    trades = curl(f"{v1}/api/v1/trades?symbol=TATA_INR&limit=10")
    assert trades[-1]["price"] == "100.00" and trades[-1]["qty"] == "3" and trades[-1]["isBuyerMaker"]
    klines = curl(f"{v1}/api/v1/klines?market=TATA_INR&interval=1h&start_time=2024-01-01T00:00:00Z")
    assert klines and klines[-1][4] == "100.00" and klines[-1][0] % 3600000 == 0


@pytest.mark.parametrize("path", ["/api/v1/depth", "/api/v1/klines", "/api/v1/trades", "/api/v1/tickers",
                                  "/api/v1/order/open", "/api/v1/instruments"])
@pytest.mark.parametrize("name", ["market", "symbol"])
def test_a_slash_at_the_end_and_either_name_do_not_matter(web, path, name):
    query = {name: "TATA_INR", "interval": "1m", "user_id": ALICE}
    plain = web.get(path, "v1", **query)
    slashed = web.get(path + "/", "v1", **query)
    assert plain[0] == slashed[0] == 200
    assert type(plain[1]) is type(slashed[1])


@pytest.mark.parametrize("path", ["/health", "/orders/open", "/orders/history", "/depth", "/balance", "/trade/history",
                                  "/trades", "/klines", "/tickers", "/instruments", "/accounts"])
def test_every_plain_route_answers(web, path):
    assert web.get(path, symbol="TATA_INR", interval="1m", user_id=ALICE)[0] == 200


def test_an_order_locks_funds_and_its_cancel_gives_them_back(web):
    before = web.get("/balance", user_id=ALICE)
    order = web.limit(ALICE, "buy", "99.95", "20")
    inr = next(b for b in web.get("/balance", user_id=ALICE)[1] if b["asset"] == "INR")
    assert inr["locked"] == "1999.00000000"
    assert web.get("/orders/open", user_id=ALICE)[1][0]["orderId"] == order["orderId"]
    status, answer, _ = web.ask("DELETE", "/order", {"order_id": order["orderId"], "user_id": ALICE})
    assert status == 200 and answer["status"] == "CANCELED"
    assert web.get("/balance", user_id=ALICE) == before
    assert web.get("/orders/history", user_id=ALICE)[1][0]["orderId"] == order["orderId"]


def test_a_market_order_tells_its_fills_and_fees(web):
    web.limit(ALICE, "sell", "100", "5")
    web.limit(ALICE, "sell", "101", "5")
    status, answer = web.order(market="TATA_INR", type="market", side="buy", quantity="8", user_id=BOB)
    assert status == 200 and answer["status"] == "FILLED" and answer["type"] == "MARKET"
    assert [(fill["price"], fill["qty"]) for fill in answer["fills"]] == [("100.00", "5"), ("101.00", "3")]
    assert answer["cummulativeQuoteQty"] == "803.00"
    assert answer["fills"][0]["commissionAsset"] == "TATA" and answer["fills"][0]["commission"] == "0.00500000"
    mine = web.get("/trade/history", user_id=BOB, limit=2)[1]
    assert [trade["price"] for trade in mine] == ["101.00", "100.00"]
    assert all(trade["isBuyer"] and not trade["isMaker"] for trade in mine)


def test_the_trade_history_of_nobody_is_that_of_the_market(web):
    assert web.get("/trade/history", symbol="TATA_INR") == web.get("/trades", symbol="TATA_INR")
    assert web.get("/trade/history")[1]["reason"] == "MISSING_PARAMETER"


def test_a_client_order_id_names_its_order_and_is_unique_among_open_ones(web):
    web.limit(ALICE, "buy", "90", "1", client_order_id="mine-1")
    status, answer = web.order(market="TATA_INR", side="buy", price="90", quantity="1", user_id=ALICE,
                               client_order_id="mine-1")
    assert status == 400 and answer["reason"] == "DUPLICATE_ID"
    status, answer, _ = web.ask("DELETE", f"/order?client_order_id=mine-1&user_id={ALICE}")
    assert status == 200 and answer["clientOrderId"] == "mine-1"
    status, answer, _ = web.ask("DELETE", f"/order?client_order_id=mine-1&user_id={ALICE}")
    assert status == 400 and answer["reason"] == "UNKNOWN_ORDER"


def test_nobody_cancels_the_order_of_another(web):
    order = web.limit(ALICE, "buy", "90", "1")
    status, answer, _ = web.ask("DELETE", "/order", {"order_id": order["orderId"], "user_id": BOB})
    assert status == 400 and answer["reason"] == "UNKNOWN_ORDER"
    assert len(web.get("/orders/open", user_id=ALICE)[1]) == 1


def test_cancel_all_leaves_nothing_of_that_market(web):
    for i in range(5):
        web.limit(CAROL, "buy", str(80 + i), "1")
    web.limit(CAROL, "buy", "55000", "0.001", market="BTCUSDT")
    status, answer, _ = web.ask("POST", "/order/cancel_all", {"user_id": CAROL, "market": "TATA_INR"})
    assert (status, answer) == (200, {"cancelled": 5})
    assert [o["symbol"] for o in web.get("/orders/open", user_id=CAROL)[1]] == ["BTCUSDT"]


def test_a_stop_waits_until_a_trade_reaches_it(web):
    web.limit(ALICE, "sell", "100", "1")
    web.limit(BOB, "buy", "100", "1")
    stop = web.limit(CAROL, "sell", "94", "2", stop_price="95")
    assert stop["status"] == "NEW" and stop["isWorking"] is False and stop["type"] == "STOP_LOSS_LIMIT"
    web.limit(ALICE, "buy", "94", "3")
    web.limit(BOB, "sell", "94", "1")
    wait_for(lambda: web.get("/orders/open", user_id=CAROL)[1] == [])
    done = web.get("/orders/history", user_id=CAROL)[1][0]
    assert done["orderId"] == stop["orderId"] and done["status"] == "FILLED"


def test_post_only_and_fok_are_refused_by_name(web):
    web.limit(ALICE, "sell", "100", "1")
    for more, reason in (({"post_only": True}, "WOULD_CROSS"), ({"time_in_force": "FOK"}, "FOK")):
        status, answer = web.order(market="TATA_INR", side="buy", price="100", quantity="2", user_id=BOB, **more)
        assert status == 400 and answer["code"] == -2010 and answer["reason"] == reason
    assert web.get("/orders/open", user_id=BOB)[1] == []


def test_grouping_lowers_bids_and_raises_asks(web):
    for price in ("99.90", "99.85", "99.40"):
        web.limit(ALICE, "buy", price, "1")
    for price in ("100.10", "100.45", "100.60"):
        web.limit(BOB, "sell", price, "2")
    depth = web.get("/depth", symbol="TATA_INR", step="0.5")[1]
    assert depth["bids"] == [["99.50", "2"], ["99.00", "1"]]
    assert depth["asks"] == [["100.50", "4"], ["101.00", "2"]]
    assert web.get("/depth", symbol="TATA_INR", limit=1)[1]["bids"] == [["99.90", "1"]]


GOOD = {"market": "TATA_INR", "side": "buy", "price": "100", "quantity": "1", "user_id": ALICE}


@pytest.mark.parametrize("change, code, reason", [
    ({"price": "100.01"}, -1111, "OFF_TICK"),
    ({"price": 100.01}, -1111, "OFF_TICK"),
    ({"quantity": "1.5"}, -1111, "OFF_LOT"),
    ({"price": "-100"}, -1013, "PRICE"),
    ({"price": "0"}, -1013, "PRICE"),
    ({"price": "99999"}, -1013, "PRICE"),
    ({"price": "1e2"}, -1102, "BAD_PARAMETER"),
    ({"price": ""}, -1102, "BAD_PARAMETER"),
    ({"price": None}, -1102, "MISSING_PARAMETER"),
    ({"quantity": "0"}, -1013, "QTY"),
    ({"quantity": -3}, -1013, "QTY"),
    ({"quantity": "99999999999999999999"}, -1013, "QTY"),
    ({"quantity": "1" * 200}, -1135, "BAD_JSON"),
    ({"quantity": None}, -1102, "MISSING_PARAMETER"),
    ({"market": "NOPE"}, -1121, "UNKNOWN_INSTRUMENT"),
    ({"market": None}, -1102, "MISSING_PARAMETER"),
    ({"side": "long"}, -1102, "BAD_PARAMETER"),
    ({"type": "iceberg"}, -1102, "BAD_PARAMETER"),
    ({"user_id": "999"}, -2010, "UNKNOWN_ACCOUNT"),
    ({"user_id": "0"}, -2010, "UNKNOWN_ACCOUNT"),
    ({"user_id": "-1"}, -1102, "BAD_PARAMETER"),
    ({"user_id": None}, -1102, "MISSING_PARAMETER"),
    ({"client_order_id": "a b"}, -1100, "BAD_CLIENT_ID"),
    ({"client_order_id": "x" * 37}, -1100, "BAD_CLIENT_ID"),
    ({"quantity": "4000000"}, -2010, "NO_FUNDS"),
    ({"nested": {"a": 1}}, -1135, "BAD_JSON"),
    ({"symbol": "TATA_INR"}, -1135, "BAD_JSON"),
])
def test_a_bad_order_is_refused_by_name_and_changes_nothing(web, change, code, reason):
    before = everything(web)
    body = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    status, answer = web.order(**body)
    assert (status, answer["code"], answer["reason"]) == (400, code, reason)
    assert answer["msg"].endswith((".", ")", "-"))
    assert everything(web) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"null", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 5000,
                                  b'{"market":"TATA_INR\\u0000"}', b'{"price":1.2.3}', b"{" + b'"a":' * 3000])
def test_a_body_that_is_no_json_object_is_a_400(web, body):
    status, answer, _ = web.ask("POST", "/order", body)
    assert status == 400 and answer["code"] in (-1135, -1102)


def test_a_megabyte_is_413_and_the_connection_can_go_on(web):
    before = everything(web)
    assert web.ask("POST", "/order", b"x" * (1 << 20))[0] == 413
    assert everything(web) == before
    with socket.create_connection(("127.0.0.1", web.ports["plain"]), timeout=10) as raw:
        raw.sendall(b"POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n" + b"y" * (1 << 20))
        raw.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b""
        while b'"status":"ok"' not in got:
            piece = raw.recv(65536)
            assert piece, got
            got += piece
        assert got.startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_411(web):
    with socket.create_connection(("127.0.0.1", web.ports["plain"]), timeout=10) as raw:
        raw.sendall(b"POST /order HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 411 ")


def test_a_body_may_come_in_pieces(web):
    body = json.dumps(GOOD).encode()
    with socket.create_connection(("127.0.0.1", web.ports["v1"]), timeout=10) as raw:
        raw.sendall(f"POST /api/v1/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for byte in body:
            raw.sendall(bytes([byte]))
            time.sleep(0.001)
        assert raw.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_unknown_paths_and_methods_say_so(web):
    assert web.get("/api/v1/nothing", "v1")[0] == 404
    status, answer, headers = web.ask("PUT", "/order", b"{}")
    assert status == 405 and answer["reason"] == "METHOD" and headers["allow"] == "POST, DELETE"
    assert web.get("/x" * 400)[0] == 404
    assert web.get("/../../etc/passwd")[0] == 404


@pytest.mark.parametrize("query, reason", [
    ({"symbol": "TATA_INR", "interval": "2m"}, "BAD_INTERVAL"),
    ({"symbol": "TATA_INR", "interval": "1M"}, "BAD_INTERVAL"),
    ({"symbol": "TATA_INR"}, "MISSING_PARAMETER"),
    ({"interval": "1m"}, "MISSING_PARAMETER"),
    ({"symbol": "TATA_INR", "interval": "1m", "start_time": "yesterday"}, "BAD_PARAMETER"),
    ({"symbol": "TATA_INR", "interval": "1m", "start_time": "2024-02-30"}, "BAD_PARAMETER"),
    ({"symbol": "TATA_INR", "interval": "1m", "limit": "0"}, "BAD_PARAMETER"),
    ({"symbol": "TATA_INR", "interval": "1m", "limit": "-5"}, "BAD_PARAMETER"),
    ({"symbol": "T" * 300, "interval": "1m"}, "BAD_PARAMETER"),
])
def test_a_bad_query_is_refused_by_name(web, query, reason):
    status, answer = web.get("/klines", **query)
    assert status == 400 and answer["reason"] == reason


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                                     {"Origin": "https://localhost:8080"}, {"Host": "localhost.evil.example"},
                                     {"Origin": "http://localhost:1"}])
def test_user_routes_are_for_local_callers_only(web, headers):
    before = everything(web)
    for method, path, body in (("GET", "/balance?user_id=1", None), ("POST", "/order", GOOD),
                               ("POST", "/order/cancel_all", {"user_id": ALICE}), ("GET", "/accounts", None)):
        status, answer, _ = web.ask(method, path, body, headers=headers)
        assert (status, answer["reason"]) == (403, "NOT_LOCAL")
    assert everything(web) == before
    assert web.ask("GET", "/depth?symbol=TATA_INR", headers=headers)[0] == 200


def test_our_own_page_may_use_user_routes(web):
    for listener in ("plain", "v1", "ws"):
        origin = {"Origin": f"http://localhost:{web.ports[listener]}"}
        assert web.ask("GET", "/balance?user_id=1", headers=origin)[0] == 200


def test_the_page_is_served_compressed_to_those_who_take_it(web):
    status, body, headers = web.ask("GET", "/")
    assert status == 200 and body == b"<h1>page</h1>" and headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert web.ask("GET", "/app.js")[1] == b"plain"
    _, body, headers = web.ask("GET", "/app.js", headers={"Accept-Encoding": "gzip, br"})
    assert body == b"\x1f\x8bzipped" and headers["content-encoding"] == "gzip"


def test_the_description_for_machines_names_every_route(web):
    status, body, headers = web.ask("GET", "/openapi.yaml")
    assert status == 200 and headers["content-type"] == "application/yaml"
    for path in ("/order:", "/order/cancel_all:", "/api/v1/order/:", "/api/v1/klines/:", "/trade/history:"):
        assert b"\n  " + path.encode() in body


def test_a_connection_serves_many_requests(web):
    with socket.create_connection(("127.0.0.1", web.ports["plain"]), timeout=10) as raw:
        raw.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        got = b""
        while got.count(b'"status":"ok"') < 20:
            piece = raw.recv(65536)
            assert piece, got[-200:]
            got += piece
