"""Galleries of clouds, such as unconditional samples (the paper's Figs. 3 to 5)."""

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from pointprior.output.figures.rendering import Camera, nearest_distance, render_beads, scale_bar, show
from pointprior.output.figures.shading import bead_radius, render_shape
from pointprior.output.figures.style import styled, wrapped

HEIGHT_MAP: Colormap = LinearSegmentedColormap.from_list("height", ["#3F5C9A", "#5BA3A8", "#E8CF86"])
CELL = 2.15  # inches


@styled
def plot_clouds(
    points: Float[np.ndarray, "S N 3"], columns: int = 5, *, title: str = "", surfaces: bool = False
) -> Figure:
    """Gallery of clouds in cube units, each seen along its shortest axis.

    Points that fill a body are beads, whose shades from dark to light go along the cloud's longest axis; points on
    `surfaces` are drawn as these. All pictures have one scale.
    """
    columns = min(columns, len(points))
    rows = -(-len(points) // columns)
    width = columns * CELL + 0.2
    title = wrapped(title, inches=width - 0.2, size=11)
    top = 0.2 * len(title.splitlines()) + (0.2 if title else 0.1)
    height = rows * CELL + top + 0.3
    figure = Figure(figsize=(width, height))
    radii = [bead_radius(cloud) if surfaces else 0.5 * nearest_distance(cloud) for cloud in points]
    cameras = [Camera.on_principal_axes(cloud, bead=radius) for cloud, radius in zip(points, radii, strict=True)]
    widest = max(camera.half_width for camera in cameras)
    for i, (cloud, camera, radius) in enumerate(zip(points, cameras, radii, strict=True)):
        left, bottom = 0.1 + i % columns * CELL, height - top - (i // columns + 1) * CELL
        axes = figure.add_axes((left / width, bottom / height, CELL / width * 0.96, CELL / height * 0.96))
        camera = Camera(camera.center, camera.axes, widest)
        draw = render_shape if surfaces else _render_body
        show(axes, camera, draw(camera, cloud, radius=radius))
        if i == (rows - 1) * columns:
            scale_bar(axes, unit="(cube units)")
    if title:
        figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=11, weight="bold", va="top")
    return figure


def _render_body(
    camera: Camera, cloud: Float[np.ndarray, "N 3"], *, radius: float
) -> UInt8[np.ndarray, "pixels pixels 3"]:
    up = camera.project(cloud)[:, 1]
    colours = HEIGHT_MAP(Normalize(up.min(), up.max())(up).data)[:, :3]
    return render_beads(camera, cloud, radius=radius, colours=colours)
