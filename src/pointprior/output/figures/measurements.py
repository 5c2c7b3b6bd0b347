"""Measurements as small multiples: projections as images of 2D points, points in space as beads."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch

from pointprior.clouds import PointCloud
from pointprior.output.figures.rendering import Camera, nearest_distance, render_beads, scale_bar, show
from pointprior.output.figures.shading import render_shape
from pointprior.output.figures.style import FAINT

LOW_RESOLUTION = np.array(to_rgb("#E0A13C"))
SUBUNIT = np.array(to_rgb("#4FA393"))
PROJECTION = "#2B3A67"


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


def name_measurement(observation) -> str:
    """What one measurement is: "projection of 300 points"."""
    kind = {"low_resolution": "low-resolution structure"}.get(observation.kind, observation.kind)
    return f"{kind} of {len(observation.targets):,} points"


def largest_angle(observations: Iterable) -> float | None:
    """Largest angle (in degrees, at most 90) between two directions of projection; None if there are not two.

    Where it is small, nothing is known of the depth along them. Opposite directions count as one.
    """
    views = [observation.view for observation in observations if observation.kind == "projection"]
    if len(views) < 2:
        return None
    directions = np.array([np.cross(*view.T) for view in views], dtype=np.float64)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return float(np.degrees(np.arccos(np.clip(np.abs(directions @ directions.T), 0, 1))).max())


def draw_measurements(
    axes: Axes,
    observations: list,
    cloud: PointCloud,
    camera: Camera,
    *,
    bar: float | None = None,  # length of the scale bar (in Å); none if not given
    surfaces: bool = False,
) -> None:
    """Draw tiles, one per measurement, all at one scale; subunits as surfaces, if their points lie on these."""
    axes.set_axis_off()
    if not observations:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color=FAINT)
        return
    across = int(np.ceil(np.sqrt(len(observations))))
    down = -(-len(observations) // across)
    side = min(1 / across, 0.66)
    view = Camera(cloud.center, camera.axes, _reach(observations, cloud, camera))
    for i, observation in enumerate(observations):
        row, place = divmod(i, across)
        in_row = min(across, len(observations) - row * across)
        left = 0.5 + (place - in_row / 2) * side
        bottom = 0.5 + (down / 2 - row - 1) * side
        tile = axes.inset_axes((left + 0.012, bottom + 0.012, side - 0.024, side - 0.024))
        tile.patch.set_alpha(0)
        if observation.targets.shape[1] == 2:
            _draw_image(tile, observation.targets * cloud.scale, view.half_width, side)
        else:
            draw = _draw_surface if surfaces and observation.kind == "subunit" else _draw_structure
            draw(tile, observation, cloud, view)
        if bar is not None and i == (down - 1) * across:  # the first of the last row
            scale_bar(tile, unit="Å", length=bar, inset=0.05, size=6.0)


def _reach(observations: list, cloud: PointCloud, camera: Camera) -> float:
    """From a tile's centre to its sides (in Å): all measured points lie inside, with room for a frame."""
    farthest = 0.0
    for observation in observations:
        seen, radius = observation.targets * cloud.scale, 0.0
        if seen.shape[1] == 3:
            seen, radius = (seen @ observation.view.T @ camera.axes.T)[:, :2], _radius(seen, cloud)
        farthest = max(farthest, float(np.abs(seen).max()) + radius)
    return 1.14 * farthest


def _radius(targets: Float[np.ndarray, "M 3"], cloud: PointCloud) -> float:
    """Radius of beads that nearly touch their neighbours; a few far from each other stay smaller than the cloud."""
    return min(0.56 * nearest_distance(targets), 0.25 * cloud.scale)


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
    tile.scatter(targets[:, 0], targets[:, 1], s=area, c=PROJECTION, alpha=0.55, linewidths=0, rasterized=True)


def _draw_surface(tile: Axes, observation, cloud: PointCloud, view: Camera) -> None:
    """A subunit whose points lie on a surface."""
    targets = cloud.to_angstrom(observation.targets @ observation.view.T)
    show(tile, view, render_shape(view, targets, colour=SUBUNIT, pixels=300))


def _draw_structure(tile: Axes, observation, cloud: PointCloud, view: Camera) -> None:
    """A low-resolution structure or a subunit: beads as large as their distances."""
    targets = cloud.to_angstrom(observation.targets @ observation.view.T)
    colour = SUBUNIT if observation.kind == "subunit" else LOW_RESOLUTION
    radius = _radius(targets, cloud)
    colours = np.tile(colour, (len(targets), 1))
    show(tile, view, render_beads(view, targets, radius=radius, colours=colours, pixels=400))
