"""Reconstructions beside what they were made from and what they should be (the rows of the paper's Fig. 2)."""

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

from pointprior.clouds import PointCloud
from pointprior.methods import METHODS, Method, names
from pointprior.output.figures.measurements import describe, draw_measurements, largest_angle
from pointprior.output.figures.rendering import Camera, note_missing, render_beads, round_length, scale_bar, show
from pointprior.output.figures.style import FAINT, INK, styled
from pointprior.scoring.ensembles import Ensemble, match_to_medoid

# Chains take these in turn: Tol's muted scheme, a little lightened.
CHAIN_COLOURS = np.array(
    [to_rgb(c) for c in ("#7FB8DA", "#E3C878", "#5DAF9E", "#C9717F", "#6C66A8", "#A3A653", "#A05A86", "#4C8C5B")]
)
PLAIN = np.array(to_rgb("#7FA8CF"))
ATOM_RADIUS = 1.9  # Å
BEAD = 0.56  # radius of a mixture mean, in point spacings
SPREAD_MAP: Colormap = LinearSegmentedColormap.from_list(
    "spread", ["#34508F", "#6F9BC8", "#D9C6A5", "#E59A3C", "#B5420E"]
)

# Inches
CELL, GAP, LEFT, RIGHT, TOP, SCORES, MARGIN = 2.15, 0.14, 0.42, 0.85, 0.62, 0.98, 0.08
LINE = 0.13  # of the scores; SCORES holds four


@dataclass(frozen=True)
class Column:
    """What one column of the figure shows.

    Attributes
    ----------
    observations : iterable of Observation
        The measurements.
    points : ndarray, shape=(S, N, 3)
        Samples in the cloud's cube units.
    cloud : PointCloud
        The true cloud, which also gives the frame.
    atoms_xyz : ndarray, shape=(n, 3), optional
        Heavy atoms (in Å).
    scores : DataFrame, optional
        Rows of this structure and task with columns `method`, `rmsd_atomic` and `rmsd_cg` (in Å).
    title : str
        Heading; what was measured is written below it.
    """

    observations: Iterable
    points: Float[np.ndarray, "S N 3"]
    cloud: PointCloud
    atoms_xyz: Float[np.ndarray, "n 3"] | None = None
    scores: pd.DataFrame | None = None
    title: str = ""


def plot_reconstruction(
    *,
    observations: Iterable,
    points: Float[np.ndarray, "S N 3"],
    cloud: PointCloud,
    atoms_xyz: Float[np.ndarray, "n 3"] | None = None,
    scores: pd.DataFrame | None = None,
    title: str = "",
) -> Figure:
    """Draw one reconstruction; the arguments are the fields of `Column`."""
    return plot_reconstructions([Column(observations, points, cloud, atoms_xyz, scores, title)])


@styled
def plot_reconstructions(columns: Sequence[Column | dict]) -> Figure:
    """Draw reconstructions side by side: measurements, all samples, mixture means, atoms, and RMSDs below.

    All pictures of a column but the measurements show one view at one scale; scale bars have one length in
    the whole figure. Samples are coloured by their spread, on one scale for the whole figure: the
    root-mean-square fluctuation of a point over the samples, once the points of all samples are matched to
    the medoid's. The scale leaves out what no other column comes near.

    Parameters
    ----------
    columns : sequence of Column or dict
        A dict holds the fields of a `Column`.
    """
    if not columns:
        raise ValueError("there is no reconstruction to draw")
    return _side_by_side([column if isinstance(column, Column) else Column(**column) for column in columns])


def _side_by_side(columns: list[Column]) -> Figure:
    rows = 4 if any(column.atoms_xyz is not None for column in columns) else 3
    width = LEFT + len(columns) * (CELL + GAP) + RIGHT
    below = SCORES + LINE * max(0, max(len(_scored(column)) for column in columns) - 4)
    height = TOP + rows * (CELL + GAP) + below + MARGIN
    figure = Figure(figsize=(width, height))

    def cell(row: int, column: int, *, below: float = 0.0, tall: float = CELL) -> Axes:
        left = LEFT + column * (CELL + GAP)
        bottom = height - TOP - row * (CELL + GAP) - CELL - below
        return figure.add_axes((left / width, bottom / height, CELL / width, tall / height))

    ensembles = [match_to_medoid(column.cloud.to_angstrom(column.points)) for column in columns]
    spread = _spread_scale(ensembles)
    cameras = [_camera(column, ensemble) for column, ensemble in zip(columns, ensembles, strict=True)]
    bar = round_length(0.42 * 2 * min(camera.half_width for camera in cameras))
    for i, (column, ensemble, camera) in enumerate(zip(columns, ensembles, cameras, strict=True)):
        letter = string.ascii_uppercase[i] if 1 < len(columns) <= 26 else ""
        _draw_column([cell(row, i) for row in range(rows)], column, ensemble, camera, spread, bar, letter)
        _draw_scores(cell(rows - 1, i, below=below, tall=below - 0.1), column, below - 0.1)
    _label_rows(figure, columns, rows)
    if any(len(column.points) > 1 for column in columns):  # one sample has no spread
        _draw_spread_scale(figure, spread)
    return figure


def _spread_scale(ensembles: Sequence[Ensemble]) -> Normalize:
    """Colour scale of the spread: diverging samples in one column must not compress the others' range."""
    seen = [float(np.percentile(ensemble.rmsf, 98)) for ensemble in ensembles]
    usual = 1.25 * float(np.quantile(seen, 0.5, method="lower"))
    return Normalize(0, max(1e-6, min(usual, max(seen))))


def _draw_spread_scale(figure: Figure, spread: Normalize) -> None:
    """A colour bar to the right of the second row."""
    width, height = figure.get_size_inches()
    bottom = height - TOP - (CELL + GAP) - 0.8 * CELL
    axes = figure.add_axes((1 - (RIGHT - 0.1) / width, bottom / height, 0.09 / width, 0.6 * CELL / height))
    figure.colorbar(ScalarMappable(spread, SPREAD_MAP), cax=axes, extend="max")
    axes.set_ylabel("spread over samples,\nRMSF (Å)", fontsize=7)
    axes.tick_params(labelsize=7, length=2)


def _camera(column: Column, ensemble: Ensemble) -> Camera:
    """The view of a column: along the truth's shortest axis, wide enough for atoms and, unless far off, samples."""
    others = [ensemble.points.reshape(-1, 3)]
    if column.atoms_xyz is not None:
        others.append(np.asarray(column.atoms_xyz, dtype=np.float64))
    bead = max(BEAD * column.cloud.spacing(), ATOM_RADIUS)
    return Camera.on_principal_axes(column.cloud.to_angstrom(), others=others, bead=bead)


def _draw_column(
    cells: list[Axes],
    column: Column,
    ensemble: Ensemble,
    camera: Camera,
    spread: Normalize,
    bar: float,  # length of the scale bars, in Å
    letter: str,
) -> None:
    """Measurements, samples, means and (where there is a fourth cell) atoms, all but the first in one view."""
    truth, spacing = column.cloud.to_angstrom(), column.cloud.spacing()
    _heading(cells[0], column, letter)
    draw_measurements(cells[0], list(column.observations), column.cloud, camera, bar=bar)

    samples, count = ensemble.points.shape[:2]
    colour = SPREAD_MAP(spread(ensemble.rmsf))[:, :3] if samples > 1 else np.tile(PLAIN, (count, 1))
    radius = BEAD * spacing * samples**-0.25  # overlaid samples need room between them
    colours, everyone = np.tile(colour, (samples, 1)), ensemble.points.reshape(-1, 3)
    show(cells[1], camera, render_beads(camera, everyone, radius=radius, colours=colours))
    note_missing(cells[1], camera, everyone, radius=radius)

    chain_colours = _chain_colours(column.cloud)
    show(cells[2], camera, render_beads(camera, truth, radius=BEAD * spacing, colours=chain_colours))
    if len(cells) == 4:
        _draw_atoms(cells[3], column.atoms_xyz, truth, chain_colours, camera)
    for axes in cells[1:]:
        if axes.images:  # not where a note stands for atoms
            scale_bar(axes, unit="Å", length=bar)


def _heading(axes: Axes, column: Column, letter: str) -> None:
    """Letter and title, and below them what was measured."""
    axes.set_axis_off()
    shift = 0.2 / CELL if letter else 0.0
    axes.text(0.0, 1 + 0.38 / CELL, letter, ha="left", va="bottom", size=11, weight="bold")
    axes.text(shift, 1 + 0.38 / CELL, column.title, ha="left", va="bottom", size=10, weight="bold")
    axes.text(shift, 1 + 0.34 / CELL, describe(column.observations), ha="left", va="top", size=7.5, color=FAINT)


def _chain_colours(cloud: PointCloud) -> Float[np.ndarray, "N 3"]:
    names, index = np.unique(cloud.chain, return_inverse=True)
    return np.tile(PLAIN, (len(index), 1)) if len(names) == 1 else CHAIN_COLOURS[index % len(CHAIN_COLOURS)]


def _draw_atoms(
    axes: Axes,
    atoms: Float[np.ndarray, "n 3"] | None,
    truth: Float[np.ndarray, "N 3"],
    colours: Float[np.ndarray, "N 3"],
    camera: Camera,
) -> None:
    """Atoms in the colour of the nearest mixture mean, or a note that there are none."""
    if atoms is None:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no atoms at hand", ha="center", va="center", size=8, color=FAINT)
        return
    atoms = np.asarray(atoms, dtype=np.float64)
    nearest = cKDTree(truth).query(atoms)[1]
    show(axes, camera, render_beads(camera, atoms, radius=ATOM_RADIUS, colours=colours[nearest]))


def _scored(column: Column) -> list[Method]:
    """Methods whose RMSDs stand under a column."""
    scored = set() if column.scores is None else set(column.scores["method"])
    return [METHODS[name] for name in names("sampler", "baseline") if name in scored]


def _draw_scores(axes: Axes, column: Column, tall: float) -> None:
    """RMSDs of the methods, mean ± standard deviation over the samples; below them, what bounds the error."""
    scores = column.scores
    axes.set(xlim=(0, 1), ylim=(-tall, 0))  # down in inches
    axes.set_axis_off()
    columns = {0.45: ("rmsd_atomic", "heavy atoms"), 0.82: ("rmsd_cg", "mixture means")}
    y = -LINE
    if scores is not None:
        axes.text(0.11, y, "RMSD (Å)", size=6.5, color=FAINT, ha="center")
        for x, (_, name) in columns.items():
            axes.text(x, y, name, size=6.5, color=FAINT, ha="center")
        for method in _scored(column):
            y -= LINE
            axes.text(0.11, y, method.short, size=8, weight="bold", color=method.colour, ha="center")
            for x, (measure, _) in columns.items():
                values = scores.loc[scores["method"] == method.name, measure].dropna()
                axes.text(x, y, mean_and_deviation(values), size=8, ha="center")
    bounds = f"point spacing {column.cloud.spacing():.1f} Å, resolution {column.cloud.resolution():.0f} Å"
    angle = largest_angle(column.observations)
    if angle is not None:
        bounds += f"\nviews up to {angle:.0f}° apart"
    axes.text(0.5, y - 0.06, bounds, size=6.5, color=FAINT, ha="center", va="top")


def mean_and_deviation(values: pd.Series) -> str:
    """Mean ± standard deviation to two decimals; a dash if there is nothing to average.

    Examples
    --------
    >>> mean_and_deviation(pd.Series([3.0, 5.0]))
    '4.00 ± 1.41'
    >>> mean_and_deviation(pd.Series([], dtype=float))
    '–'
    """
    if len(values) == 0:
        return "–"
    return f"{values.mean():.2f}" + (f" ± {values.std():.2f}" if len(values) > 1 else "")


def _label_rows(figure: Figure, columns: list[Column], rows: int) -> None:
    width, height = figure.get_size_inches()
    samples = {len(column.points) for column in columns}
    points = {len(column.cloud.points) for column in columns}
    counted = {1: "one sample"}.get(min(samples), f"{min(samples)} samples") if len(samples) == 1 else "all samples"
    means = f"{points.pop():,} mixture means" if len(points) == 1 else "mixture means"
    labels = ["measurements", counted, means, "heavy atoms"][:rows]
    for row, label in enumerate(labels):
        y = height - TOP - row * (CELL + GAP) - CELL / 2
        figure.text(0.2 / width, y / height, label, rotation=90, ha="center", va="center", size=9, color=INK)
