"""kill -9 of the exchange under load: whatever a client saw acknowledged is there afterwards, with its number.

Sixteen sessions in a process of their own send as fast as the rate asks for, and note every sequenced message the
moment it arrives. The exchange is killed at random moments and started again; each session then asks for its whole
day from message 1, and what it gets must begin with what it had seen, byte for byte. The store runs all the while, and
is killed now and then too; in the end every row in PostgreSQL is what a second count of the journal says.
"""
import multiprocessing
import os
import random
import select
import struct
import subprocess
import sys
import time

import pytest

import ouch
from exchange_process import BIN, Exchange, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "store"))
from recount import Recount  # noqa: E402
from tables import compare_tables  # noqa: E402

KILLS = {"short": 3, "usual": 20, "full": 100}[os.environ.get("CROSSPOINT_LENGTH", "usual")]
SESSIONS = 16
RATE = 6500  # orders a second, over all sessions; the machine may be slower than asked
PX = 10000


class Session:
    """A non-blocking OUCH session that keeps every sequenced message it was ever sent."""

    def __init__(self, username, password):
        self.username, self.password = username, password
        self.seen = []       # raw messages, in order: seen[n-1] is number n
        self.ref = 0
        self.accepted = 0
        self.socket = None
        self.out = b""
        self.buffer = b""

    def connect(self, address):
        client = ouch.Client(address, self.username, self.password, sequence=1)
        assert client.sequence == 1
        self.socket = client.socket
        self.buffer = bytes(client.buffer)
        self.replayed = 0
        self.out = b""
        self.socket.setblocking(False)

    def take(self):
        """Notes what came. During the replay every message must be the one that was seen before."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 3:
            length = struct.unpack_from(">H", self.buffer, at)[0]
            if len(self.buffer) - at < 2 + length:
                break
            if self.buffer[at + 2:at + 3] == b"S":
                message = self.buffer[at + 3:at + 2 + length]
                if self.replayed < len(self.seen):
                    assert self.seen[self.replayed] == message, (self.username, self.replayed + 1)
                else:
                    self.seen.append(message)
                    if message[:1] == b"A":
                        self.accepted += 1
                self.replayed += 1
                ref = struct.unpack_from(">I", message, 9)[0] if message[:1] in b"AJ" else 0
                self.ref = max(self.ref, ref)
            at += 2 + length
        self.buffer = self.buffer[at:]
        return True

    def send_orders(self, generator, count):
        messages = []
        for _ in range(count):
            self.ref += 1
            side = generator.choice("BS")
            price = 100 * PX + generator.randrange(-20, 21) * 500
            message = ouch.enter_order(self.ref, side, generator.randrange(1, 20), "TATA_INR", price,
                                       tif=generator.choice("0003"))
            messages.append(struct.pack(">H", len(message) + 1) + b"U" + message)
            if generator.random() < 0.3:
                cancel = ouch.cancel_order(generator.randrange(max(1, self.ref - 50), self.ref + 1))
                messages.append(struct.pack(">H", len(cancel) + 1) + b"U" + cancel)
        self.out += b"".join(messages)

    def flush(self):
        try:
            sent = self.socket.send(self.out) if self.out else 0
            self.out = self.out[sent:]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def clients(address, logins, pipe, seed):
    """The process that keeps the acknowledgements. Told "run" with a duration, or "check"."""
    generator = random.Random(seed)
    sessions = [Session(*login) for login in logins]
    while True:
        order = pipe.recv()
        if order == "end":
            return
        for session in sessions:
            session.connect(address)
        # What was acknowledged before comes again before anything new is sent.
        deadline = time.monotonic() + 60
        while any(s.replayed < len(s.seen) for s in sessions):
            assert time.monotonic() < deadline, "acknowledged messages are missing: " + str(
                [(s.username, s.replayed, len(s.seen)) for s in sessions if s.replayed < len(s.seen)])
            select.select([s.socket for s in sessions], [], [], 0.1)
            for session in sessions:
                assert session.take(), "closed during the replay"
        time.sleep(0.05)
        for session in sessions:
            assert session.take()
        pipe.send("running")
        begun, sent, alive = time.monotonic(), 0, True
        while alive and order == "run":
            due = int((time.monotonic() - begun) * RATE) - sent
            if due >= SESSIONS:
                for session in sessions:
                    session.send_orders(generator, due // SESSIONS)
                sent += due // SESSIONS * SESSIONS
            for session in sessions:
                alive = session.flush() and session.take() and alive
            select.select([s.socket for s in sessions], [], [], 0.002)
        elapsed = time.monotonic() - begun
        for session in sessions:
            while session.take():  # what the kernel still holds was sent, so it counts as acknowledged
                if not select.select([session.socket], [], [], 0)[0]:
                    break
            session.socket.close()
        pipe.send((sent / max(elapsed, 1e-9), sum(s.accepted for s in sessions), sum(len(s.seen) for s in sessions)))


class Tables:
    """A cluster and a store on the exchange's folder; nothing happens where PostgreSQL is not installed."""

    def __init__(self, folder):
        self.folder, self.store = folder, None
        self.there = os.path.exists("/usr/lib/postgresql/15/bin/postgres")
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.cluster = os.path.join(root, "host/store/cluster.sh")
        if self.there:
            subprocess.run([self.cluster, "start", os.path.join(folder, "pg")], check=True, capture_output=True)
            self.start()

    def start(self):
        if self.there:
            with open(os.path.join(self.folder, "store.log"), "ab") as log:
                self.store = subprocess.Popen([os.path.join(BIN, "store"), "run", "--var", self.folder], stdout=log, stderr=log)

    def kill(self):
        if self.there:
            self.store.kill()
            self.store.wait()

    def query(self, text, role="xc_reader"):
        psycopg2 = pytest.importorskip("psycopg2", reason="python3-psycopg2 is not installed")
        folder = os.open(os.path.join(self.folder, "pg", "sock"), os.O_PATH)
        try:
            connection = psycopg2.connect(host=f"/proc/self/fd/{folder}", dbname="crosspoint", user=role)
        finally:
            os.close(folder)
        with connection, connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()

    def compare(self, hint):
        """After the exchange has stopped. How many rows there are."""
        if not self.there:
            return "PostgreSQL is not installed: tables not compared"
        told = Recount(os.path.join(self.folder, "journal"))
        wait_for(lambda: self.query("select record_seq from marks") == [(told.last,)], 120)
        compare_tables(self.query, told, hint)
        return f"{len(told.orders)} orders and {len(told.trades)} trades in PostgreSQL equal the journal"

    def close(self):
        self.kill()
        if self.there:
            subprocess.run([self.cluster, "stop", os.path.join(self.folder, "pg")], check=True, capture_output=True)


@pytest.fixture(name="tables")
def tables_fixture(tmp_path):
    folder = str(tmp_path / "var")
    os.makedirs(folder, 0o755)
    tables = Tables(folder)
    yield tables
    tables.close()


def test_nothing_acknowledged_is_lost(tmp_path, tables):
    seed = int(os.environ.get("CROSSPOINT_SEED", time.time_ns() % 1000000 if KILLS >= 100 else 9))
    print(f"seed {seed} (CROSSPOINT_SEED repeats it)")
    generator = random.Random(seed)
    exchange = Exchange(tmp_path / "var", "exchange.order_entry.messages_per_second=100000").start()
    demo = exchange.fill()
    logins = []
    for number in range(SESSIONS):
        account = exchange.tool("account", "add", f"crash{number}").strip()
        exchange.tool("deposit", account, "INR", "100000000")
        exchange.tool("deposit", account, "TATA", "1000000")
        printed = exchange.tool("user", "add", account, f"CR{number:02}").split()
        logins.append((printed[1], printed[3]))
    assert demo["instruments"]
    ours, theirs = multiprocessing.Pipe()
    keeper = multiprocessing.Process(target=clients, args=(exchange.address(), logins, theirs, seed), daemon=True)
    keeper.start()
    rates = []
    for _ in range(KILLS):
        ours.send("run")
        assert ours.poll(90) and ours.recv() == "running"
        time.sleep(generator.uniform(0.2, 1.2))
        exchange.kill()
        assert ours.poll(60)
        rate, accepted, messages = ours.recv()
        rates.append(rate)
        if generator.random() < 0.3:
            tables.kill()
            tables.start()
        exchange.start()
    ours.send("check")
    assert ours.poll(90) and ours.recv() == "running"
    assert ours.poll(60)
    ours.recv()
    ours.send("end")
    keeper.join(10)
    verdict = exchange.tool("verify")
    exchange.stop()
    rows = tables.compare(f"seed {seed}")
    print(f"{KILLS} kills, {SESSIONS} sessions, median rate {sorted(rates)[len(rates) // 2]:.0f} orders/s, "
          f"{accepted} orders acknowledged, {messages} messages, 0 lost; {verdict.strip().splitlines()[-1]}; {rows}")
    assert sorted(rates)[len(rates) // 2] > (5000 if KILLS >= 100 else 1000), "not the load that this test is about"
