"""Whether the spread of samples says how wrong they are: nominal and observed coverage."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pointprior.methods import METHODS, front_to_back
from pointprior.output.figures.style import FAINT, styled

PANEL, GAP, ROW_GAP, LEFT, BOTTOM, TOP, LEGEND = 1.75, 0.5, 0.7, 0.65, 0.6, 0.4, 1.75  # inches
WIDEST = 4  # panels in a row


@styled
def plot_calibration(table: pd.DataFrame, *, titles: Mapping[str, str] | None = None) -> Figure:
    """Draw observed against nominal coverage, one panel per task.

    Lines are means over structures, bands reach from the first to the third quartile of the structures. Thin dashed
    lines are the coverage of each sample by the others: what a calibrated posterior of the same shape would reach.
    A line below its dashed one means over-confident samples. Numbers are Spearman's rank correlation ρ of spread
    and error over the points, mean over structures.

    Parameters
    ----------
    table : DataFrame
        Columns structure, task, method and those of `pointprior.scoring.calibration.assess_calibration`.
    titles : mapping of str to str, optional
        What to call the tasks.
    """
    tasks = list(dict.fromkeys(table["task"]))
    if not tasks:
        raise ValueError("there is no calibration to draw")
    across = min(WIDEST, len(tasks))
    down = -(-len(tasks) // across)
    width = LEFT + across * (PANEL + GAP) - GAP + LEGEND
    height = TOP + down * (PANEL + ROW_GAP) - ROW_GAP + BOTTOM
    figure = Figure(figsize=(width, height))
    for place, task in enumerate(tasks):
        row, column = divmod(place, across)
        left, bottom = LEFT + column * (PANEL + GAP), height - TOP - row * (PANEL + ROW_GAP) - PANEL
        axes = figure.add_axes((left / width, bottom / height, PANEL / width, PANEL / height))
        _draw_panel(axes, table[table["task"] == task])
        axes.set_title(_wrapped((titles or {}).get(task, task)), fontsize=7.5, loc="left", pad=4)
        if column == 0:
            axes.set_ylabel("observed coverage")
        if place + across >= len(tasks):
            axes.set_xlabel("nominal coverage")
    methods = [METHODS[name] for name in front_to_back() if (table["method"] == name).any()]
    handles = [Line2D([], [], color=method.colour, lw=1.8, label=method.label) for method in methods]
    if table["loo_coverage"].notna().any():
        handles.append(Line2D([], [], color=FAINT, lw=1.0, dashes=(3, 2), label="left-out samples\n(calibrated)"))
    handles.append(Line2D([], [], color=FAINT, lw=0.8, label="nominal (Gaussian)"))
    corner = (1 - (LEGEND - 0.1) / width, 1 - TOP / height)
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=corner, borderaxespad=0, fontsize=8)
    return figure


def _draw_panel(axes: Axes, part: pd.DataFrame) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes.plot([0, 1], [0, 1], color=FAINT, lw=0.8, clip_on=False)  # from corner to corner
    place = 0.94
    for method in reversed(front_to_back()):  # the last lies on top
        rows = part[part["method"] == method]
        if rows.empty:
            continue
        colour, by_level = METHODS[method].colour, rows.groupby("level")
        low, mean, high = (by_level["coverage"].agg(how) for how in (_first_quartile, "mean", _third_quartile))
        axes.fill_between(mean.index, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(mean.index, mean, color=colour, lw=1.8, clip_on=False)
        axes.plot(mean.index, by_level["loo_coverage"].mean(), color=colour, lw=1.0, dashes=(3, 2), clip_on=False)
    for method in front_to_back():
        spearman = part.loc[part["method"] == method].drop_duplicates("structure")["spearman"]
        if len(spearman):
            text = "–" if spearman.isna().all() else f"{spearman.mean():z.2f}"
            axes.text(0.04, place, f"ρ {text}", color=METHODS[method].colour, fontsize=7, va="top")
            place -= 0.1


def _first_quartile(values: pd.Series) -> float:
    return float(np.nanquantile(values, 0.25))


def _third_quartile(values: pd.Series) -> float:
    return float(np.nanquantile(values, 0.75))


def _wrapped(title: str) -> str:
    """A title in at most two lines, broken before its first plus sign."""
    return title.replace(" + ", "\n+ ", 1) if len(title) > 28 else title
