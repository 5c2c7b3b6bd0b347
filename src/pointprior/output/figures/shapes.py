"""Gallery of household objects: surface points lit by their normals, coloured by part."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from scipy.spatial.transform import Rotation

from pointprior.output.figures.rendering import LIGHT, Camera, nearest_distance, render_beads, show
from pointprior.output.figures.style import styled
from pointprior.shapes.layout import RawShape

CELL = 1.05  # inches
LABEL = 0.2  # inches above a category's objects
PARTS = (
    np.array([[91, 140, 200], [221, 146, 82], [104, 176, 118], [196, 104, 128], [150, 128, 192], [184, 178, 84]]) / 255
)
# Front and right side from a little above: rows are to the right, up, and towards the viewer.
VIEW = Rotation.from_euler("yx", [-38, 20], degrees=True).as_matrix()


@styled
def plot_shapes(shapes: Mapping[str, Sequence[RawShape]], *, blocks: int = 2) -> Figure:
    """Objects of each category in a row, the categories below each other in as many blocks side by side.

    Every object is seen from the same side, and fills its picture.
    """
    examples = max(len(members) for members in shapes.values())
    rows = -(-len(shapes) // blocks)
    width, height = (blocks * examples + 0.4 * (blocks - 1)) * CELL, rows * (CELL + LABEL)
    figure = Figure(figsize=(width, height))
    for place, (name, members) in enumerate(shapes.items()):
        block, row = divmod(place, rows)
        left, top = block * (examples + 0.4) * CELL, height - row * (CELL + LABEL)
        figure.text(left / width, (top - 0.05) / height, name, va="top", size=9, weight="bold")
        for column, shape in enumerate(members):
            corner = ((left + column * CELL) / width, (top - LABEL - CELL) / height)
            axes = figure.add_axes((*corner, CELL / width, CELL / height))
            camera = _camera(shape.points)
            show(axes, camera, _picture(camera, shape))
    return figure


def _camera(points: Float[np.ndarray, "n 3"]) -> Camera:
    seen = points @ VIEW.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    half_width = 1.08 * float((high - low)[:2].max()) / 2
    return Camera(center=(low + high) / 2 @ VIEW, axes=VIEW, half_width=half_width)


def _picture(camera: Camera, shape: RawShape):
    """The points on the side that faces the viewer, darker where their surface turns away from the light."""
    normals = shape.normals @ camera.axes.T
    facing = normals[:, 2] > 0  # those behind would shine through between the beads
    part = (shape.labels - shape.labels.min()) % len(PARTS)
    light = 0.5 + 0.5 * np.clip(normals @ LIGHT, 0, 1)
    points, colours = shape.points[facing], (PARTS[part] * light[:, None])[facing]
    return render_beads(camera, points, radius=2.2 * nearest_distance(points), colours=colours, pixels=240)
