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
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.poses import frame, has_pose
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.runtime.seeding import numpy_generator

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
    images = sum(has_pose(observation) for observation in observations)
    solid = len(observations) > images
    if not images or (images < 2 and not solid):
        return []
    readings = WHOLE | (OTHER_HAND if solid else {})
    thinned = [_thinned(o, observations.points, (*key, k)) for k, o in enumerate(observations)]
    return [Reading(name, _misfit(thinned, read, key)) for name, read in readings.items()]


def better(readings: list[Reading]) -> Reading | None:
    """The reading that fits much better than the poses as given, if there is one."""
    if not readings:
        return None
    best = min(readings, key=lambda reading: reading.misfit)
    return best if best.misfit < BETTER * readings[0].misfit else None


def _thinned(observation: Observation, points: int, key: tuple[str | int, ...]) -> Observation:
    """No more targets than a quick fit has points; of a part, its share of them."""
    most = max(1, round(POINTS * len(observation.targets) / points)) if observation.is_part else POINTS
    if len(observation.targets) <= most:
        return observation
    chosen = numpy_generator(*key, "readings").permutation(len(observation.targets))[:most]
    return replace(observation, targets=observation.targets[chosen], capacity=np.ones(most, dtype=np.int64))


def _misfit(thinned: list[Observation], read, key: tuple[str | int, ...]) -> float:
    turned = [replace(o, view=read(frame(o))[:, :2].astype(np.float32)) if has_pose(o) else o for o in thinned]
    energy = Energy(Observations.combine(turned, points=POINTS))
    found = maximise_likelihood(
        energy, key=(*key, "readings"), samples=1, points=POINTS, steps=STEPS, learning_rate=RATE, annealed=True
    )
    return float(np.sqrt(found.energy[0]))
