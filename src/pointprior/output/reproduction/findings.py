"""Whether the computed numbers show what the paper's do: what the prior, the integrators and the time steps gain."""

from collections.abc import Mapping

import pandas as pd

MEASURES = {"chamfer": "CD", "emd": "EMD"}


def prior_pays(table: pd.DataFrame | None) -> list[str]:
    """In how many rows of Table 1 the mean error of DPS is below that of maximum likelihood."""
    if table is None or table.empty:
        return []
    rows = table[table["place"] != ""].pivot(index="place", columns="method", values=["chamfer_mean", "emd_mean"])
    if not {"dps", "ml"} <= set(rows.columns.get_level_values("method")):
        return []
    counts = []
    for measure, name in MEASURES.items():
        pairs = rows[f"{measure}_mean"][["dps", "ml"]].dropna()
        counts.append(f"in {name} in {int((pairs['dps'] < pairs['ml']).sum())} of {len(pairs)} rows")
    return [f"DPS is ahead of ML {' and '.join(counts)} (the paper: in all nine)."]


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
