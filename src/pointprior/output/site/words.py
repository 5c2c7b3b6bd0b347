"""Two sentences for every page: what one sees and what follows from it; [terms] are marked, as `terms.marked` reads."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from pointprior.methods import METHODS, names
from pointprior.output.site.leaderboard import CEILING, FACTORS, NAMES, SIGNIFICANT, UNITS, Board
from pointprior.output.site.results import Results, Task
from pointprior.scoring.comparisons import least_p

CALIBRATED = (0.8, 1.25)  # error over what the spread predicts, that still counts as agreement

COURSE = (
    "[energy|Energy] and error of what the denoiser expects the first sample to become, from the first noise level "
    "(left) to the last. Where the energy still falls and the error does not, the measurements have no more to tell."
)


def home(results: Results, board: Board, comparisons: pd.DataFrame) -> list[str]:
    """Of the first page."""
    structures, tasks = results.scores["structure"].nunique(), results.averaged
    size = f"{counted(structures, 'structure')}, {counted(len(tasks), 'task')}"
    seen = (
        f"Each row is one method in one task: its mean error over the structures ({size} in all), and a bar that sets "
        "it between the [bounds] that the [control|controls] give."
    )
    return [seen, f"{_winners(board)}; {_significance(comparisons)}."]


def _winners(board: Board) -> str:
    best = [rows[0]["method"] for found in board.values() if (rows := _compared(found))]
    if not best:
        return "No method is compared here"
    counts = pd.Series([method.label for method in best]).value_counts()
    said = joined([f"{label} in {count}" for label, count in counts.items()])
    return f"The lowest mean error is that of {said} of {counted(len(best), 'task')}"


def _significance(comparisons: pd.DataFrame) -> str:
    tested = comparisons.dropna(subset=["q"])
    if tested.empty:
        return "there is nothing to compare it with"
    most = int(tested["structures"].max())
    if least_p(most) > SIGNIFICANT:
        return (
            f"with {counted(most, 'structure')} none of the differences can be significant (p is {least_p(most):.2g} "
            "at least)"
        )
    found = int((tested["q"] < SIGNIFICANT).sum())
    return (
        f"of {len(tested)} comparisons, {found} are significant after correction for all that use the same score "
        f"(q < {SIGNIFICANT})"
    )


def task(results: Results, task: Task, board: Board) -> list[str]:
    """Of the page of a task."""
    count = results.of(task)["structure"].nunique()
    given = "Every structure has its own measurements" if task.own else f"Every method was given {task.title}"
    seen = f"{given}; the table has the errors over {counted(count, 'structure')}, the one below those of each."
    rows = _compared(board.get(task.name, []))
    if not rows:
        return [seen, "Open a structure to look at its models."]
    best, measure = rows[0], task.measure
    follows = f"{_first(best['method'].label)} has the lowest mean {NAMES[measure]}, {quantity(best['mean'], measure)}"
    control = [row for row in board[task.name] if row["method"].name == CEILING]
    if control:
        follows += f"; the [prior] without the measurements has {quantity(control[0]['mean'], measure)}"
    return [seen, f"{follows}."]


def entry(results: Results, task: Task, structure: str, *, measured: Collection[str]) -> list[str]:
    """Of the page of a structure in a task; `measured` are the kinds of measurements that can be looked at."""
    part = results.of(task)
    part = part[part["structure"] == structure]
    seen = "The table has every sample of every method"
    if measured:
        seen = "Turn the models: samples of each method, the truth, and the measurements"
        seen += ", [projection|projections] in the planes they were taken in" * ("projection" in measured)
    compared = part[part["method"].isin(names("sampler", "baseline"))]
    means = compared.groupby("method")[task.measure].mean()
    if means.empty:
        return [f"{seen}.", "No method is compared here."]
    best = str(means.idxmin())
    reached = f"{NAMES[task.measure]} {quantity(means.min(), task.measure)} on average"
    follows = f"{_first(METHODS[best].label)} comes nearest to the truth: {reached}"
    return [f"{seen}.", f"{follows}{_of_spread(results, task, structure, best)}."]


def _of_spread(results: Results, task: Task, structure: str, method: str) -> str:
    """Whether the spread of a method's samples tells their error."""
    table = results.coverage
    if table is None:
        return ""
    place = (table["structure"] == structure) & (table["task"] == task.name) & (table["method"] == method)
    if not place.any() or np.isnan(ratio := float(table.loc[place, "error_to_spread"].iloc[0])):
        return ""
    if ratio > CALIBRATED[1]:
        return f"; its samples differ too little for their error, which is {ratio:.1f} times what their spread predicts"
    if ratio < CALIBRATED[0]:
        return f"; its samples differ more than their error asks for ({ratio:.1f} of what their spread predicts)"
    return "; the spread of its samples tells how wrong they are: it is [calibrated]"


def _compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["role"] != "control"]


def quantity(value: float, measure: str) -> str:
    """A score with its unit.

    Examples
    --------
    >>> quantity(4.321, "rmsd_cg"), quantity(0.0432, "emd")
    ('4.32 Å', '4.32e-2')
    """
    return f"{value * FACTORS[measure]:.2f}" + ({"Å": " Å", "1e-2": "e-2"}[UNITS[measure]])


def bar(row: dict[str, Any]) -> str:
    """What a row's bar shows, for those who cannot see it."""
    measure = row["task"].measure
    ends = {"second fit": row["bounds"].get("floor"), "prior alone": row["bounds"].get("ceiling")}
    said = [f"{name} {quantity(value, measure)}" for name, value in ends.items() if value is not None]
    return f"{NAMES[measure]} {quantity(row['mean'], measure)}" + (f"; {', '.join(said)}" if said else "")


def _first(label: str) -> str:
    """A label that begins a sentence."""
    return label[0].upper() + label[1:]


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    Examples
    --------
    >>> counted(1, "task"), counted(3, "structure")
    ('1 task', '3 structures')
    """
    return f"{number} {noun}{'s' * (number != 1)}"


def joined(parts: list[str]) -> str:
    """A list as English writes it.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([*([", ".join(parts[:-1])] if parts[:-1] else []), parts[-1]])
