"""Starts real processes on a folder of their own and on ports that the system hands out, and stops them by id."""
import atexit
import json
import os
import signal
import socket
import subprocess
import time

BUILD = os.environ.get("CROSSPOINT_BUILD", os.path.join(os.path.dirname(__file__), "../../build"))
BIN = os.path.join(os.path.abspath(BUILD), "bin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds=20.0):
    """Calls until it answers something true; that is returned."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Exchange:
    """One exchange on `folder`. start() may be called again after stop() or kill(): it continues from the journal."""

    def __init__(self, folder, *settings, prefix=()):
        """`prefix`: words before the command, e.g. to run it inside a network namespace."""
        self.prefix = list(prefix)
        self.folder = str(folder)
        self.port = free_port()
        self.settings = list(settings)
        self.process = None
        self.starts = 0

    def log_path(self):
        return os.path.join(self.folder, f"exchange-{self.starts}.log")

    def log(self):
        with open(self.log_path(), encoding="utf-8", errors="replace") as log:
            return log.read()

    def start(self, wait=True):
        self.starts += 1
        arguments = self.prefix + [os.path.join(BIN, "exchange"), "--var", self.folder,
                     "--set", f"exchange.order_entry.port={self.port}",
                     "--set", "exchange.journal.segment_mib=16"]
        for setting in self.settings:
            arguments += ["--set", setting]
        os.makedirs(self.folder, exist_ok=True)
        with open(self.log_path(), "wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        atexit.register(self.process.kill)  # a test that fails on the way leaves nothing behind
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60.0):
        def ready():
            assert self.process.poll() is None, "the exchange ended:\n" + self.log()
            return self.tool("status", check=False).returncode == 0
        wait_for(ready, seconds)

    def kill(self):
        """Without a warning, as a crash would."""
        assert self.process.poll() is None, "the exchange had ended:\n" + self.log()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self, seconds=30):
        """Politely; the exit status is asserted."""
        if self.process is None:
            return
        assert self.process.poll() is None, "the exchange had ended:\n" + self.log()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.process = None
        assert status == 0, f"exit status {status}\n" + self.log()

    def tool(self, *words, check=True):
        """Runs `crosspoint`; returns what it printed."""
        done = subprocess.run([os.path.join(BIN, "crosspoint"), "--var", self.folder, *map(str, words)],
                              capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, f"crosspoint {words}: {done.stderr}"
        return done.stdout if check else done

    def fill(self):
        """The demo's instruments and accounts; returns demo.json."""
        self.tool("demo")
        with open(os.path.join(self.folder, "demo.json"), encoding="utf-8") as file:
            return json.load(file)

    def address(self):
        return ("127.0.0.1", self.port)


def account(demo, name):
    """(user_id, username, password) of a demo account."""
    for entry in demo["accounts"]:
        if entry["name"] == name:
            return entry["user_id"], entry["ouch"]["username"], entry["ouch"]["password"]
    raise KeyError(name)
