"""Processes on several nodes: with an srun that starts them here; tests/slurm has the real one."""

import os
import signal
import stat
import sys
import threading
import time

import numpy as np
import pytest
import torch
from tiny_training import SPEC, plan, train, weights

from pointprior.priors.distributed import WorkerError, process_group, rank
from pointprior.priors.slurm import launch_on_nodes
from pointprior.priors.training.loop import TrainingStopped
from pointprior.priors.training.plan import TrainingExecution

SRUN = f"""#!{sys.executable}
import os, signal, subprocess, sys
options = dict(word.split("=") for word in sys.argv[1:] if word.startswith("--") and "=" in word)
total, each = int(options["--ntasks"]), int(options["--ntasks-per-node"])
assert total == int(options["--nodes"]) * each and options["--jobid"] == "7"
call = sys.stdin.buffer.read()
started = []
signal.signal(signal.SIGTERM, lambda *_: [one.terminate() for one in started])
for number in range(total):
    names = {{"SLURM_PROCID": str(number), "SLURM_LOCALID": str(number % each), "SLURM_NTASKS": str(total)}}
    command = sys.argv[sys.argv.index(sys.executable):]
    started.append(subprocess.Popen(command, env=os.environ | names, stdin=subprocess.PIPE))
for one in started:
    one.stdin.write(call)
    one.stdin.close()
sys.exit(max(one.wait() for one in started))
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A job's environment, with an srun that starts all processes on this machine."""
    program = tmp_path / "bin/srun"
    program.parent.mkdir()
    program.write_text(SRUN)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def clouds():
    generator = np.random.default_rng(0)
    return generator.normal(0, 0.4, (6, 32, 3)).astype(np.float32), np.array([0, 0, 0, 1, 1, 2])


def trained(clouds, folder, steps):
    rows = []

    def report(row):
        rows.append(row)
        (folder / "begun").touch()

    with process_group("cpu") as device:
        checkpoint = folder / "checkpoint.safetensors"
        execution = TrainingExecution(device=device)
        denoiser = train(SPEC, plan(steps), *clouds, checkpoint=checkpoint, execution=execution, report=report)
        np.savez(folder / f"rank{rank()}.npz", weights=weights(denoiser).numpy(), loss=[row["loss"] for row in rows])


def test_error_of_a_process_is_the_answer(slurm, clouds, tmp_path):
    with pytest.raises(WorkerError, match="a batch of 2 clouds cannot be shared equally by 4 processes"):
        launch_on_nodes(trained, 2, 2, clouds, tmp_path, 12)  # the second stage has batches of two


def test_two_nodes_train_as_one_does(slurm, clouds, tmp_path):
    launch_on_nodes(trained, 2, 1, clouds, tmp_path, 12)
    (tmp_path / "alone").mkdir()
    trained(clouds, tmp_path / "alone", 12)
    first, second, alone = (np.load(tmp_path / name) for name in ("rank0.npz", "rank1.npz", "alone/rank0.npz"))
    np.testing.assert_allclose(first["loss"], alone["loss"], rtol=1e-5)
    np.testing.assert_allclose(first["weights"], alone["weights"], atol=1e-5)
    np.testing.assert_array_equal(first["weights"], second["weights"])


def test_signal_stops_all_nodes_with_a_checkpoint(slurm, clouds, tmp_path, default_sigterm):
    """What a scheduler sends before the time limit."""

    def stop():
        while not (tmp_path / "begun").exists():
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(WorkerError, match=f"{TrainingStopped.__name__}: stopped after step"):
        launch_on_nodes(trained, 2, 1, clouds, tmp_path, 1_000_000)
    assert (tmp_path / "checkpoint.safetensors").exists()


def test_without_slurm_the_answer_says_what_to_do(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    with pytest.raises(
        WorkerError, match="2 nodes are asked for, but this is no SLURM job: run it with --profile slurm"
    ):
        launch_on_nodes(print, 2, 1)
