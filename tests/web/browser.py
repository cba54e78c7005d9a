"""A chromium for tests of the page, driven through driver.mjs. missing() says in words why there is none."""
import json
import os
import shutil
import subprocess

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHROMIUM = "/usr/bin/chromium"


def missing():
    """Why the page cannot be tested here, or ''."""
    for program, package in (("node", "nodejs"), ("npm", "npm"), (CHROMIUM, "chromium")):
        if shutil.which(program) is None:
            return f"{os.path.basename(program)} is missing (Debian package {package})"
    return ""


def run_script(*words):
    """Its output. Skips the test when the script could not reach the npm registry."""
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
    if done.returncode == 77:
        pytest.skip("the page: the npm registry cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def page_build(folder):
    """Bundles the page into `folder`."""
    run_script(os.path.join(ROOT, "host/web/ui/build.sh"), folder)


class Browser:
    def __init__(self, shots):
        """`shots`: a folder for failed.png, the page when it was waited for in vain."""
        tools = run_script(os.path.join(HERE, "packages.sh"))
        self.driver = subprocess.Popen(["node", os.path.join(HERE, "driver.mjs")], cwd=tools, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
                                       env=os.environ | {"CHROMIUM": CHROMIUM, "FAILED_SHOT": os.path.join(shots, "failed.png")})

    def quit(self):
        self.driver.stdin.close()
        try:
            self.driver.wait(20)
        finally:
            self.driver.kill()

    def do(self, op, **rest):
        self.driver.stdin.write(json.dumps({"op": op, **rest}) + "\n")
        answer = json.loads(self.driver.stdout.readline() or '{"error":"the browser is gone"}')
        assert "error" not in answer, f"{op} {rest}: {answer['error']}"
        return answer["value"]

    def open(self, url, width=1440, height=900, phone=False):
        self.do("open", url=url, width=width, height=height, phone=phone)

    def click(self, on):
        self.do("click", on=on)

    def fill(self, on, text):
        self.do("fill", on=on, text=text)

    def press(self, *keys):
        for key in keys:
            self.do("press", key=key)

    def wait(self, script):
        """Until the script is true in the page."""
        self.do("wait", script=script)

    def evaluate(self, script):
        return self.do("evaluate", script=script)

    def texts(self, on):
        """Of every element, its text."""
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(on)})].map(each => each.innerText)")

    def wait_text(self, on, text):
        """Until some element of these holds the text."""
        self.wait(f"[...document.querySelectorAll({json.dumps(on)})].some(each => each.innerText.includes({json.dumps(text)}))")

    def wait_no_text(self, on, text):
        self.wait(f"![...document.querySelectorAll({json.dumps(on)})].some(each => each.innerText.includes({json.dumps(text)}))")
