"""Training: it learns, stops, resumes bit for bit, and averages as stated."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pointprior.priors.denoiser import Prior, PriorError, PriorSpec
from pointprior.priors.diffusion import NoiseDistribution
from pointprior.priors.distributed import launch, process_group, rank, share
from pointprior.priors.point_transformer import PointTransformer
from pointprior.priors.training import (
    Pace,
    Stage,
    TrainingPlan,
    TrainingStopped,
    denoising_error,
    draw_batch,
    random_orthogonal,
    train,
)
from pointprior.runtime.seeding import numpy_generator

SPEC = PriorSpec(width=32, layers=1, heads=2, sigma_data=0.4, time_code="log")
NOISE = NoiseDistribution(-1.2, 1.2, 80.0)


def plan(steps=12, **changes):
    stages = (Stage(steps - 4, 4, 16, NOISE), Stage(4, 2, 32, NoiseDistribution(-2.8, 0.9, 1.0)))
    return TrainingPlan(stages=stages, **{"learning_rate": 1e-3, "warmup": 2, "precision": "float32"} | changes)


@pytest.fixture(scope="module")
def clouds():
    generator = np.random.default_rng(0)
    shapes = generator.normal(size=(6, 32, 3)) * generator.uniform(0.1, 0.6, size=(6, 1, 3))
    return shapes.astype(np.float32), np.array([0, 0, 0, 1, 1, 2])


def weights(prior):
    return torch.cat([p.flatten() for p in prior.parameters()])


@pytest.mark.parametrize("stop", [3, 9])
def test_resumed_training_is_the_uninterrupted_one(clouds, tmp_path, stop):
    whole, interrupted = [], []
    expected = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "a.safetensors", report=whole.append)
    with pytest.raises(TrainingStopped, match=f"after step {stop} of 12"):
        train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", stop_after=stop, report=interrupted.append)
    resumed = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", report=interrupted.append)
    assert torch.equal(weights(resumed), weights(expected))
    assert [row["step"] for row in interrupted] == list(range(1, 13))
    assert [row["loss"] for row in interrupted] == [row["loss"] for row in whole]


def test_recomputed_activations_change_nothing(clouds, tmp_path):
    expected = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "a.safetensors")
    recomputed = train(SPEC, plan(), *clouds, checkpoint=tmp_path / "b.safetensors", recompute=True)
    assert torch.equal(weights(recomputed), weights(expected))


COMPILED = """
import sys, numpy, torch
from pointprior.priors.diffusion import NoiseDistribution
from pointprior.priors.denoiser import PriorSpec
from pointprior.priors.training import Stage, TrainingPlan, train
clouds = numpy.random.default_rng(0).normal(size=(6, 16, 3)).astype("float32")
stage = Stage(4, 4, 16, NoiseDistribution(-1.2, 1.2, 80.0))
plan = TrainingPlan((stage,), learning_rate=1e-3, warmup=2, precision="float32")
losses = {}
for compiled in (False, True):
    rows = losses[compiled] = []
    spec = PriorSpec(width=32, layers=1, heads=2, time_code="log")
    settings = {"checkpoint": f"{sys.argv[1]}/{compiled}", "compiled": compiled, "report": rows.append}
    train(spec, plan, clouds, numpy.arange(6), **settings)
numpy.testing.assert_allclose(*([row["loss"] for row in rows] for rows in losses.values()), rtol=1e-4)
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_compiled_training_is_the_same_to_rounding(tmp_path):
    """In a process of its own: shape checks, which tests switch on, cannot be compiled."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    command = [sys.executable, "-c", COMPILED, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_training_starts_from_another_prior(clouds, tmp_path):
    torch.manual_seed(5)
    first = Prior(SPEC)
    still = plan(learning_rate=1e-12, final_learning_rate=1e-12)
    assert torch.allclose(
        weights(train(SPEC, still, *clouds, checkpoint=tmp_path / "a", initial=first)), weights(first)
    )
    other = Prior(replace(SPEC, width=64))
    with pytest.raises(PriorError, match="another network"):
        train(SPEC, still, *clouds, checkpoint=tmp_path / "b", initial=other)


def test_pace_counts_what_is_left():
    """The second stage's clouds are twice as large: of 12 steps' work, the first eight are less than two thirds."""
    rows = []
    pace = Pace(plan(), SPEC, 0, peak=1e12)
    for step in range(12):
        time.sleep(0.01)
        rows.append(pace.after(step))
    assert rows[-1]["seconds_left"] == 0
    network = PointTransformer(width=32, layers=1, heads=2)
    work = {16: 3 * 4 * network.flops(16), 32: 3 * 2 * network.flops(32)}
    elapsed = 8 * 4 / rows[7]["clouds_per_second"]  # each step takes about as long
    assert rows[7]["seconds_left"] == pytest.approx(elapsed * 4 * work[32] / (8 * work[16]), rel=0.5)
    assert rows[3]["share_of_peak"] == pytest.approx(work[16] / 1e12 * rows[3]["clouds_per_second"] / 4)


def test_flops_are_those_that_torch_counts():
    network = PointTransformer(width=32, layers=2, heads=2)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        network(torch.randn(1, 64, 3), torch.ones(1))
    time_embedding = 2 * 32 * 128 * 2
    assert network.flops(64) == counter.get_total_flops() - time_embedding


def test_sigterm_saves_before_it_stops(clouds, tmp_path, default_sigterm):
    def terminate_at_five(row):
        if row["step"] == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    checkpoint = tmp_path / "c.safetensors"
    with pytest.raises(TrainingStopped, match="after step 5"):
        train(SPEC, plan(), *clouds, checkpoint=checkpoint, report=terminate_at_five)
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
    steps = []
    train(SPEC, plan(seed=1), *clouds, checkpoint=checkpoint, report=lambda row: steps.append(row["step"]))
    assert steps[0] == 1


def test_training_learns(clouds, tmp_path):
    """Clouds five times smaller than σ_data says: the network must learn to shrink."""
    small = (clouds[0] * np.float32(0.2), clouds[1])
    fast = plan(steps=150, learning_rate=3e-3, final_learning_rate=1e-4, ema_ramp=0.2)
    prior = train(SPEC, fast, *small, checkpoint=tmp_path / "e.safetensors")
    untrained = denoising_error(Prior(SPEC), small[0], levels=(0.2, 0.5))
    trained = denoising_error(prior, small[0], levels=(0.2, 0.5))
    assert trained[0.2] < 0.5 * untrained[0.2]
    assert trained[0.5] < 0.5 * untrained[0.5]


def test_denoising_error_is_one_for_the_linear_denoiser_whatever_sigma_data():
    generator = np.random.default_rng(0)
    gaussian = generator.normal(0, 0.4, (32, 200, 3)).astype(np.float32)
    linear = denoising_error(Prior(replace(SPEC, sigma_data=0.4)), gaussian, levels=(0.05, 0.4, 2.0))
    assert list(linear.values()) == pytest.approx([1, 1, 1], abs=0.02)
    wrong = denoising_error(Prior(replace(SPEC, sigma_data=0.8)), gaussian, levels=(0.4,))[0.4]
    # c_skip = 0.8: bias 0.2² 0.16 and noise 0.8² 0.16, against 0.08
    assert wrong == pytest.approx((0.04 + 0.64) * 0.16 / 0.08, rel=0.03)


def test_divergence_is_named(clouds, tmp_path):
    with pytest.raises(FloatingPointError, match="not finite at step 0"):
        train(SPEC, plan(), clouds[0] * np.float32(1e25), clouds[1], checkpoint=tmp_path / "f.safetensors")


def test_families_count_alike(clouds):
    stage = Stage(1, 3000, 32, NOISE)
    marked = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None, None] + 1, (6, 32, 3)).copy()
    batch = draw_batch(marked, clouds[1], stage, "SO3", numpy_generator(0))
    member = (batch.norm(dim=-1)[:, 0] / 3**0.5).round().int() - 1
    share = torch.bincount(member, minlength=6) / 3000
    assert share[:3].sum().item() == pytest.approx(1 / 3, abs=0.03)
    assert share[5].item() == pytest.approx(1 / 3, abs=0.03)


def test_augmentation_keeps_or_mirrors_the_hand():
    generator = np.random.default_rng(0)
    np.testing.assert_allclose(np.linalg.det(random_orthogonal(50, "SO3", generator)), 1)
    assert set(np.linalg.det(random_orthogonal(50, "O3", generator)).round(6)) == {-1.0, 1.0}
    with pytest.raises(ValueError, match="choose SO3 or O3"):
        random_orthogonal(1, "E3", generator)


def test_learning_rate_and_stages():
    p = plan(steps=12, final_learning_rate=1e-5)
    assert [p.learning_rate_at(step) for step in (0, 1)] == [5e-4, 1e-3]
    assert p.learning_rate_at(12) == pytest.approx(1e-5)
    assert [p.stage_at(step).points for step in (0, 7, 8, 11)] == [16, 16, 32, 32]
    assert p.steps == 12


def test_noise_levels_follow_their_distribution():
    t = NOISE.sample(20000, torch.Generator().manual_seed(0))
    assert t.log().mean().item() == pytest.approx(-1.2, abs=0.03)
    assert t.log().std().item() == pytest.approx(1.2, rel=0.03)
    assert NoiseDistribution(0.0, 2.0, 1.0).sample(1000, torch.Generator().manual_seed(0)).max() == 1


def _train_as_one_of_several(clouds, folder):
    torch.set_num_threads(1)
    rows = []
    with process_group("cpu") as device:
        prior = train(SPEC, plan(), *clouds, checkpoint=folder / "g.safetensors", device=device, report=rows.append)
        number = rank()
    np.savez(folder / f"rank{number}.npz", weights=weights(prior).numpy(), loss=[row["loss"] for row in rows])


def test_two_processes_train_as_one_does(clouds, tmp_path):
    """The same losses and weights to rounding; only the first process reports."""
    launch(_train_as_one_of_several, 2, clouds, tmp_path)
    losses = []
    alone = train(
        SPEC, plan(), *clouds, checkpoint=tmp_path / "h.safetensors", report=lambda row: losses.append(row["loss"])
    )
    first, second = (np.load(tmp_path / f"rank{number}.npz") for number in range(2))
    np.testing.assert_allclose(first["loss"], losses, rtol=1e-5)
    np.testing.assert_allclose(first["weights"], weights(alone).numpy(), atol=1e-5)
    np.testing.assert_array_equal(first["weights"], second["weights"])
    assert len(second["loss"]) == 0


def test_batches_are_shared_equally_or_not_at_all(monkeypatch):
    batch = torch.arange(6)
    assert torch.equal(share(batch), batch)
    monkeypatch.setattr("pointprior.priors.distributed.processes", lambda: 3)
    monkeypatch.setattr("pointprior.priors.distributed.rank", lambda: 1)
    assert share(batch).tolist() == [2, 3]
    with pytest.raises(ValueError, match="a batch of 7 clouds cannot be shared equally by 3 processes"):
        share(torch.arange(7))
