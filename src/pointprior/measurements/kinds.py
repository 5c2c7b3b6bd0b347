"""Kinds of measurements, and what tells them apart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a kind of measurement implies beyond its view and its capacities.

    Attributes
    ----------
    is_picture : bool
        Whether it shows the whole cloud in a plane, and perhaps what is not of it: a projection or an image.
    is_part : bool
        Whether it shows a part of the cloud: points that are left over match nothing.
    has_pose : bool
        Whether it was brought into the cloud's frame by a pose, which may be a little wrong.
    is_relative : bool
        Whether it shows something like the cloud rather than the cloud: some of it may have no counterpart.
    cell : float
        Standard deviation (per coordinate) of the points that a target stands for, in spacings of the targets; 0
        where a target is one of the points matched to it.
    spacing_ratio : float
        Spacing of a cloud (median distance to the nearest point) over the same distance of its measured points, both
        brought to equal numbers in the same area or volume; of training clouds (`benchmarks/regularised_ml.py
        spacing`).
    """

    is_picture: bool
    is_part: bool
    has_pose: bool
    is_relative: bool
    cell: float
    spacing_ratio: float


KINDS = {
    "projection": Kind(is_picture=True, is_part=False, has_pose=True, is_relative=False, cell=0.0, spacing_ratio=1.27),
    # parts of equal mass, evenly spread where projected points are in clumps: `benchmarks/image_points.py spacing`
    "image": Kind(is_picture=True, is_part=False, has_pose=True, is_relative=False, cell=0.44, spacing_ratio=0.83),
    # a cell of 0.33 to 0.41 in validation clouds of 30 to 80 targets
    "low_resolution": Kind(
        is_picture=False, is_part=False, has_pose=False, is_relative=False, cell=0.37, spacing_ratio=0.97
    ),
    # points of parts are as dense as the cloud's
    "subunit": Kind(is_picture=False, is_part=True, has_pose=False, is_relative=False, cell=0.0, spacing_ratio=1.0),
    "homologue": Kind(is_picture=False, is_part=True, has_pose=True, is_relative=True, cell=0.0, spacing_ratio=1.0),
}
