"""Ensembles of known distribution: nominal coverage, and over- and under-confidence told."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, f, spearmanr

from pointprior.clouds import PointCloud
from pointprior.scoring.calibration import LEVELS, assess_calibration, coverage_factor, summarise_calibration

GRID = 10.0  # Å between the grid's points


def grid(side: int = 8) -> np.ndarray:
    """Points far apart, so that matching finds who is who."""
    axis = GRID * np.arange(side)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def ensemble(
    *, samples: int, told: float, true: float, seed: int = 0, side: int = 8, anisotropy=(1, 1, 1)
) -> tuple[np.ndarray, PointCloud]:
    """Samples with standard deviation `told` (Å a coordinate) and a truth with `true`, about the same centres."""
    generator = np.random.default_rng(seed)
    centres = grid(side)
    shape = (samples, *centres.shape)
    truth = centres + true * np.array(anisotropy) * generator.normal(size=centres.shape)
    cloud = PointCloud.from_coordinates(truth)
    drawn = centres + told * np.array(anisotropy) * generator.normal(size=shape)
    shuffled = np.stack([generator.permutation(sample) for sample in drawn])
    return ((shuffled - cloud.center) / cloud.scale).astype(np.float32), cloud


@pytest.mark.parametrize("samples", [2, 3, 10])
def test_coverage_of_a_known_gaussian_is_nominal(samples):
    table = assess_calibration(*ensemble(samples=samples, told=0.8, true=0.8))
    np.testing.assert_allclose(table["coverage"], LEVELS, atol=4 * 0.5 / np.sqrt(512))  # four standard errors
    assert table["error_to_spread"][0] == pytest.approx(1, abs=0.06)
    # root mean squares in closed form: spread² = 3σ² (S-1)/S, error² = 3σ² (S+1)/S
    assert table["spread"][0] == pytest.approx(0.8 * np.sqrt(3 * (samples - 1) / samples), rel=0.06)
    assert table["error"][0] == pytest.approx(0.8 * np.sqrt(3 * (samples + 1) / samples), rel=0.06)
    if samples == 2:
        assert table["loo_coverage"].isna().all()
    else:
        np.testing.assert_allclose(table["loo_coverage"], LEVELS, atol=0.04)


def test_over_and_under_confident_ensembles_are_told():
    confident = assess_calibration(*ensemble(samples=10, told=0.4, true=0.8))
    humble = assess_calibration(*ensemble(samples=10, told=0.8, true=0.4))
    inside = slice(2, 10)  # levels 0.2 to 0.9
    assert (confident["coverage"][inside] < confident["loo_coverage"][inside] - 0.1).all()
    assert (humble["coverage"][inside] > humble["loo_coverage"][inside] + 0.05).all()
    # the truth's variance and that of the mean, over what the samples' variance predicts
    assert confident["error_to_spread"][0] == pytest.approx(np.sqrt((4 + 0.1) / 1.1), rel=0.06)
    assert humble["error_to_spread"][0] == pytest.approx(np.sqrt((0.25 + 0.1) / 1.1), rel=0.06)


def test_left_out_samples_give_the_yardstick_where_no_gaussian_does():
    # one direction open (as behind a single view): the isotropic ball is wrong, the samples know it
    table = assess_calibration(*ensemble(samples=10, told=1.0, true=1.0, anisotropy=(0.05, 0.05, 2.0)))
    assert np.abs(table["coverage"] - table["level"]).max() > 0.05
    np.testing.assert_allclose(table["coverage"], table["loo_coverage"], atol=0.08)
    # fluctuations as large as the spacing: matching no longer knows who is who
    points, cloud = ensemble(samples=8, told=8.0, true=8.0, side=6)
    table = assess_calibration(points, cloud)
    np.testing.assert_allclose(table["coverage"], table["loo_coverage"], atol=0.1)
    confident, cloud = ensemble(samples=8, told=3.0, true=8.0, side=6)
    table = assess_calibration(confident, cloud)
    assert (table["coverage"][3:] < table["loo_coverage"][3:] - 0.1).all()


def test_spearman_finds_the_uncertain_points():
    generator = np.random.default_rng(1)
    centres = grid(8)
    width = np.where(np.arange(len(centres)) % 2, 0.1, 1.0)[:, None]
    cloud = PointCloud.from_coordinates(centres + width * generator.normal(size=centres.shape))
    drawn = centres + width * generator.normal(size=(6, *centres.shape))
    informative = assess_calibration(((drawn - cloud.center) / cloud.scale).astype(np.float32), cloud)["spearman"][0]
    assert informative > 0.7
    uninformative = assess_calibration(*ensemble(samples=6, told=0.5, true=0.5, side=8))["spearman"][0]
    assert abs(uninformative) < 0.15


def test_spearman_is_scipys():
    points, cloud = ensemble(samples=4, told=0.5, true=0.5, side=4)
    truth, drawn = cloud.to_angstrom(), cloud.to_angstrom(points)
    nearest = ((drawn[:, None] - truth[None, :, None]) ** 2).sum(-1).argmin(-1)  # (S, N): far apart, so unambiguous
    matched = np.stack([sample[order] for sample, order in zip(drawn, nearest, strict=True)])
    spread = np.sqrt(((matched - matched.mean(axis=0)) ** 2).sum(-1).mean(axis=0))
    error = np.linalg.norm(matched.mean(axis=0) - truth, axis=1)
    table = assess_calibration(points, cloud)
    assert table["spearman"][0] == pytest.approx(spearmanr(spread, error).statistic, abs=1e-9)
    assert table["spread"][0] == pytest.approx(np.sqrt((spread**2).mean()), rel=1e-9)
    medoid = matched[table["medoid"][0]]
    assert table["error_medoid"][0] == pytest.approx(np.sqrt(((medoid - truth) ** 2).sum(-1).mean()), rel=1e-9)


def test_medoid_is_the_central_sample():
    points, cloud = ensemble(samples=5, told=0.5, true=0.5, side=4)
    points[3] = (grid(4) - cloud.center) / cloud.scale
    assert (assess_calibration(points, cloud)["medoid"] == 3).all()


def test_neither_order_of_points_nor_frame_matters():
    points, cloud = ensemble(samples=4, told=0.5, true=0.5, side=5)
    shuffled = points[:, np.random.default_rng(3).permutation(points.shape[1])]
    moved = PointCloud.from_coordinates(cloud.to_angstrom() + np.array([500, -30, 7]))
    for other in (assess_calibration(shuffled, cloud), assess_calibration(points, moved)):
        pd.testing.assert_frame_equal(other, assess_calibration(points, cloud), rtol=1e-4)


def test_identical_samples_claim_certainty():
    points, cloud = ensemble(samples=1, told=0.5, true=0.5, side=4)
    table = assess_calibration(np.repeat(points, 3, axis=0), cloud)
    np.testing.assert_allclose(table["spread"], 0, atol=1e-12)
    assert (table["coverage"] == 0).all()
    assert (table["error_to_spread"] > 1e6).all()


@pytest.mark.parametrize("samples", [2, 5, 30])
def test_factor_is_of_the_f_distribution(samples):
    """An error and a variance estimated from so many samples, in three coordinates."""
    for level in LEVELS:
        expected = (samples + 1) / (samples - 1) * f.ppf(level, 3, 3 * (samples - 1))
        assert coverage_factor(level, samples) ** 2 == pytest.approx(expected, rel=1e-9)


def test_factor_tends_to_the_chi_squared_ball():
    for level in LEVELS:
        assert coverage_factor(level, 10**6) == pytest.approx(np.sqrt(chi2.ppf(level, 3) / 3), rel=1e-4)
        assert coverage_factor(level, 5) > coverage_factor(level, 50)


def test_summary_is_the_mean_over_structures():
    tables = []
    for structure, seed in (("1abc", 0), ("2abc", 1)):
        one = assess_calibration(*ensemble(samples=3, told=0.5, true=0.5, side=4, seed=seed))
        tables.append(one.assign(structure=structure, task="p3", method="dps"))
    summary = summarise_calibration(pd.concat(tables, ignore_index=True))
    assert summary[["task", "method", "structures", "samples"]].values.tolist() == [["p3", "dps", 2, 3]]
    at = [table.loc[np.isclose(table["level"], 0.9), "coverage"].item() for table in tables]
    assert summary["coverage_90"][0] == pytest.approx(np.mean(at))
    assert summary["spread"][0] == pytest.approx(np.mean([table["spread"][0] for table in tables]))


def test_refusals():
    points, cloud = ensemble(samples=3, told=0.5, true=0.5, side=3)
    with pytest.raises(ValueError, match="at least two samples, there are 1"):
        assess_calibration(points[:1], cloud)
    with pytest.raises(ValueError, match="samples have 20 points, the truth 27"):
        assess_calibration(points[:, :20], cloud)
    with pytest.raises(ValueError, match="not finite"):
        assess_calibration(np.where(points == points[0, 0, 0], np.float32(np.nan), points), cloud)
    with pytest.raises(ValueError, match=r"between 0 and 1, 1\.5 does not"):
        coverage_factor(1.5, 3)
