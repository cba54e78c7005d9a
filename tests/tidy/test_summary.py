"""The closing line of ./check: what it counts, and what it does not let pass."""
import os
import subprocess
import sys
from xml.sax.saxutils import escape

SUMMARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "summary.py")
CMOCKA = """[==========] Running 3 test(s).
[ RUN      ] a_buy_trades
[       OK ] a_buy_trades
[==========] 3 test(s) run.
[  PASSED  ] 2 test(s).
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] needs_huge_pages
"""
CMOCKA_FAILED = "[  PASSED  ] 1 test(s).\n[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] a\n[  FAILED  ] b\n"
PYTEST_SKIPPED = "SKIPPED [2] tests/system/test_dpdk.py:9: no namespaces\n4 passed, 2 skipped in 1.20s\n"
DPDK_PASSED = ("system.dpdk", "run", "7 passed in 2.00s\n")
QUICK = "install\t0\tok\nbuild\t1\tok\ntest\t2\tok\n"


def close(folder, cases, phases=QUICK, length="usual", **environment):
    results = folder / "build" / "check"
    results.mkdir(parents=True, exist_ok=True)
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "testing.md").write_text("| `build` | 10 s |\n| `test` | 20 s |\n")
    (results / "phases").write_text(phases)
    written = "".join(f'<testcase name="{name}" status="{status}"><system-out>{escape(output)}</system-out></testcase>'
                      for name, status, output in cases)
    (results / "build.xml").write_text(f"<testsuite>{written}</testsuite>")
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CROSSPOINT_")}
    done = subprocess.run([sys.executable, SUMMARY, str(folder), length], capture_output=True, text=True,
                          env=plain | environment)
    return done.returncode, done.stdout.splitlines()


def test_counts_cases_not_programs_and_names_the_skipped(tmp_path):
    code, lines = close(tmp_path, [("unit.core.test_book", "run", CMOCKA), ("tidy.tree", "run", "tidy: fine\n")])
    assert (code, lines[-1]) == (0, "3 passed, 0 failed, 1 skipped")
    assert "  unit.core.test_book (build) needs_huge_pages" in lines


def test_counts_failures_of_a_program(tmp_path):
    code, lines = close(tmp_path, [("unit.core.test_book", "fail", CMOCKA_FAILED)])
    assert (code, lines[-1]) == (1, "1 passed, 2 failed, 0 skipped")


def test_a_program_that_passes_its_cases_and_then_crashes_has_failed(tmp_path):
    code, lines = close(tmp_path, [("unit.core.test_book", "fail", CMOCKA)])
    assert (code, lines[-1]) == (1, "2 passed, 1 failed, 1 skipped")


def test_a_test_that_was_not_run_is_skipped_by_name(tmp_path):
    code, lines = close(tmp_path, [("system.web", "notrun", "")])
    assert (code, lines[-1]) == (0, "0 passed, 0 failed, 1 skipped")
    assert "  system.web (build)" in lines


def test_a_skipped_dpdk_test_is_excused_only_where_namespaces_do_not_work(tmp_path):
    cases = [("system.dpdk", "run", PYTEST_SKIPPED)]
    assert close(tmp_path, cases)[0] == 0
    code, lines = close(tmp_path, cases, CROSSPOINT_NAMESPACES="1")
    assert code == 1
    assert any("skipped, though network namespaces work" in line for line in lines)


def test_where_namespaces_work_some_dpdk_test_must_have_passed(tmp_path):
    assert close(tmp_path, [("tidy.tree", "run", "")], CROSSPOINT_NAMESPACES="1")[0] == 1
    assert close(tmp_path, [DPDK_PASSED], CROSSPOINT_NAMESPACES="1")[0] == 0


def test_an_overrun_of_the_budget_fails_except_in_the_long_version(tmp_path):
    slow = "install\t500\tok\nbuild\t10\tok\ntest\t21\tok\n"
    code, lines = close(tmp_path, [DPDK_PASSED], phases=slow)
    assert (code, lines[-1]) == (1, "7 passed, 1 failed, 0 skipped")
    assert close(tmp_path, [DPDK_PASSED], phases=slow, length="full")[0] == 0


def test_installs_are_outside_the_budget(tmp_path):
    assert close(tmp_path, [DPDK_PASSED], phases="install\t500\tok\nbuild\t10\tok\ntest\t20\tok\n")[0] == 0


def test_a_build_that_fails_is_a_failure(tmp_path):
    code, lines = close(tmp_path, [DPDK_PASSED], phases=QUICK + "build-sanitized\t1\tfailed\n")
    assert (code, lines[-1]) == (1, "7 passed, 1 failed, 0 skipped")
