"""Work side by side in processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pointprior.runtime import processes
from pointprior.runtime.processes import in_processes


def doing(number):
    """What is done, and where."""
    return number**2, os.getpid()


def failing(number):
    """Work that some items spoil."""
    if number == 3:
        raise ValueError("3 is spoilt")
    return number


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")
def test_results_come_in_order_from_other_processes():
    found = in_processes(doing, range(20), processes=2)
    assert [square for square, _ in found] == [number**2 for number in range(20)]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize(("count", "asked"), [(5, 1), (1, 4), (0, 4)])
def test_nothing_is_started_for_a_single_process_or_item(count, asked):
    assert in_processes(doing, range(count), processes=asked) == [(number**2, os.getpid()) for number in range(count)]


def test_where_forking_is_not_safe_the_work_is_done_here(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    assert in_processes(doing, range(3), processes=2) == [(number**2, os.getpid()) for number in range(3)]


@pytest.mark.parametrize("asked", [1, 2])
def test_a_failure_is_the_callers(asked):
    with pytest.raises(ValueError, match="3 is spoilt"):
        in_processes(failing, range(6), processes=asked)


INTERRUPTED = """
import time
from pointprior.runtime.processes import in_processes
from pointprior.runtime.signals import insistent_interruption

def work(number):
    print("working", flush=True)
    time.sleep(30)

try:
    with insistent_interruption():
        in_processes(work, range(6), processes=2)
except KeyboardInterrupt:
    raise SystemExit(130) from None
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")
def test_ctrl_c_ends_all_processes_at_once_and_without_tracebacks():
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # also in the background
    )
    with process:
        assert process.stdout.readline() == "working\n"
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        printed, _ = process.communicate(timeout=20)  # less than a single item takes
    assert process.returncode == 130
    assert set(printed.splitlines()) <= {"working"}
