"""Training: it learns, stops, resumes bit for bit, and averages as stated."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import SPEC, ellipsoids, plan, train, weights

from pointprior.priors.card import PriorError
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.priors.training.loop import TrainingStopped
from pointprior.priors.training.plan import TrainingExecution


@pytest.fixture(scope="module")
def clouds():
    return ellipsoids()


def terminated_at(step, rows):
    """A report that keeps the rows and, after a step, asks this process to end."""

    def report(row):
        rows.append(row)
        if row["step"] == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return report


@pytest.mark.parametrize("stop", [3, 9])
def test_resumed_training_is_the_uninterrupted_one(clouds, tmp_path, default_sigterm, stop):
    whole, interrupted = [], []
    expected = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "a.safetensors", report=whole.append)
    with pytest.raises(TrainingStopped, match=f"after step {stop} of 12"):
        train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", report=terminated_at(stop, interrupted))
    resumed = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", report=interrupted.append)
    assert torch.equal(weights(resumed), weights(expected))
    assert [row["step"] for row in interrupted] == list(range(1, 13))
    assert [row["loss"] for row in interrupted] == [row["loss"] for row in whole]


def test_recomputed_activations_change_nothing(clouds, tmp_path):
    recompute = TrainingExecution(device="cpu", recompute=True)
    expected = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "a.safetensors")
    recomputed = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", execution=recompute)
    assert torch.equal(weights(recomputed), weights(expected))


COMPILED = """
import sys, numpy
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.loop import train
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan
clouds = numpy.random.default_rng(0).normal(size=(6, 16, 3)).astype("float32")
stage = Stage(steps=4, batch=4, points=16, noise_mean=-1.2, noise_std=1.2, t_max=80.0)
plan = TrainingPlan((stage,), learning_rate=1e-3, warmup=2, precision="float32")
losses = {}
for compiled in (False, True):
    rows = losses[compiled] = []
    spec = NetworkSpec(width=32, layers=1, heads=2, time_code="log")
    execution, checkpoint = TrainingExecution(device="cpu", compile=compiled), f"{sys.argv[1]}/{compiled}"
    train(spec, plan, clouds, numpy.arange(6), checkpoint=checkpoint, execution=execution, report=rows.append)
numpy.testing.assert_allclose(*([row["loss"] for row in rows] for rows in losses.values()), rtol=1e-4)
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_compiled_training_is_the_same_to_rounding(tmp_path):
    """In a process of its own: shape checks, which tests switch on, cannot be compiled."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    command = [sys.executable, "-c", COMPILED, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_training_starts_from_another_prior(clouds, tmp_path):
    torch.manual_seed(5)
    first = Denoiser(SPEC)
    still = plan(learning_rate=1e-8, final_learning_rate=1e-8)
    trained = train(SPEC, still, *clouds, checkpoint=tmp_path / "a", initial=first)
    assert torch.allclose(weights(trained), weights(first), atol=still.steps * 1e-7)  # Adam moves by a rate per step
    other = Denoiser(replace(SPEC, width=64))
    with pytest.raises(PriorError, match="another network"):
        train(SPEC, still, *clouds, checkpoint=tmp_path / "b", initial=other)


def test_sigterm_saves_before_it_stops(clouds, tmp_path, default_sigterm):
    checkpoint = tmp_path / "c.safetensors"
    with pytest.raises(TrainingStopped, match="after step 5"):
        train(SPEC, plan(), *clouds, checkpoint=checkpoint, report=terminated_at(5, []))
    steps = []
    train(SPEC, plan(), *clouds, checkpoint=checkpoint, report=lambda row: steps.append(row["step"]))
    assert steps[0] == 6


def test_who_was_asked_to_end_is_not_cut_short_by_being_asked_again(clouds, tmp_path, default_sigterm):
    """SLURM sends SIGTERM twice at a time limit: the second one found no handler, and the reason was never said."""
    train(SPEC, plan(), *clouds, checkpoint=tmp_path / "quiet.safetensors")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    with pytest.raises(TrainingStopped):
        train(
            SPEC,
            plan(),
            *clouds,
            checkpoint=tmp_path / "asked.safetensors",
            report=lambda _: os.kill(os.getpid(), signal.SIGTERM),
        )
    os.kill(os.getpid(), signal.SIGTERM)


def test_checkpoint_of_another_run_is_not_taken_up(clouds, tmp_path):
    checkpoint = tmp_path / "d.safetensors"
    train(SPEC, plan(), *clouds, checkpoint=checkpoint)

    def first_step(**changes) -> int:
        steps = []
        train(SPEC, plan(), *clouds, checkpoint=checkpoint, report=lambda row: steps.append(row["step"]), **changes)
        return next(iter(steps), 13)

    assert first_step() == first_step(counts=np.full(6, 32)) == 13  # the same run, which is done
    assert first_step(seed=1) == 1
    assert first_step(seed=1, counts=np.array([32, 32, 20, 32, 32, 32])) == 1


def test_training_learns(clouds, tmp_path):
    """Clouds five times smaller than σ_data says: the network must learn to shrink."""
    small = (clouds[0] * np.float32(0.2), clouds[1])
    fast = plan(steps=150, learning_rate=3e-3, final_learning_rate=1e-4, ema_ramp=0.2)
    denoiser = train(SPEC, fast, *small, checkpoint=tmp_path / "e.safetensors")
    untrained = denoising_error(Denoiser(SPEC), small[0], levels=(0.2, 0.5))
    trained = denoising_error(denoiser, small[0], levels=(0.2, 0.5))
    assert trained[0.2] < 0.5 * untrained[0.2]
    assert trained[0.5] < 0.5 * untrained[0.5]


def test_divergence_is_named(clouds, tmp_path):
    with pytest.raises(FloatingPointError, match="not finite at step 0"):
        train(SPEC, plan(), clouds[0] * np.float32(1e25), clouds[1], checkpoint=tmp_path / "f.safetensors")


@pytest.mark.parametrize("has_bfloat16", [False, True])
def test_products_are_coarse_where_the_processor_has_them(clouds, tmp_path, monkeypatch, caplog, has_bfloat16):
    """Without such instructions bfloat16 is emulated, at several times the seconds of float32."""
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_bfloat16)
    seen, loss = set(), Denoiser.loss

    def spied(*arguments):
        seen.add(torch.is_autocast_enabled("cpu"))
        return loss(*arguments)

    monkeypatch.setattr(Denoiser, "loss", spied)
    with caplog.at_level("INFO"):
        train(SPEC, plan(precision="auto"), *clouds, checkpoint=tmp_path / "checkpoint.safetensors")
    assert seen == {has_bfloat16}
    assert f"learns in {'bfloat16' if has_bfloat16 else 'float32'} on cpu" in caplog.text
