"""Termination and interruption: SIGTERM, which a scheduler sends before it kills, and Ctrl-C in compiled code."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
def interruptible() -> Iterator[None]:
    """Let Ctrl-C in a compiled call be the KeyboardInterrupt that it is; Numba makes a SystemError of it."""
    try:
        yield
    except SystemError as problem:
        if isinstance(problem.__cause__ or problem.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from problem
        raise
