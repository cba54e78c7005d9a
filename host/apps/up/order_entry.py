#!/usr/bin/env python3
"""order_entry.py DEMO.JSON HOST PORT NAMESPACE: writes down how a client reaches order entry in this run."""
import json
import os
import sys


def main():
    path, host, port, namespace = sys.argv[1:5]
    with open(path, encoding="utf-8") as file:
        demo = json.load(file)
    demo["order_entry"] = {"host": host, "port": int(port), "namespace": namespace or None}
    aside = path + ".new"
    # 0600: it holds passwords. Moved into place, so that a reader never sees half of it.
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(demo, file, indent=2)
        file.write("\n")
    os.replace(aside, path)


if __name__ == "__main__":
    main()
