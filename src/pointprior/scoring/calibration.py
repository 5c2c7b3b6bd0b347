"""Does the spread of posterior samples say how wrong they are?

Samples are matched point by point to their medoid, and so is the truth. Point j then has a spread (its
root-mean-square fluctuation over the samples), and an error (the distance of the samples' mean from the truth).
For a calibrated posterior the truth is as good as one more sample. If point j is Gaussian and isotropic, so that
S samples estimate its spread r, the truth lies within k r of their mean with probability p for

    k² = (S + 1) / (S - 1) · F⁻¹(p; 3, 3 (S - 1)),

which tends to the χ² ball of three dimensions for many samples. Coverage is the share of points for which it does.

Real spreads are neither Gaussian nor isotropic (a single view leaves one direction open), and matching shortens
distances that exceed the point spacing. So each sample in turn takes the place of the truth against the others:
`loo_coverage` is the coverage that a calibrated posterior of this very shape would have. Coverage below it means an
over-confident ensemble, coverage above it an under-confident one.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.special import fdtri

from pointprior.clouds import PointCloud
from pointprior.measurements.matching import partners
from pointprior.scoring.ensembles import Pairing, fluctuation, pair

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SHOWN_LEVELS = (0.5, 0.9)  # of the summary
SCALARS = ("spread", "error", "error_medoid", "error_to_spread", "spearman")


def coverage_factor(level: float, samples: int) -> float:
    """How many fluctuations around the mean hold the truth with probability `level` (isotropic Gaussian points).

    Examples
    --------
    >>> round(coverage_factor(0.5, 10), 3), round(coverage_factor(0.5, 100_000), 3)  # √(χ²₃ median / 3) = 0.888
    (0.994, 0.888)
    """
    _check_samples(samples)
    if not 0 < level < 1:
        raise ValueError(f"a level of coverage lies between 0 and 1, {level} does not")
    return float(np.sqrt((samples + 1) / (samples - 1) * fdtri(3, 3 * (samples - 1), level)))


def assess_calibration(points: Float[np.ndarray, "S N 3"], cloud: PointCloud) -> pd.DataFrame:
    """Compare the spread of samples with their error against the true cloud.

    Parameters
    ----------
    points : ndarray, shape=(S, N, 3)
        Samples in the cube units of `cloud`, at least two, N as the cloud has. They are taken as they are, in the frame
        that the measurements define: neither scaled nor superposed.
    cloud : PointCloud
        The truth.

    Returns
    -------
    DataFrame
        One row per nominal `level`: `coverage`, and `loo_coverage` (missing with two samples). Every row repeats
        what holds for all points: `samples`; `medoid` (which sample); `spread` and `error`, RMS over the points
        in Å, and `error_medoid` (of the medoid instead of the mean); `error_to_spread`, the error over what the spread
        predicts (1: calibrated, above: over-confident); `spearman`, the rank correlation of spread and error over
        the points (missing where either is the same for all).

    Raises
    ------
    ValueError
        If there are fewer than two samples, not as many points as in the cloud, or points that are not finite.
    """
    samples, count = points.shape[:2]
    _check_samples(samples)
    if count != len(cloud.points):
        raise ValueError(f"samples have {count} points, the truth {len(cloud.points)}: they cannot be matched")
    if not np.isfinite(points).all():
        raise ValueError("samples have points that are not finite")
    pairing, everyone, truth = pair(cloud.to_angstrom(points)), np.arange(samples), cloud.to_angstrom()
    medoid = pairing.medoid(everyone)
    matched = pairing.ordered(everyone, medoid)
    target = truth[partners(pairing.points[medoid], truth)]
    spread, error = fluctuation(matched), _distance(matched.mean(axis=0), target)
    predicted = predicted_error(spread, samples)
    return pd.DataFrame(
        {
            "samples": samples,
            "medoid": medoid,
            "spread": _root_mean_square(spread),
            "error": _root_mean_square(error),
            "error_medoid": _root_mean_square(_distance(matched[medoid], target)),
            "error_to_spread": _root_mean_square(error) / predicted if predicted > 0 else np.nan,
            "spearman": _rank_correlation(spread, error),
            "level": LEVELS,
            "coverage": _coverage(error, spread, samples),
            "loo_coverage": _left_out_coverage(pairing),
        }
    )


def predicted_error(spread: Float[np.ndarray, " N"], samples: int) -> float:
    """Root-mean-square distance of the truth from the samples' mean, if it is as good as one more sample.

    Examples
    --------
    >>> round(predicted_error(np.array([3.0, 3.0]), samples=2), 3)  # √3 times the fluctuation about the mean of two
    5.196
    """
    _check_samples(samples)
    return _root_mean_square(spread) * float(np.sqrt((samples + 1) / (samples - 1)))


def summarise_calibration(table: pd.DataFrame, tasks: Collection[str] | None = None) -> pd.DataFrame:
    """Condense `assess_calibration`'s tables of many structures to one row per task and method.

    Parameters
    ----------
    table : DataFrame
        Rows of `assess_calibration` with the columns structure, task and method.
    tasks : collection of str, optional
        Tasks to average over; by default all. (Not showcases: each of them measures something else.)

    Returns
    -------
    DataFrame
        Means over structures: of `spread` and the like, and of coverage at some levels (in per cent: `coverage_50`
        and `loo_coverage_50` for the level 0.5).
    """
    rows = []
    table = table if tasks is None else table[table["task"].isin(tasks)]
    for (task, method), part in table.groupby(["task", "method"], sort=False):
        each = part.drop_duplicates("structure")
        row = {"task": task, "method": method, "structures": len(each), "samples": int(each["samples"].max())}
        row |= {name: each[name].mean() for name in SCALARS}
        for level in SHOWN_LEVELS:
            at = part[np.isclose(part["level"], level)]
            row |= {f"{name}_{level:.0%}".strip("%"): at[name].mean() for name in ("coverage", "loo_coverage")}
        rows.append(row)
    return pd.DataFrame(rows)


def _coverage(error: Float[np.ndarray, " N"], spread: Float[np.ndarray, " N"], samples: int) -> list[float]:
    """Share of points whose error is within the ball of each level."""
    return [float((error <= coverage_factor(level, samples) * spread).mean()) for level in LEVELS]


def _left_out_coverage(pairing: Pairing) -> Float[np.ndarray, " L"]:
    """Coverage of each sample by the others, mean over samples."""
    samples = len(pairing.points)
    if samples < 3:  # one sample has no spread
        return np.full(len(LEVELS), np.nan)
    curves = []
    for left_out in range(samples):
        others = np.delete(np.arange(samples), left_out)
        medoid = pairing.medoid(others)
        matched = pairing.ordered(others, medoid)
        (as_truth,) = pairing.ordered(np.array([left_out]), medoid)
        curves.append(_coverage(_distance(matched.mean(axis=0), as_truth), fluctuation(matched), samples - 1))
    return np.mean(curves, axis=0)


def _rank_correlation(a: Float[np.ndarray, " N"], b: Float[np.ndarray, " N"]) -> float:
    """Spearman's rank correlation; NaN where either is constant."""
    from scipy.stats import rankdata  # slow, and needed only here

    ranks = rankdata(a), rankdata(b)
    if min(np.ptp(ranks[0]), np.ptp(ranks[1])) == 0:
        return np.nan
    return float(np.corrcoef(*ranks)[0, 1])


def _distance(a: Float[np.ndarray, "N 3"], b: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
    return np.linalg.norm(a - b, axis=1)


def _root_mean_square(values: Float[np.ndarray, " N"]) -> float:
    return float(np.sqrt((values**2).mean()))


def _check_samples(samples: int) -> None:
    if samples < 2:
        raise ValueError(f"a spread needs at least two samples, there are {samples}")
