"""The rooms of the tree: what docs/architecture.md permits and what each CMakeLists.txt says it uses.

The table under "Rooms" in docs/architecture.md is the law; tidy reads it, so that page and build cannot part.
"""
import os
import re
import subprocess

ROW = re.compile(r"^\| `([a-z/_]+)` \| ([PS-]) \|.*\| ([^|]*) \|\s*$")
CALL = re.compile(r"\broom\(\s*(\w+)([^)]*)\)")
KEYWORDS = {"SOURCES", "USES", "LINKS", "FOLDER"}


class Room:
    def __init__(self, name, folder, sources, uses, place):
        self.name, self.folder, self.sources, self.uses = name, folder, sources, uses
        self.place = place  # file:line of its room() call


def tracked_files(root):
    """Files of the project: what git knows or would add; without git, everything but build and var."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:
        names = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, files in os.walk(root) for name in files]
        names = [name for name in names if not name.startswith(("build", "var/", ".git/"))]
    return sorted(name for name in names if name and os.path.isfile(os.path.join(root, name)))


def read_text(root, name):
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def rooms_declared(root, files):
    rooms = {}
    for name in files:
        if os.path.basename(name) != "CMakeLists.txt" or "/" not in name:
            continue
        text = re.sub(r"#[^\n]*", "", read_text(root, name))
        for call in CALL.finditer(text):
            words = {"SOURCES": [], "USES": [], "LINKS": [], "FOLDER": []}
            into = None
            for word in call.group(2).split():
                if word in KEYWORDS:
                    into = word
                elif into:
                    words[into].append(word)
            folder = os.path.dirname(name)
            line = text.count("\n", 0, call.start()) + 1
            rooms[call.group(1)] = Room(call.group(1), folder, words["SOURCES"], words["USES"], f"{name}:{line}")
    return rooms


def rooms_permitted(root):
    """{folder: (is pure, rooms it may name in USES; None is all)}"""
    permitted = {}
    for line in read_text(root, "docs/architecture.md").splitlines():
        row = ROW.match(line)
        if row:
            folder, kind, uses = row.groups()
            names = None if uses.strip() == "all" else {n.strip() for n in uses.split(",")} - {"-", ""}
            permitted[folder] = (kind == "P", names)
    return permitted


def rooms_reached(rooms, name):
    """Everything that a room may include: itself and the chain of USES below it."""
    reached, waiting = set(), [name]
    while waiting:
        now = waiting.pop()
        if now not in reached:
            reached.add(now)
            waiting += rooms[now].uses if now in rooms else []
    return reached
