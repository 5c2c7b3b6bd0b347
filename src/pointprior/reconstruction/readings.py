"""Other readings of the images' poses, each tried by a quick fit: a convention that is not the file's fits badly.

Images that show one specimen in the poses they are given in agree along their common lines, so that a few hundred
points can satisfy them all; poses of another convention leave a misfit. The mirror image of a specimen in mirrored
poses gives the same images: only a map or a part tells the hand.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.measurements.poses import frame
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood

POINTS, STEPS, RATE = 256, 80, 0.1  # of a quick fit: a second or two
BETTER = 0.85  # a reading is worth a warning if its misfit is below this share of that of the poses as given
MIRROR = np.diag([1.0, 1.0, -1.0])

AS_GIVEN = "poses as given"
WHOLE: dict[str, Callable[[Float[np.ndarray, "3 3"]], Float[np.ndarray, "3 3"]]] = {
    AS_GIVEN: lambda rotation: rotation,
    "rotations inverted": lambda rotation: rotation.T,
    "images upside down": lambda rotation: rotation @ np.diag([1.0, -1.0, -1.0]),
    "rotations inverted, images upside down": lambda rotation: rotation.T @ np.diag([1.0, -1.0, -1.0]),
}
OTHER_HAND: dict[str, Callable[[Float[np.ndarray, "3 3"]], Float[np.ndarray, "3 3"]]] = {
    "other hand": lambda rotation: MIRROR @ rotation @ MIRROR
}


@dataclass(frozen=True)
class Reading:
    """One reading of the poses, and how well a quick fit explains the measurements under it.

    Attributes
    ----------
    name : str
        What it says of the poses.
    misfit : float
        Root-mean-square deviation of a coordinate (in units of the cube).
    """

    name: str
    misfit: float


def compare_readings(observations: Observations, *, key: tuple[str | int, ...]) -> list[Reading]:
    """Fit the measurements under every reading of the poses; none where there is nothing to compare.

    Two images are needed, or one beside a map or a part. The first reading is that of the poses as given.
    """
    # a homologue was brought to where it fits the poses as given
    items = tuple(observation for observation in observations if observation.kind != "homologue")
    images = sum(observation.is_image for observation in items)
    solid = len(items) > images
    if not images or (images < 2 and not solid):
        return []
    readings = WHOLE | (OTHER_HAND if solid else {})
    thinned = replace(observations, items=items).thinned(POINTS, key)
    return [Reading(name, _misfit(thinned, read, key)) for name, read in readings.items()]


def better(readings: list[Reading]) -> Reading | None:
    """The reading that fits much better than the poses as given, if there is one."""
    if not readings:
        return None
    best = min(readings, key=lambda reading: reading.misfit)
    return best if best.misfit < BETTER * readings[0].misfit else None


def _misfit(thinned: Observations, read, key: tuple[str | int, ...]) -> float:
    turned = [replace(o, view=read(frame(o))[:, :2].astype(np.float32)) if o.is_image else o for o in thinned]
    energy = Energy(replace(thinned, items=tuple(turned)))
    found = maximise_likelihood(
        energy, key=(*key, "readings"), samples=1, points=POINTS, steps=STEPS, learning_rate=RATE, annealed=True
    )
    return float(np.sqrt(found.energy[0]))
