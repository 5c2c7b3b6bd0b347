"""Household objects as clouds: procedural stand-ins for ShapeNet's, made of boxes and sampled on their surface.

They are no substitute for ShapeNet where a prior is trained; they serve where only the geometry of the measurements
matters, and can be committed and shown.
"""

import numpy as np
from jaxtyping import Float

from pointprior.clouds import PointCloud
from pointprior.runtime.seeding import numpy_generator


def chair(key: tuple[str | int, ...], points: int = 1024) -> PointCloud:
    """A chair of random proportions: a seat, a back, four legs and perhaps arms."""
    generator = numpy_generator(*key, "chair")
    width, depth, height = generator.uniform(0.8, 1.2, size=3)
    seat, leg, thick = (
        generator.uniform(0.4, 0.55) * height,
        generator.uniform(0.05, 0.12),
        generator.uniform(0.05, 0.1),
    )
    back = seat + generator.uniform(0.5, 0.8) * height
    boxes = [
        ((0, width), (seat, seat + thick), (0, depth)),
        ((0, width), (seat + thick, back), (0, generator.uniform(0.04, 0.1))),
    ]
    boxes += [((x, x + leg), (0, seat), (z, z + leg)) for x in (0, width - leg) for z in (0, depth - leg)]
    if generator.random() < 0.4:
        arm = seat + generator.uniform(0.2, 0.35) * height
        boxes += [((x, x + leg), (arm, arm + leg), (0, 0.8 * depth)) for x in (0, width - leg)]
        boxes += [((x, x + leg), (seat, arm), (0.7 * depth, 0.7 * depth + leg)) for x in (0, width - leg)]
    return PointCloud.from_coordinates(on_boxes(np.array(boxes), points, generator))


def table(key: tuple[str | int, ...], points: int = 1024) -> PointCloud:
    """A table of random proportions: a top and four legs."""
    generator = numpy_generator(*key, "table")
    width, depth, height = generator.uniform(0.8, 2.0), generator.uniform(0.6, 1.2), generator.uniform(0.5, 1.0)
    leg, thick = generator.uniform(0.05, 0.12), generator.uniform(0.04, 0.1)
    boxes = [((0, width), (height, height + thick), (0, depth))]
    boxes += [((x, x + leg), (0, height), (z, z + leg)) for x in (0, width - leg) for z in (0, depth - leg)]
    return PointCloud.from_coordinates(on_boxes(np.array(boxes), points, generator))


def on_boxes(
    boxes: Float[np.ndarray, "boxes 3 2"],  # extents along x, y (up) and z
    points: int,
    generator: np.random.Generator,
) -> Float[np.ndarray, "N 3"]:
    """Points drawn uniformly from the surfaces of axis-parallel boxes."""
    low, high = boxes[:, :, 0], boxes[:, :, 1]
    size = high - low  # (boxes, 3)
    area = np.stack([size[:, (axis + 1) % 3] * size[:, (axis + 2) % 3] for axis in range(3)], axis=1)
    face = generator.choice(area.size, size=points, p=(area / area.sum()).ravel())
    box, axis = np.divmod(face, 3)
    place = generator.random((points, 3))
    place[np.arange(points), axis] = generator.integers(2, size=points)  # on the near or the far side
    return low[box] + place * size[box]
