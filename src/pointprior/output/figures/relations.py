"""What errors go with: the spread of samples, and the spacing of the points; over entries, and over single points."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pointprior.methods import METHODS, Method, front_to_back
from pointprior.output.figures.scores import LABELS
from pointprior.output.figures.style import FAINT, GRID, styled

SIZE = (5.2, 3.6)  # inches
KEY = ["structure", "task"]


@styled
def plot_error_against_spread(table: pd.DataFrame, *, addresses: Mapping[tuple, str] | None = None) -> Figure:
    """Error of the samples' mean against their spread, one point per entry, task and method, both on log axes.

    The line is where a calibrated ensemble lies: the error that the spread predicts, for the usual number of samples.
    Above it ensembles are over-confident.

    Parameters
    ----------
    table : DataFrame
        Rows of `scoring.calibration.assess_calibration` with the columns structure, task and method.
    addresses : mapping of (structure, task) to str, optional
        What a point links to, in formats that have links (SVG).

    Raises
    ------
    ValueError
        If no row has a spread above zero.
    """
    each = table.drop_duplicates([*KEY, "method"])
    each = each[(each["spread"] > 0) & (each["error"] > 0)]
    if each.empty:
        raise ValueError("no ensemble has a spread to draw errors against")
    figure, axes = _axes("spread of the samples (Å)", "error of their mean (Å)")
    samples = float(each["samples"].median())
    ends = np.array([each["spread"].min(), each["spread"].max()])
    axes.plot(ends, ends * np.sqrt((samples + 1) / (samples - 1)), color=FAINT, lw=1.2, label="calibrated")
    _scatter(axes, each, "spread", "error", addresses)
    axes.set(xscale="log", yscale="log")
    _plain_ticks(axes)
    axes.legend(fontsize=8)
    return figure


@styled
def plot_rmsd_against_spacing(
    scores: pd.DataFrame, *, column: str = "rmsd_cg", addresses: Mapping[tuple, str] | None = None
) -> Figure:
    """Mean score against the point spacing of the structure, one point per entry, task and method.

    The line is the spacing itself: nothing below it can be told apart.

    Parameters
    ----------
    scores : DataFrame
        One row per sample with the columns structure, task, method, spacing (in Å) and the score.
    addresses : mapping of (structure, task) to str, optional
        What a point links to, in formats that have links (SVG).

    Raises
    ------
    ValueError
        If no row has a score.
    """
    means = scores.groupby([*KEY, "method"], sort=False)[["spacing", column]].mean().dropna().reset_index()
    if means.empty:
        raise ValueError(f"no row has a value of {column!r} to draw")
    figure, axes = _axes("point spacing of the structure (Å)", LABELS[column])
    ends = np.array([means["spacing"].min(), means["spacing"].max()])
    axes.plot(ends, ends, color=FAINT, lw=1.2, ls=":", label="point spacing")
    _scatter(axes, means, "spacing", column, addresses)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return figure


@styled
def plot_points(
    found: Mapping[str, tuple[Float[np.ndarray, " N"], Float[np.ndarray, " N"]]], *, unit: str = "Å"
) -> Figure:
    """Error against spread of every point of a model, one panel per method, with Spearman's rank correlation.

    Parameters
    ----------
    found : mapping of str to (ndarray, ndarray)
        Spread and error of the points, by method.
    unit : str
        Of both.
    """
    from scipy.stats import spearmanr

    figure = Figure(figsize=(0.7 + 2.1 * len(found), 2.9), layout="constrained")
    panels = figure.subplots(1, len(found), squeeze=False, sharex=True, sharey=True)[0]
    top = max(float(np.percentile(values, 99)) for pair in found.values() for values in pair)
    limits = (-0.03 * top, 1.06 * top)  # room for whole points at the edges
    for axes, (name, (spread, error)) in zip(panels, found.items(), strict=True):
        method, correlation = METHODS[name], spearmanr(spread, error).statistic
        shown = np.minimum(spread, top), np.minimum(error, top)  # outliers at the edge
        axes.plot([0, top], [0, top], color=FAINT, lw=0.8)
        axes.scatter(*shown, s=5, color=method.colour, alpha=0.4, linewidths=0, rasterized=True)
        axes.set_title(f"{method.label}, ρ {correlation:.2f}", fontsize=8.5, loc="left")
        axes.set(xlim=limits, ylim=limits, box_aspect=1)
    figure.supxlabel(f"spread ({unit})", fontsize=8.5)
    panels[0].set_ylabel(f"error ({unit})", fontsize=8.5)
    return figure


def _axes(across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel=across, ylabel=up)
    axes.grid(True, color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _scatter(axes: Axes, table: pd.DataFrame, x: str, y: str, addresses: Mapping[tuple, str] | None) -> None:
    """One method after the other, the controls left out."""
    for method in _drawn(table["method"]):
        rows = table[table["method"] == method.name]
        points = axes.scatter(
            rows[x], rows[y], s=26, color=method.colour, marker=method.marker, alpha=0.75, label=method.label
        )
        if addresses:
            points.set_urls([addresses.get(key, "") for key in rows[KEY].itertuples(index=False, name=None)])


def _drawn(names: Iterable[str]) -> list[Method]:
    there = set(names)
    return [METHODS[name] for name in reversed(front_to_back()) if name in there and METHODS[name].role != "control"]


def _plain_ticks(axes: Axes) -> None:
    """Numbers as people write them, not powers of ten."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("{x:g}")
        axis.set_tick_params(which="both", labelsize=8)
