"""The record of a training: rows, pace, and a curve that survives interruptions."""

import itertools

import numpy as np
import pandas as pd
import pytest
from tiny_training import plan

from pointprior.priors.point_transformer import PointTransformer
from pointprior.priors.training.progress import Curve, Pace, curve_row


def test_row_splits_the_loss_by_noise():
    loss, t = np.array([1.0, 2.0, 3.0, 5.0]), np.array([0.05, 0.1, 0.3, 0.49])
    row = curve_row(plan(), 1, loss, t)
    assert (row["step"], row["clouds"], row["learning_rate"], row["loss"]) == (2, 8, 1e-3, 2.75)
    assert row["loss_low_noise"] == 1
    assert row["loss_middle_noise"] == pytest.approx(10 / 3)
    assert np.isnan(row["loss_high_noise"])


def test_pace_counts_what_is_left():
    """The second stage's clouds are twice as large: of 12 steps' work, the first eight are less than two thirds."""
    network, seconds = PointTransformer(width=32, layers=1, heads=2), itertools.count()
    pace = Pace(plan(), network, 0, peak=1e12, clock=lambda: float(next(seconds)))
    rows = [pace.after(step) for step in range(12)]  # each step takes a second
    assert rows[-1]["seconds_left"] == 0
    work = {16: 3 * 4 * network.flops(16), 32: 3 * 2 * network.flops(32)}
    assert rows[7]["seconds_left"] == pytest.approx(8 * 4 * work[32] / (8 * work[16]))
    assert [row["clouds_per_second"] for row in rows] == [4.0] * 8 + [2.0] * 4
    assert rows[3]["share_of_peak"] == pytest.approx(work[16] / 1e12)


def test_repeated_steps_count_once_the_last_time(tmp_path):
    first, second = (Curve(tmp_path / "run.csv", every=2) for _ in range(2))
    row = {"clouds_per_second": 1.0, "share_of_peak": 0.5, "seconds_left": 1.0}
    row |= {f"loss_{band}_noise": 1.0 for band in ("low", "middle", "high")}
    for step in (1, 2, 3):
        first.add(row | {"step": step, "loss": 1.0})
    first.flush()
    for step in (2, 3, 4, 5):  # a checkpoint after the first step
        second.add(row | {"step": step, "loss": 2.0})
    second.save(tmp_path / "curve.csv", 4)
    table = pd.read_csv(tmp_path / "curve.csv")
    assert table["step"].tolist() == [1, 2, 3, 4]
    assert table["loss"].tolist() == [1, 2, 2, 2]
