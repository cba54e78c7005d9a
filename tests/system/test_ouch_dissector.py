"""The dissector in docs/wireshark reads the examples in docs/order-entry.md, which so are held to the layouts."""
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER_TYPES = {"A", "J", "S", "H", "Z"}  # of SoupBinTCP packets


def packets_of_the_document():
    """Every packet of the document's hex examples, in order."""
    text = (ROOT / "docs/order-entry.md").read_text(encoding="utf-8").split("## Examples")[1].split("\n## ")[0]
    packets = []
    for block in re.findall(r"```\n(.*?)```", text, re.S):
        data = bytes.fromhex("".join(block.split()))
        while data:
            (counted,) = struct.unpack_from(">H", data)
            assert len(data) >= 2 + counted, "an example is cut short"
            packets.append(data[:2 + counted])
            data = data[2 + counted:]
    return packets


def capture(path, packets):
    """A capture file with one TCP segment per packet: client port 40000, server port 9050."""
    frames = b""
    sequence = {True: 1, False: 1}
    for packet in packets:
        from_server = chr(packet[2]) in SERVER_TYPES
        ports = (9050, 40000) if from_server else (40000, 9050)
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence[from_server], sequence[not from_server], 0x50, 0x18, 65535, 0, 0)
        sequence[from_server] += len(packet)
        hosts = (b"\x0a\0\0\2", b"\x0a\0\0\1") if from_server else (b"\x0a\0\0\1", b"\x0a\0\0\2")
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(packet), 0, 0, 64, 6, 0) + hosts[0] + hosts[1]
        frame = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp + packet
        frames += struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + frames)


def tshark(path, *arguments):
    if shutil.which("tshark") is None:
        pytest.skip("tshark is missing (Debian package tshark)")
    done = subprocess.run(
        ["tshark", "-X", f"lua_script:{ROOT}/docs/wireshark/ouch50.lua", "-d", "tcp.port==9050,soupbintcp",
         "-r", str(path), *arguments], capture_output=True, text=True, check=True, timeout=60)
    assert "Lua" not in done.stderr, done.stderr
    return done.stdout


def fields(path, names):
    """One line per OUCH message; its summary and whether tshark found it malformed come last."""
    arguments = [word for name in names for word in ("-e", f"ouch50.{name}")]
    return tshark(path, "-Y", "ouch50", "-T", "fields", "-E", "separator=|", *arguments,
                  "-e", "_ws.malformed", "-e", "_ws.col.Info").splitlines()


def test_the_examples_of_the_document_are_read_field_by_field(tmp_path):
    path = tmp_path / "examples.pcap"
    capture(path, packets_of_the_document())
    names = ["type", "timestamp", "user_ref", "side", "qty", "symbol", "price", "order_ref", "state", "clord_id", "reason"]
    lines = fields(path, names)
    assert [line.rsplit("|", 1)[0] for line in lines] == [
        "O||7|B|5|BTCUSDT |1000000|||order         ||",
        "A|43200000000000|7|B|5|BTCUSDT |1000000|24|L|order         ||",
        "X||7||0|||||||",
        "C|43200000000000|7||5||||||U|",
    ]
    for line, words in zip(lines, ["Enter order 7", "Accepted 7", "Cancel order 7", "Canceled 7"]):
        assert line.endswith(words)


def test_replace_modify_and_query_are_told_apart_by_their_length(tmp_path):
    clord = b"x".ljust(14)
    messages = [
        b"U" + b"U" + struct.pack(">IIIQ", 1, 2, 5, 0x7FFFFFFFFFFFFFFF) + b"0YN" + clord + b"\0\3\2\x0cP",
        b"S" + b"U" + struct.pack(">QII", 9, 1, 2) + b"B" + struct.pack(">I", 5) + b"BTCUSDT " + struct.pack(">Q", 10000)
        + b"0Y" + struct.pack(">Q", 77) + b"PNNL" + clord + b"\0\0",
        b"U" + b"M" + struct.pack(">I", 2) + b"B" + struct.pack(">I", 3),
        b"S" + b"M" + struct.pack(">QI", 9, 2) + b"B" + struct.pack(">I", 3),
        b"U" + b"Q",
        b"S" + b"Q" + struct.pack(">QI", 9, 3),
        b"S" + b"J" + struct.pack(">QIH", 9, 4, 29) + clord,
    ]
    path = tmp_path / "pairs.pcap"
    capture(path, [struct.pack(">H", len(message)) + message for message in messages])
    lines = fields(path, ["type", "timestamp", "orig_user_ref", "user_ref", "next_user_ref", "tag", "reject_reason"])
    assert [line.rsplit("|", 1)[0] for line in lines] == [
        "U||1|2||12||", "U|9|1|2||||", "M|||2||||", "M|9||2||||", "Q|||||||", "Q|9|||3|||", "J|9||4|||29|",
    ]
