"""Images, a map, a known part and a homologue of one's own specimen, in one frame as `Observations`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints
from pointprior.measurements.frame import Frame, common_center, estimated_scale
from pointprior.measurements.homologues import Homologue
from pointprior.measurements.observations import Observation, Observations

ONE_DIRECTION = 5.0  # degrees: images that differ by less show the same
OFF_CENTRE = 0.03  # of the cube's scale: images whose centres miss each other by more have wrong shifts
OUTSIDE, LOST = 0.2, 0.8  # share of a part that lies outside of the density: said, refused


@dataclass(frozen=True)
class OwnMeasurements:
    """Measurements of one's own specimen, ready for a method.

    Attributes
    ----------
    observations : Observations
        One per image, in their order; then the map, the part and the homologue, where there are.
    frame : Frame
        Takes models back to Å.
    remarks : tuple of str
        What a person should know: the scale, and what does not fit together.
    homologue : Homologue, optional
        Where it belongs.
    """

    observations: Observations
    frame: Frame
    remarks: tuple[str, ...] = ()
    homologue: Homologue | None = None


def combine(
    images: Sequence[MeasuredPoints] = (),
    rotations: Float[np.ndarray, "n 3 3"] | None = None,
    *,
    low_resolution: MeasuredPoints | None = None,
    part: Float[np.ndarray, "L 3"] | None = None,
    homologue: Homologue | None = None,
    is_placed: bool = True,
    points: int = 1024,
    seed: int = 0,
) -> OwnMeasurements:
    """Measurements of one specimen in the cube that methods work in.

    Parameters
    ----------
    images : sequence of MeasuredPoints
        Points of every image.
    rotations : ndarray, shape=(n, 3, 3)
        Their poses, as in `ImageSet`.
    low_resolution : MeasuredPoints, optional
        Points of a map.
    part : ndarray, shape=(L, 3), optional
        Points of a known part (in Å, in the images' frame).
    homologue : Homologue, optional
        A structure like the specimen.
    is_placed : bool
        Whether the homologue lies where it belongs; otherwise a rigid fit to all else brings it there.
    points : int
        N, points of a model.
    seed : int
        Of the random draws.

    Raises
    ------
    ImageError
        If there is neither image nor map, images have no poses or one direction, or the part is elsewhere.
    """
    views = _poses(images, rotations, known_depth=low_resolution is not None)
    seen = [(image.points, rotation[:, :2]) for image, rotation in zip(images, views, strict=True)]
    if low_resolution is not None:
        seen.append((low_resolution.points, np.eye(3)))
    if not seen:
        raise ImageError("nothing is measured: give images with poses, a map, or both")
    center, miss = common_center(seen)
    frame = Frame(center, estimated_scale(seen, center))
    remarks = [f"the specimen reaches {frame.scale:.4g} Å from its centre, as estimated from all that is measured"]
    if miss > OFF_CENTRE * frame.scale:
        remarks.append(
            f"the centres of the images miss each other by {miss:.3g} Å (root mean square): shifts or poses are off, "
            "or parts of the specimen are not in all of them"
        )
    items = [_image(image, rotation, frame) for image, rotation in zip(images, views, strict=True)]
    if low_resolution is not None:
        items.append(Observation.low_resolution(frame.to_cube(low_resolution.points)))
    if part is not None:
        remarks += _outside(part, images, views, low_resolution)
        items.append(Observation.subunit(frame.to_cube(part)))
    observations = Observations.combine(items, points=points, seed=seed)
    if homologue is not None:
        homologue = homologue if is_placed else homologue.fitted(observations, frame, key=(seed, "homologue"))
        homologue = homologue.compared(observations, frame)
        observations = Observations.combine([*items, homologue.observation(frame)], points=points, seed=seed)
    return OwnMeasurements(observations, frame, tuple(remarks), homologue)


def _image(image: MeasuredPoints, rotation: Float[np.ndarray, "3 3"], frame: Frame) -> Observation:
    targets = (image.points - frame.center @ rotation[:, :2]) / frame.scale
    return Observation.image(targets, rotation, noise=image.blur / frame.scale)


def _poses(
    images: Sequence[MeasuredPoints], rotations: Float[np.ndarray, "n 3 3"] | None, *, known_depth: bool
) -> Float[np.ndarray, "n 3 3"]:
    """Rotations of all images; refused where they are missing, or leave a direction open that nothing else shows."""
    if rotations is None:
        if len(images):
            raise ImageError(
                "the images have no poses (directions and shifts). Give the STAR or .cs file of a 3D refinement or 3D "
                "classification of them, or name a map of the specimen as `reference`: its projections find them"
            )
        return np.zeros((0, 3, 3))
    if len(rotations) != len(images):
        raise ImageError(f"{len(images)} images have {len(rotations)} poses; each needs one")
    spread = largest_angle(rotations)
    if len(images) > 1 and spread < ONE_DIRECTION and not known_depth:
        raise ImageError(
            f"all {len(images)} images show the specimen from one direction (within {spread:.2g} degrees), so nothing "
            "is known of its depth. A 2D classification finds no directions: use the poses of a 3D refinement, or add "
            "a map"
        )
    return rotations


def largest_angle(rotations: Float[np.ndarray, "n 3 3"]) -> float:
    """Largest angle (in degrees, at most 90) between two viewing directions; opposite ones count as one."""
    directions = rotations[:, :, 2]
    cosine = np.abs(directions @ directions.T).min(initial=1.0)
    return float(np.degrees(np.arccos(np.clip(cosine, 0, 1))))


def _outside(
    part: Float[np.ndarray, "L 3"],
    images: Sequence[MeasuredPoints],
    rotations: Float[np.ndarray, "n 3 3"],
    low_resolution: MeasuredPoints | None,
) -> list[str]:
    """What is to be said of a part that does not lie in the density."""
    seen = [image.covers(part @ rotation[:, :2]) for image, rotation in zip(images, rotations, strict=True)]
    if low_resolution is not None:
        seen.append(low_resolution.covers(part))
    outside = 1 - float(np.mean(np.all(seen, axis=0)))
    if outside > LOST:
        raise ImageError(
            f"{outside:.0%} of the known part lies outside of the density: it is not in the frame of the images. Fit "
            "it into the map, or say where the centre of the boxes lies in its frame"
        )
    return [f"{outside:.0%} of the known part lies outside of the density"] if outside > OUTSIDE else []
