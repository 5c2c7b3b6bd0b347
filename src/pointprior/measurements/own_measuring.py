"""From files of images, a map and a part to `OwnData`: the one place that reads what people bring."""

from typing import Any

import numpy as np
from jaxtyping import Float

from pointprior.images.image_set import ImageSet
from pointprior.images.maps import Map, points_of_map, read_density
from pointprior.images.measured_points import MeasuredPoints
from pointprior.images.points import points_of_image
from pointprior.images.reading import read_images
from pointprior.measurements.own import combine
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.parts import points_of_part


def measure(files: OwnFiles, *, key: tuple[str | int, ...], seed: int = 0) -> OwnData:
    """Read files and make observations of them.

    Parameters
    ----------
    files : OwnFiles
        Which files, and how they are read.
    key : tuple
        What the random draws belong to: (seed, name).
    seed : int
        Seed that the observations keep.

    Raises
    ------
    ImageError
        If a file cannot be used; the message names file, row and what to do.
    """
    images = None if files.images is None else _images(files)
    seen = () if images is None else tuple(_seen(files, images, k, key) for k in range(len(images)))
    density = None if files.map is None else read_density(files.map, voxel_size=files.voxel_size)
    low_resolution = None if density is None else _low_resolution(files, density, key)
    part = None if files.subunit is None else _part(files, density, key)
    measurements = combine(
        seen,
        None if images is None else images.rotations,
        low_resolution=low_resolution,
        part=part,
        points=files.points,
        seed=seed,
    )
    remarks = [*(() if images is None else images.remarks), *(r for measured in seen for r in measured.remarks)]
    remarks += [] if low_resolution is None else low_resolution.remarks
    return OwnData(files, measurements, images, seen, low_resolution, part, tuple(dict.fromkeys(remarks)))


def _images(files: OwnFiles) -> ImageSet:
    return read_images(str(files.images), pixel_size=files.pixel_size, select=files.select)


def _seen(files: OwnFiles, images: ImageSet, k: int, key: tuple[str | int, ...]) -> MeasuredPoints:
    """Points of one image."""
    return points_of_image(
        images.pixels[k],
        images.pixel_size,
        key=(*key, "image", images.names[k]),
        points=files.image_points,
        shift=images.shifts[k],
        contrast=files.contrast,
        resolution=files.image_resolution,
        threshold=files.threshold,
        name=images.names[k],
    )


def _low_resolution(files: OwnFiles, density: Map, key: tuple[str | int, ...]) -> MeasuredPoints:
    """Points of the map."""
    return points_of_map(
        density,
        key=(*key, "map"),
        points=files.map_points,
        level=files.map_level,
        centre=files.map_centre,
        resolution=files.map_resolution,
    )


def _part(files: OwnFiles, density: Map | None, key: tuple[str | int, ...]) -> Float[np.ndarray, "L 3"]:
    """Points of the part, which lies where the map has it."""
    in_map: dict[str, Any] = {} if density is None or files.map_centre == "header" else {"centre": density.centre()}
    return points_of_part(
        str(files.subunit),
        share=float(files.subunit_share or 0),
        key=(*key, "part"),
        points=files.points,
        chains=None if files.subunit_chains is None else files.subunit_chains.split(","),
        **in_map,
    )
