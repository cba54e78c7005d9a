"""The whole order path over DPDK: our own TCP on a veth, kernel clients at the other end of the cable."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

import namespaces
import ouch
from exchange_process import Exchange, account

TALK = str(pathlib.Path(__file__).parent / "ouch_talk.py")
PORT = "9050"  # on an address inside namespaces of our own

pytestmark = pytest.mark.skipif(os.environ.get("CROSSPOINT_TRANSPORT") == "kernel", reason="this run is without DPDK")


@pytest.fixture(name="pair", scope="module")
def pair_fixture():
    reason = namespaces.available()
    if reason:
        assert os.environ.get("CROSSPOINT_NAMESPACES") != "1", reason
        pytest.skip(f"no network namespaces: {reason}")
    with namespaces.Pair() as made:
        yield made


def talk(pair, demo, what):
    _, seller, seller_password = account(demo, "alice")
    _, buyer, buyer_password = account(demo, "bob")
    done = subprocess.run(["ip", "netns", "exec", pair.near, sys.executable, TALK, namespaces.FAR_HOST, PORT, seller,
                           seller_password, buyer, buyer_password, what],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
def test_a_trade_over_kernel_bypass_comes_again_after_a_crash(pair, driver, tmp_path):
    exchange = Exchange(tmp_path / "var", f"exchange.dpdk.vdev=net_{driver}0,iface={pair.far_device}",
                        f"exchange.dpdk.address={namespaces.FAR_HOST}",
                        f"exchange.dpdk.gateway={namespaces.NEAR_HOST}", f"exchange.dpdk.port={PORT}",
                        "exchange.order_entry.port=0", prefix=["ip", "netns", "exec", pair.far])
    exchange.start()
    demo = exchange.fill()
    told = talk(pair, demo, "trade")
    traded = [ouch.decode(bytes.fromhex(message)) for message in told["buyer"]][-1]
    assert (traded["type"], traded["qty"], traded["price"]) == ("E", 5, 1000000)
    exchange.kill()
    exchange.start()
    again = talk(pair, demo, "listen")
    assert again == told
    assert "VERIFIED" in exchange.tool("verify")
    exchange.stop()
