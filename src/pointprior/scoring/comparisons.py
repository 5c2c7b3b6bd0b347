"""Every method against every other, with the significance of each difference and of all of them together."""

from itertools import combinations

import numpy as np
import pandas as pd

from pointprior.methods import names
from pointprior.scoring.summary import compare


def compare_all(scores: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Compare all methods but the controls in every task, structure by structure.

    Parameters
    ----------
    scores : DataFrame
        One row per sample, with the columns structure, task, method and the measure, of which less is better.

    Returns
    -------
    DataFrame
        One row per task and pair: `task`, `method`, `other`; `structures` that both were run on; the mean over them of
        the difference of their means over samples (`difference`, below 0 where `method` is better); the shares of
        structures where it is and where `other` is (`won`, `lost`; ties are neither); the two-sided p-value of
        Wilcoxon's signed-rank test (`p`), and the same adjusted for all comparisons of the table (`q`; Benjamini and
        Hochberg: of the differences with q below 0.05, one in twenty is expected to be none).
    """
    from scipy.stats import false_discovery_control

    rows = [
        _compared(part, task, *pair, measure)
        for task, part in scores.groupby("task", sort=False)
        for pair in combinations([name for name in names("sampler", "baseline") if (part["method"] == name).any()], 2)
    ]
    columns = ["task", "method", "other", "structures", "difference", "won", "lost", "p"]
    table = pd.DataFrame(rows, columns=columns)
    known = table["p"].notna()
    table["q"] = np.nan
    if known.any():
        table.loc[known, "q"] = false_discovery_control(table.loc[known, "p"].to_numpy(float))
    return table


def _compared(part: pd.DataFrame, task: str, method: str, other: str, measure: str) -> tuple:
    """A row of the table."""
    ours, theirs = (part[part["method"] == name] for name in (method, other))
    means = [table.groupby("structure")[measure].mean() for table in (ours, theirs)]
    difference = (means[0] - means[1]).dropna()
    won, p_value = compare(ours, theirs, measure)
    lost = (difference > 0).mean()
    return task, method, other, len(difference), difference.mean(), won, lost, p_value


def least_p(structures: int) -> float:
    """The least p-value that the test can give for a number of structures: all differences of one sign.

    Examples
    --------
    >>> least_p(3), least_p(6)
    (0.25, 0.03125)
    """
    return 2.0 ** (1 - structures)
