"""Scores against something that is varied: the guidance strength, the noise of the measurements."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pointprior.output.figures.scores import LABELS
from pointprior.output.figures.style import FAINT, METHOD_COLOURS, METHOD_NAMES, styled, wrapped

SWEPT = ("rmsd_cg", "chamfer", "emd")
METHODS = {  # marker, line
    "dps": ("o", "-"),
    "pnp": ("^", "-."),
    "ml_regularised": ("s", (0, (5, 2))),
    "ml": ("D", (0, (2, 1.5))),
}
GRID = "#E6E8EB"


@styled
def plot_alpha_sweep(
    scores: pd.DataFrame,
    *,
    chosen: Mapping[str, float | int] | None = None,  # configured α of each task
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """RMSD, CD and EMD against α: a column a task, thin lines structures, thick ones their mean, ML as a line.

    Parameters
    ----------
    scores : DataFrame
        A row a sample with the columns structure, task, method, alpha (empty for ML), rmsd_cg, chamfer, emd.
    """
    tasks = list(scores.loc[scores["method"] == "dps", "task"].unique())
    if not tasks:
        raise ValueError("the sweep has no row of dps")
    figure = Figure(figsize=(1.0 + 2.9 * len(tasks), 6.9), layout="constrained")
    grid = figure.subplots(len(SWEPT), len(tasks), squeeze=False, sharex=True)
    for column, task in zip(grid.T, tasks, strict=True):
        of_task = scores[scores["task"] == task]
        for axes, measure in zip(column, SWEPT, strict=True):
            _draw_sweep(axes, of_task, measure)
            if chosen and task in chosen:
                axes.axvline(chosen[task], color=FAINT, lw=1.2, ls=":", label=f"configured α = {chosen[task]:,.0f}")
        title = wrapped((titles or {}).get(task, task), inches=2.8, size=9)
        column[0].set_title(title, loc="left", weight="bold", fontsize=9)
        column[0].legend(fontsize=7, loc="best")
    for axes, measure in zip(grid[:, 0], SWEPT, strict=True):
        axes.set_ylabel(LABELS[measure], fontsize=8)
    label = "guidance strength α in ζ = α / √E, with E the Frobenius sum of squared distances (cube units²)"
    figure.supxlabel(wrapped(label, inches=figure.get_figwidth(), size=9), fontsize=9)
    return figure


def _draw_sweep(axes: Axes, scores: pd.DataFrame, measure: str) -> None:
    table = scores[scores["method"] == "dps"].pivot_table(index="alpha", columns="structure", values=measure)
    colour = METHOD_COLOURS["dps"]
    for structure in table:
        axes.plot(table.index, table[structure], color=colour, alpha=0.35, lw=0.9)
    mean = table.mean(axis=1)
    axes.plot(
        mean.index, mean, color=colour, lw=2, marker="o", ms=4, label=f"DPS, mean over {_structures(table.shape[1])}"
    )
    baseline = scores.loc[scores["method"] == "ml"].groupby("structure")[measure].mean()
    if len(baseline):
        axes.axhline(baseline.mean(), color=METHOD_COLOURS["ml"], lw=1.4, dashes=(2, 1.5), label="ML")
    axes.set_xscale("log")
    axes.yaxis.grid(True, color=GRID, lw=0.6)


def _structures(count: int) -> str:
    return f"{count} structure{'s' * (count != 1)}"


@styled
def plot_noise(scores: pd.DataFrame, *, column: str = "rmsd_cg", title: str = "") -> Figure:
    """A score against noise: means over structures of their means over samples, bars one standard error.

    Parameters
    ----------
    scores : DataFrame
        A row a sample with the columns structure, method, noise (in Å) and the one to draw.
    """
    drawn = scores[scores["method"].isin(METHODS)].dropna(subset=[column])
    if drawn.empty:
        raise ValueError(f"no row of {', '.join(METHODS)} has a value of {column!r} to draw")
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.subplots()
    spread = 0.006 * float(drawn["noise"].max())  # so that bars do not hide each other
    for place, (method, (marker, line)) in enumerate(METHODS.items()):
        of_method = drawn[drawn["method"] == method]
        if of_method.empty:
            continue
        table = of_method.pivot_table(index="noise", columns="structure", values=column)
        number = table.count(axis=1)
        error = (table.std(axis=1) / np.sqrt(number)).fillna(0)
        style = {"color": METHOD_COLOURS[method], "marker": marker, "linestyle": line, "ms": 4.5, "capsize": 2.5}
        axes.errorbar(
            table.index + (place - 1) * spread, table.mean(axis=1), yerr=error, label=METHOD_NAMES[method], **style
        )
    axes.set_xticks(sorted(drawn["noise"].unique()))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"standard deviation of a projected coordinate (Å); {_structures(drawn['structure'].nunique())}")
    axes.set_ylabel(LABELS.get(column, column))
    axes.yaxis.grid(True, color=GRID, lw=0.6)
    axes.set_title(wrapped(title, inches=4.4, size=10), loc="left", weight="bold")
    axes.legend(fontsize=8)
    return figure
