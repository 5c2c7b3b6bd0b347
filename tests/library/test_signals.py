"""Ctrl-C in compiled code is an interruption, whatever Numba makes of it."""

import ctypes
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

from pointprior.measurements.matching import match, match_all
from pointprior.runtime import signals
from pointprior.runtime.signals import interruptible


@pytest.fixture
def heard():
    """Interruptions reach Python, also where tests run in the background, which ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupted_matching_is_a_keyboard_interrupt():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 3000, 3))
    match(x[:50], y[:50], np.ones(50, dtype=int))  # compiled before
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        match_all([(x, y, np.ones(len(x), dtype=int), None)] * 1000)


def test_other_errors_of_the_system_stay_what_they_are():
    with pytest.raises(SystemError, match="unrelated"), interruptible():
        raise SystemError("unrelated")


def test_a_system_error_that_hides_an_interruption_gives_it_back():
    hiding = SystemError("returned a result with an exception set")
    hiding.__context__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise hiding


@pytest.mark.usefixtures("heard")
def test_ctrl_c_that_a_callback_of_compiled_code_swallows_comes_again(monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    monkeypatch.setattr(signals, "PATIENCE", 0.1)
    with pytest.raises(KeyboardInterrupt):
        _interrupted_in_a_callback()
    assert lost
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_ctrl_c_that_is_ignored_or_handled_stays_so(handler):
    signal.signal(signal.SIGINT, handler)
    with signals.insistent_interruption():
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == handler


def _interrupted_in_a_callback() -> None:
    with signals.insistent_interruption():
        ctypes.CFUNCTYPE(None)(lambda: os.kill(os.getpid(), signal.SIGINT))()
        time.sleep(10)
