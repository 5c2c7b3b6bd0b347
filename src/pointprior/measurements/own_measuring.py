"""From files of images, a map and a part to `OwnData`: the one place that reads what people bring."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.image_set import ImageSet
from pointprior.images.maps import RESOLUTION, Map, map_of_atoms, points_of_map, read_density
from pointprior.images.measured_points import MeasuredPoints
from pointprior.images.points import points_of_image
from pointprior.images.projection import doubts
from pointprior.images.projection_matching import match_poses
from pointprior.images.reading import read_images
from pointprior.images.stacks import is_mrc
from pointprior.measurements.homologues import Homologue
from pointprior.measurements.own import combine
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.parts import estimated_share, points_of_part, read_part

SAME_PLACE = 0.05  # Å


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
    density = None if files.map is None else read_density(files.map, voxel_size=files.voxel_size)
    reference = None if files.reference is None else _reference(files)
    images, unsure = (None, []) if files.images is None else _images(files, reference, density)
    seen = () if images is None else tuple(_seen(files, images, k) for k in range(len(images)))
    low_resolution = None if density is None else _low_resolution(files, density)
    centre = _centre(files, density, reference)
    part, notes = _part(files, density, centre, key)
    measurements = combine(
        seen,
        None if images is None else images.rotations,
        low_resolution=low_resolution,
        part=part,
        homologue=_homologue(files, centre, key),
        is_placed=files.homologue_place == "map",
        points=files.points,
        seed=seed,
    )
    scale, *amiss = measurements.remarks
    warnings = [*unsure, *_remarks(images, seen), *(() if low_resolution is None else low_resolution.remarks), *amiss]
    notes = [*(() if images is None else images.remarks), *notes, scale]
    notes += _place(centre)
    if density is not None and images is not None and images.rotations is not None:
        warnings += doubts(images, density, contrast=files.contrast, centre=files.map_centre)
    return OwnData(files, measurements, images, seen, low_resolution, part, centre, tuple(warnings), tuple(notes))


def _reference(files: OwnFiles) -> Map:
    """What the images are to be found in: a map, or a structure as one."""
    assert files.reference is not None
    if is_mrc(files.reference):
        return read_density(files.reference, voxel_size=files.voxel_size)
    atoms = read_part(files.reference)
    return map_of_atoms(atoms, resolution=files.reference_resolution, name=files.reference)


def _centre(files: OwnFiles, density: Map | None, reference: Map | None) -> Float[np.ndarray, "3"] | None:
    """Where map and part have the centre of the images' boxes: as the map says, or else the reference."""
    if density is not None:
        return density.centre(files.map_centre)
    return None if reference is None else reference.centre()


def _images(files: OwnFiles, reference: Map | None, density: Map | None) -> tuple[ImageSet, list[str]]:
    """The images with their poses, and what is to be said of those that a reference gave."""
    images = read_images(str(files.images), pixel_size=files.pixel_size, select=files.select, stack=files.stack)
    if reference is None:
        return images, []
    found = match_poses(images, reference, resolution=files.reference_resolution, contrast=files.contrast)
    low, high = found.correlation.min(), found.correlation.max()
    warnings = [
        f"the poses are those in which the images look most like {Path(reference.path).name} (correlation "
        f"{low:.2f} to {high:.2f}): models lean towards it"
    ]
    unsure = [images.names[k] for k in found.unsure]
    if unsure:
        warnings.append(f"another pose fits about as well ({_listed(unsure, len(images))}): leave such images out")
    return found.images if density is None else _in_map(files, found.images, reference, density), warnings


def _in_map(files: OwnFiles, images: ImageSet, reference: Map, density: Map) -> ImageSet:
    """Images whose poses are about the middle of a reference, with the origin that map, part and homologue have."""
    apart = density.centre(files.map_centre) - reference.centre()
    if np.abs(apart).max() < SAME_PLACE:
        return images
    unstated = not (density.origin.any() or reference.origin.any())
    if unstated and files.map_centre == "box" and is_mrc(reference.path):
        # boxes of single particles: however wide they are, they have their middle in common
        said = "neither header says where its map lies, so the middles of reference and map are taken for one place"
        return replace(images, remarks=(*images.remarks, said))
    place = ", ".join(f"{value:.1f}" for value in apart)
    said = f"by their coordinates, the origin of map and images lies ({place}) Å from the middle of the reference"
    assert images.rotations is not None  # they were found
    shifts = images.shifts + (apart @ images.rotations)[:, :2]
    return replace(images, shifts=shifts, remarks=(*images.remarks, said))


def _seen(files: OwnFiles, images: ImageSet, k: int) -> MeasuredPoints:
    """Points of one image."""
    return points_of_image(
        images.pixels[k],
        images.pixel_size,
        points=files.image_points,
        shift=images.shifts[k],
        contrast=files.contrast,
        resolution=files.image_resolution,
        threshold=files.threshold,
        name=images.names[k],
    )


def _remarks(images: ImageSet | None, seen: tuple[MeasuredPoints, ...]) -> list[str]:
    """What looks wrong in images, once, and in which ones."""
    if images is None:
        return []
    of: dict[str, list[str]] = {}
    for name, measured in zip(images.names, seen, strict=True):
        for remark in measured.remarks:
            of.setdefault(remark, []).append(name)
    return [f"{remark} ({_listed(names, len(seen))})" for remark, names in of.items()]


def _listed(names: list[str], everyone: int) -> str:
    if len(names) == everyone:
        return "all images"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _low_resolution(files: OwnFiles, density: Map) -> MeasuredPoints:
    """Points of the map."""
    return points_of_map(
        density,
        points=files.map_points,
        level=files.map_level,
        centre=files.map_centre,
        resolution=files.map_resolution,
    )


def _part(
    files: OwnFiles, density: Map | None, centre: Float[np.ndarray, "3"] | None, key: tuple[str | int, ...]
) -> tuple[Float[np.ndarray, "L 3"] | None, list[str]]:
    """Points of the part, which lies where the map has it, and what is to be said of its share."""
    if files.subunit is None:
        return None, []
    atoms = read_part(
        files.subunit,
        chains=_chains(files.subunit_chains),
        centre=centre,
    )
    share, remarks = files.subunit_share, []
    if share is None:
        assert density is not None  # as OwnFiles checks
        resolution = files.map_resolution or RESOLUTION * float(density.voxel.mean())
        share = estimated_share(atoms, density, resolution=resolution, centre=files.map_centre, level=files.map_level)
        remarks = [f"the part has {share:.0%} of the mass, as estimated from the map's density near it"]
    points = points_of_part(atoms, share=share, key=(*key, "part"), points=files.points, name=files.subunit)
    wanted = round(share * files.points)
    if len(points) < wanted:
        remarks.append(f"the part has {len(points)} atoms and so as many points, where its mass has {wanted}")
    return points, remarks


def _homologue(files: OwnFiles, centre: Float[np.ndarray, "3"] | None, key: tuple[str | int, ...]) -> Homologue | None:
    """The homologue as it lies in the map's frame."""
    if files.homologue is None:
        return None
    found = Homologue.read(
        files.homologue,
        deviation=files.homologue_deviation,
        key=key,
        chains=_chains(files.homologue_chains),
        share=files.homologue_share,
        points=files.points,
        centre=centre,
    )
    if files.homologue_share == 1 and len(found.points) < files.points:
        raise ImageError(
            f"{files.homologue} has {len(found.points)} atoms, fewer than a model has points: a homologue of the whole "
            f"specimen needs as many. Make models of fewer (`points` {len(found.points)})"
        )
    return found


def _chains(named: str | None) -> list[str] | None:
    return None if named is None else named.split(",")


def _place(centre: Float[np.ndarray, "3"] | None) -> list[str]:
    """Where the frame of the map (or of what the images were found in) lies, if it is not that of the models."""
    if centre is None:
        return []
    place = ", ".join(f"{value:.1f}" for value in centre)
    return [f"to lie over the map, models are moved by ({place}) Å"] if centre.any() else []
