"""Rounds of snakemake's scheduler."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from benchmark.snakemake_patches.scheduling import one_reevaluation_at_a_time
from snakemake.scheduling.job_scheduler import JobScheduler
from workflow.conftest import ROOT

SNAKEFILE = f"""
import sys

if config.get("remedy"):
    sys.path.insert(0, "{ROOT / "workflow"}")
    from benchmark.snakemake_patches.scheduling import one_reevaluation_at_a_time
    one_reevaluation_at_a_time()

rule all:
    input: expand("{{n}}.txt", n=range(25))

rule one:
    output: "{{n}}.txt"
    shell: "sleep 0.2; touch {{output}}"
"""


@pytest.fixture
def scheduler(monkeypatch):
    monkeypatch.setattr(JobScheduler, "_schedule_reevalutation", JobScheduler._schedule_reevalutation)
    one_reevaluation_at_a_time()
    return SimpleNamespace(_open_jobs=threading.Semaphore(0))


def test_many_rounds_wait_for_one_timer(scheduler):
    for _ in range(5):
        JobScheduler._schedule_reevalutation(scheduler, 0.1)
    assert scheduler._open_jobs.acquire(timeout=5)
    assert not scheduler._open_jobs.acquire(timeout=0.5)


def test_next_round_sets_the_next_timer(scheduler):
    for _ in range(3):
        JobScheduler._schedule_reevalutation(scheduler, 0.01)
        assert scheduler._open_jobs.acquire(timeout=5)


def test_rounds_do_not_multiply(tmp_path):
    """Twenty-five jobs one after another; where this fails for snakemake alone, the remedy is needed no longer."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)

    def rounds(*options):
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--forceall", "--verbose", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300)
        return (done.stdout + done.stderr).count("Ready jobs: ")

    assert 1.5 * rounds("--config", "remedy=1") < rounds()
