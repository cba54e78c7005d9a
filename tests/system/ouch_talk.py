"""Two clients trade; run inside a namespace by test_dpdk_exchange.py. Prints what each was told, as JSON.

    ouch_talk.py HOST PORT USER PASSWORD USER PASSWORD trade|listen
"""
import json
import sys

import ouch

host, port, seller, seller_password, buyer, buyer_password, what = sys.argv[1:]
first = ouch.Client((host, int(port)), seller, seller_password)
second = ouch.Client((host, int(port)), buyer, buyer_password)
told = {"seller": [], "buyer": []}
if what == "trade":
    first.enter("S", 5, "TATA_INR", 1000000)
    told["seller"] += first.read_until("A")
    second.enter("B", 5, "TATA_INR", 1000000)
    told["buyer"] += second.read_until("E")
    told["seller"] += first.read_until("E")
else:
    told["seller"] += first.read_until("E")
    told["buyer"] += second.read_until("E")
print(json.dumps({side: [message["raw"].hex() for message in messages] for side, messages in told.items()}))
