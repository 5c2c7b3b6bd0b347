"""Shapes of the archive as clouds in the unit cube: one for an experiment, whole splits for a training."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pointprior.clouds import PointCloud, normalise
from pointprior.runtime.seeding import numpy_generator
from pointprior.shapes.archive import RawShape, ShapeArchive, difference_to_paper
from pointprior.shapes.categories import CATEGORIES, synsets_of

POINTS = 1024  # of a cloud; shapes with fewer are left out


@dataclass(frozen=True)
class Selection:
    """Shapes of a split that have enough points.

    Attributes
    ----------
    ids : list of str
        In the order of the archive's list.
    short : list of str
        Those left out on the way, for having too few.
    """

    ids: list[str]
    short: list[str]


@dataclass(frozen=True)
class ShapeSet:
    """Many normalised shapes with all their points.

    Attributes
    ----------
    points : ndarray, shape=(shapes, N_max, 3), dtype=float32
        Points in [-1, 1]³; rows from `counts` on are zero.
    counts : ndarray, shape=(shapes,)
        How many rows are a shape's own.
    ids : list of str
        Ids in the archive, in the order of its list.
    categories : list of str
        Category of each shape.
    short : list of str
        Ids of those left out, for having too few points.
    """

    points: Float[np.ndarray, "shapes N_max 3"]
    counts: Int[np.ndarray, " shapes"]
    ids: list[str]
    categories: list[str]
    short: list[str]


def shape_cloud(raw: RawShape, *, points: int = POINTS, key: tuple[str | int, ...]) -> PointCloud:
    """A cloud of some of a shape's points, drawn by a key without repeats.

    All points of the shape are centred on their mean and scaled to fit the cube (PyG's `NormalizeScale`) before some
    are drawn, as for training: a draw does not move the shape. So the cloud's own mean is near zero, not zero.
    `center` and `scale` take it back to the archive's units.

    Raises
    ------
    ValueError
        If the shape has fewer points.
    DegenerateCloudError
        If its points have no extent.
    """
    if len(raw.points) < points:
        raise ValueError(f"the shape has {len(raw.points)} points, fewer than the {points} of a cloud")
    normalised, center, scale = normalise(raw.points)
    chosen = numpy_generator(*key, "points").choice(len(normalised), size=points, replace=False)
    return PointCloud(normalised[chosen], center, scale, np.zeros((3, 3)), np.full(points, ""))


def select(
    archive: ShapeArchive,
    split: str,
    categories: Iterable[str] = tuple(CATEGORIES),
    *,
    first: int | None = None,
    points: int = POINTS,
) -> Selection:
    """The first shapes of a split that have enough points (all, by default), and those left out on the way.

    Their points are counted, not read: some 1 ms per shape.

    Raises
    ------
    ValueError
        As `ShapeArchive.listed` and `ShapeArchive.count` do, and if there are fewer than `first`.
    """
    names = list(categories)
    selection = Selection([], [])
    for shape in archive.listed(split, names):
        if len(selection.ids) == first:
            break
        (selection.ids if archive.count(shape) >= points else selection.short).append(shape)
    if first is not None and len(selection.ids) < first:
        raise ValueError(
            f"{archive.path}: {first} shapes of the split {split} are asked for, but it has {len(selection.ids)} of "
            f"{', '.join(names)} with {points:,} points or more"
        )
    _report(archive, split, selection.short, points)
    return selection


def read_shapes(
    archive: ShapeArchive, split: str, categories: Iterable[str] = tuple(CATEGORIES), *, points: int = POINTS
) -> ShapeSet:
    """Read and normalise all shapes of a split that have enough points: a few ms each.

    Where the number of listed shapes is not the paper's, a warning in the log says both numbers.

    Raises
    ------
    ValueError
        As `ShapeArchive.listed` and `ShapeArchive.read` do, and if no shape is left.
    """
    names = list(categories)
    difference = difference_to_paper(archive, split, names)
    if difference:
        logging.warning("%s", difference)
    listed = archive.listed(split, names)
    clouds = {shape: archive.read(shape).points for shape in listed}
    short = [shape for shape in listed if len(clouds[shape]) < points]
    ids = [shape for shape in listed if len(clouds[shape]) >= points]
    if not ids:
        raise ValueError(
            f"{archive.path}: no shape of {', '.join(names)} in the split {split} with {points:,} points or more"
        )
    _report(archive, split, short, points)
    by_synset = synsets_of(names)
    stacked, counts = _stacked([normalise(clouds.pop(shape))[0] for shape in ids])
    return ShapeSet(stacked, counts, ids, [by_synset[shape.split("/")[0]] for shape in ids], short)


def _stacked(
    clouds: Sequence[Float[np.ndarray, "_ 3"]],
) -> tuple[Float[np.ndarray, "shapes N_max 3"], Int[np.ndarray, " shapes"]]:
    """Clouds of several sizes in one array, padded with zeros."""
    counts = np.array([len(cloud) for cloud in clouds])
    stacked = np.zeros((len(clouds), counts.max(), 3), dtype=np.float32)
    for row, cloud in zip(stacked, clouds, strict=True):
        row[: len(cloud)] = cloud
    return stacked, counts


def _report(archive: ShapeArchive, split: str, short: Sequence[str], points: int) -> None:
    if short:
        named = ", ".join(short[:5]) + (", …" if len(short) > 5 else "")
        left_out = f"left out {len(short)} of the split {split}, with fewer than {points:,} points"
        logging.warning("%s: %s: %s", archive.path, left_out, named)
