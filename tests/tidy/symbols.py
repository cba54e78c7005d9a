#!/usr/bin/env python3
"""symbols.py ROOT: a pure room calls nothing but pure rooms and the few functions named here.

Each source of a pure room is compiled without optimisation, so that no call is inlined or folded away, and what
its object asks of others is held against an allow-list: what is not named is banned (malloc, printf, time, write,
pthread_*, errno and all the rest). base/check.c is the one exemption: it writes the last word before abort.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

from rooms import rooms_declared, rooms_permitted, tracked_files

EXEMPT = {"host/base/check.c"}
ALLOWED = re.compile(r"""^(
    mem(cpy|move|set|cmp|chr) | str(len|nlen|cmp|ncmp|chr)          # reads and writes only what it is given
  | __(u?div|u?mod|u?divmod|mul)ti[34] | __popcountdi2              # the compiler's 128-bit arithmetic
  | __cpu_model                                                     # which instructions this processor has
  | _GLOBAL_OFFSET_TABLE_ | __stack_chk_fail )$""", re.X)
FLAGS = ["-std=gnu17", "-O0", "-g", "-w", "-D_GNU_SOURCE", "-march=x86-64-v2", "-fno-stack-protector",
         "-U_FORTIFY_SOURCE"]


def compile_one(root, source, into):
    made = os.path.join(into, source.replace("/", "_") + ".o")
    command = [os.environ.get("CC", "cc"), *FLAGS, "-I", os.path.join(root, "host"), "-I", root,
               "-c", os.path.join(root, source), "-o", made]
    done = subprocess.run(command, capture_output=True, text=True)
    return (source, made) if done.returncode == 0 else (source, done.stderr)


def symbols_of(made, flag):
    """(name, place) pairs; nm finds the line of the first use in the debug information."""
    listed = subprocess.run(["nm", "-l", flag, made], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        left, _, place = line.partition("\t")
        yield left.split()[-1], place


def main():
    root = os.path.abspath(sys.argv[1])
    permitted = rooms_permitted(root)
    pure = [room for room in rooms_declared(root, tracked_files(root)).values()
            if permitted.get(room.folder, (False,))[0]]
    sources = [f"{room.folder}/{source}" for room in pure for source in room.sources if source.endswith(".c")]
    faults = []
    with tempfile.TemporaryDirectory() as into, concurrent.futures.ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(lambda source: compile_one(root, source, into), sources))
        for source, made in objects:
            if not os.path.exists(made):
                faults.append(f"{source}:1: does not compile alone: {made.strip().splitlines()[0]}")
        objects = [(source, made) for source, made in objects if os.path.exists(made)]
        ours = {name for _, made in objects for name, _ in symbols_of(made, "--defined-only")}
        for source, made in objects:
            if source in EXEMPT:
                continue
            for name, place in symbols_of(made, "--undefined-only"):
                if name not in ours and not ALLOWED.match(name):
                    line = place.rpartition(":")[2] or "1"
                    faults.append(f"{source}:{line}: calls {name}; a pure room does no I/O, reads no clock, starts "
                                  "no thread, allocates nothing and has no errno")
    print("\n".join(faults) if faults else f"symbols: {len(objects)} objects of {len(pure)} pure rooms")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
