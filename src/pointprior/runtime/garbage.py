"""Garbage collection in programs that import much, work and end: what is imported is no garbage, nor at the end."""

import atexit
import gc


def collect_nothing_yet() -> None:
    """Collect no garbage while modules are imported, which makes plenty of objects that stay, nor when Python exits."""
    gc.disable()
    atexit.register(gc.freeze)


def collect_from_now() -> None:
    """Collect garbage again, and never look through what is there so far."""
    gc.freeze()
    gc.enable()
