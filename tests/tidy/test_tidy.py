"""Each rule of tidy, broken once in a small tree: the fault must be found, at its line, and nothing else."""
import os
import subprocess

import pytest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "tidy.sh")
ARCHITECTURE = """
| Room | | Lives here | May use |
|---|---|---|---|
| `host/base` | P | checks | - |
| `host/core` | P | books | base |
| `host/os` | S | clock | base |
"""
GOOD = {
    "docs/architecture.md": ARCHITECTURE,
    "docs/decisions/keep.md": "# keep\n",
    ".clang-format": "BasedOnStyle: LLVM\nAllowShortFunctionsOnASingleLine: Empty\nColumnLimit: 100\nIndentWidth: 4\n",
    "host/base/CMakeLists.txt": "room(base SOURCES sum.c)\n",
    "host/base/README.md": "base\n",
    "host/base/sum.h": "int sum(int left, int right);\n",
    "host/base/sum.c": '#include "base/sum.h"\n\nint sum(int left, int right) {\n    return left + right;\n}\n',
    "host/core/CMakeLists.txt": "room(core SOURCES book.c USES base)\n",
    "host/core/README.md": "core\n",
    "host/core/book.h": "int book_add(int qty_lots);\n",
    "host/core/book.c": '#include "core/book.h"\n\n#include "base/sum.h"\n\n'
                        "int book_add(int qty_lots) {\n    return sum(qty_lots, 1);\n}\n",
    "host/os/CMakeLists.txt": "room(os SOURCES clock.c USES base)\n",
    "host/os/README.md": "os\n",
    "host/os/clock.c": "int clock_now(void) {\n    return 1;\n}\n",
}
LONG_BODY = "int clock_now(void) {\n" + "    (void)0;\n" * 59 + "    return 1;\n}\n"

BROKEN = [
    # (what, file, its text, the fault that must be printed)
    ("include_against_the_arrow", "host/base/sum.c",
     '#include "core/book.h"\n', "host/base/sum.c:1: \"core/book.h\": room base does not use room core"),
    ("include_of_an_unlisted_room", "host/core/book.h",
     '#include "os/clock.h"\n', "host/core/book.h:1: \"os/clock.h\": room core does not use room os"),
    ("use_that_the_table_forbids", "host/core/CMakeLists.txt",
     "room(core SOURCES book.c USES base os)\n", "host/core/CMakeLists.txt:1: room core uses os"),
    ("room_without_readme", "host/os/README.md", None, "host/os/CMakeLists.txt:1: room os has no README.md"),
    ("room_outside_the_table", "host/new_room/CMakeLists.txt",
     "room(extra SOURCES)\n", "host/new_room is not in the table of rooms"),
    ("malloc_in_a_pure_room", "host/base/sum.c",
     "#include <stdlib.h>\n\nvoid *sum_make(void);\nvoid *sum_make(void) {\n    return malloc(8);\n}\n",
     "host/base/sum.c:5: calls malloc"),
    ("printf_in_a_pure_room", "host/core/book.c",
     "#include <stdio.h>\n\nint book_add(int qty_lots) {\n    printf(\"%d\", qty_lots);\n    return 0;\n}\n",
     "host/core/book.c:4: calls printf"),
    ("clock_in_a_pure_room", "host/core/book.c",
     "#include <time.h>\n\nint book_add(int qty_lots) {\n    return (int)time(0) + qty_lots;\n}\n",
     "host/core/book.c:4: calls time"),
    ("errno_in_a_pure_room", "host/core/book.c",
     "#include <errno.h>\n\nint book_add(int qty_lots) {\n    return errno + qty_lots;\n}\n",
     "host/core/book.c:4: calls __errno_location"),
    ("a_double", "host/os/clock.c",
     "int clock_now(void) {\n    double seconds = 1;\n    return (int)seconds;\n}\n",
     "host/os/clock.c:2: float and double live in bench/ only"),
    ("an_atomic", "host/os/clock.c",
     "#include <stdatomic.h>\n", "host/os/clock.c:1: atomics live in base/ring*"),
    ("a_typedef", "host/os/clock.h",
     "typedef struct tick {\n    int now;\n} tick;\n", "host/os/clock.h:1: structs, unions and enums are never"),
    ("a_wandering_goto", "host/os/clock.c",
     "int clock_now(void) {\n    goto done;\ndone:\n    return 1;\n}\n", "host/os/clock.c:2: the only goto is"),
    ("a_long_function", "host/os/clock.c", LONG_BODY, "host/os/clock.c:1: clock_now has 62 lines, the limit is 60"),
    ("a_long_file", "host/os/clock.h", "int clock_now(void);\n" * 601, "the file has 601 lines, the limit is 600"),
    ("a_fix" "me", "host/os/clock.h", "/* FIX" "ME */\n", "host/os/clock.h:1: FIX" "ME never reaches main"),
    ("a_to" "do_without_a_page", "host/os/clock.h",
     "/* TO" "DO docs/decisions/none.md */\n", "host/os/clock.h:1: TO" "DO must name a page"),
    ("half_a_merge", "host/os/clock.h", "<<<<<<" "< HEAD\n", "host/os/clock.h:1: half of a merge was left here"),
    ("a_bad_name", "host/os/clock_v2.c", "\n", "host/os/clock_v2.c:1: name a file for what it holds"),
    ("a_bad_layout", "host/os/clock.c",
     "int clock_now(void)\n{\n  return 1;\n}\n", "host/os/clock.c:1: not as clang-format lays it out"),
    ("a_sloppy_script", "host/os/clock.sh", "#!/bin/bash\nrm $1\n", "host/os/clock.sh:2:4:"),
    ("a_dead_link", "docs/README.md", "[gone](gone.md)\n", "docs/README.md:1: the link to gone.md leads nowhere"),
    ("dpdk_outside_its_room", "host/os/clock.c", "#include <rte_ethdev.h>\n", "<rte_ethdev.h> is for drivers/nic/ only"),
]


def tidy(root):
    done = subprocess.run(["bash", TIDY, str(root)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_clean_tree_passes(tmp_path):
    plant(tmp_path, GOOD)
    assert tidy(tmp_path) == (0, "symbols: 2 objects of 2 pure rooms\ntidy: the tree keeps its rules\n")


def test_a_word_in_a_comment_or_string_is_no_fault(tmp_path):
    plant(tmp_path, GOOD | {"host/os/clock.c": '/* no double, no _Atomic,\n * no goto done */\n'
                                               'const char *clock_name(void) {\n    return "float";\n}\n'})
    assert tidy(tmp_path)[0] == 0


@pytest.mark.parametrize("what, name, text, fault", BROKEN, ids=[row[0] for row in BROKEN])
def test_finds(tmp_path, what, name, text, fault):
    plant(tmp_path, GOOD)
    if text is None:
        (tmp_path / name).unlink()
    else:
        plant(tmp_path, {name: text})
    code, printed = tidy(tmp_path)
    assert code == 1
    assert fault in printed
