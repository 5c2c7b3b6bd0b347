"""Snakemake's log as one line: steps, what is being done, errors in full, and what Ctrl-C keeps."""

import io
import logging
import os
import signal
import subprocess
import sys

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_progress import ERASE, Line, LogHandler


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(level=logging.INFO, message=None, **more):
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__ |= more
    return made


@pytest.fixture
def handler(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    made = LogHandler(None, None)
    made.written = stream.getvalue
    yield made
    made.close()


def test_a_terminal_has_one_line_that_updates(handler, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    handler.emit(record(event=LogEvent.RUN_INFO, stats={"total": 4}))
    for done, message in enumerate(["Fitting", "Reconstruct (1abc, dps, gpu=0)", "Scoring " + 60 * "x"]):
        handler.emit(record(event=LogEvent.PROGRESS, done=done, total=4))
        handler.emit(record(event=LogEvent.JOB_INFO, rule_msg=message))
    shown = handler.written().split(ERASE)
    assert shown[-1].startswith("2/4 steps, 50%: Scoring xxx")
    assert "1/4 steps, 25%: Reconstruct (1abc, dps)" in shown
    assert all(len(line) < 50 and "\n" not in line for line in shown)


def test_errors_and_warnings_stay(handler):
    handler.emit(record(event=LogEvent.RUN_INFO, stats={"total": 4}))
    handler.emit(record(event=LogEvent.JOB_INFO, rule_msg="Fitting"))
    handler.emit(record(logging.WARNING, "a warning"))
    assert handler.written().endswith(f"{ERASE}a warning\n")


def test_a_file_has_a_line_now_and_then():
    stream = io.StringIO()
    line = Line(stream)
    line.begin("Sampling")
    for done in range(101):
        line.count(done, 100)
    assert 10 <= len(stream.getvalue().splitlines()) <= 11
    assert "\r" not in stream.getvalue()


def test_the_rest_is_estimated_from_what_is_done(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = Terminal()
    line = Line(stream)
    line.begin("Sampling")
    now[0] = 60.0
    line.count(1, 4)
    assert stream.getvalue().endswith("1/4 steps, 25%, about 3 min left: Sampling")


def test_an_ignored_ctrl_c_stays_ignored(monkeypatch):
    """In the background of a shell. With a handler it would end the jobs, whose errors would go unsaid, and no more."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        monkeypatch.setattr(sys, "stderr", stream := Terminal())
        handler = LogHandler(None, None)
        os.kill(os.getpid(), signal.SIGINT)
        handler.emit(record(logging.ERROR, "an error"))
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert stream.getvalue() == "an error\n"


def test_ctrl_c_says_that_what_is_finished_is_kept(workplace):
    workplace.config["dps"]["steps"] = 4000  # longer than it takes to be interrupted
    workplace.config["methods"] = ["dps"]
    environment = workplace.environment() | {"PYTHONPATH": str(workplace.root / "workflow")}
    command = workplace.command("results/1tst/p2x48_lr8/dps.npz", "--logger", "progress", cores=1)
    with subprocess.Popen(
        command,
        cwd=workplace.folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # also if tests run in the background
    ) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if "Reconstruct" in line:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                break
        said += process.stderr.readlines()
    assert process.wait() != 0
    assert "Stopping. What is finished is kept; the same command goes on from there.\n" in said
    assert not [line for line in said if "Error in rule" in line or "WorkflowError" in line]
    assert (workplace.folder / "results/1tst/cloud.npz").exists()
