"""Where a script's messages go: all of them into its log file, a failure also to the terminal as one line."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TextIO

from pointprior.runtime.garbage import collect_from_now, collect_nothing_yet
from pointprior.runtime.signals import insistent_interruption


def _failed(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Say that imports failed, but not that they were interrupted: who did that knows."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, problem, trace)


# scripts import this module first
sys.excepthook = _failed
collect_nothing_yet()  # the others, torch above all, load faster for it


@contextmanager
def logged(path: str) -> Iterator[TextIO]:
    """Send log records, warnings and tracebacks to a file; give the file for progress bars."""
    collect_from_now()
    with Path(path).open("w", buffering=1, encoding="utf-8") as log:
        logging.basicConfig(stream=log, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True)
        logging.captureWarnings(True)
        try:
            with insistent_interruption():
                yield log
        except Exception as problem:  # of any kind: it ends the job
            traceback.print_exc(file=log)
            print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            print("interrupted", file=log)
            raise SystemExit(130) from None
