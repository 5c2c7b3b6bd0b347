"""Refinement of poses: with the matching held, the rotation and shift of an image that fit a cloud best.

Where x is seen as p = x @ R, a small rotation δ about the image's axes moves what the image shows by (p × δ), of which
it shows two coordinates: a linear least-squares problem of five unknowns. Its solution is held near the given pose by
how wrong that may be, and taken again at every evaluation of a sampler, so that it follows the cloud (Gauss-Newton).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy, Paired
from pointprior.measurements.poses import Poses, frame, has_pose, rotations
from pointprior.reconstruction.settings.poses import PoseErrors

INDEPENDENT = 30  # points of a denoised cloud whose errors are independent (benchmarks/poses.py)


@dataclass(frozen=True)
class PoseRefinement:
    """Poses of the samples of a batch, and how they follow the clouds.

    Attributes
    ----------
    energy : Energy
        The measurements.
    errors : PoseErrors
        How wrong the given poses may be.
    start : Poses
        Corrections to begin from.
    poses : Poses
        Corrections so far; changed in place.
    independent : int
        How many points of an uncertain cloud err independently of each other.
    """

    energy: Energy
    errors: PoseErrors
    start: Poses
    poses: Poses
    independent: int = INDEPENDENT

    @classmethod
    def of(
        cls,
        energy: Energy,
        errors: PoseErrors,
        samples: int,
        initial: Poses | None = None,
        *,
        independent: int = INDEPENDENT,
    ) -> "PoseRefinement | None":
        """A refinement that begins from the given poses, or from another's; None if poses are held."""
        if not errors.any:
            return None
        given = Poses.as_given(samples, len(energy.observations))
        return cls(energy, errors, given if initial is None else initial, given, independent)

    def begun(self, chosen: range) -> "PoseRefinement":
        """The part of some samples, from its start (again); what it refines is refined here."""
        part = replace(self, start=self.start.of(chosen), poses=self.poses.of(chosen))
        part.poses.turns[:], part.poses.shifts[:] = part.start.turns, part.start.shifts
        return part

    def refined(
        self, x: Float[np.ndarray, "S N 3"], pairs: list[Paired], uncertainty: float | int = 0.0
    ) -> list[Paired]:
        """Take a step of every pose with the matching held; give the pairs as they are seen after it.

        Parameters
        ----------
        x : ndarray, shape=(S, N, 3)
            Clouds, in units of the cube.
        pairs : list of Paired
            What `Energy.matched` gave at the poses so far.
        uncertainty : float
            Standard deviation of the clouds' own coordinates: the more uncertain they are, the less a pose follows.
        """
        return [
            self._refined(k, x, paired, uncertainty) if has_pose(paired.observation) else paired
            for k, paired in enumerate(pairs)
        ]

    def _refined(self, k: int, x, paired: Paired, uncertainty: float | int) -> Paired:
        turns, shifts, observation = self.poses.turns[:, k], self.poses.shifts[:, k], paired.observation
        # errors that points have in common do not average out: all of them tell no more of a pose than some would
        variance = self.energy.variance(observation) + uncertainty**2 * max(1.0, x.shape[1] / self.independent)
        seen = x @ (frame(observation) @ rotations(turns))  # (S, N, 3)
        moved = np.zeros_like(shifts)
        for s in range(len(x)):
            residual = paired.wanted[s] - seen[s, :, :2]
            solved = pose_step(
                seen[s], residual, paired.share[s] / variance, turn=turns[s], shift=shifts[s], errors=self.errors
            )
            turns[s] = composed(turns[s], solved[:3])
            moved[s] = solved[3:]
        shifts += moved
        return replace(paired, views=self.poses.views(k, observation), wanted=paired.wanted - moved[:, None])


def pose_step(
    seen: Float[np.ndarray, "N 3"],
    residual: Float[np.ndarray, "N 2"],
    precision: Float[np.ndarray, " N"],
    *,
    turn: Float[np.ndarray, "3"],
    shift: Float[np.ndarray, "2"],
    errors: PoseErrors,
) -> Float[np.ndarray, "5"]:
    """The small rotation δ (3) and shift e (2) that minimise Σ |r - (p × δ) - e|² + |turn + δ|² + |shift + e|².

    The terms are weighted by their precisions: of every point, and of the given pose.

    Parameters
    ----------
    seen : ndarray, shape=(N, 3)
        Points p in the image's frame, with their depth.
    residual : ndarray, shape=(N, 2)
        What is left from each to its target.
    precision : ndarray, shape=(N,)
        One over the variance of a residual's coordinate; 0 for points that are not paired.
    turn, shift : ndarray
        Correction so far.
    errors : PoseErrors
        How wrong the given pose may be.
    """
    x, y, z = seen.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    columns = np.stack([[zero, -z, y, one, zero], [z, zero, -x, zero, one]])  # (2, 5, N)
    normal = np.einsum("ain,n,ajn->ij", columns, precision, columns)
    right = np.einsum("ain,n,na->i", columns, precision, residual)
    deviation = np.repeat([np.radians(errors.angle) / np.sqrt(3), errors.shift], [3, 2])
    free = deviation > 0
    own = np.zeros(5)
    own[free] = deviation[free] ** -2
    right -= own * np.concatenate([turn, shift])
    step = np.zeros(5)
    step[free] = np.linalg.solve((normal + np.diag(own))[np.ix_(free, free)], right[free])
    return step


def composed(turn: Float[np.ndarray, "3"], small: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """The rotation vector of a turn that is followed by another."""
    from scipy.spatial.transform import Rotation  # slow to import

    # coordinates in rows: x @ A @ B
    return (Rotation.from_rotvec(turn) * Rotation.from_rotvec(small)).as_rotvec()


def matched_energy(
    energy: Energy,
    x: Float[Tensor, "S N 3"],
    refinement: PoseRefinement | None,
    *,
    draw: int,
    duals: Duals | None,
    uncertainty: float | int,
) -> Float[Tensor, " S"]:
    """The energy of every sample, after a step of its poses if these are refined."""
    return energy.of_pairs(
        x, matched(energy, x, refinement, draw=draw, duals=duals, uncertainty=uncertainty), uncertainty
    )


def matched(
    energy: Energy,
    x: Float[Tensor, "S N 3"],
    refinement: PoseRefinement | None,
    *,
    draw: int,
    duals: Duals | None,
    uncertainty: float | int,
) -> list[Paired]:
    """What the points of every sample are paired with, after a step of its poses if these are refined."""
    poses = None if refinement is None else refinement.poses
    pairs = energy.matched(x, draw=draw, duals=duals, uncertainty=uncertainty, poses=poses)
    if refinement is None:
        return pairs
    return refinement.refined(x.detach().cpu().double().numpy(), pairs, uncertainty)
