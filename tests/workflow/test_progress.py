"""Snakemake's log as one line: steps, what is being done, errors in full, and what Ctrl-C keeps."""

import io
import logging
import os
import re
import signal
import subprocess
import sys
import threading

import pytest
from conftest import ROOT, running_rules
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_progress import ERASE, Line, LogHandler, every


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
    for done, message in enumerate(["Fitting", "Reconstruct (1abc, dps, gpu=0)", "Reconstruct 1abc (gpu=1)"]):
        handler.emit(record(event=LogEvent.PROGRESS, done=done, total=4))
        handler.emit(record(event=LogEvent.JOB_INFO, rule_msg=message))
    shown = handler.written().split(ERASE)
    assert shown[-1] == "2/4 steps, 50%: Reconstruct 1abc"
    assert "1/4 steps, 25%: Reconstruct (1abc, dps)" in shown
    handler.emit(record(event=LogEvent.JOB_INFO, rule_msg="Scoring " + 60 * "x"))
    assert handler.written().split(ERASE)[-1].startswith("2/4 steps, 50%: Scoring xxx")
    assert all(len(line) < 50 and "\n" not in line for line in handler.written().split(ERASE))


def test_no_message_of_a_rule_says_how_many_gpus_a_line_of_a_terminal_stands_for():
    messages = [rule["message"] for rule in running_rules().values()]
    asking = [message for message in messages if "gpu" in message]
    assert asking
    for message in asking:
        stream = Terminal()
        line = Line(stream)
        line.begin(message.replace("{resources.gpu}", "1"))
        line.count(1, 2)
        assert "gpu" not in stream.getvalue()


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
    assert stream.getvalue().endswith("1/4 steps, 25%, 1:00 so far, about 3 min left: Sampling")


def test_time_goes_on_within_a_step(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = Terminal()
    line = Line(stream)
    line.tick()
    assert not stream.getvalue()
    line.begin("Sampling")
    line.count(0, 4)
    now[0] = 83.0
    line.tick()
    assert stream.getvalue().endswith("0/4 steps, 0%, 1:23 so far: Sampling")
    line.say("an error")
    line.tick()  # nothing to update
    assert stream.getvalue().endswith("an error\n")


def test_something_is_done_again_and_again_until_it_is_halted():
    times = threading.Semaphore(0)
    halt = every(0.001, times.release)
    assert times.acquire(timeout=60)
    assert times.acquire(timeout=60)
    halt()


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


def test_the_demo_ends_with_words_that_fit_a_terminal():
    said = re.findall(r'^\t@echo "(.*)"$', (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    words = [line.replace("$(SNAKEMAKE)", ".venv/bin/snakemake").replace("$(BIN)", ".venv/bin") for line in said]
    assert any("example" in line for line in words)
    assert max(map(len, words)) <= 100


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
