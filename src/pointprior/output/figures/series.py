"""Scores against something that is varied: guidance strength, noise of the measurements, number of time steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pointprior.methods import METHODS, Method, front_to_back
from pointprior.output.figures.scores import LABELS
from pointprior.output.figures.style import FAINT, GRID, styled, wrapped

SWEPT = ("rmsd_cg", "chamfer", "emd")
STEPPED = {"chamfer": ("CD", "full"), "emd": ("EMD", "open")}  # names and markers of what Fig. 6 draws


@styled
def plot_alpha_sweep(
    scores: pd.DataFrame,
    *,
    chosen: Mapping[str, float | int] | None = None,  # configured α of each task
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """RMSD, CD and EMD against α: one column per task, thin lines for structures, thick ones for their mean.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure, task, method, alpha (empty for ML), rmsd_cg, chamfer, emd.
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
    guided, baseline = METHODS["dps"], METHODS["ml"]
    for structure in table:
        axes.plot(table.index, table[structure], color=guided.colour, alpha=0.35, lw=0.9)
    mean = table.mean(axis=1)
    label = f"{guided.label}, mean over {_structures(table.shape[1])}"
    axes.plot(mean.index, mean, color=guided.colour, lw=2, marker=guided.marker, ms=4, label=label)
    reached = scores.loc[scores["method"] == baseline.name].groupby("structure")[measure].mean()
    if len(reached):
        axes.axhline(reached.mean(), color=baseline.colour, lw=1.4, ls=baseline.dash, label=baseline.label)
    axes.set_xscale("log")
    axes.yaxis.grid(True, color=GRID, lw=0.6)


def _structures(count: int, noun: str = "structure") -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


@styled
def plot_noise(
    scores: pd.DataFrame, *, noise: Mapping[str, float | int], column: str = "rmsd_cg", title: str = ""
) -> Figure:
    """A score against noise: means over structures of their means over samples, bars one standard error.

    The control `second_fit` is drawn too: the floor of the score.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure, task, method and the one to draw.
    noise : mapping of str to float
        The noise of every task (in Å).
    """
    varied = scores.assign(noise=scores["task"].map(noise))
    return _plot_varied(varied, column, "noise", "standard deviation of a projected coordinate (Å)", title)


@styled
def plot_views(scores: pd.DataFrame, *, views: Mapping[str, int], column: str = "rmsd_cg", title: str = "") -> Figure:
    """A score against the number of projections, as `plot_noise` draws it against noise.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure, task, method and the one to draw.
    views : mapping of str to int
        The number of projections of every task.
    """
    varied = scores.assign(projections=scores["task"].map(views))
    return _plot_varied(varied, column, "projections", "number of projections", title)


def _plot_varied(scores: pd.DataFrame, column: str, varied: str, label: str, title: str) -> Figure:
    """A score against what a column varies."""
    methods = [METHODS[name] for name in front_to_back() if METHODS[name].role != "control"]
    drawn = scores[scores["method"].isin([method.name for method in methods])].dropna(subset=[column])
    if drawn.empty:
        names = ", ".join(method.name for method in methods)
        raise ValueError(f"no row of {names} has a value of {column!r} to draw")
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.subplots()
    apart = 0.006 * float(drawn[varied].max())  # so that bars do not hide each other
    for place, method in enumerate([*methods, METHODS["second_fit"]], start=-1):
        rows = scores[scores["method"] == method.name]
        _draw_varied(axes, rows, column, varied, method, shift=place * apart)
    axes.set_xticks(sorted(drawn[varied].unique()))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"{label}; {_structures(drawn['structure'].nunique())}")
    axes.set_ylabel(LABELS.get(column, column))
    axes.yaxis.grid(True, color=GRID, lw=0.6)
    axes.set_title(wrapped(title, inches=4.4, size=10), loc="left", weight="bold")
    axes.legend(fontsize=8)
    return figure


def _draw_varied(axes: Axes, scores: pd.DataFrame, column: str, varied: str, method: Method, *, shift: float) -> None:
    """One method's means and their standard errors; nothing where it has no row."""
    if scores.empty:
        return
    table = scores.dropna(subset=[column]).pivot_table(index=varied, columns="structure", values=column)
    _error_bars(axes, table, method, shift=shift, linestyle=method.dash, label=method.label)


def _error_bars(axes: Axes, table: pd.DataFrame, method: Method, *, shift: float = 0.0, **style: Any) -> None:
    """Means of a table's rows over its columns, which are structures, with bars of one standard error."""
    error = (table.std(axis=1) / np.sqrt(table.count(axis=1))).fillna(0)
    look: dict[str, Any] = {"color": method.colour, "marker": method.marker, "markersize": 4.5, "capsize": 2.5} | style
    axes.errorbar(table.index + shift, table.mean(axis=1), yerr=error, **look)


@styled
def plot_time_steps(
    scores: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    titles: Mapping[str, str] | None = None,  # by experiment
) -> Figure:
    """CD and EMD of DPS against the number of time steps, one panel per experiment; lines for maximum likelihood.

    Points are means over instances of their means over samples, bars one standard error.

    Parameters
    ----------
    scores : DataFrame
        One row per sample of `dps` with the columns experiment, structure, steps, chamfer, emd (in cube units).
    baseline : DataFrame
        One row per sample of `ml` with the same columns but for steps; may be empty.
    """
    experiments = list(scores["experiment"].unique())
    if not experiments:
        raise ValueError("there are no scores at any number of time steps")
    figure = Figure(figsize=(0.6 + 3.6 * len(experiments), 3.5), layout="constrained")
    for axes, experiment in zip(figure.subplots(1, len(experiments), squeeze=False)[0], experiments, strict=True):
        drawn = scores[scores["experiment"] == experiment]
        for measure in STEPPED:
            _draw_steps(axes, drawn, baseline[baseline["experiment"] == experiment], measure)
        steps = sorted(drawn["steps"].unique())
        axes.set_xscale("log", base=2)
        axes.set_xticks(steps, [str(step) for step in steps])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.yaxis.grid(True, color=GRID, lw=0.6)
        axes.set_xlabel(f"time steps; {_structures(drawn['structure'].nunique(), 'instance')}")
        title = wrapped((titles or {}).get(experiment, experiment), inches=3.2, size=9)
        axes.set_title(title, loc="left", weight="bold", fontsize=9)
        axes.legend(fontsize=7.5)
    figure.axes[0].set_ylabel("error (1e-2 cube units)")
    return figure


def _draw_steps(axes: Axes, scores: pd.DataFrame, baseline: pd.DataFrame, measure: str) -> None:
    """DPS at every number of steps, and a line where maximum likelihood ends."""
    name, face = STEPPED[measure]
    method, reference = METHODS["dps"], METHODS["ml"]
    table = 100 * scores.pivot_table(index="steps", columns="structure", values=measure)
    filling: dict[str, Any] = {} if face == "full" else {"markerfacecolor": "white"}
    _error_bars(axes, table, method, linestyle="-", label=f"{method.label}, {name}", **filling)
    if len(baseline):
        level = 100 * baseline.groupby("structure")[measure].mean().mean()
        width = 1.8 if face == "full" else 1.0
        axes.axhline(level, color=reference.colour, ls=reference.dash, lw=width, label=f"{reference.label}, {name}")
