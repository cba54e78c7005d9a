#!/usr/bin/env python3
"""summary.py ROOT LENGTH: reads what ./check left in build/check, prints the table of phases and the closing line.

Counts test cases, not programs: those of a cmocka or pytest program as it reported them, else one per program.
"""
import os
import re
import sys
import xml.etree.ElementTree

PYTEST_LINE = re.compile(r"^(?:=+ )?((?:\d+ (?:passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)"
                         r"(?:, )?)+) in [\d.]+s", re.M)
PYTEST_SKIP = re.compile(r"^SKIPPED \[(\d+)\] (.*)$", re.M)
CMOCKA = {"passed": re.compile(r"\[  PASSED  \] (\d+) test\(s\)\.$", re.M),
          "failed": re.compile(r"\[  FAILED  \].*? (\d+) test\(s\)", re.M),
          "skipped": re.compile(r"\[  SKIPPED \].*? (\d+) test\(s\)", re.M)}
CMOCKA_SKIP = re.compile(r"^\[  SKIPPED \] (\w+)$", re.M)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures, self.skips = [], []
        self.dpdk_passed = False

    def fail(self, what, count=1):
        self.failed += count
        self.failures.append(what)


def counts_of(output):
    """{passed, failed, skipped} and the names of the skipped, as the program itself reported them, or None."""
    line = PYTEST_LINE.findall(output)
    if line:
        counts = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (\w+)", line[-1])}
        return {"passed": counts.get("passed", 0), "failed": counts.get("failed", 0) + counts.get("error", 0),
                "skipped": counts.get("skipped", 0)}, [name for _, name in PYTEST_SKIP.findall(output)]
    counts = {key: sum(map(int, pattern.findall(output))) for key, pattern in CMOCKA.items()}
    if any(counts.values()):
        return counts, sorted(set(CMOCKA_SKIP.findall(output)))
    return None


def read_suite(path, suite, tally):
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('name')} ({suite})"
        output = case.findtext("system-out") or ""
        status = case.get("status")  # run, fail, notrun, disabled
        found = counts_of(output)
        if status in ("notrun", "disabled") or case.find("skipped") is not None:
            counts, skips = {"passed": 0, "failed": 0, "skipped": 1}, [""]
        elif found is None:
            counts, skips = {"passed": int(status == "run"), "failed": int(status != "run"), "skipped": 0}, []
        else:
            counts, skips = found
            if status != "run" and counts["failed"] == 0:
                counts["failed"] = 1  # it reported no failure and yet ended badly: a crash, a leak, a time-out
        tally.passed += counts["passed"]
        tally.skipped += counts["skipped"]
        if counts["failed"]:
            tally.fail(f"{name}: {counts['failed']} failed", counts["failed"])
        tally.skips += [f"{name} {skip}".strip() for skip in skips]
        tally.dpdk_passed |= "dpdk" in name and counts["passed"] > 0


def judge_dpdk(tally):
    """Where namespaces work, DPDK tests have no excuse."""
    if not os.environ.get("CROSSPOINT_NAMESPACES"):
        return
    for skip in [skip for skip in tally.skips if "dpdk" in skip.lower() and "(asan)" not in skip]:
        tally.fail(f"{skip}: skipped, though network namespaces work on this machine")
    if not tally.dpdk_passed:
        tally.fail("no DPDK test passed, though network namespaces work on this machine")


def budgets_of(root):
    rows = re.findall(r"^\| `([\w-]+)` \| (\d+) s? *\|", open(f"{root}/docs/testing.md").read(), re.M)
    return {name: int(seconds) for name, seconds in rows}


def judge_time(root, length, phases, tally):
    budgets, total = budgets_of(root), 0
    print("\nphase             took   budget")
    for name, seconds, status in phases:
        counted = name in budgets
        total += int(seconds) if counted else 0
        print(f"{name:16} {seconds:>4} s   {str(budgets[name]) + ' s' if counted else 'none':>6}"
              f"{'   over' if counted and int(seconds) > budgets[name] else ''}{'   FAILED' if status != 'ok' else ''}")
    allowed = sum(budgets.values())
    print(f"{'together':16} {total:>4} s   {allowed:>4} s")
    if length == "usual" and total > allowed:
        tally.fail(f"./check took {total} s, the budget in docs/testing.md is {allowed} s")


def main():
    root, length = sys.argv[1:3]
    results, tally = f"{root}/build/check", Tally()
    phases = [line.rstrip("\n").split("\t") for line in open(f"{results}/phases")]
    for name, suite in (("test", "build"), ("test-sanitized", "asan")):
        path = f"{results}/{suite}.xml"
        if os.path.exists(path):
            read_suite(path, suite, tally)
        elif name in [phase[0] for phase in phases]:
            tally.fail(f"{name} left no results")
    for name, _, status in phases:
        if status != "ok" and name.startswith("build"):
            tally.fail(f"{name} failed; its tests were not run")
    judge_dpdk(tally)
    judge_time(root, length, phases, tally)
    for title, names in (("skipped here:", tally.skips), ("failed:", tally.failures)):
        if names:
            print("\n" + title)
            print("\n".join(f"  {name}" for name in names))
    print(f"\n{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
