"""A structure as a rigid body, where it explains measurements best, sought from many orientations.

With every point paired with its share of the targets, a small rotation and shift are a linear least-squares problem of
six unknowns, and pairing and solving in turn climb to a maximum of the likelihood, as the iterative closest point does
(Besl & McKay 1992; with soft pairings, Granger & Pennec 2002). Pairings are soft at first and sharpen, so that few
starts are lost to near-by maxima; few points decide between many starts, and all of them refine the best.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from pointprior.measurements.energy import Duals, Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observations
from pointprior.measurements.poses import rotations
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator

STARTS, KEPT = 64, 6
COARSE, FINE = 96, 384  # points of the first and of the second round
BLURRED, SHARP = 0.25, 0.02  # uncertainty of a coordinate (units of the cube) at the first step and at the last
STEPS = 14


@dataclass(frozen=True)
class RigidFit:
    """A rigid motion that takes a structure to where it explains the measurements.

    Attributes
    ----------
    rotation : ndarray, shape=(3, 3)
        Proper rotation of coordinates in rows.
    shift : ndarray, shape=(3,)
        What is added after it, in units of the cube.
    misfit : float
        Root-mean-square deviation of a measured coordinate (in units of the cube), of the optimal matching.
    """

    rotation: Float[np.ndarray, "3 3"]
    shift: Float[np.ndarray, "3"]
    misfit: float

    def apply(self, points: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
        """Points of the structure, moved."""
        return points @ self.rotation + self.shift


def fit_rigidly(
    points: Float[np.ndarray, "N 3"],
    observations: Observations,
    *,
    key: tuple[str | int, ...],
    starts: int = STARTS,
) -> RigidFit:
    """Where a structure of the specimen's size lies so that it explains the measurements best.

    Parameters
    ----------
    points : ndarray, shape=(N, 3)
        The structure, wherever it lies, in units of the cube.
    observations : Observations
        What is measured of the specimen, which has as many points.
    key : tuple
        What the random starts belong to.
    starts : int
        Orientations to begin from.

    Raises
    ------
    ValueError
        If the structure has another number of points than the specimen.
    """
    if len(points) != observations.points:
        raise ValueError(f"a structure of {len(points)} points cannot explain measurements of {observations.points}")
    centre = points.mean(axis=0)
    generator = numpy_generator(*key, "rigid fit")
    turns = random_rotations(starts, "SO3", generator)
    shifts = np.zeros((starts, 3))
    for size, kept in ((min(COARSE, len(points)), KEPT), (min(FINE, len(points)), 1)):
        chosen = generator.permutation(len(points))[:size]
        energy = Energy(observations.thinned(size, key), likelihood=Likelihood("entropic", "precision"))
        turns, shifts, misfits = _climbed(points[chosen] - centre, energy, turns, shifts)
        best = np.argsort(misfits)[:kept]
        turns, shifts, misfits = turns[best], shifts[best], misfits[best]
    return RigidFit(turns[0], shifts[0] - centre @ turns[0], float(misfits[0]))


def misfit(points: Float[np.ndarray, "N 3"], observations: Observations) -> float:
    """Root-mean-square deviation of a measured coordinate from a structure where it lies, of the optimal matching."""
    return Energy(observations).reported(torch.from_numpy(points[None])).sqrt().item()


def _climbed(points, energy: Energy, turns, shifts):
    """Poses after pairing and solving in turn, and the misfits there."""
    duals = Duals()
    for uncertainty in np.geomspace(BLURRED, SHARP, STEPS):
        x = points @ turns + shifts[:, None]
        normal, right = np.zeros((len(x), 6, 6)), np.zeros((len(x), 6))
        pairs = energy.matched(torch.from_numpy(x), duals=duals, uncertainty=uncertainty)
        for paired, weight in zip(pairs, energy.weights(uncertainty), strict=True):
            residual = paired.wanted - x @ paired.views  # (S, N, d)
            moves = _moves(x - shifts[:, None]) @ paired.views[:, None]  # (S, N, 6, d)
            trusted = weight * paired.share[..., None, None] * moves
            normal += np.einsum("snid,snjd->sij", trusted, moves)
            right += np.einsum("snid,snd->si", trusted, residual)
        held = 1e-9 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(6)  # what no view shows stays
        step = np.linalg.solve(normal + held, right[..., None])[..., 0]
        turns, shifts = turns @ rotations(step[:, :3]), shifts + step[:, 3:]
    misfits = energy.reported(torch.from_numpy(points @ turns + shifts[:, None])).sqrt().numpy()
    return turns, shifts, misfits


def _moves(p: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "S N 6 3"]:
    """How points about the structure's centre move with small rotations about the axes, and with shifts."""
    units = np.eye(3)
    turning = np.cross(p[:, :, None], units)  # p × δ, for coordinates in rows
    return np.concatenate([turning, np.broadcast_to(units, turning.shape)], axis=2)
