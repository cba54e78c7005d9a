"""Order entry over kernel sockets, judged by a second implementation of its protocols."""
import json
import os
import socket
import threading
import time

import pytest

import ouch
from exchange_process import Exchange, account, wait_for

PX = 10000  # OUCH prices have four implied decimals


@pytest.fixture(name="market")
def market_fixture(tmp_path):
    exchange = Exchange(tmp_path / "var").start()
    demo = exchange.fill()
    yield exchange, demo
    exchange.stop()


def logon(market, name, **more):
    exchange, demo = market
    _, username, password = account(demo, name)
    return ouch.Client(exchange.address(), username, password, **more)


def test_an_order_rests_and_trades_at_its_own_price(market):
    alice, bob = logon(market, "alice"), logon(market, "bob")
    ref = alice.enter("S", 10, "TATA_INR", 100 * PX, clord="mine")
    accepted = alice.read_until("A")[-1]
    assert (accepted["ref"], accepted["qty"], accepted["symbol"], accepted["clord"]) == (ref, 10, "TATA_INR", "mine")
    bob.enter("B", 4, "TATA_INR", 101 * PX, tif="3")
    assert bob.read_until("A")[-1]["state"] == "L"
    bought = bob.read_until("E")[-1]
    sold = alice.read_until("E")[-1]
    assert (bought["qty"], bought["price"], bought["liquidity"]) == (4, 100 * PX, "R")
    assert (sold["qty"], sold["price"], sold["liquidity"]) == (4, 100 * PX, "A")
    assert bought["match"] == sold["match"]
    alice.send(ouch.cancel_order(ref))
    cancelled = alice.read_until("C")[-1]
    assert (cancelled["qty"], cancelled["reason"]) == (6, "U")


def test_refusals_say_why_and_change_nothing(market):
    alice = logon(market, "alice")
    for order, reason in [
        (dict(side="B", qty=1, symbol="NOSUCH", price=100 * PX), 23),
        (dict(side="B", qty=1, symbol="TATA_INR", price=100 * PX + 1), 29),
        (dict(side="B", qty=0, symbol="TATA_INR", price=100 * PX), 19),
        (dict(side="B", qty=4000000, symbol="TATA_INR", price=100 * PX), None),
    ]:
        ref = alice.enter(order["side"], order["qty"], order["symbol"], order["price"])
        rejected = alice.read_until("J")[-1]
        assert rejected["ref"] == ref
        if reason is not None:
            assert rejected["reason"] == reason
    ref = alice.enter("B", 1, "TATA_INR", 90 * PX)
    assert alice.read_until("A")[-1]["ref"] == ref


def test_replace_keeps_the_chain_and_loses_priority(market):
    alice, bob = logon(market, "alice"), logon(market, "bob")
    first = alice.enter("S", 10, "TATA_INR", 100 * PX)
    alice.read_until("A")
    bob.enter("B", 3, "TATA_INR", 100 * PX)
    alice.read_until("E")
    second = alice.next_ref()
    alice.send(ouch.replace_order(first, second, 20, 99 * PX))
    replaced = alice.read_until("U")[-1]
    # 20 is the whole liability: 3 were sold already.
    assert (replaced["orig_ref"], replaced["ref"], replaced["qty"], replaced["price"]) == (first, second, 17, 99 * PX)
    bob.read_until("E")
    bob.enter("B", 17, "TATA_INR", 100 * PX)
    assert bob.read_until("E")[-1]["price"] == 99 * PX


def test_a_repeated_ref_is_ignored(market):
    alice = logon(market, "alice")
    message = ouch.enter_order(1, "B", 5, "TATA_INR", 90 * PX)
    alice.send(message, message, message)
    alice.ref = 1
    ref = alice.enter("B", 5, "TATA_INR", 91 * PX)
    seen = [m for m in alice.read_until("A") + alice.read_until("A") if m["type"] == "A"]
    assert [m["ref"] for m in seen] == [1, ref]


def test_every_reply_comes_again_byte_for_byte(market):
    exchange, _ = market
    alice, bob = logon(market, "alice"), logon(market, "bob")
    for _ in range(5):
        alice.enter("S", 2, "TATA_INR", 100 * PX)
        bob.enter("B", 1, "TATA_INR", 100 * PX)
    seen = []
    while sum(m["type"] == "E" for m in seen) < 5:
        message = alice.read()
        assert message is not None
        seen.append(message["raw"])
        seen[-1] = message
    raws = [m["raw"] for m in seen]
    alice.close()
    again = logon(market, "alice", sequence=1)
    assert [again.read()["raw"] for _ in raws] == raws
    again.close()
    exchange.kill()
    exchange.start()
    for sequence in (1, 3, len(raws)):
        again = logon(market, "alice", sequence=sequence)
        assert again.sequence == sequence
        assert [again.read()["raw"] for _ in raws[sequence - 1:]] == raws[sequence - 1:]
        again.close()


def test_wrong_names_and_passwords_look_the_same(market):
    exchange, demo = market
    _, username, _ = account(demo, "alice")
    answers = []
    for name, password in [(username, "wrong"), ("NOBODY", "wrong")]:
        with pytest.raises(ouch.Rejected) as caught:
            ouch.Client(exchange.address(), name, password)
        answers.append(str(caught.value))
    assert answers == ["A", "A"]


@pytest.mark.parametrize("garbage", [
    b"\x00\x00", b"\xff\xff" + b"L" * 100, b"GET / HTTP/1.1\r\n\r\n", b"\x00\x05Uxxxx", b"\x00\x01\x00", b"\x00\x02U\x00"])
def test_garbage_ends_only_its_own_connection(market, garbage):
    exchange, _ = market
    alice = logon(market, "alice")
    with socket.create_connection(exchange.address(), timeout=15) as rude:
        rude.sendall(garbage)
        try:
            while rude.recv(1000):
                pass
        except ConnectionResetError:
            pass
    alice.enter("B", 1, "TATA_INR", 90 * PX)
    alice.read_until("A")


def test_malformed_messages_after_logon_close_the_session_and_lose_no_order(market):
    exchange, demo = market
    alice = logon(market, "alice")
    alice.enter("B", 1, "TATA_INR", 90 * PX)
    alice.read_until("A")
    alice.send(b"O\x00\x00")
    with pytest.raises((ouch.Closed, ConnectionError)):
        while alice.read(timeout=10) is not None:
            pass
    again = logon(market, "alice", sequence=0)
    again.ref = 1
    again.send(ouch.cancel_order(1))
    assert again.read_until("C")[-1]["qty"] == 1


def test_heartbeats_flow_when_nothing_else_does(market):
    alice = logon(market, "alice")
    deadline = time.monotonic() + 5
    while alice.read_packet(deadline)[0] != b"H":
        pass


def test_one_session_may_not_starve_another(market):
    """A client that sends far more than its rate is read slowly; another is served at once."""
    exchange, demo = market
    greedy, modest = logon(market, "alice"), logon(market, "bob")
    stop = threading.Event()

    def flood():
        ref = 0
        while not stop.is_set():
            messages = []
            for _ in range(500):
                ref += 1
                messages.append(ouch.enter_order(ref, "B", 1, "TATA_INR", 1))
            try:
                greedy.send(*messages)
            except (OSError, ValueError):
                return

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    try:
        for _ in range(20):
            modest.enter("B", 1, "TATA_INR", 90 * PX)
            assert modest.read_until("A", timeout=5)
    finally:
        stop.set()
        greedy.socket.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_dropped_session_takes_its_orders_with_it_when_configured(tmp_path):
    exchange = Exchange(tmp_path / "var", "exchange.order_entry.cancel_on_disconnect=true").start()
    demo = exchange.fill()
    market = (exchange, demo)
    alice = logon(market, "alice")
    for price in (90, 91, 92):
        alice.enter("B", 1, "TATA_INR", price * PX)
        alice.read_until("A")
    alice.close()
    again = wait_for(lambda: logon(market, "alice", sequence=4))
    cancelled = [again.read_until("C")[-1] for _ in range(3)]
    assert [m["ref"] for m in cancelled] == [1, 2, 3]
    exchange.stop()


def test_a_new_day_ends_the_sessions_and_starts_the_refs_again(market):
    exchange, _ = market
    alice = logon(market, "alice")
    alice.enter("B", 1, "TATA_INR", 90 * PX)
    alice.read_until("A")
    exchange.tool("day", "20301231")
    with pytest.raises((ouch.Closed, ConnectionError)):
        while alice.read(timeout=10) is not None:
            pass
    again = logon(market, "alice")
    assert again.session.endswith("20301231")
    assert again.enter("B", 1, "TATA_INR", 91 * PX) == 1
    assert again.read_until("A")[-1]["ref"] == 1


def test_what_a_client_sent_before_it_closed_still_counts(market):
    exchange, demo = market
    _, username, password = account(demo, "alice")
    client = ouch.Client(exchange.address(), username, password)
    for _ in range(50):
        client.enter("B", 1, "TATA_INR", 90 * PX)
    client.socket.shutdown(socket.SHUT_WR)  # in the same burst as the orders, as like as not
    again = logon(market, "alice", sequence=1)
    accepted = [again.read_until("A")[-1]["ref"] for _ in range(50)]
    assert accepted == sorted(accepted)


def test_filling_twice_changes_nothing_but_where_order_entry_is(market):
    exchange, demo = market
    before = exchange.tool("journal")
    exchange.tool("demo", "--order-entry", "10.77.0.2:9050", "--namespace", "crosspoint-clients")
    with open(os.path.join(exchange.folder, "demo.json"), encoding="utf-8") as file:
        again = json.load(file)
    assert again.pop("order_entry") == {"host": "10.77.0.2", "port": 9050, "namespace": "crosspoint-clients"}
    assert demo.pop("order_entry") == {"host": "127.0.0.1", "port": 9050, "namespace": ""}
    assert again == demo
    assert exchange.tool("journal") == before
    assert os.stat(os.path.join(exchange.folder, "demo.json")).st_mode & 0o777 == 0o600
