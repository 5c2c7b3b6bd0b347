"""Categories of household objects by examples: surface points lit by their normals, coloured by part."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure

from pointprior.output.figures.rendering import Camera, render_beads, show
from pointprior.output.figures.shading import bead_radius, upright_camera
from pointprior.output.figures.style import styled
from pointprior.shapes.layout import RawShape

CELL = 1.05  # inches
LABEL = 0.2  # inches above a category's objects
GAP = 0.4  # cells between blocks
PARTS = (
    np.array([[150, 178, 212], [226, 170, 120], [146, 196, 156], [212, 146, 162], [176, 160, 208], [206, 200, 132]])
    / 255
)


@styled
def plot_categories(shapes: Mapping[str, Sequence[RawShape]], *, blocks: int = 2) -> Figure:
    """Objects of each category in a row, the rows in blocks side by side.

    Every object is seen from the same side, and fills its picture.
    """
    examples = max(len(members) for members in shapes.values())
    rows = -(-len(shapes) // blocks)
    width, height = (blocks * (examples + GAP) - GAP) * CELL, rows * (CELL + LABEL)
    figure = Figure(figsize=(width, height))
    for place, (name, members) in enumerate(shapes.items()):
        block, row = divmod(place, rows)
        left, top = block * (examples + GAP) * CELL, height - row * (CELL + LABEL)
        figure.text(left / width, (top - 0.05) / height, name, va="top", size=9, weight="bold")
        for column, shape in enumerate(members):
            corner = ((left + column * CELL) / width, (top - LABEL - CELL) / height)
            axes = figure.add_axes((*corner, CELL / width, CELL / height))
            camera = upright_camera(shape.points)
            show(axes, camera, _picture(camera, shape))
    return figure


def _picture(camera: Camera, shape: RawShape) -> UInt8[np.ndarray, "pixels pixels 3"]:
    """The points on the side that faces the viewer: those behind would shine through between the beads."""
    facing = shape.normals @ camera.axes[2] > 0
    points, normals = shape.points[facing], shape.normals[facing]
    colours = _part_colours(shape)[facing]
    return render_beads(camera, points, radius=1.4 * bead_radius(points), colours=colours, normals=normals, pixels=240)


def _part_colours(shape: RawShape) -> Float[np.ndarray, "n 3"]:
    return PARTS[(shape.labels - shape.labels.min()) % len(PARTS)]
