"""Whether the computed numbers show what the paper's do: what the prior, the integrators and the time steps gain."""

from collections.abc import Mapping

import pandas as pd

from pointprior.methods import METHODS
from pointprior.output.reproduction.printed import printed

MEASURES = {"chamfer": "CD", "emd": "EMD"}


def prior_pays(table: pd.DataFrame | None) -> list[str]:
    """In how many rows of Table 1 the mean error of DPS is below that of the methods without a prior."""
    if table is None or table.empty:
        return []
    rows = _of_the_paper(table).pivot(index="place", columns="method", values=["chamfer_mean", "emd_mean"])
    sentences = []
    for rival, paper in (("ml", " (the paper: in all nine)"), ("ml_regularised", " (the paper has no such method)")):
        if {"dps", rival} <= set(rows.columns.get_level_values("method")):
            counts = " and ".join(_ahead(rows[f"{measure}_mean"], rival, name) for measure, name in MEASURES.items())
            sentences.append(f"DPS is ahead of {METHODS[rival].label} {counts}{paper}.")
    return sentences


def _of_the_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of Table 1 that the paper has; the place of others is empty, or missing once they have been in a file."""
    return table[table["place"].isin(printed("table1")["place"])]


def _ahead(means: pd.DataFrame, rival: str, measure: str) -> str:
    """In how many of the rows that both methods have DPS is ahead."""
    pairs = means[["dps", rival]].dropna()
    return f"in {measure} in {int((pairs['dps'] < pairs[rival]).sum())} of {len(pairs)} rows"


def baseline_agrees(table: pd.DataFrame | None) -> list[str]:
    """How far the mean errors of ML, which no prior moves, are from the printed ones, over the rows of Table 1."""
    if table is None or table.empty:
        return []
    both = (_of_the_paper(table), printed("table1"))
    ours, theirs = (rows[rows["method"] == "ml"].set_index("place") for rows in both)
    means = [f"{measure}_mean" for measure in MEASURES]
    ratios = (ours[means] / theirs[means]).dropna()
    if ratios.empty:
        return []
    chamfer, emd = (f"{ratios[mean].min():.2f} to {ratios[mean].max():.2f}" for mean in means)
    return [f"ML's mean errors are {chamfer} times the printed ones in CD and {emd} times in EMD."]


def integrators_in_order(table: pd.DataFrame | None) -> list[str]:
    """Whether errors fall from A to B to C in Table 2."""
    found = pd.DataFrame() if table is None else table.set_index("variant").reindex(["A", "B", "C"])
    if found.empty or found["chamfer_mean"].isna().any():
        return []
    verdicts = [f"{name} {_falls(found[f'{measure}_mean'])}" for measure, name in MEASURES.items()]
    return [f"From A to B to C, {' and '.join(verdicts)} (the paper: both fall)."]


def steps_help(scores: pd.DataFrame | None, places: Mapping[str, str]) -> list[str]:
    """Whether errors fall with the number of time steps in Fig. 6."""
    if scores is None:
        return []
    sentences = []
    for experiment, part in scores.groupby("experiment", sort=False):
        means = part.groupby("steps")[list(MEASURES)].mean()
        verdicts = [f"{name} {_falls(means[measure])}" for measure, name in MEASURES.items()]
        first, last = means.index.min(), means.index.max()
        place = places.get(str(experiment), experiment)
        sentences.append(
            f"{place}: from {first} to {last} time steps, {' and '.join(verdicts)} (the paper: both fall)."
        )
    return sentences


def _falls(values: pd.Series) -> str:
    """What a series of errors does."""
    steps = values.diff().dropna()
    if (steps < 0).all():
        return "falls throughout"
    return "falls, but not throughout" if steps.sum() < 0 else "does not fall"
