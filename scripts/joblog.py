"""Where a script's messages go: all of them into its log file, a failure also to the terminal as one line."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pointprior.runtime.garbage import collect_from_now, collect_nothing_yet
from pointprior.runtime.signals import end_by_exception, end_quietly, insistent_interruption

# scripts import this module first
end_quietly()  # until they work
collect_nothing_yet()  # the others, torch above all, load faster for it


@contextmanager
def logged(path: str) -> Iterator[TextIO]:
    """Send log records, warnings and tracebacks to a file; give the file for progress bars."""
    collect_from_now()
    end_by_exception()
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
