"""Tables 1 and 2 of the paper from score tables: errors by task and method, and by integrator."""

from collections.abc import Mapping, Sequence

import pandas as pd

from pointprior.methods import METHODS

UNITS = {"chamfer": 1e-2, "emd": 1e-2, "energy": 1e-3}  # that the paper prints: in units of the cube, and its square


def with_experiment(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with the column experiment: `dataset/task`, where a structure is called `dataset/shape`; else the task.

    Examples
    --------
    >>> scores = pd.DataFrame({"structure": ["shapenet_chair/0a1b", "6ryr"], "task": ["p5x200", "p3x1024"]})
    >>> with_experiment(scores)["experiment"].tolist()
    ['shapenet_chair/p5x200', 'p3x1024']
    """
    dataset = scores["structure"].str.rpartition("/")[0]
    return scores.assign(experiment=dataset.where(dataset == "", dataset + "/") + scores["task"])


def time_steps(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the variants `steps10`, `steps20`, ... with the columns experiment and steps (Fig. 6)."""
    return with_experiment(scores).assign(steps=scores["variant"].str.removeprefix("steps").astype(int))


def table1(scores: pd.DataFrame, places: Mapping[str, str]) -> pd.DataFrame:
    """Errors by task and method: mean and standard deviation over all samples of all instances.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure (`dataset/shape`), task, method, chamfer, emd, energy, nfe
        (network evaluations, gradient steps of maximum likelihood) and seconds.
    places : mapping of str to str
        Place in the paper ("row 1") by experiment (`dataset/task`).

    Returns
    -------
    DataFrame
        Columns place (empty where the paper has no such row), experiment, method, instances, samples, and for CD and
        EMD (in 1e-2) and E (in 1e-3) `_mean` and `_sd`, nfe and seconds (per sample). In the paper's order, methods
        in the registry's.
    """
    rows = [
        {"place": places.get(experiment, ""), "experiment": experiment, "method": method}
        | _condensed(part)
        | {"nfe": int(part["nfe"].iloc[0]), "seconds": part["seconds"].mean()}
        for (experiment, method), part in with_experiment(scores).groupby(["experiment", "method"], sort=False)
    ]
    ranks = {place: rank for rank, place in enumerate(sorted(set(places.values())))} | {"": len(places)}
    methods = list(METHODS)
    rows.sort(key=lambda row: (ranks[row["place"]], row["experiment"], methods.index(row["method"])))
    return pd.DataFrame(rows)


def table2(scores: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Errors by integrator.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure, variant, nfe (network evaluations), chamfer, emd, energy.
    order : sequence of str
        Variants from top to bottom; those without scores are left out.

    Returns
    -------
    DataFrame
        Columns variant, nfe, instances, samples, and means and standard deviations as those of `table1`.
    """
    parts = dict(list(scores.groupby("variant", sort=False)))
    rows = [
        {"variant": variant, "nfe": int(parts[variant]["nfe"].iloc[0])} | _condensed(parts[variant])
        for variant in order
        if variant in parts
    ]
    return pd.DataFrame(rows)


def _condensed(part: pd.DataFrame) -> dict[str, float | int]:
    """Numbers of instances and samples, means and standard deviations in the paper's units."""
    row: dict[str, float | int] = {"instances": part["structure"].nunique(), "samples": len(part)}
    for measure, unit in UNITS.items():
        row |= {f"{measure}_mean": part[measure].mean() / unit, f"{measure}_sd": part[measure].std() / unit}
    return row
