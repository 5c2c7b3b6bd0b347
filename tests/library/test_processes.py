"""Work side by side in processes."""

import os
import sys

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
