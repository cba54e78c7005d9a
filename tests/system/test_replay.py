"""`lab replay`: recorded markets through a running exchange, held to the reference matcher."""
import os
import re
import subprocess

import pytest

from exchange_process import BIN, Exchange
from market_files import Itch, Recording, random_itch, random_recording

SHARED = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../../shared/data"))
# File, how much of it, and what comes of that: (messages, orders, trades, replies, levels), the same in every run.
FILES = {"itch5/RITCH_ex20101224.TEST_ITCH_50.gz": (12012, (12012, 6883, 3071, 12457, 363)),
         "binance_l2/spot_btcusdt_20240809.gz": (3000, (3000, 6423, 520, 7478, 1096)),
         "binance_l2/spot_ethusdt_20240808.gz": (3000, (3000, 11368, 463, 12311, 4148)),
         "binance_l2/usdm_btcusdt_20240808.gz": (3000, (3000, 14947, 469, 15895, 5330))}
VERDICT = re.compile(r"^(agrees|DIFFERS): (\d+) messages, (\d+) orders sent, (\d+) trades, (\d+) replies and (\d+) levels "
                     r"compared, (\d+) differences; .* durability (\w+)$", re.M)


@pytest.fixture(name="exchange", scope="module")
def exchange_fixture(session_path):
    exchange = Exchange(session_path / "var").start()
    yield exchange
    exchange.stop()


def replay(exchange, path, *words):
    return subprocess.run([os.path.join(BIN, "lab"), "replay", str(path), "--var", exchange.folder, "--port",
                           str(exchange.port), *words], capture_output=True, text=True, timeout=150)


def totals(done):
    """(messages, orders, trades, replies, levels) of a replay that agreed."""
    found = VERDICT.search(done.stdout)
    assert done.returncode == 0 and found and found.group(1) == "agrees", done.stdout + done.stderr
    assert found.group(7) == "0" and found.group(8) == "LOCAL_DISK"
    assert "\r" not in done.stderr, "no progress bar when nobody looks"
    return tuple(map(int, found.groups()[1:6]))


@pytest.mark.parametrize("prefixed, packed", [(True, True), (False, True), (True, False)])
def test_an_itch_file_agrees_order_by_order(exchange, tmp_path, prefixed, packed):
    path = random_itch(11, 1500, prefixed).write(tmp_path / "market", packed)
    first = totals(replay(exchange, path))
    assert first[0] == 1501
    assert first[1] > 1000 and first[2] > 150 and first[4] > 20, first
    # The same orders in the same order, whatever the timing, and whatever an earlier replay left in the books.
    assert totals(replay(exchange, path)) == first


def test_every_itch_message_does_what_the_page_says(exchange, tmp_path):
    file = Itch()
    sell = file.add("S", 100, "ONE", 100000)
    file.add("B", 50, "ONE", 99000, attributed=True)
    file.executed(sell, 30)                       # trades 30
    file.cancel(sell, 20)                         # leaves 50
    moved = file.replace(sell, 40, 100500)
    file.add("B", 15, "ONE", 100500)              # crosses: trades 15
    file.executed(moved, 40, 100500)              # takes the 25 that are left, the rest of the taker goes
    file.delete(moved)                            # gone: the file executed it all
    file.hidden_trade("ONE", 100000)
    done = replay(exchange, file.write(tmp_path / "market"))
    assert totals(done) == (9, 7, 3, 14, 1)
    assert "1 about orders that are not there" in done.stdout and "1 not about the displayed book" in done.stdout
    assert "5 accepted, 1 replaced, 2 canceled, 6 executed, 0 rejected" in done.stdout


def test_a_recording_ends_with_the_files_quantities(exchange, tmp_path):
    path = random_recording(5, 60).write(tmp_path / "market")
    first = totals(replay(exchange, path))
    assert first[1] > 1000 and first[2] > 20 and first[4] > 100, first
    assert totals(replay(exchange, path)) == first


def test_crossing_input_is_counted_and_the_newer_level_wins(exchange, tmp_path):
    file = Recording("CROSSING")
    file.depth([["10.00", "1.0"], ["9.99", "2.0"]], [["10.02", "1.0"], ["10.03", "3.0"]])
    file.depth([["10.02", "4.0"]], [["10.02", "0.0"]])       # the same update withdraws what it crosses
    file.depth([["10.03", "5.0"]], [])                       # nothing withdraws the ask at 10.03
    file.depth([], [["10.05", "2.5"]])
    file.trade("10.03", "2.0", True)                         # made good at the end
    done = replay(exchange, file.write(tmp_path / "market", packed=False))
    assert totals(done)[2] == 1
    assert "crossing: 2 levels" in done.stdout and "1 older levels overruled" in done.stdout
    assert "5 levels of the exchange and the file, 0 differ" in done.stdout


def test_limit_stops_early(exchange, tmp_path):
    path = random_itch(12, 400).write(tmp_path / "market")
    assert totals(replay(exchange, path, "--limit", "100"))[0] == 100


def test_a_stranger_in_the_book_is_a_difference(exchange, tmp_path):
    """The check bites: an order withdrawn behind the reference's back shows in the replies and in the books."""
    file = Recording("STRANGER")
    file.depth([["10.00", "1.0"], ["9.99", "2.0"]], [["10.02", "1.0"]])
    file.depth([["9.98", "1.0"]], [], after_ms=4000)
    process = subprocess.Popen([os.path.join(BIN, "lab"), "replay", str(file.write(tmp_path / "market")), "--var",
                                exchange.folder, "--port", str(exchange.port), "--speed", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    account = None
    while account is None or not exchange.tool("depth", "STRANGER", check=False).stdout:
        found = [line.split() for line in exchange.tool("account", "list").splitlines() if "replay-buys" in line]
        account = found[0][0] if found else None
    exchange.tool("cancel-all", account)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "DIFFERS" in out and "difference: buys" in err and "exchange, reference" in err


@pytest.mark.parametrize("content", [b"", b"hello world", b"1723 nonsense\n", b"\x00\x24A\x00", b"\x1f\x8bgarbage"])
def test_what_cannot_be_read_is_refused_with_a_sentence(exchange, tmp_path, content):
    path = tmp_path / "market"
    path.write_bytes(content)
    done = replay(exchange, path)
    assert done.returncode == 2 and done.stderr.startswith("lab: "), (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", FILES)
def test_the_shared_file_agrees(exchange, name):
    path = os.path.join(SHARED, name)
    if not os.path.exists(path):
        pytest.skip(f"../shared/data/{name} is not here")
    limit, expected = FILES[name]
    assert totals(replay(exchange, path, "--limit", str(limit))) == expected


def test_the_journal_of_all_of_it_verifies(exchange):
    assert "VERIFIED" in exchange.tool("verify")
