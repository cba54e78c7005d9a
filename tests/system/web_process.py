"""Starts a real web process beside an exchange, on ports that the system hands out, and asks it things."""
import atexit
import http.client
import json
import os
import signal
import subprocess
import urllib.parse

from exchange_process import BIN, wait_for
from web_socket import WebSocket


class Web:
    def __init__(self, folder, *settings):
        self.folder = str(folder)
        self.settings = ["web.plain_port=0", "web.v1_port=0", "web.ws_port=0", *settings]
        self.process = None
        self.ports = {}

    def log(self):
        with open(os.path.join(self.folder, "web.log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def start(self, attached=True):
        ports = os.path.join(self.folder, "run", "web.ports")
        os.makedirs(os.path.dirname(ports), exist_ok=True)
        if os.path.exists(ports):
            os.remove(ports)
        arguments = [os.path.join(BIN, "web"), "--var", self.folder]
        for setting in self.settings:
            arguments += ["--set", setting]
        with open(os.path.join(self.folder, "web.log"), "ab") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        atexit.register(self.process.kill)  # a test that fails on the way leaves nothing behind

        def listening():
            assert self.process.poll() is None, "web ended:\n" + self.log()
            try:
                with open(ports, encoding="utf-8") as file:
                    self.ports = json.load(file)
                return True
            except (OSError, ValueError):
                return False
        wait_for(listening)
        if attached:
            self.wait_attached()
        return self

    def wait_attached(self, seconds=20):
        wait_for(lambda: self.get("/health")[0] == 200, seconds)

    def alive(self):
        return self.process.poll() is None and self.get("/health")[0] in (200, 503)

    def stop(self):
        if self.process is None:
            return
        assert self.process.poll() is None, "web had ended:\n" + self.log()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        self.process = None
        assert status == 0, f"exit status {status}\n" + self.log()

    def ask(self, method, path, body=None, listener="plain", headers=None):
        """(status, answer, headers); the answer is JSON where it can be."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[listener], timeout=20)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body=body, headers=headers or {})
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        try:
            answer = json.loads(data)
        except ValueError:
            answer = data
        return reply.status, answer, dict((k.lower(), v) for k, v in reply.getheaders())

    def get(self, path, listener="plain", **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.ask("GET", path, listener=listener)[:2]

    def order(self, listener="plain", **body):
        path = "/api/v1/order/" if listener == "v1" else "/order"
        return self.ask("POST", path, body, listener)[:2]

    def limit(self, user, side, price, quantity, market="TATA_INR", **more):
        status, answer = self.order(market=market, side=side, price=price, quantity=quantity, user_id=user, **more)
        assert status == 200, answer
        return answer

    def cancel_all(self, *users):
        for user in users:
            status, answer, _ = self.ask("POST", "/order/cancel_all", {"user_id": user})
            assert status == 200, answer

    def socket(self, path="/", listener="ws", **more):
        return WebSocket(self.ports[listener], path, **more)
