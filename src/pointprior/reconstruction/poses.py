"""Refinement of poses: with the matching held, the rotation and shift of what is seen that fit a cloud best.

Where x is seen as p = x @ R, a small rotation δ about the axes of what is seen moves p by (p × δ), of which an image
shows two coordinates: a linear least-squares problem of five unknowns, or of six for a homologue. Its solution is held
near the given pose by how wrong that may be, and taken again at every evaluation of a sampler, so that it follows the
cloud (Gauss-Newton).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy, Paired
from pointprior.measurements.poses import Poses, frame, rotations
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
        if not any(errors.any_of(observation.kind) for observation in energy.observations):
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
            self._refined(k, x, paired, uncertainty) if self.errors.any_of(paired.observation.kind) else paired
            for k, paired in enumerate(pairs)
        ]

    def _refined(self, k: int, x, paired: Paired, uncertainty: float | int) -> Paired:
        turns, observation = self.poses.turns[:, k], paired.observation
        shifts = self.poses.shifts[:, k, : observation.targets.shape[1]]
        errors = self.errors.of(observation.kind)
        # errors that points have in common do not average out: all of them tell no more of a pose than some would
        common = uncertainty**2 + (0.0 if observation.is_image else observation.noise**2)  # neighbours deviate alike
        variance = self.energy.variance(observation) + common * max(1.0, x.shape[1] / self.independent)
        seen = x @ (frame(observation) @ rotations(turns))  # (S, N, 3)
        moved = np.zeros_like(shifts)
        for s in range(len(x)):
            residual = paired.wanted[s] - seen[s, :, : shifts.shape[1]]
            precision = paired.share[s] / variance
            solved = pose_step(seen[s], residual, precision, turn=turns[s], shift=shifts[s], errors=errors)
            turns[s] = composed(turns[s], solved[:3])
            moved[s] = solved[3:]
        shifts += moved
        return replace(paired, views=self.poses.views(k, observation), wanted=paired.wanted - moved[:, None])


def pose_step(
    seen: Float[np.ndarray, "N 3"],
    residual: Float[np.ndarray, "N d"],
    precision: Float[np.ndarray, " N"],
    *,
    turn: Float[np.ndarray, "3"],
    shift: Float[np.ndarray, " d"],
    errors: tuple[float, float],
) -> Float[np.ndarray, " u"]:
    """The small rotation δ (3) and shift e (d) that minimise Σ |r - (p × δ) - e|² + |turn + δ|² + |shift + e|².

    The terms are weighted by their precisions: of every point, and of the given pose.

    Parameters
    ----------
    seen : ndarray, shape=(N, 3)
        Points p in the frame of what is seen, an image's with their depth.
    residual : ndarray, shape=(N, d)
        What is left from each to its target; d = 2 for an image, otherwise 3.
    precision : ndarray, shape=(N,)
        One over the variance of a residual's coordinate; 0 for points that are not paired.
    turn, shift : ndarray
        Correction so far.
    errors : tuple
        How wrong the given pose may be: angle (in degrees) and shift, see `PoseErrors`.

    Returns
    -------
    ndarray, shape=(3 + d,)
        Rotation vector and shift.
    """
    d, (angle, deviation_of_shift) = len(shift), errors
    x, y, z = seen.T
    zero = np.zeros_like(x)
    turning = np.stack([[zero, -z, y], [z, zero, -x], [-y, x, zero]])[:d]  # (d, 3, N)
    moving = np.broadcast_to(np.eye(d)[:, :, None], (d, d, len(x)))
    columns = np.concatenate([turning, moving], axis=1)  # (d, 3 + d, N)
    normal = np.einsum("ain,n,ajn->ij", columns, precision, columns)
    right = np.einsum("ain,n,na->i", columns, precision, residual)
    deviation = np.repeat([np.radians(angle) / np.sqrt(3), deviation_of_shift], [3, d])
    free = deviation > 0
    own = np.zeros(3 + d)
    own[free] = deviation[free] ** -2
    right -= own * np.concatenate([turn, shift])
    step = np.zeros(3 + d)
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
