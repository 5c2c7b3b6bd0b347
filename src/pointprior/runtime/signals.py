"""Termination and interruption: SIGTERM, which a scheduler sends before it kills, and Ctrl-C in compiled code."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds in which an interrupted program may tidy up


@contextmanager
def on_termination(act: Callable[[], object]) -> Iterator[None]:
    """Call `act` on SIGTERM instead of exiting.

    Where one came, later ones are ignored even after the block: schedulers send several, and none of them may cut
    short what is still to be written and said. Outside the main thread nothing can be caught, and nothing is.
    """
    received = []

    def handle(*_) -> None:
        received.append(True)
        act()

    try:
        previous = signal.signal(signal.SIGTERM, handle)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN if received else previous)


@contextmanager
def insistent_interruption() -> Iterator[None]:
    """Raise KeyboardInterrupt on Ctrl-C, and again until the block ends.

    One that comes in a callback of compiled code (of LLVM, while Numba compiles) is printed there and lost. Where
    Ctrl-C is ignored or has a handler of its own, and outside the main thread, all stays as it is.
    """

    def interrupt(*_) -> None:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        raise KeyboardInterrupt

    in_main = threading.current_thread() is threading.main_thread()
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not (in_main and usual and hasattr(signal, "setitimer")):  # Windows has no such timer
        yield
        return
    previous = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C in a compiled call be the KeyboardInterrupt that it is; Numba makes a SystemError of it."""
    try:
        yield
    except SystemError as problem:
        if isinstance(problem.__cause__ or problem.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from problem
        raise


def end_quietly() -> None:
    """Have Ctrl-C end this process at once, without a traceback; where it is ignored, it stays so."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_by_exception() -> None:
    """Undo `end_quietly`: Ctrl-C raises KeyboardInterrupt again, as Python has it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
