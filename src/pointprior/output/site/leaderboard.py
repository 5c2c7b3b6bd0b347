"""Rows of the page's tables: methods in tasks, structures in a task, samples of a structure, comparisons."""

from typing import Any

import numpy as np
import pandas as pd

from pointprior.methods import METHODS, names
from pointprior.output.site.results import Results, Task
from pointprior.scoring.comparisons import compare_all
from pointprior.scoring.summary import FLOOR, summarise

SIGNIFICANT = 0.05  # of q
CEILING = "prior"  # the control that no method with measurements should be worse than
ROLES = {"sampler": "with a prior", "baseline": "without a prior", "control": "control"}
FACTORS = {"rmsd_cg": 1.0, "chamfer": 100.0, "emd": 100.0}  # the last two are shown in 1e-2 cube units
UNITS = {"rmsd_cg": "Å", "chamfer": "1e-2", "emd": "1e-2"}
NAMES = {"rmsd_cg": "RMSD", "chamfer": "CD", "emd": "EMD"}

Board = dict[str, list[dict[str, Any]]]  # rows by task


def leaderboard(results: Results, compared: pd.DataFrame) -> Board:
    """One row per task and method, controls too, in the order of the page's tasks and of their errors.

    `compared` is what `comparisons` gives.
    """
    return {task.name: method_rows(results, task, compared) for task in results.averaged}


def method_rows(results: Results, task: Task, compared: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per method of a task, the best first, then the controls."""
    summary = summarise(results.of(task)).set_index("method")
    bounds = _bounds(summary, task.measure)
    rows = [_row(task, name, summary.loc[name], bounds) for name in METHODS if name in summary.index]
    for row in rows:
        row["against"] = {other: _against(compared, task, row["method"].name, other) for other in names("baseline")}
    return sorted(rows, key=lambda row: (row["role"] == "control", row["mean"]))


def _row(task: Task, name: str, summary: pd.Series, bounds: dict[str, float]) -> dict[str, Any]:
    method, measure = METHODS[name], task.measure
    mean, spread = (float(summary[f"{measure}_{end}"]) for end in ("mean", "sd"))
    row = {"task": task, "method": method, "role": method.role, "said": ROLES[method.role], "mean": mean}
    row |= {"sd": spread, "structures": int(summary["structures"]), "samples": int(summary["samples"])}
    row |= {key: float(summary[f"{key}_mean"]) for key in ("rmsd_cg", "chamfer", "emd", "seconds")}
    row |= {f"{key}_sd": float(summary[f"{key}_sd"]) for key in ("rmsd_cg", "chamfer", "emd")}
    row["density"] = float(summary["density_correlation_mean"])
    row |= {"bar": _bar(mean, spread, bounds), "bounds": bounds}
    return row


def _against(compared: pd.DataFrame, task: Task, name: str, other: str) -> dict[str, Any] | None:
    """How often a method beats a baseline; None where they are the same or were not compared."""
    here = compared[(compared["task"] == task.name) & (compared["structures"] > 0)]
    for first, second, ahead in ((name, other, "won"), (other, name, "lost")):  # a pair is compared once
        for found in here[(here["method"] == first) & (here["other"] == second)].to_dict("records"):
            share, count = found[ahead], found["structures"]
            return {"ahead": round(share * count), "of": count, "share": share, "q": found["q"]}
    return None


def _bounds(summary: pd.DataFrame, measure: str) -> dict[str, float]:
    """Means of the controls that bound an error, and the end of the scale."""
    means = summary[f"{measure}_mean"]
    found = {
        name: float(means[control]) for name, control in (("floor", FLOOR), ("ceiling", CEILING)) if control in means
    }
    compared = summary.loc[[name for name in summary.index if METHODS[name].role != "control"]]
    reached = (compared[f"{measure}_mean"] + compared[f"{measure}_sd"].fillna(0)).max() if len(compared) else 0.0
    return found | {"end": 1.05 * max(float(np.nan_to_num(reached)), found.get("ceiling", 0.0), 1e-12)}


def _bar(mean: float, spread: float, bounds: dict[str, float]) -> dict[str, float]:
    """Where a method's mean and its spread lie between the bounds, in per cent of the scale."""
    at = {key: value for key, value in bounds.items() if key != "end"} | {"mean": mean}
    at |= {"low": mean - np.nan_to_num(spread), "high": mean + np.nan_to_num(spread)}
    return {key: round(float(np.clip(100 * value / bounds["end"], 0, 100)), 2) for key, value in at.items()}


def comparisons(results: Results) -> pd.DataFrame:
    """All comparisons of the page's tasks by the measure of each, adjusted together with those of the same measure."""
    parts = [
        compare_all(pd.concat([results.of(task) for task in tasks]), measure)
        for measure in FACTORS
        if (tasks := [task for task in results.averaged if task.measure == measure])
    ]
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["task", "method", "other", "structures", "q"])
    )


def comparison_rows(table: pd.DataFrame, task: Task) -> list[dict[str, Any]]:
    """Comparisons of a task as rows: which of the two is ahead, by how much, how often, and whether that is shown."""
    rows = []
    common = table[(table["task"] == task.name) & (table["structures"] > 0)]
    for found in common.to_dict("records"):
        better, other = found["method"], found["other"]
        ahead, difference = found["won"], found["difference"]
        if difference > 0:
            better, other, ahead, difference = other, better, found["lost"], -difference
        rows.append(
            {"better": METHODS[better], "other": METHODS[other], "difference": -difference * FACTORS[task.measure]}
            | {"ahead": round(ahead * found["structures"]), "of": found["structures"], "p": found["p"]}
            | {"q": found["q"], "shown": bool(found["q"] < SIGNIFICANT)}
        )
    return sorted(rows, key=lambda row: row["p"])


def structure_rows(results: Results, task: Task) -> list[dict[str, Any]]:
    """One row per structure of a task: its spacing, and the mean error of every method."""
    scores = results.of(task)
    means = scores.pivot_table(index="structure", columns="method", values=task.measure, sort=False)
    compared = [name for name in means if METHODS[name].role != "control"]
    first = scores.groupby("structure", sort=False)[["spacing", "resolution"]].first()
    return [
        {
            "structure": structure,
            "spacing": float(first.loc[structure, "spacing"]),
            "resolution": float(first.loc[structure, "resolution"]),
            "means": {name: float(row[name]) for name in means},
            "best": row[compared].idxmin() if compared else None,
        }
        for structure, row in means.iterrows()
    ]


def sample_rows(results: Results, task: Task, structure: str) -> list[dict[str, Any]]:
    """One row per sample of a structure in a task; the medoids are marked, where they are known."""
    scores = results.of(task)
    part = scores[scores["structure"] == structure]
    order = {name: place for place, name in enumerate(METHODS)}
    rows, medoids = part.to_dict("records"), _medoids(results, task, structure)
    for row in rows:
        row["medoid"] = medoids.get(row["method"]) == row["sample"]
        row["of"] = METHODS[row["method"]]
        row["mirrored"] = bool(row["rmsd_cg_mirrored"] < row["rmsd_cg"])
    return sorted(rows, key=lambda row: (order[row["method"]], row["sample"]))


def _medoids(results: Results, task: Task, structure: str) -> dict[str, int]:
    """Number of every method's medoid, of several samples."""
    table = results.coverage
    if table is None:
        return {}
    here = (table["task"] == task.name) & (table["structure"] == structure) & (table["samples"] > 1)
    return dict(zip(table.loc[here, "method"], table.loc[here, "medoid"], strict=True))
