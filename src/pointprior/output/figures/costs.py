"""Errors of samplers against what they cost."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from pointprior.methods import METHODS
from pointprior.output.figures.style import GRID, styled, wrapped

COSTS = {"nfe": "evaluations of the network", "seconds": "CPU seconds of one thread"}


@styled
def plot_costs(runs: pd.DataFrame) -> Figure:
    """RMSD against evaluations and seconds: a row per task, a line per variant of a method through its budgets.

    Points are means over clouds. Methods without a prior are horizontal lines.

    Parameters
    ----------
    runs : DataFrame
        One row per run with the columns task, label (of the variant), method, steps, nfe, seconds, rmsd (in Å).
    """
    tasks = list(dict.fromkeys(runs["task"]))
    if not tasks:
        raise ValueError("there are no runs to draw")
    figure = Figure(figsize=(9.2, 0.6 + 3.1 * len(tasks)), layout="constrained")
    grid = figure.subplots(len(tasks), len(COSTS), squeeze=False, sharex="col", sharey="row")
    for line, task in zip(grid, tasks, strict=True):
        for axes, (cost, label) in zip(line, COSTS.items(), strict=True):
            _draw_costs(axes, runs[runs["task"] == task], cost)
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.set_xlabel(label if task == tasks[-1] else "")
            axes.grid(True, color=GRID, lw=0.6)
        line[0].set_title(wrapped(task, inches=4.2, size=10), loc="left", weight="bold")
        line[0].set_ylabel("RMSD to the means (Å)")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8)
    return figure


def _draw_costs(axes: Axes, runs: pd.DataFrame, cost: str) -> None:
    """One line per variant, in the colour of its method; variants of one method differ in their dashes and faces."""
    variants = dict.fromkeys(zip(runs["label"], runs["method"], strict=True))
    seen: dict[str, int] = {}
    for label, name in variants:
        method, place = METHODS[name], seen.get(name, 0)
        seen[name] = place + 1
        means = runs[runs["label"] == label].groupby("steps")[[cost, "rmsd"]].mean().sort_values(cost)
        if not method.needs_prior:
            axes.axhline(means["rmsd"].min(), color=method.colour, ls=method.dash, lw=1.4, label=label)
            continue
        look: dict[str, Any] = {"color": method.colour, "marker": "os^D"[place % 4], "ms": 5, "lw": 1.4}
        face = method.colour if place == 0 else "white"
        axes.plot(means[cost], means["rmsd"], ls=["-", "--", ":"][place % 3], markerfacecolor=face, label=label, **look)
