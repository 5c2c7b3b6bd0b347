"""Scores over structures (the paper's box plots) and the course of a training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from pointprior.methods import METHODS, Method, names
from pointprior.output.figures.style import FAINT, GRID, styled, wrapped

LABELS = {
    "rmsd_atomic": "RMSD to all heavy atoms (Å)",
    "rmsd_cg": "RMSD to the mixture means (Å)",
    "rmsd_cg_unaligned": "RMSD to the mixture means, not rotated (Å)",
    "chamfer": "Chamfer distance (cube units)",
    "emd": "earth mover's distance (cube units)",
    "energy": "energy (cube units²)",
    "kernel_correlation": "kernel correlation (1: identical)",
    "seconds": "time per sample (s)",
}
BAND_COLOURS = {"low": "#34508F", "middle": "#3E9C93", "high": "#E08214"}
BAND_NAMES = {"low": "t < 0.1", "middle": "0.1 ≤ t < 0.5", "high": "t ≥ 0.5"}


@styled
def plot_task(
    scores: pd.DataFrame,
    *,
    column: str = "rmsd_cg",
    title: str = "",
    order: Sequence[str] | None = None,
) -> Figure:
    """Box plot of one task: each method's samples for every structure, and the methods' means.

    Boxes show quartiles and median, whiskers reach to 1.5 interquartile ranges. Control methods are
    grey; their values that lie far above the others are drawn as arrows at the upper edge. The axis
    states what the models resolve, and beside RMSDs a thin line shows the point spacing.

    Parameters
    ----------
    scores : DataFrame
        Rows of one task with columns `structure`, `method`, `spacing`, `resolution`, `atoms` and the one to draw.
    column : str
        What to draw; `rmsd_atomic` for instance.
    order : sequence of str, optional
        Structures from left to right; by default ascending with their number of heavy atoms, or with their point
        spacing if a structure came without atoms.
    """
    drawn = scores.dropna(subset=[column])
    if drawn.empty:
        raise ValueError(f"no row has a value of {column!r} to draw")
    known = drawn.groupby("structure")[["atoms", "spacing", "resolution"]].first()
    by = "spacing" if known["atoms"].isna().any() else "atoms"
    structures = list(known[by].sort_values(kind="stable").index if order is None else order)
    drawn = drawn[drawn["structure"].isin(structures)]
    values = {
        method: [rows.loc[rows["structure"] == s, column].to_numpy(float) for s in structures]
        for method, rows in drawn.groupby("method")
    }
    count = len(structures)
    inner = float(np.clip(0.34 * count, 2.6, 17.0))
    turned = count > max(3, inner / 0.55)
    bottom = 0.85 if turned else 0.65
    title = wrapped(title, inches=inner + 2.0, size=10)
    figure = Figure(figsize=(inner + 3.1, bottom + 2.82 + 0.18 * max(1, len(title.splitlines()))))
    axes = _axes_in_inches(figure, left=0.75, bottom=bottom, width=inner, height=2.5)
    _draw_boxes(axes, values)
    spacing = known.loc[structures, "spacing"].to_numpy(float) if column.startswith("rmsd") else np.zeros(0)
    _limit_and_draw_controls(axes, values, least=1.05 * spacing.max(initial=0))
    _draw_means(axes, values)
    _draw_spacing(axes, spacing)
    axes.set_xticks(range(count), structures, rotation=90 if turned else 0, fontsize=8 if count <= 60 else 7)
    axes.set_xlim(-0.6, count - 0.4)
    axes.set_xlabel(_structure_label(known.loc[structures], by if order is None and count > 1 else None))
    axes.set_ylabel(LABELS.get(column, column))
    axes.yaxis.grid(True, color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", weight="bold", pad=11)
    axes.legend(
        loc="upper left", bbox_to_anchor=(1 + 0.12 / inner, 1.02), borderaxespad=0, fontsize=8, labelspacing=0.7
    )
    return figure


def _axes_in_inches(figure: Figure, *, left: float, bottom: float, width: float, height: float) -> Axes:
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def _structure_label(known: pd.DataFrame, by: str | None) -> str:
    """What the structures are sorted by, and what is resolved."""
    least, most = known["resolution"].min(), known["resolution"].max()
    resolved = f"{least:.0f}" if round(least) == round(most) else f"{least:.0f} to {most:.0f}"
    order = {
        None: "structure",
        "atoms": f"structure, by heavy atoms ({known['atoms'].min():,.0f} to {known['atoms'].max():,.0f})",
        "spacing": f"structure, by point spacing ({known['spacing'].min():.1f} to {known['spacing'].max():.1f} Å)",
    }[by]
    separator = "\n" if len(known) < 16 else "; "  # as wide as the axes can be
    return f"{order}{separator}resolution {resolved} Å (twice the spacing)"


def _draw_spacing(axes: Axes, spacing: np.ndarray) -> None:
    """A faint line at each structure's point spacing."""
    at = np.arange(len(spacing))
    if len(spacing):
        axes.hlines(spacing, at - 0.45, at + 0.45, color=FAINT, lw=0.8, ls=":", label="point spacing", zorder=1.2)


def _draw_boxes(axes: Axes, values: dict[str, list[np.ndarray]]) -> None:
    """Boxes of every method with room between structures; the first sampler's are the widest."""
    methods = [METHODS[name] for name in names("sampler", "baseline") if name in values]
    end = min(0.47, 0.17 + 0.1 * (len(methods) - 2))
    shifts = np.linspace(-0.17, end, len(methods)) if len(methods) > 1 else np.zeros(1)
    narrow = min(0.18, 0.64 / max(1, len(methods) - 1))
    for shift, method in zip(shifts, methods, strict=False):  # no method, no box
        width = 2 * narrow if method.name == names("sampler")[0] else narrow
        filled = [i for i, v in enumerate(values[method.name]) if len(v)]
        data, places = [values[method.name][i] for i in filled], [i + float(shift) for i in filled]
        parts = axes.boxplot(
            data, positions=places, widths=width, patch_artist=True, manage_ticks=False, **_box_style(method.colour)
        )
        parts["boxes"][0].set_label(f"{method.label} samples")


def _box_style(colour: str) -> dict[str, Any]:
    line = {"color": colour, "linewidth": 0.9}
    return {
        "boxprops": {"facecolor": f"{colour}59", "edgecolor": colour, "linewidth": 0.9},
        "whiskerprops": line,
        "capprops": line,
        "medianprops": line | {"linewidth": 1.6},
        "flierprops": {"marker": ".", "markersize": 3, "markerfacecolor": colour, "markeredgecolor": "none"},
    }


def _draw_means(axes: Axes, values: dict[str, list[np.ndarray]]) -> None:
    for method in (METHODS[name] for name in names("sampler", "baseline") if name in values):
        mean = float(np.concatenate(values[method.name]).mean())
        label = f"{method.label} mean {mean:.2f}"
        axes.axhline(mean, color=method.colour, lw=1.4, ls=method.dash, label=label, zorder=1.5)


def _limit_and_draw_controls(axes: Axes, values: dict[str, list[np.ndarray]], *, least: float) -> None:
    """Set the axis' limits and draw the controls' means; a control that fails must not squeeze the rest.

    The axis reaches at least up to `least`.
    """
    compared = names("sampler", "baseline")
    others = [v for method, of_method in values.items() if method in compared for v in of_method if len(v)]
    everything = np.concatenate([np.concatenate(of_method) for of_method in values.values()])
    top = 1.12 * float(np.concatenate(others).max()) if others else np.inf
    top = top if everything.max() > 1.6 * top else 1.05 * float(everything.max())
    top = max(top, least) if top > 0 else max(1.0, least)
    axes.set_ylim(min(-0.02 * top, 1.05 * float(everything.min())), top)  # a little room: the truth lies at zero
    for method in (METHODS[name] for name in names("control") if name in values):
        _draw_control(axes, method, np.array([v.mean() if len(v) else np.nan for v in values[method.name]]), top)


def _draw_control(axes: Axes, method: Method, mean: Float[np.ndarray, " structures"], top: float) -> None:
    """A control's mean for each structure, as an arrow at the upper edge where it lies above `top`."""
    above = mean > top
    label = f"{method.label}, mean {np.nanmean(mean):.2f}" + "\n(▲ beyond the axis)" * bool(above.any())
    at, beyond = np.flatnonzero(~above), np.flatnonzero(above)
    style: dict[str, Any] = {"color": method.colour, "linestyle": "none", "clip_on": False, "markeredgewidth": 1.4}
    size = 8 if method.marker == "_" else 4
    axes.plot(at, mean[at], marker="^" if above.all() else method.marker, markersize=size, label=label, **style)
    axes.plot(beyond, np.full(len(beyond), top), marker="^", markersize=4, **style)


@styled
def plot_training_curve(curve: pd.DataFrame, *, title: str = "", smoothing: int = 50) -> Figure:
    """Loss in three bands of noise, and the learning rate, against the number of clouds seen.

    Parameters
    ----------
    curve : DataFrame
        Columns step, clouds, learning_rate, loss_low_noise, loss_middle_noise, loss_high_noise, one row per
        step; a band without a cloud in a step is empty there.
    smoothing : int
        Half-life (in rows) of the exponential mean that is drawn.
    """
    curve = curve.drop_duplicates("step", keep="last")  # a resumed run repeats those since its checkpoint
    figure = Figure(figsize=(6.2, 4.0))
    loss = figure.add_axes((0.155, 0.36, 0.61, 0.52))
    rate = figure.add_axes((0.155, 0.13, 0.61, 0.17), sharex=loss)
    lowest, highest = np.inf, 0.0
    for band, colour in BAND_COLOURS.items():
        row = curve[["clouds", f"loss_{band}_noise"]].dropna()
        if row.empty:
            continue
        smooth = row[f"loss_{band}_noise"].ewm(halflife=min(smoothing, max(1.0, len(row) / 10))).mean()
        loss.plot(row["clouds"], smooth, color=colour, lw=1.6, label=f"{BAND_NAMES[band]}\nlast {smooth.iloc[-1]:.3f}")
        lowest, highest = min(lowest, smooth.min()), max(highest, smooth.max())
    if not np.isfinite(lowest):
        raise ValueError("the training curve holds no loss")
    pad = 0.08 * max(highest - lowest, 1e-6)
    loss.set_ylim(lowest - pad, highest + pad)
    loss.set_ylabel("weighted denoising loss\n(1: an untrained network)")
    loss.yaxis.grid(True, color=GRID, lw=0.6)
    loss.tick_params(labelbottom=False)
    loss.set_title(wrapped(title, inches=5.0, size=10), loc="left", weight="bold")
    legend = loss.legend(title="noise level t\n(cube units)", loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=8)
    legend.get_title().set_fontsize(8)
    rate.plot(curve["clouds"], curve["learning_rate"], color=FAINT, lw=1.2)
    rate.set_ylim(0, 1.15 * float(curve["learning_rate"].max()))
    rate.yaxis.set_major_locator(MaxNLocator(3))
    rate.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    rate.yaxis.get_offset_text().set_fontsize(7)
    rate.set_ylabel("learning\nrate", fontsize=8)
    rate.set_xlabel("clouds seen")
    rate.xaxis.set_major_formatter(EngFormatter(sep=""))
    return figure
