"""Tables of the paper from score tables: Table 1 (tasks and methods), Table 2 (integrators), Table 3 (priors)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from pointprior.methods import METHODS

UNITS = {"chamfer": 1e-2, "emd": 1e-2, "energy": 1e-3}  # that the paper prints: in units of the cube, and its square
TABLE3 = {"1-NNA (%)": "nna", "COV (%)": "cov", "MMD (1e-2)": "mmd"}  # columns of `sample_quality`, and here


def experiment_of(scores: pd.DataFrame) -> pd.Series:
    """What was measured of what: `dataset/task`, where a structure is called `dataset/shape`; else the task alone.

    Examples
    --------
    >>> scores = pd.DataFrame({"structure": ["shapenet_chair/0a1b", "6ryr"], "task": ["p5x200", "p3x1024"]})
    >>> experiment_of(scores).tolist()
    ['shapenet_chair/p5x200', 'p3x1024']
    """
    dataset = scores["structure"].str.rpartition("/")[0]
    return dataset.where(dataset == "", dataset + "/") + scores["task"]


def table1(scores: pd.DataFrame, places: Mapping[str, str]) -> pd.DataFrame:
    """Errors by task and method: mean and standard deviation over all samples of all instances.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure (`dataset/shape`), task, method, chamfer, emd, energy.
    places : mapping of str to str
        Place in the paper ("row 1") by experiment (`dataset/task`).

    Returns
    -------
    DataFrame
        Columns place (empty where the paper has no such row), experiment, method, instances, samples, and for CD and
        EMD (in 1e-2) and E (in 1e-3) `_mean` and `_sd`. In the paper's order, methods in the registry's.
    """
    rows = [
        {"place": places.get(experiment, ""), "experiment": experiment, "method": method} | _condensed(part)
        for (experiment, method), part in scores.groupby([experiment_of(scores), "method"], sort=False)
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


def table3(evaluations: Mapping[str, pd.DataFrame], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Quality of priors' samples, and of as many training clouds.

    Parameters
    ----------
    evaluations : mapping of str to DataFrame
        What `priors.sample_quality.compare_with_held_out` says, by prior.
    kinds : mapping of str to str
        What each prior knows ("Chair", "Mixed" or "CryoStruct"); others have no row in the paper.

    Returns
    -------
    DataFrame
        Columns prior, kind, set ("prior", "training set"), nna, cov (in %), mmd (in 1e-2), clouds, references.
    """
    tables = [table.assign(prior=prior, kind=kinds.get(prior, "")) for prior, table in evaluations.items()]
    table = pd.concat(tables, ignore_index=True).rename(columns=TABLE3)
    return table[["prior", "kind", "set", *TABLE3.values(), "clouds", "references"]]


def _condensed(part: pd.DataFrame) -> dict[str, float | int]:
    """Numbers of instances and samples, means and standard deviations in the paper's units."""
    row: dict[str, float | int] = {"instances": part["structure"].nunique(), "samples": len(part)}
    for measure, unit in UNITS.items():
        row |= {f"{measure}_mean": part[measure].mean() / unit, f"{measure}_sd": part[measure].std() / unit}
    return row
