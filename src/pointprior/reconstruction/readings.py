"""Other readings of the images' poses, each tried by a quick fit: a convention that is not the file's fits badly.

Images that show one specimen in the poses they are given in agree along their common lines, so that a few hundred
points can satisfy them all; poses of another convention leave a misfit. The mirror image of a specimen in mirrored
poses gives the same images: only a map or a part tells the hand.

A homologue, if there is one, should miss the measurements by little more than a fit of as many points.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observation, Observations, with_shares
from pointprior.measurements.poses import frame
from pointprior.reconstruction import regularised_ml
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.own import chosen_pairing
from pointprior.reconstruction.problem import Problem

POINTS, STEPS, RATE = 256, 80, 0.1  # of a quick fit: a second or two
FITTED = 79  # gradient steps of a fit of all points
UNLIKE = 1.8  # times: less where a homologue helped, more where it harmed (benchmarks/homologue.py)
BETTER = 0.85  # a reading is worth a warning if its misfit is below this share of that of the poses as given
MIRROR = np.diag([1.0, 1.0, -1.0])

AS_GIVEN = "poses as given"
FREE, HOMOLOGUE = "all points, without the homologue", "the homologue as it lies"
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
        What it says of the poses, or that it is the homologue's.
    misfit : float
        Root-mean-square deviation of a coordinate (in units of the cube).
    """

    name: str
    misfit: float


def compare_readings(observations: Observations, *, key: tuple[str | int, ...]) -> list[Reading]:
    """Fit the measurements under every reading of the poses; none where there is nothing to compare.

    Two images are needed, or one beside a map or a part. The first reading is that of the poses as given. Last stand,
    whatever is measured, a fit without the homologue and the homologue itself, if it is of the whole specimen.
    """
    # a homologue was brought to where it fits the poses as given, and would speak for them
    items = tuple(observation for observation in observations if not observation.is_relative)
    relatives = [o for o in observations if o.is_relative and len(o.targets) == observations.points]
    images = sum(observation.is_image for observation in items)
    solid = len(items) > images
    readings = WHOLE | (OTHER_HAND if solid else {}) if images > 1 or (images and solid) else {}
    others = replace(observations, items=with_shares(items))
    thinned = others.thinned(POINTS, key)
    found = [Reading(name, _misfit(thinned, read, key)) for name, read in readings.items()]
    return found + [reading for relative in relatives for reading in _beside_a_fit(relative, others, key)]


def better(readings: list[Reading]) -> Reading | None:
    """The reading that fits much better than the poses as given, if there is one."""
    of_poses = [reading for reading in readings if reading.name not in (FREE, HOMOLOGUE)]
    if not of_poses:
        return None
    best = min(of_poses, key=lambda reading: reading.misfit)
    return best if best.misfit < BETTER * of_poses[0].misfit else None


def unlike(readings: list[Reading]) -> float | None:
    """How many times a fit's misfit that of the homologue is, if it is so much more that its shape is another."""
    misfits = {reading.name: reading.misfit for reading in readings}
    if HOMOLOGUE not in misfits:
        return None
    times = misfits[HOMOLOGUE] / misfits[FREE]
    return times if times > UNLIKE else None


def _beside_a_fit(homologue: Observation, others: Observations, key: tuple[str | int, ...]) -> list[Reading]:
    """Misfits of regularised ML without the homologue, and of the homologue."""
    energy = Energy(others, likelihood=Likelihood(chosen_pairing(others, "ml_regularised")))
    problem = Problem(energy, key=(*key, "free"), samples=1, alpha=0.0, beta="1/t", steps=FITTED, nfe=FITTED)
    free = regularised_ml.reconstruct(problem, regularised_ml.Settings())
    x = torch.from_numpy(homologue.targets[None].astype(np.float64))
    misfits = {FREE: float(free.energy[0]), HOMOLOGUE: energy.reported(x).item()}
    return [Reading(name, float(np.sqrt(misfit))) for name, misfit in misfits.items()]


def _misfit(thinned: Observations, read, key: tuple[str | int, ...]) -> float:
    turned = [replace(o, view=read(frame(o))[:, :2].astype(np.float32)) if o.is_image else o for o in thinned]
    energy = Energy(replace(thinned, items=tuple(turned)))
    found = maximise_likelihood(
        energy, key=(*key, "readings"), samples=1, points=POINTS, steps=STEPS, learning_rate=RATE, annealed=True
    )
    return float(np.sqrt(found.energy[0]))
