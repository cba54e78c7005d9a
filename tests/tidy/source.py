#!/usr/bin/env python3
"""source.py ROOT: the rules of docs/style.md that can be read off the text. One line per fault, exit 1 on any."""
import ast
import os
import re
import sys

from rooms import read_text, rooms_declared, rooms_permitted, rooms_reached, tracked_files

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
CODE = (".c", ".h", ".cpp", ".sv", ".svh", ".py", ".sh", ".sql", ".js", ".ts", ".tsx", ".css", ".awk")
PRODUCT = ("host/", "drivers/", "sim/")
BAD_NAME = re.compile(r"(^|[_.-])(utils?|common|misc|helpers?|managers?|new|old|bak|orig|v[2-9])([_.-]|$)")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
SYSTEM_INCLUDE = re.compile(r"^\s*#\s*include\s*<([^>]+)>")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
ATOMIC = re.compile(r"\b(_Atomic|atomic_\w+|stdatomic|__atomic_\w+|__sync_\w+|memory_order_\w+)\b")
ATOMIC_HOMES = re.compile(r"^(host/base/ring|host/journal/journal_ring|drivers/card/\w*ring)\w*\.[ch]$")
# A library's headers are seen by one room only.
HEADER_HOMES = (("rte_", "drivers/nic/"), ("lwip/", "host/net/"), ("netif/", "host/net/"),
                ("libpq-fe", "host/store/"), ("libwebsockets", "host/web/"))


class Faults:
    def __init__(self):
        self.lines = []

    def add(self, name, line, rule):
        self.lines.append((name, line, f"{name}:{line}: {rule}"))


def blank_comments(text):
    """C without comments and without the insides of strings; every line keeps its number."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(found):
        piece = found.group(0)
        if piece[0] in "\"'":
            return piece[0] * 2
        return "\n" * piece.count("\n") or " "
    return token.sub(blank, text)


def functions_of_c(lines):
    """(name, first line, length): a definition starts in column 0 and ends with the first `}` there."""
    start, head, inside = 0, "", False
    for number, line in enumerate(lines, 1):
        if inside:
            if line.startswith("}"):
                inside = False
                yield head, start, number - start + 1
            continue
        if line[:1].isalpha() or line[:1] == "_":
            start, text = number, line
        elif start and line.strip() and not line.startswith("#"):
            text += " " + line.strip()
        else:
            start = 0
            continue
        if text.rstrip().endswith((";", "}")):
            start = 0
        elif text.rstrip().endswith("{"):
            called = re.search(r"(\w+)\s*\([^{]*\)\s*\{$", text.rstrip())
            inside = bool(called) and not re.match(r"(typedef|struct|union|enum)\s+\w*\s*\{", text)
            head = called.group(1) if called else ""
            if not inside:
                start = 0


def functions_of_shell(lines):
    start, head = 0, ""
    for number, line in enumerate(lines, 1):
        opened = re.match(r"^(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]", line)
        if opened and not line.rstrip().endswith(("; }", ")")):
            start, head = number, opened.group(1)
        elif start and line[:1] in "})":
            yield head, start, number - start + 1
            start = 0


def functions_of_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def is_shell(name, text):
    return name.endswith(".sh") or re.match(r"#!.*\b(ba|da)?sh\b", text) is not None


def check_length(name, text, clean, faults):
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        faults.add(name, lines, f"the file has {lines} lines, the limit is {FILE_LINES_MAX}: "
                                "is there a second idea in it?")
    if name.endswith((".c", ".h", ".cpp")):
        functions = functions_of_c(clean.split("\n"))
    elif name.endswith(".py"):
        functions = functions_of_python(text)
    else:
        functions = functions_of_shell(text.split("\n")) if is_shell(name, text) else ()
    for function, line, length in functions:
        if length > FUNCTION_LINES_MAX:
            faults.add(name, line, f"{function} has {length} lines, the limit is {FUNCTION_LINES_MAX}")


def check_words(root, name, text, faults):
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"(<{7}|>{7}) ", line):
            faults.add(name, number, "half of a merge was left here")
        if re.search(r"\bFIX" r"ME\b", line):
            faults.add(name, number, "FIX" "ME never reaches main: mend it")
        if re.search(r"\bTO" r"DO\b", line):
            page = re.search(r"docs/decisions/[\w-]+\.md", line)
            if not page or not os.path.exists(os.path.join(root, page.group(0))):
                faults.add(name, number, "TO" "DO must name a page that exists under docs/decisions/")


def check_c(name, clean, pure, faults):
    for number, line in enumerate(clean.split("\n"), 1):
        if re.search(r"\b(float|double)\b", line) and not name.startswith("bench/"):
            faults.add(name, number, "float and double live in bench/ only: count ticks, lots or atoms")
        if re.match(r"\s*typedef\s+(struct|union|enum)\b", line):
            faults.add(name, number, "structs, unions and enums are never typedef'd")
        jump = re.search(r"\bgoto\s+(\w+)", line)
        if jump and (jump.group(1) != "out" or pure):
            faults.add(name, number, "the only goto is `goto out` for cleanup, in a shell room")
        if name.startswith(PRODUCT) and not ATOMIC_HOMES.match(name) and ATOMIC.search(line):
            faults.add(name, number, "atomics live in base/ring*, journal/journal_ring* and the card's rings only")
        header = SYSTEM_INCLUDE.match(line)
        for prefix, home in HEADER_HOMES:
            if header and header.group(1).startswith(prefix) and name.startswith(PRODUCT) and not name.startswith(home):
                faults.add(name, number, f"<{header.group(1)}> is for {home} only")


def folder_of(path, folders):
    matching = [folder for folder in folders if path == folder or path.startswith(folder + "/")]
    return max(matching, key=len, default=None)


def check_includes(name, text, rooms, faults):
    folders = {room.folder: room for room in rooms.values()}
    own = folders.get(folder_of(name, folders))
    if own is None:
        return  # apps and tests stand outside the rooms: they may use all
    reached = rooms_reached(rooms, own.name)
    for number, line in enumerate(text.split("\n"), 1):
        include = INCLUDE.match(line)
        if not include or "/" not in include.group(1):
            continue
        path = include.group(1)
        target = folders.get(folder_of(path, folders) or folder_of("host/" + path, folders))
        if target is None:
            if path.startswith(("apps/", "host/apps/", "tests/")):
                faults.add(name, number, f'"{path}": a room never includes an app or a test')
        elif target.name not in reached:
            faults.add(name, number, f'"{path}": room {own.name} does not use room {target.name} '
                                     f"(USES in {own.place} is {' '.join(own.uses) or 'empty'})")


def check_rooms(root, rooms, permitted, files, faults):
    for room in rooms.values():
        place, line = room.place.rsplit(":", 1)
        if f"{room.folder}/README.md" not in files:
            faults.add(place, line, f"room {room.name} has no README.md")
        if room.folder not in permitted:
            faults.add(place, line, f"{room.folder} is not in the table of rooms in docs/architecture.md")
            continue
        allowed = permitted[room.folder][1]
        for used in room.uses:
            if used not in rooms:
                faults.add(place, line, f"room {room.name} uses {used}, which no CMakeLists.txt declares")
            elif allowed is not None and used not in allowed:
                faults.add(place, line, f"room {room.name} uses {used}; docs/architecture.md permits "
                                        f"{', '.join(sorted(allowed)) or 'nothing'}")


def check_links(root, name, text, faults):
    for number, line in enumerate(text.split("\n"), 1):
        for link in LINK.findall(line):
            if "://" in link or link.startswith("mailto:"):
                continue
            target = os.path.normpath(os.path.join(root, os.path.dirname(name), link))
            if not os.path.exists(target):
                faults.add(name, number, f"the link to {link} leads nowhere")


def check_tree(root):
    faults = Faults()
    files = tracked_files(root)
    rooms, permitted = rooms_declared(root, files), rooms_permitted(root)
    pure = tuple(folder + "/" for folder, (is_pure, _) in permitted.items() if is_pure)
    check_rooms(root, rooms, permitted, set(files), faults)
    for name in files:
        if BAD_NAME.search(os.path.basename(name)):
            faults.add(name, 1, "name a file for what it holds, never util, common, misc, helper, manager, old, v2")
        script = "." not in os.path.basename(name) or name == ".ci/run"
        if name.endswith(".md"):
            check_links(root, name, read_text(root, name), faults)
        if not name.endswith(CODE) and not script:
            continue
        text = read_text(root, name)
        if script and not text.startswith("#!"):
            continue
        is_c = name.endswith((".c", ".h", ".cpp"))
        clean = blank_comments(text) if is_c else ""
        check_length(name, text, clean, faults)
        check_words(root, name, text, faults)
        if is_c:
            check_includes(name, text, rooms, faults)
            check_c(name, clean, name.startswith(pure), faults)
    return sorted(faults.lines, key=lambda fault: (fault[0], int(fault[1])))


def main():
    faults = check_tree(os.path.abspath(sys.argv[1]))
    for _, _, line in faults:
        print(line)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
