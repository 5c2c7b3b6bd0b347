"""Reconstructions of shapes beside the data and the truth (the paper's Fig. 1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from pointprior.clouds import PointCloud
from pointprior.methods import METHODS
from pointprior.output.figures.measurements import describe, draw_measurements
from pointprior.output.figures.rendering import Camera, note_missing, show
from pointprior.output.figures.shading import CLAY, bead_radius, render_shape, upright_camera
from pointprior.output.figures.style import FAINT, INK, styled

ERRORS = {"chamfer": ("CD", 100), "emd": ("EMD", 100), "energy": ("E", 1000)}  # as Table 1 prints them
CELL, GAP, LEFT, TOP, LINE = 1.95, 0.1, 0.36, 0.76, 0.2  # inches; LINE holds the errors below a picture
BOLD, REGULAR = 0.7, 0.56  # width of a glyph, a wide one, in units of the font size


@dataclass(frozen=True)
class ShapeColumn:
    """What one column of the figure shows.

    Attributes
    ----------
    observations : iterable of Observation
        The measurements.
    cloud : PointCloud
        The true cloud, upright along y.
    models : mapping of str to ndarray, shape=(N, 3)
        One sample of each method in the cloud's cube units, from top to bottom.
    errors : DataFrame
        These samples' rows with the columns method, chamfer, emd and energy.
    title : str
        Heading; what was measured is written below it.
    """

    observations: Iterable
    cloud: PointCloud
    models: Mapping[str, Float[np.ndarray, "N 3"]]
    errors: pd.DataFrame
    title: str = ""


@styled
def plot_shapes(columns: Sequence[ShapeColumn]) -> Figure:
    """Draw reconstructions of shapes side by side: data, truth, and a model of every method with its errors.

    All pictures of a column but the projections show one view at one scale, with beads of one size. CD and EMD are
    in 1e-2, E in 1e-3, in units of the cube.
    """
    if not columns:
        raise ValueError("there is no reconstruction to draw")
    methods = list(dict.fromkeys(name for column in columns for name in column.models))
    width = LEFT + len(columns) * (CELL + GAP)
    tall = CELL + GAP
    height = TOP + 2 * tall + len(methods) * (tall + LINE)
    figure = Figure(figsize=(width, height))

    def cell(row: int, place: int) -> Axes:
        bottom = height - TOP - (row + 1) * tall - max(0, row - 2) * LINE
        return figure.add_axes(
            ((LEFT + place * (CELL + GAP)) / width, bottom / height, CELL / width, CELL / height), frameon=False
        )

    for place, column in enumerate(columns):
        _draw_column([cell(row, place) for row in range(2 + len(methods))], column, methods)
    for row, label in enumerate(["data", "truth", *(METHODS[name].label for name in methods)]):
        y = height - TOP - (row + 1) * tall - max(0, row - 2) * LINE + CELL / 2
        figure.text(0.18 / width, y / height, label, rotation=90, ha="center", va="center", size=10, color=INK)
    return figure


def _draw_column(cells: list[Axes], column: ShapeColumn, methods: list[str]) -> None:
    truth = column.cloud.to_angstrom()
    models = {name: column.cloud.to_angstrom(points) for name, points in column.models.items()}
    radius = bead_radius(truth)
    camera = upright_camera(truth, *models.values(), bead=radius)
    _heading(cells[0], column)
    draw_measurements(cells[0], list(column.observations), column.cloud, camera, surfaces=True)
    _draw(cells[1], camera, truth, radius, CLAY)
    for axes, name in zip(cells[2:], methods, strict=True):
        axes.set_axis_off()
        if name in models:
            _draw(axes, camera, models[name], radius, _tint(METHODS[name].colour))
            note_missing(axes, camera, models[name], radius=radius)
            axes.text(
                0.5, -0.02, _errors(column.errors, name), size=7.5, ha="center", va="top", transform=axes.transAxes
            )


def _draw(axes: Axes, camera: Camera, points: Float[np.ndarray, "N 3"], radius: float, colour) -> None:
    show(axes, camera, render_shape(camera, points, radius=radius, colour=colour))


def _tint(colour: str) -> Float[np.ndarray, "3"]:
    """A method's colour, light enough to show shades."""
    return 0.55 * np.array(to_rgb(colour)) + 0.45


def _errors(errors: pd.DataFrame, method: str) -> str:
    """Errors of a method's sample, as far as they are known."""
    found = errors[errors["method"] == method]
    if found.empty:
        return "not scored"
    return "   ".join(f"{name} {_short(factor * found[key].iloc[0])}" for key, (name, factor) in ERRORS.items())


def _short(error: float) -> str:
    """An error as Table 1 prints it; that of a runaway model, which would not fit below its picture, by its size."""
    return f"{error:.2f}" if error < 1000 else f"{error:.0e}"


def _heading(axes: Axes, column: ShapeColumn) -> None:
    axes.text(
        0.0,
        1 + 0.48 / CELL,
        column.title,
        size=_fitting(9.5, column.title, BOLD),
        weight="bold",
        va="bottom",
        transform=axes.transAxes,
    )
    measured = describe(column.observations).replace(" + ", "\n+ ")
    axes.text(
        0.0,
        1 + 0.44 / CELL,
        measured,
        size=_fitting(7.5, measured, REGULAR),
        color=FAINT,
        va="top",
        transform=axes.transAxes,
    )


def _fitting(size: float, text: str, glyph: float) -> float:
    """A size (in points), or less, at which every line fits its column: names in archives are long."""
    longest = max(len(line) for line in text.split("\n"))
    return min(size, 72 * CELL / (glyph * max(longest, 1)))
