"""Independent work side by side in processes, for code that holds the interpreter's lock."""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from pointprior.runtime.signals import end_quietly

Given = TypeVar("Given")
Found = TypeVar("Found")


def in_processes(work: Callable[[Given], Found], items: Sequence[Given], *, processes: int) -> list[Found]:
    """Results of the same work on several items, in their order; `work` and its results have to be picklable.

    Processes are forked, so that they begin with what is imported. Where the system cannot do that safely (anything but
    Linux), and for a single item, the work is done here, one item after the other.
    """
    processes = min(processes, len(items))
    if processes < 2 or not sys.platform.startswith("linux"):
        return [work(item) for item in items]
    # Ctrl-C goes to all of them, and this one says so
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), initializer=end_quietly) as pool:
        try:
            return list(pool.map(work, items))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what has not begun is not wanted any more
            raise
