"""The parts behind ./up and ./down: processes by pid file, namespaces, packages, the demo's file."""
import os
import subprocess
import time

import pytest

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
UP = os.path.join(ROOT, "host", "apps", "up")


def bash(folder, script, **environment):
    """Runs a script with the parts sourced and $root in a folder of its own."""
    sourced = "".join(f'. "{UP}/{part}.sh"\n' for part in ("report", "process", "network"))
    return subprocess.run(["bash", "-c", f'set -euo pipefail\nroot="{folder}"\ncd "$root"\n{sourced}{script}'],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          env=os.environ | environment)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def pid_in(folder, name):
    return int((folder / "var" / "run" / f"{name}.pid").read_text().split()[0])


def test_a_second_start_leaves_the_first_process_alone(tmp_path):
    bash(tmp_path, "process_start sleeper sleep 60")
    first = pid_in(tmp_path, "sleeper")
    bash(tmp_path, "process_start sleeper sleep 60")
    assert pid_in(tmp_path, "sleeper") == first
    assert bash(tmp_path, "process_stop sleeper").returncode == 0
    assert not is_alive(first)
    assert not (tmp_path / "var" / "run" / "sleeper.pid").exists()


def test_a_pid_that_now_belongs_to_another_process_is_never_signalled(tmp_path):
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "var" / "run").mkdir(parents=True)
        (tmp_path / "var" / "run" / "exchange.pid").write_text(f"{stranger.pid} 1\n")
        assert bash(tmp_path, "process_pid exchange").returncode == 1
        assert bash(tmp_path, "process_stop exchange").returncode == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_does_not_end_on_term_is_killed(tmp_path):
    bash(tmp_path, "process_start deaf bash -c 'trap \"\" TERM; while :; do sleep 0.1; done'")
    pid = pid_in(tmp_path, "deaf")
    time.sleep(0.3)
    done = bash(tmp_path, "process_stop deaf 1")
    assert "did not end within 1 s of TERM" in done.stderr
    assert not is_alive(pid)


def test_a_process_that_dies_before_it_is_ready_shows_its_last_words(tmp_path):
    done = bash(tmp_path, "process_start exchange bash -c 'echo the disk is full; exit 1'\n"
                          "process_wait exchange 10 'answering' false")
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "exchange ended before answering" in done.stderr


def test_a_process_that_never_gets_ready_is_given_up_after_its_time(tmp_path):
    done = bash(tmp_path, "process_start web sleep 60\nprocess_wait web 1 'serving' false")
    assert done.returncode == 1
    assert "not yet serving" in done.stderr
    bash(tmp_path, "process_stop web")


@pytest.mark.parametrize("script", ["up", "down", "check"])
def test_every_command_explains_itself_and_refuses_what_it_does_not_know(script):
    shown = subprocess.run([os.path.join(ROOT, script), "--help"], capture_output=True, text=True, timeout=20)
    assert shown.returncode == 0 and f"./{script}" in shown.stdout
    refused = subprocess.run([os.path.join(ROOT, script), "--sideways"], capture_output=True, text=True, timeout=20)
    assert refused.returncode == 1 and "--sideways" in refused.stderr and "--help" in refused.stderr


def test_the_two_ends_of_the_cable_see_each_other_and_leave_nothing_behind(tmp_path):
    suffix = f"-test{os.getpid()}"
    if bash(tmp_path, "network_possible").returncode != 0:
        pytest.skip("network namespaces cannot be made here")
    try:
        made = bash(tmp_path, "network_up; network_up; ip netns exec $network_clients ethtool -k clients; "
                              "ip -n $network_clients addr show clients; ip -n $network_venue link show venue",
                    NETWORK_SUFFIX=suffix)
        assert made.returncode == 0, made.stderr
        assert "tx-checksumming: off" in made.stdout
        assert "10.77.0.1/24" in made.stdout
        assert made.stdout.count("state UP") == 2
    finally:
        ended = bash(tmp_path, "network_down; network_down", NETWORK_SUFFIX=suffix)
    assert ended.returncode == 0
    assert not os.path.exists(f"/run/netns/crosspoint-venue{suffix}")
    assert not os.path.exists(f"/run/netns/crosspoint-clients{suffix}")


def test_every_package_in_the_list_says_who_needs_it_and_what_for():
    with open(f"{UP}/packages.txt", encoding="utf-8") as file:
        rows = [line.split(None, 2) for line in file if not line.startswith("#")]
    assert {row[0] for row in rows} == {"build", "run", "test"}
    assert all(len(row) == 3 for row in rows)
    assert len({row[1] for row in rows}) == len(rows)
