"""Denoising errors of held-out clouds, and what a card says of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ellipsoid_set import ellipsoid_set, padded_set
from tiny_training import SPEC

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error, describe
from pointprior.priors.spec import NetworkSpec


def test_denoising_error_is_one_for_the_linear_denoiser_whatever_sigma_data():
    generator = np.random.default_rng(0)
    gaussian = generator.normal(0, 0.4, (32, 200, 3)).astype(np.float32)
    linear = denoising_error(Denoiser(replace(SPEC, sigma_data=0.4)), gaussian, levels=(0.05, 0.4, 2.0))
    assert list(linear.values()) == pytest.approx([1, 1, 1], abs=0.02)
    wrong = denoising_error(Denoiser(replace(SPEC, sigma_data=0.8)), gaussian, levels=(0.4,))[0.4]
    # c_skip = 0.8: bias 0.2² 0.16 and noise 0.8² 0.16, against 0.08
    assert wrong == pytest.approx((0.04 + 0.64) * 0.16 / 0.08, rel=0.03)


def test_card_counts_and_losses():
    data = ellipsoid_set()
    torch.manual_seed(0)
    denoiser = Denoiser(NetworkSpec(width=16, layers=1, heads=1, sigma_data=0.5, time_code="log"))
    card = describe(denoiser, data)
    counts = {"clouds": 12, "clusters": 6, "validation_clouds": 4, "validation_clusters": 2}
    assert card["data"] == counts | {"standard_deviation": round(float(data.points.std()), 4)}
    assert list(card["denoising_error"]) == ["0.02", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0"]
    # an untrained prior returns c_skip x, and 480 coordinates tell its error to 6 %
    assert card["denoising_error"]["0.02"] == pytest.approx(1, abs=0.2)
    on_training = denoising_error(denoiser, data.points[:12])
    assert card["denoising_error_in_training"] == pytest.approx(
        {str(level): error for level, error in on_training.items()}, abs=1e-4
    )


def test_padding_is_not_judged():
    padded = padded_set()
    points = np.where(padded.points == 0, np.nan, padded.points)
    card = describe(Denoiser(SPEC), replace(padded, points=points))
    assert np.isfinite([*card["denoising_error"].values(), *card["denoising_error_in_training"].values()]).all()
    assert np.isfinite(card["data"]["standard_deviation"])
