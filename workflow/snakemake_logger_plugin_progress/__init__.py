"""Snakemake's log as one line that updates: what is being done, how much is done, and how long the rest may take.

`make demo` asks for it (``--logger progress``, with this folder on PYTHONPATH: snakemake finds plugins by the name of
their package). Errors and warnings are printed in full, but for those of jobs that an interruption ends.
"""

import logging
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TextIO

from snakemake.logging import DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

ERRORS = (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR, LogEvent.ERROR)
INTERRUPTED = "Stopping. What is finished is kept; the same command goes on from there."
GPUS = re.compile(r" \(gpu=\d+\)$|, gpu=\d+(?=\)$)")  # that a job asks for: of interest on a cluster only
ERASE = "\r\x1b[K"
PATIENCE = 10.0  # seconds before the rest is estimated
SHARE = 0.1  # of the steps between two lines where nothing can be updated
TICK = 1.0  # seconds after which the line is written again: some steps take minutes


class Line:
    """A line of a terminal that is written again and again; where there is no terminal, a line now and then."""

    def __init__(self, stream: TextIO):
        self._stream, self._live, self._open = stream, stream.isatty(), False
        self._done, self._total, self._said = 0, 0, -1.0
        self._begun, self._doing = time.monotonic(), ""
        self._turn = threading.RLock()  # of who writes

    def count(self, done: int, total: int) -> None:
        """Take note of how many steps are done."""
        self._done, self._total = done, total
        self._show()

    def begin(self, doing: str) -> None:
        """Say what is being done now."""
        self._doing = GPUS.sub("", doing)
        self._show()

    def tick(self) -> None:
        """Let the time go on, where it can be seen."""
        with self._turn:
            if self._open:
                self._show()

    def say(self, text: str) -> None:
        """Print something that stays."""
        with self._turn:
            self._stream.write(f"{ERASE if self._open else ''}{text}\n")
            self._stream.flush()
            self._open = False

    def end(self) -> None:
        """Leave the last line as it is."""
        with self._turn:
            if self._open:
                self._stream.write("\n")
                self._open = False

    def _show(self) -> None:
        if not self._total or not self._doing:
            return
        text = f"{self._done}/{self._total} steps, {self._done / self._total:.0%}{self._times()}: {self._doing}"
        with self._turn:
            if self._live:
                self._stream.write(ERASE + text[: shutil.get_terminal_size().columns - 1])
                self._stream.flush()
                self._open = True
            elif self._done / self._total >= self._said + SHARE:
                self._said = self._done / self._total
                self._stream.write(f"{text}\n")
                self._stream.flush()

    def _times(self) -> str:
        """How long it has taken, and how long the rest takes if its steps take as long as those before."""
        passed = time.monotonic() - self._begun
        if passed < PATIENCE:
            return ""
        so_far = f", {passed // 60:.0f}:{passed % 60:02.0f} so far"
        if not self._done or self._done == self._total:
            return so_far
        seconds = passed / self._done * (self._total - self._done)
        rest = f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"
        return f"{so_far}, about {rest} left"


def every(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
    """Do something again and again, beside all else, until the function is called that this gives."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            act()

    threading.Thread(target=repeat, daemon=True).start()
    return ended.set


def on_interruption(action: Callable[[], None]) -> None:
    """Do something on the first Ctrl-C, before what it does anyway.

    Snakemake's own message does not always come: a terminal interrupts its jobs, too, and one may fail before. Where
    Ctrl-C is ignored, as a shell has it for what it starts in the background, it stays so for jobs as well.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers
    usual = signal.getsignal(signal.SIGINT)
    if usual == signal.SIG_IGN:
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, usual)
        action()
        if callable(usual):
            usual(number, frame)

    signal.signal(signal.SIGINT, interrupted)


class LogHandler(LogHandlerBase):
    """What snakemake gives its log to."""

    def __post_init__(self) -> None:
        self._line, self._full = Line(sys.stderr), DefaultFormatter(show_failed_logs=True)
        self._stopping = False
        self._halt = every(TICK, self._line.tick)
        on_interruption(self._stop)

    def _stop(self) -> None:
        """Say so; that its jobs do not complete is what was asked for, and snakemake's own log has it."""
        self._stopping = True
        self._line.say(INTERRUPTED)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record into the line, or print it if it is an error or a warning."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self._line.count(0, record.stats.get("total", 0))  # type: ignore[attr-defined]  # of these events
        elif event == LogEvent.PROGRESS:
            self._line.count(record.done, record.total)  # type: ignore[attr-defined]
        elif event == LogEvent.JOB_INFO and (doing := getattr(record, "rule_msg", None)):
            self._line.begin(doing)
        elif not self._stopping and (event in ERRORS or record.levelno >= logging.WARNING):
            self._line.say(self._full.format(record))

    def close(self) -> None:
        """End the line."""
        self._halt()
        self._line.end()
        super().close()

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False
