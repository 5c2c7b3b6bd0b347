"""Reconstructions beside what they were made from and what they should be (the rows of the paper's Fig. 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from scipy.spatial import cKDTree

from pointprior.clouds import PointCloud
from pointprior.ensembles import Ensemble, match_to_medoid
from pointprior.figures.rendering import Camera, render_beads, scale_bar, show
from pointprior.figures.style import FAINT, INK, METHOD_COLOURS, METHOD_NAMES, styled

# Chains take these in turn: Tol's muted scheme, a little lightened.
CHAIN_COLOURS = np.array(
    [to_rgb(c) for c in ("#7FB8DA", "#E3C878", "#5DAF9E", "#C9717F", "#6C66A8", "#A3A653", "#A05A86", "#4C8C5B")]
)
PLAIN = np.array(to_rgb("#7FA8CF"))
LOW_RESOLUTION = np.array(to_rgb("#E0A13C"))
SUBUNIT = np.array(to_rgb("#4FA393"))
PROJECTION = "#2B3A67"
ATOM_RADIUS = 1.9  # Å
SPREAD_MAP: Colormap = LinearSegmentedColormap.from_list(
    "spread", ["#34508F", "#6F9BC8", "#D9C6A5", "#E59A3C", "#B5420E"]
)
HEIGHT_MAP: Colormap = LinearSegmentedColormap.from_list("height", ["#3F5C9A", "#5BA3A8", "#E8CF86"])

# Inches
CELL, GAP, LEFT, RIGHT, TOP, SCORES, MARGIN = 2.15, 0.14, 0.42, 0.85, 0.62, 0.78, 0.08


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

    All pictures of a column but the measurements show one view at one scale. Samples are coloured by
    their spread, on one scale for the whole figure: the root-mean-square fluctuation of a point over
    the samples, once the points of all samples are matched to the medoid's.

    Parameters
    ----------
    columns : sequence of Column or dict
        A dict holds the fields of a `Column`.
    """
    columns = [column if isinstance(column, Column) else Column(**column) for column in columns]
    if not columns:
        raise ValueError("there is no reconstruction to draw")
    rows = 4 if any(column.atoms_xyz is not None for column in columns) else 3
    width = LEFT + len(columns) * (CELL + GAP) + RIGHT
    height = TOP + rows * (CELL + GAP) + SCORES + MARGIN
    figure = Figure(figsize=(width, height))

    def cell(row: int, column: int, *, below: float = 0.0, tall: float = CELL) -> Axes:
        left = LEFT + column * (CELL + GAP)
        bottom = height - TOP - row * (CELL + GAP) - CELL - below
        return figure.add_axes((left / width, bottom / height, CELL / width, tall / height))

    ensembles = [match_to_medoid(column.cloud.to_angstrom(column.points)) for column in columns]
    spread = Normalize(0, max(1e-6, *(float(np.percentile(e.rmsf, 98)) for e in ensembles)))
    for i, (column, ensemble) in enumerate(zip(columns, ensembles, strict=True)):
        _draw_column([cell(row, i) for row in range(rows)], column, ensemble, spread)
        _draw_scores(cell(rows - 1, i, below=SCORES, tall=SCORES - 0.1), column.scores, column.cloud)
    _label_rows(figure, columns, rows)
    if any(len(column.points) > 1 for column in columns):  # one sample has no spread
        bottom = height - TOP - (CELL + GAP) - 0.8 * CELL
        bar = figure.add_axes((1 - (RIGHT - 0.1) / width, bottom / height, 0.09 / width, 0.6 * CELL / height))
        figure.colorbar(ScalarMappable(spread, SPREAD_MAP), cax=bar, extend="max")
        bar.set_ylabel("spread over samples,\nRMSF (Å)", fontsize=7)
        bar.tick_params(labelsize=7, length=2)
    return figure


def _draw_column(cells: list[Axes], column: Column, ensemble: Ensemble, spread: Normalize) -> None:
    """Measurements, samples, means and (where there is a fourth cell) atoms, all but the first in one view."""
    truth, spacing = column.cloud.to_angstrom(), column.cloud.spacing()
    samples = ensemble.points.reshape(-1, 3)
    atoms = None if column.atoms_xyz is None else np.asarray(column.atoms_xyz, dtype=np.float64)
    camera = Camera.on_principal_axes(truth, others=[samples] if atoms is None else [samples, atoms])
    _heading(cells[0], column)
    _draw_measurements(cells[0], list(column.observations), column.cloud, camera)

    count, several = ensemble.points.shape[1], len(ensemble.points) > 1
    colour = SPREAD_MAP(spread(ensemble.rmsf))[:, :3] if several else np.tile(PLAIN, (count, 1))
    radius = (0.30 if several else 0.56) * spacing  # overlaid samples need room between them
    colours = np.tile(colour, (len(ensemble.points), 1))
    show(cells[1], camera, render_beads(camera, samples, radius=radius, colours=colours))

    chain_colours = _chain_colours(column.cloud)
    show(cells[2], camera, render_beads(camera, truth, radius=0.56 * spacing, colours=chain_colours))
    for axes in cells[1:3]:
        scale_bar(axes, unit="Å")
    if len(cells) == 4:
        _draw_atoms(cells[3], atoms, truth, chain_colours, camera)


@styled
def plot_clouds(points: Float[np.ndarray, "S N 3"], columns: int = 5, *, title: str = "") -> Figure:
    """Gallery of clouds in cube units, such as unconditional samples, each seen along its shortest axis.

    Shades from dark to light go along each cloud's longest axis. All pictures have one scale.
    """
    columns = min(columns, len(points))
    rows = -(-len(points) // columns)
    top = 0.4 if title else 0.1
    width, height = columns * CELL + 0.2, rows * CELL + top + 0.3
    figure = Figure(figsize=(width, height))
    cameras = [Camera.on_principal_axes(cloud) for cloud in points]
    widest = max(camera.half_width for camera in cameras)
    for i, (cloud, camera) in enumerate(zip(points, cameras, strict=True)):
        left, bottom = 0.1 + i % columns * CELL, height - top - (i // columns + 1) * CELL
        axes = figure.add_axes((left / width, bottom / height, CELL / width * 0.96, CELL / height * 0.96))
        camera = Camera(camera.center, camera.axes, widest)
        up = camera.project(cloud)[:, 1]
        colours = HEIGHT_MAP(Normalize(up.min(), up.max())(up).data)[:, :3]
        show(axes, camera, render_beads(camera, cloud, radius=0.5 * _spacing(cloud), colours=colours))
        if i == (rows - 1) * columns:
            scale_bar(axes, unit="(cube units)")
    if title:
        figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=11, weight="bold", va="top")
    return figure


def _spacing(points: Float[np.ndarray, "N 3"]) -> float:
    return float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))


def _heading(axes: Axes, column: Column) -> None:
    axes.set_axis_off()
    axes.text(0.5, 1 + 0.38 / CELL, column.title, ha="center", va="bottom", size=10, weight="bold")
    axes.text(0.5, 1 + 0.34 / CELL, describe(column.observations), ha="center", va="top", size=7.5, color=FAINT)


def describe(observations: Iterable) -> str:
    """What was measured, in at most two lines.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> image = SimpleNamespace(kind="projection", targets=np.zeros((800, 2)))
    >>> describe([image, image])
    '2 projections of 800 points'
    """
    sizes: dict[str, list[int]] = {}
    for observation in observations:
        sizes.setdefault(observation.kind, []).append(len(observation.targets))
    lines = []
    for kind, counts in sizes.items():
        number = f"{counts[0]:,}" if len(set(counts)) == 1 else f"{min(counts):,}–{max(counts):,}"
        if kind == "projection":
            lines.append(f"{len(counts)} projection{'s' * (len(counts) > 1)} of {number} points")
        else:
            lines.append(f"{kind.replace('_', '-')} {'structure ' * (kind == 'low_resolution')}of {number} points")
    return lines[0] + "".join(f"\n+ {' + '.join(lines[1:])}" for _ in lines[1:2]) if lines else "no measurements"


def _chain_colours(cloud: PointCloud) -> Float[np.ndarray, "N 3"]:
    names, index = np.unique(cloud.chain, return_inverse=True)
    return np.tile(PLAIN, (len(index), 1)) if len(names) == 1 else CHAIN_COLOURS[index % len(CHAIN_COLOURS)]


def _draw_measurements(axes: Axes, observations: list, cloud: PointCloud, camera: Camera) -> None:
    """Tiles, one a measurement, all at one scale: images of 2D points, beads for points in space."""
    axes.set_axis_off()
    if not observations:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color=FAINT)
        return
    across = int(np.ceil(np.sqrt(len(observations))))
    down = -(-len(observations) // across)
    side = min(1 / across, 0.66)
    reach = float(np.linalg.norm(cloud.points, axis=1).max()) * cloud.scale * 1.04
    for i, observation in enumerate(observations):
        row, place = divmod(i, across)
        in_row = min(across, len(observations) - row * across)
        left = 0.5 + (place - in_row / 2) * side
        bottom = 0.5 + (down / 2 - row - 1) * side
        tile = axes.inset_axes((left + 0.012, bottom + 0.012, side - 0.024, side - 0.024))
        tile.patch.set_alpha(0)
        if observation.targets.shape[1] == 2:
            _draw_image(tile, observation.targets * cloud.scale, reach, side)
        else:
            _draw_structure(tile, observation, cloud, Camera(cloud.center, camera.axes, reach))
        if i == (down - 1) * across:  # the first of the last row
            scale_bar(tile, unit="Å", share=0.42, inset=0.05, size=6.0)


def _draw_image(tile: Axes, targets: Float[np.ndarray, "M 2"], reach: float, side: float) -> None:
    """A projection: its points on a framed ground, like a particle picked from a micrograph."""
    tile.set(xlim=(-reach, reach), ylim=(-reach, reach))
    tile.set_axis_off()
    ground = FancyBboxPatch(
        (-0.97 * reach, -0.97 * reach),
        1.94 * reach,
        1.94 * reach,
        boxstyle=f"round,pad=0,rounding_size={0.06 * reach}",
        facecolor="#F1F3F6",
        edgecolor="#C9CED6",
        linewidth=0.6,
    )
    tile.add_patch(ground)
    area = 5.0 * side * np.sqrt(1024 / len(targets))  # points²
    tile.scatter(*targets.T, s=area, c=PROJECTION, alpha=0.55, linewidths=0, rasterized=True)


def _draw_structure(tile: Axes, observation, cloud: PointCloud, camera: Camera) -> None:
    """A low-resolution structure or a subunit: beads as large as their distances."""
    targets = cloud.to_angstrom(observation.targets @ observation.view.T)
    colour = SUBUNIT if observation.kind == "subunit" else LOW_RESOLUTION
    radius = 0.56 * _spacing(targets)
    colours = np.tile(colour, (len(targets), 1))
    show(tile, camera, render_beads(camera, targets, radius=radius, colours=colours, pixels=400))


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
    nearest = cKDTree(truth).query(atoms)[1]
    show(axes, camera, render_beads(camera, atoms, radius=ATOM_RADIUS, colours=colours[nearest]))
    scale_bar(axes, unit="Å")


def _draw_scores(axes: Axes, scores: pd.DataFrame | None, cloud: PointCloud) -> None:
    """RMSDs of the methods, mean ± standard deviation over the samples."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    columns = {0.43: ("rmsd_atomic", "heavy atoms"), 0.82: ("rmsd_cg", "mixture means")}
    if scores is not None:
        methods = [method for method in ("dps", "ml") if (scores["method"] == method).any()]
        axes.text(0.10, 0.80, "RMSD (Å)", size=6.5, color=FAINT, ha="center")
        for x, (_, name) in columns.items():
            axes.text(x, 0.80, name, size=6.5, color=FAINT, ha="center")
        for y, method in zip((0.52, 0.27), methods, strict=False):
            colour = METHOD_COLOURS[method]
            axes.text(0.10, y, METHOD_NAMES[method], size=8.5, weight="bold", color=colour, ha="center")
            for x, (column, _) in columns.items():
                values = scores.loc[scores["method"] == method, column].dropna()
                axes.text(x, y, mean_and_deviation(values), size=8, ha="center")
    resolved = f"point spacing {cloud.spacing():.1f} Å, resolution {cloud.resolution():.0f} Å"
    axes.text(0.5, 0.02, resolved, size=6.5, color=FAINT, ha="center")


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
