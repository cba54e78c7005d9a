"""The store: what stands in PostgreSQL is what the journal says, whatever dies meanwhile.

Each test has a cluster of its own (host/store/cluster.sh) and a journal made of random records through the real
writer; the judge is tests/system/store/recount.py, which reads the segment files by itself.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "store"))
from random_exchange import RandomExchange  # noqa: E402
from recount import Recount  # noqa: E402
from tables import compare_tables  # noqa: E402

psycopg2 = pytest.importorskip("psycopg2", reason="python3-psycopg2 is not installed")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CROSSPOINT_BUILD", os.path.join(ROOT, "build"))
STORE, APPEND, ASK = (os.path.join(BUILD, name) for name in ("bin/store", "tests/journal_append", "tests/query_store"))
CLUSTER = os.path.join(ROOT, "host/store/cluster.sh")
STEPS = {"short": 1500, "usual": 4000, "full": 60000}[os.environ.get("CROSSPOINT_LENGTH", "usual")]
KILLS = {"short": 3, "usual": 8, "full": 100}[os.environ.get("CROSSPOINT_LENGTH", "usual")]
LENGTH = os.environ.get("CROSSPOINT_LENGTH", "usual")
SEED = int(os.environ.get("CROSSPOINT_SEED", random.randrange(2**32) if LENGTH == "full" else 15))

pytestmark = pytest.mark.skipif(not os.path.exists("/usr/lib/postgresql/15/bin/postgres"),
                                reason="PostgreSQL 15 is not installed")


class Place:
    """One folder with a cluster, a journal and the processes on it."""

    def __init__(self, folder):
        self.folder, self.store, self.append = str(folder), None, None
        self.pg, self.journal = os.path.join(self.folder, "pg"), os.path.join(self.folder, "journal")
        self.socket = None  # where to attach to the ring; None: the segment files alone
        self.exchange = RandomExchange(SEED)

    def cluster(self, verb):
        done = subprocess.run([CLUSTER, verb, self.pg], check=False, capture_output=True, text=True)
        assert done.returncode == 0 or verb == "status", done.stderr
        return done

    def postmaster(self):
        with open(os.path.join(self.pg, "data/postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def query(self, text, role="xc_reader", values=None):
        folder = os.open(os.path.join(self.pg, "sock"), os.O_PATH)
        try:
            connection = psycopg2.connect(host=f"/proc/self/fd/{folder}", dbname="crosspoint", user=role)
        finally:
            os.close(folder)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text, values)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def command(self, verb, *settings):
        return [STORE, verb, "--var", self.folder, "--set", f"store.attach={self.socket or '-'}", *settings]

    def start(self):
        self.log = open(os.path.join(self.folder, "store.log"), "a", encoding="utf-8")
        self.store = subprocess.Popen(self.command("run"), stderr=self.log, stdout=self.log)

    def kill(self):
        self.store.kill()
        self.store.wait()

    def write(self, steps):
        for _ in range(steps):
            self.exchange.step()
        self.send()

    def send(self):
        if self.append is None:
            self.append = subprocess.Popen([APPEND, self.journal, *filter(None, [self.socket])], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.append.stdin.write(self.exchange.take())
        self.append.stdin.flush()

    def finish_journal(self):
        if self.append is not None:
            self.append.stdin.close()
            assert self.append.wait(timeout=60) == 0
            self.append = None

    def wait(self, seconds=120):
        until = time.monotonic() + seconds
        while True:
            try:
                if self.query("select record_seq from marks") == [(self.exchange.record_seq,)]:
                    return
            except psycopg2.Error:
                pass
            assert self.store.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)

    def said(self):
        with open(os.path.join(self.folder, "store.log"), encoding="utf-8") as file:
            return f"seed {SEED}\n" + file.read()[-3000:]

    def close(self):
        for process in (self.store, self.append):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        if os.path.isdir(self.pg):
            self.cluster("stop")


@pytest.fixture(scope="session")
def fresh_cluster(session_path):
    """initdb takes seconds; each test gets a copy of one that was just made."""
    place = Place(session_path)
    place.cluster("start")
    place.cluster("stop")
    return place.pg


@pytest.fixture
def place(tmp_path, fresh_cluster):
    print(f"seed {SEED}")
    place = Place(tmp_path)
    subprocess.run(["cp", "-a", fresh_cluster, place.pg], check=True)
    place.cluster("start")
    yield place
    place.close()


def compare(place):
    """Every row of every table that the journal decides."""
    told = Recount(place.journal)
    assert told.last == place.exchange.record_seq
    assert len(told.trades) > STEPS // 40
    compare_tables(place.query, told, f"seed {SEED}")


def test_the_tables_say_what_the_journal_says(place):
    place.exchange.open()
    place.write(STEPS)
    place.finish_journal()
    place.start()
    place.wait()
    compare(place)
    statuses = {row[0] for row in place.query("select distinct status::text from orders")}
    assert statuses >= {"open", "filled", "cancelled", "replaced", "refused", "rejected"}
    assert place.query("select count(*) from pg_class where relname ~ '^trades_2'")[0][0] >= 3
    assert place.query("select count(*) from transfers where state = 'refused' and why is not null")[0][0] == 1
    everything = place.query("select table_name from information_schema.tables where table_schema = 'public'", "xc_migrate")
    for (table,) in everything:
        assert place.query(f"select count(*) from \"{table}\" t where t::text like '%secret%'", "xc_migrate") == [(0,)]


class Stream(threading.Thread):
    """Records that keep coming, so that a kill finds the store in the middle of something."""

    def __init__(self, place, steps):
        super().__init__(daemon=True)
        self.place, self.steps, self.chunks = place, steps, []
        for _ in range(steps // 20):
            for _ in range(20):
                place.exchange.step()
            self.chunks.append(place.exchange.take())

    def run(self):
        for chunk in self.chunks:
            self.place.append.stdin.write(chunk)
            time.sleep(0.002)


def test_the_tables_say_what_the_engine_did(place):
    """The engine's own random play, with a matcher that answers late: events far behind their commands, stops,
    replaces that cross each other, transfers, refusals of every kind. The store is killed on the way, so that it
    must find its place again between a command and its events."""
    kept = os.path.join(place.folder, "records")
    subprocess.run([os.path.join(BUILD, "tests/core_test_engine_random"), str(SEED), str(STEPS * 4), kept], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(kept, "rb") as file:
        records = file.read()
    chance, at, place.exchange.record_seq = random.Random(SEED), 0, 0
    place.start()
    while at < len(records):
        end = at
        while end < len(records) and end - at < len(records) // 6:
            end += records[end + 29] * 64
            place.exchange.record_seq += 1
        place.exchange.out = [records[at:end]]
        place.send()
        at = end
        time.sleep(chance.random() * 0.3)
        place.kill()
        place.start()
    place.finish_journal()
    place.wait()
    told = Recount(place.journal)
    assert told.last == place.exchange.record_seq and len(told.trades) > STEPS // 40
    compare_tables(place.query, told, f"seed {SEED}")


def test_killing_store_and_postgresql_loses_and_doubles_nothing(place):
    chance = random.Random(SEED)
    place.exchange.open()
    place.send()
    place.start()
    stream = Stream(place, STEPS * 2)
    stream.start()
    for _ in range(KILLS):
        time.sleep(chance.random() * 0.4)
        which = chance.random()
        if which < 0.35:
            place.kill()
            place.start()
        elif which < 0.85:
            os.kill(place.postmaster(), signal.SIGKILL)
            time.sleep(chance.random() * 0.2)
            place.cluster("start")
        else:
            place.cluster("stop")
            place.cluster("start")
    stream.join()
    place.finish_journal()
    place.wait()
    compare(place)


def test_the_ring_comes_and_goes_while_the_store_reads_on(place):
    place.socket = os.path.join(place.folder, "attach.sock")
    place.exchange.open()
    place.start()
    for _ in range(4):  # four lives of the exchange
        place.send()
        stream = Stream(place, STEPS // 4)
        stream.start()
        time.sleep(1.5)  # the store looks for a ring once a second
        stream.join()
        place.finish_journal()
    place.wait()
    said = place.said()
    assert said.count("attached to the exchange") >= 3 and said.count("the exchange has gone") >= 2
    compare(place)


def test_two_stores_on_one_database_write_each_record_once(place):
    place.exchange.open()
    place.send()
    place.start()
    with subprocess.Popen(place.command("run"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as other:
        place.write(STEPS // 2)
        place.finish_journal()
        place.wait()
        other.terminate()
    compare(place)


def test_a_day_without_postgresql_costs_no_memory(place):
    place.exchange.open()
    place.send()
    place.start()
    place.wait()
    place.cluster("stop")
    place.write(STEPS)
    place.finish_journal()
    time.sleep(1.5)
    with open(f"/proc/{place.store.pid}/status", encoding="ascii") as file:
        resident_kb = int(next(line for line in file if line.startswith("VmRSS")).split()[1])
    assert resident_kb < 400_000
    place.cluster("start")
    place.wait()
    compare(place)


def test_a_changed_missing_or_late_migration_is_refused_by_name(place, tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(os.path.join(ROOT, "migrations"), folder)

    def migrate():
        return subprocess.run(place.command("migrate", "--set", f"store.migrations={folder}"),
                              capture_output=True, text=True, check=False)

    first = migrate()
    assert first.returncode == 0, first.stderr
    assert "applied 0001_create_instruments.sql" in first.stdout
    again = migrate()
    assert again.returncode == 0 and again.stdout == ""

    file = folder / "0004_create_orders.sql"
    text = file.read_text()
    file.write_text(text + "\n-- one more line\n")
    changed = migrate()
    assert changed.returncode == 1 and "0004_create_orders.sql was changed after it was applied" in changed.stderr
    file.unlink()
    missing = migrate()
    assert missing.returncode == 1 and "0004_create_orders.sql was applied to this database, and is missing" in missing.stderr
    file.write_text(text)

    (folder / "0002_another.sql").write_text("select 1;\n")
    twin = migrate()
    assert twin.returncode == 1 and "0002_another.sql" in twin.stderr and "same number" in twin.stderr
    (folder / "0002_another.sql").unlink()

    (folder / "9998_half.sql").write_text("create table half (a integer);\nselect nonsense;\n")
    half = migrate()
    assert half.returncode == 1 and "9998_half.sql" in half.stderr
    assert place.query("select to_regclass('half')") == [(None,)]
    (folder / "9998_half.sql").write_text("create table half (a integer);\ncommit;\n")
    ends = migrate()
    assert ends.returncode == 1 and "9998_half.sql ends the transaction" in ends.stderr
    (folder / "9998_half.sql").unlink()
    (folder / "README").write_text("x")
    assert "README is not named like" in migrate().stderr


def test_each_role_may_do_its_own_work_only(place):
    subprocess.run(place.command("migrate"), check=True, capture_output=True)
    for role, statement in [
            ("xc_reader", "insert into marks values ('0123456789abcdef', 1, 1)"),
            ("xc_reader", "set default_transaction_read_only = off; delete from orders"),
            ("xc_reader", "select partitions_prepare('trades', 0, 1)"),
            ("xc_writer", "delete from marks"),
            ("xc_writer", "update trades set qty_lots = 1"),
            ("xc_writer", "truncate balance_changes"),
            ("xc_writer", "alter table orders add column x integer"),
            ("xc_writer", "create table mine (a integer)"),
            ("xc_migrate", "create role another")]:
        with pytest.raises(psycopg2.Error, match="permission denied|must be owner|read-only"):
            place.query(statement, role)


def test_another_journal_and_a_shortened_one_are_refused(place, tmp_path):
    place.exchange.open()
    place.write(300)
    place.finish_journal()
    place.start()
    place.wait()
    place.kill()
    shutil.move(place.journal, str(tmp_path / "kept"))
    place.exchange = RandomExchange(SEED + 1)  # same cluster id, fewer and other records
    place.exchange.open()
    place.send()
    place.finish_journal()
    place.start()
    assert place.store.wait(timeout=30) == 1
    assert "the tables are ahead of the journal" in place.said()

    place.query("update marks set journal = '00000000000000aa'", "xc_writer")
    place.start()
    assert place.store.wait(timeout=30) == 1
    assert "theirs is 00000000000000aa" in place.said()


def test_the_sql_face_answers_under_the_documents_names(place):
    place.exchange.open()
    place.write(STEPS // 2)
    place.finish_journal()
    place.start()
    place.wait()
    trades = place.query('select * from "getLatestTrades"(10)')
    assert len(trades) == 10 and trades == place.query("select * from getLatestTrades(10)")
    newest = place.query("select taker_account, price, qty, value from readable_trades order by record_seq desc limit 1")
    assert (trades[0][0], *trades[0][3:]) == newest[0]
    assert {row[1] for row in place.query("select * from getLatestTrades(10, 'TATA_USDT')")} == {"TATA_USDT"}

    book = place.query("""select * from "getAggOrderBook"('BTCUSDT', 5)""")
    bids = [row for row in book if row[0] == "bid"]
    asks = [row for row in book if row[0] == "ask"]
    assert bids and asks and all(row[1] % 5 == 0 for row in book)
    assert [row[1] for row in bids] == sorted((row[1] for row in bids), reverse=True)
    assert [row[1] for row in asks] == sorted(row[1] for row in asks)
    told = Recount(place.journal)
    resting = sum(o["left"] * o["price"] for o in told.orders.values()
                  if o["instrument"] == 0 and o["side"] == 0 and o["status"] in ("open", "partly_filled"))
    assert sum(row[3] for row in bids) * 10**6 == resting * 10  # tick_lot_atoms 10, 6 decimals
    with pytest.raises(psycopg2.Error, match="no market is called NONE"):
        place.query("select * from getAggOrderBook('NONE', 1)")
    with pytest.raises(psycopg2.Error, match="the price step must be above 0"):
        place.query("select * from getAggOrderBook('BTCUSDT', 0)")
    assert place.query('select count(*) from "addOrder"') == place.query("select count(*) from orders")
    assert place.query('select count(*) from "addTrade"') == place.query("select count(*) from trades")


def ask(place, kind, account=0, instrument=0xFFFF, asset=0xFFFF, interval=0, start=0, end=0, before=0, limit=20,
        oldest=0, finished=0):
    words = (kind, account, instrument, asset, interval, start, end, before, limit, oldest, finished)
    done = subprocess.run([ASK, place.pg, *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, [line.split() for line in done.stdout.splitlines()]


def test_queries_answer_without_blocking_and_say_when_the_database_is_away(place):
    candles, trades, orders, my_trades, changes = range(5)
    place.exchange.open()
    place.write(STEPS // 2)
    place.finish_journal()
    place.start()
    place.wait()
    told = Recount(place.journal)

    code, rows = ask(place, trades, instrument=1)
    expected = [t for t in told.trades if t[2] == 1][::-1]
    assert code == 0 and [int(r[0]) for r in rows] == [t[0] for t in expected[:20]]
    _, older = ask(place, trades, instrument=1, before=expected[19][0], limit=7)
    assert [int(r[0]) for r in older] == [t[0] for t in expected[20:27]]
    _, window = ask(place, trades, instrument=1, start=expected[9][1], end=expected[5][1], oldest=1)
    assert {int(r[0]) for r in window} >= {t[0] for t in expected[5:10]}
    assert [int(r[0]) for r in window] == sorted(int(r[0]) for r in window)

    _, rows = ask(place, candles, instrument=0, interval=60, limit=5)
    minutes = sorted(((k[2], *v[:5], v[8]) for k, v in told.candles.items() if k[:2] == (0, 60)), reverse=True)
    assert [tuple(map(int, r)) for r in rows] == minutes[:5]

    _, rows = ask(place, orders, account=3, limit=1500)
    mine = {n: o for n, o in told.orders.items() if o["account"] == 3}
    assert [int(r[0]) for r in rows] == sorted(mine, reverse=True)[:1500]
    assert all(r[2] == mine[int(r[0])]["status"] for r in rows)
    _, rows = ask(place, orders, account=3, instrument=1, finished=1, limit=1500)
    assert {r[2] for r in rows}.isdisjoint({"open", "sent", "waiting", "partly_filled"})
    assert all(mine[int(r[0])]["instrument"] == 1 for r in rows)

    _, rows = ask(place, my_trades, account=5, limit=50)
    assert [int(r[0]) for r in rows] == [t[0] for t in told.trades[::-1] if 5 in (t[8], t[9])][:50]
    _, rows = ask(place, changes, account=5, asset=1, limit=50)
    assert len(rows) == 50 and {r[2] for r in rows} == {"1"}

    assert ask(place, candles)[1] == [["64"]]
    place.cluster("stop")
    assert ask(place, trades, instrument=1) == (3, [])


def test_the_cluster_starts_twice_survives_a_kill_and_leaves_nothing_running(tmp_path):
    place = Place(tmp_path / ("a-path-longer-than-a-socket-may-have-" * 4))
    try:
        assert "running" in place.cluster("start").stdout
        pid = place.postmaster()
        assert f"already running, process {pid}" in place.cluster("start").stdout
        assert place.query("show data_checksums") == [("on",)] and place.query("show listen_addresses") == [("",)]
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)
        assert place.cluster("status").returncode == 3
        assert "running" in place.cluster("start").stdout
        assert place.query("select 1") == [(1,)]
        pid = place.postmaster()
    finally:
        place.close()
    assert place.cluster("status").returncode == 3
    assert not os.path.exists(f"/proc/{pid}/cwd")  # gone, or dead and not yet reaped by whoever inherited it
    assert "stopped" in place.cluster("stop").stdout
