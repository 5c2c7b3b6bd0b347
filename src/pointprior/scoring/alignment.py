"""Scale a model to the truth and superpose the two without knowing which point belongs to which.

The superposition is the proper rigid motion (R, c) that maximises the kernel correlation
Σ_ij exp(-|a_i - R b_j - c|² / 4σ²) of truth a and model b: for rigid motions the same as the least L2
distance between the two clouds blurred by Gaussians of standard deviation σ. The correlation has many
local maxima, so the search starts from many rotations with a wide kernel and narrows it (annealing).

One ascent step replaces each exponential by its tangent in the squared distance. That lower bound is a
weighted Procrustes problem over all pairs, w_ij = exp(-|a_i - R b_j - c|² / 4σ²), and has a closed solution.
Such steps find the way to a maximum and crawl towards its top, so that the best pose ends by a quasi-Newton method.
"""

import math
from dataclasses import dataclass
from typing import no_type_check

import numba
import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from pointprior.clouds import radius_of_gyration
from pointprior.measurements.blocks import compact_order
from pointprior.runtime.signals import interruptible

COARSE_POINTS = 128  # the coarse search sees both clouds as the centroids of this many equal groups
COARSE_LEVELS = 6  # kernel widths of the coarse search, WIDEST·R_g down to the spacing of the centroids
COARSE_STEPS = 8
WIDEST = 0.5  # of the radius of gyration: wider kernels see little but the principal axes, and the starts merge
REFINED = 5  # distinct poses that the full clouds decide between; the start at identity is always a further one
DISTINCT = np.radians(10.0)
FINE_STEPS = ((2.0, 10), (1.0, 15))  # (kernel width in spacings of the truth, steps) for each refined pose
FINE_POINTS = 512  # which stand for the points until one pose is left
TOLERANCE = 1e-5  # of σ: the winner stops where an ascent step would move it less
ROOT, LIMIT = 64, 40.0  # exponentials are powers of roots, cut so that far apart clouds still have a total above zero
SERIES = [1 / math.factorial(k) for k in range(9)]  # Taylor's, of the roots
RELAXATION = 1.6  # a step is the bound's optimum overshot; below 2 it still climbs, and in half as many steps


@dataclass(frozen=True)
class Alignment:
    """A rigid motion that superposes a model on the truth.

    Attributes
    ----------
    rotation : ndarray, shape=(3, 3)
        Proper rotation (determinant +1).
    translation : ndarray, shape=(3,)
        Translation after the rotation, in the unit of the points.
    correlation : float
        Kernel correlation per pair at the final width (the truth's point spacing) over that of the truth with
        itself: 1 for a perfect match. A model that crowds into the truth's densest parts can exceed 1.
    """

    rotation: Float[np.ndarray, "3 3"]
    translation: Float[np.ndarray, "3"]
    correlation: float

    def apply(self, points: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
        """Move points of the model's frame into the truth's."""
        return points @ self.rotation.T + self.translation


def scale_to_gyration(
    model: Float[np.ndarray, "N 3"], truth: Float[np.ndarray, "M 3"]
) -> tuple[Float[np.ndarray, "N 3"], float]:
    """Move a model to the truth's mean and scale it to the truth's radius of gyration.

    Returns
    -------
    scaled : ndarray, shape=(N, 3)
        The model in the truth's unit and place, not rotated.
    factor : float
        The truth's radius of gyration over the model's.

    Raises
    ------
    ValueError
        If either set is not finite or has no extent.
    """
    model, _, extent = centred("model", model)
    _, target, wanted = centred("truth", truth)
    return model * (wanted / extent) + target, wanted / extent


def align(
    model: Float[np.ndarray, "N 3"],
    truth: Float[np.ndarray, "M 3"],
    *,
    starts: int = 24,  # identity, four that match the principal axes, the rest spread evenly over all rotations
    seed: int = 0,  # turns the even spread
) -> Alignment:
    """Find the proper rigid motion that best superposes a model on the truth.

    Deterministic; the two sets need neither the same number of points nor the same order, but the same scale. The
    pose as given (centred on the truth's mean) always competes: no other is returned unless its correlation is higher.

    Raises
    ------
    ValueError
        If either set is not finite or has no extent, or there is no start.
    """
    if starts < 1:
        raise ValueError(f"an alignment needs at least one start, not {starts}")
    model, model_centre, _ = centred("model", model)
    truth, truth_centre, extent = centred("truth", truth)
    spacing = _spacing(truth)

    rotations, shifts = _search(truth, model, start_rotations(truth, model, starts, seed), extent, spacing)
    fewer = centroids(truth, FINE_POINTS), centroids(model, FINE_POINTS)
    for width, steps in FINE_STEPS:
        rotations, shifts, _ = _climb(*fewer, rotations, shifts, width * spacing, steps, np.float32)
    # the wider kernel may have led even the start at identity downhill: the pose as given competes unmoved, too
    rotations, shifts = np.concatenate([rotations, np.eye(3)[None]]), np.concatenate([shifts, np.zeros((1, 3))])
    rotations, shifts, correlations = _climb(truth, model, rotations, shifts, spacing, 0)
    # of equally good poses the first: the start at identity leads, so that a symmetric truth stays as it is
    winner = np.flatnonzero(correlations >= correlations.max() * (1 - 1e-9))[:1]
    rotation, shift = _top(truth, model, rotations[winner][0], shifts[winner][0], spacing)
    return posed(rotation, shift, truth, model, truth_centre, model_centre)


def posed(
    rotation: Float[np.ndarray, "3 3"],
    shift: Float[np.ndarray, "3"],
    truth: Float[np.ndarray, "M 3"],
    model: Float[np.ndarray, "N 3"],
    truth_centre: Float[np.ndarray, "3"],
    model_centre: Float[np.ndarray, "3"],
) -> Alignment:
    """The alignment that a motion of the centred model is, with its kernel correlation."""
    spacing = _spacing(truth)
    _, _, (found,) = _climb(truth, model, rotation[None], shift[None], spacing, 0)
    itself = _moments(truth, truth.T[None], spacing)[0, 0, 0] / len(truth) ** 2
    return Alignment(rotation, truth_centre + shift - rotation @ model_centre, float(found / itself))


def centred(name: str, points: Float[np.ndarray, "N 3"]) -> tuple[np.ndarray, np.ndarray, float]:
    """Points less their mean, the mean, and the radius of gyration; in double precision."""
    points = np.asarray(points, dtype=np.float64)
    if len(points) == 0 or not np.isfinite(points).all():
        raise ValueError(f"the {name} has {len(points)} points, {(~np.isfinite(points)).any(axis=1).sum()} not finite")
    centre = points.mean(axis=0)
    extent = float(radius_of_gyration(points[None])[0])
    if extent <= 1e-12 * np.abs(centre).max() or extent == 0:  # equal points differ from their mean by rounding
        raise ValueError(f"all {len(points)} points of the {name} coincide: it has no extent")
    return points - centre, centre, extent


def _spacing(points: Float[np.ndarray, "N 3"]) -> float:
    """Median distance to the nearest other point, doubled points taken once."""
    points = np.unique(points, axis=0)
    return float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))


def start_rotations(
    truth: Float[np.ndarray, "M 3"], model: Float[np.ndarray, "N 3"], starts: int, seed: int
) -> Float[np.ndarray, "starts 3 3"]:
    """Identity, the four superpositions of the principal axes, and a super-Fibonacci spiral (Alexa, CVPR 2022)."""
    axes = []
    for points in (truth, model):
        vectors = np.linalg.eigh(points.T @ points)[1]
        axes.append(vectors * [np.sign(np.linalg.det(vectors)), 1, 1])
    half_turns = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    principal = np.einsum("ik,sk,jk->sij", axes[0], half_turns, axes[1])

    count = max(starts - 5, 1)
    s = np.arange(count) + 0.5
    inner, outer = np.sqrt(s / count), np.sqrt(1 - s / count)
    alpha, beta = 2 * np.pi * s / np.sqrt(2), 2 * np.pi * s / 1.533751168755204
    quaternions = np.stack(
        [inner * np.sin(alpha), inner * np.cos(alpha), outer * np.sin(beta), outer * np.cos(beta)], axis=1
    )
    turn = Rotation.random(rng=np.random.default_rng(seed))
    spread = (turn * Rotation.from_quat(quaternions)).as_matrix()
    return np.concatenate([np.eye(3)[None], principal, spread])[:starts]


def _search(truth, model, rotations, extent, spacing):
    """Anneal all starts on coarse clouds; return the poses worth refining, that of the first start leading."""
    coarse_truth, coarse_model = centroids(truth), centroids(model)
    narrowest = spacing * (len(truth) / len(coarse_truth)) ** (1 / 3)
    first = rotations[:1], np.zeros((1, 3))  # not annealed: the pose as given competes as it is
    shifts = np.zeros((len(rotations), 3))
    for sigma in np.geomspace(max(WIDEST * extent, narrowest), narrowest, COARSE_LEVELS):
        rotations, shifts, correlations = _climb(
            coarse_truth, coarse_model, rotations, shifts, sigma, COARSE_STEPS, np.float32
        )
    chosen = distinct(rotations, np.argsort(-correlations, kind="stable"))[:REFINED]
    return np.concatenate([first[0], rotations[chosen]]), np.concatenate([first[1], shifts[chosen]])


def distinct(rotations: Float[np.ndarray, "S 3 3"], order: Int[np.ndarray, " S"]) -> list[int]:
    """Numbers of the rotations that differ by DISTINCT from all before them in `order`."""
    chosen: list[int] = []
    for pose in order:
        turned = rotations[pose].T @ rotations[chosen]
        if (np.trace(turned, axis1=1, axis2=2) < 1 + 2 * np.cos(DISTINCT)).all():
            chosen.append(int(pose))
    return chosen


def centroids(points: Float[np.ndarray, "N 3"], count: int = COARSE_POINTS) -> Float[np.ndarray, "K 3"]:
    """Means of `count` groups (a power of two), halves of halves of the points across their widest sides."""
    if len(points) <= count:
        return points
    edges = np.arange(count + 1) * len(points) // count
    sums = np.add.reduceat(points[compact_order(np.ascontiguousarray(points.T))], edges[:-1])
    return sums / np.diff(edges)[:, None]


def _climb(truth, model, rotations, shifts, sigma, steps, kind=np.float64):
    """Ascend the kernel correlation of width `sigma` from each pose; return the poses and their correlations.

    Sums are computed in `kind`: single precision is enough on the way, and takes half the time.
    """
    for _ in range(steps):
        moments = _moments(truth, rotations @ model.T + shifts[:, :, None], sigma, kind)
        moments /= moments[:, :1, :1]
        truth_mean, model_mean = moments[:, 1:, 0], moments[:, 0, 1:]
        covariance = moments[:, 1:, 1:] - truth_mean[:, :, None] * model_mean[:, None, :]
        turn_matrix = _turns(covariance)
        move = RELAXATION * (truth_mean - model_mean)
        rotations = turn_matrix @ rotations
        shifts = np.einsum("sij,sj->si", turn_matrix, shifts - model_mean) + model_mean + move
    moments = _moments(truth, rotations @ model.T + shifts[:, :, None], sigma)
    return rotations, shifts, moments[:, 0, 0] / (len(truth) * len(model))


def _top(truth, model, rotation, shift, sigma):
    """The maximum of the kernel correlation of width `sigma` near a pose, by BFGS on its logarithm.

    The variables are a further turn (times the model's extent) and a further move, both in units of √2 σ: in these a
    step along the gradient is about the ascent step of `_climb`.
    """
    model, unit = model @ rotation.T, np.sqrt(2) * sigma
    scale = np.repeat([unit / radius_of_gyration(model[None])[0], unit], 3)

    def motion(variables):
        turn, move = np.split(variables * scale, 2)
        return turn, Rotation.from_rotvec(turn).as_matrix(), shift + move

    def cost(variables):
        turn, matrix, moved_by = motion(variables)
        ((total, *sums_b), *rest) = _moments(truth - moved_by, (matrix @ model.T)[None], sigma)[0]
        (sums_a, products) = np.split(np.array(rest), [1], axis=1)
        force, torque = sums_a[:, 0] - sums_b, _axial(products)
        slope = scale * np.concatenate([_left_jacobian(turn).T @ torque, force]) / unit**2
        return -np.log(total), -slope / total

    found = minimize(cost, np.zeros(6), jac=True, method="BFGS", options={"gtol": TOLERANCE})
    _, matrix, moved_by = motion(found.x)
    return matrix @ rotation, moved_by


def _axial(products: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3"]:
    """Σ b × a, given Σ a bᵀ."""
    lower, upper = products[[2, 0, 1], [1, 2, 0]], products[[1, 2, 0], [2, 0, 1]]
    return lower - upper


def _left_jacobian(turn: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """J of a rotation vector: when it changes by d, its rotation is followed by that of J d, to first order in d."""
    angle, cross = np.linalg.norm(turn), np.cross(np.eye(3), turn)
    bend = 1 / 6 if angle < 1e-4 else (angle - np.sin(angle)) / angle**3
    return np.eye(3) + np.sinc(angle / (2 * np.pi)) ** 2 / 2 * cross + bend * cross @ cross


def _turns(covariance: Float[np.ndarray, "S 3 3"]) -> Float[np.ndarray, "S 3 3"]:
    """Rotations R that maximise trace(Rᵀ covariance), about the same axes by RELAXATION times the angle.

    As a unit quaternion (w, v), R is the leading eigenvector of a symmetric matrix (Horn 1987), proper in any case.
    """
    matrix = np.empty((len(covariance), 4, 4))
    trace = np.trace(covariance, axis1=1, axis2=2)
    matrix[:, 0, 0] = trace
    matrix[:, 1:, 1:] = covariance + covariance.transpose(0, 2, 1) - trace[:, None, None] * np.eye(3)
    matrix[:, 1:, 0] = covariance[:, [2, 0, 1], [1, 2, 0]] - covariance[:, [1, 2, 0], [2, 0, 1]]
    leading = np.linalg.eigh(matrix)[1][:, :, -1]  # of the lower triangle
    sine = np.linalg.norm(leading[:, 1:], axis=1)
    half = RELAXATION * np.arctan2(sine, np.abs(leading[:, 0]))
    axis = np.copysign(1, leading[:, :1]) * leading[:, 1:] / np.maximum(sine, np.finfo(float).tiny)[:, None]
    return Rotation.from_quat(np.column_stack([np.sin(half)[:, None] * axis, np.cos(half)])).as_matrix()


@interruptible()
def _moments(truth: Float[np.ndarray, "M 3"], moved: Float[np.ndarray, "S 3 N"], sigma: float, kind=np.float64):
    """Σ_ij w_ij (1, a_i)(1, b_j)ᵀ over all pairs of the truth and each moved model; shape (S, 4, 4)."""
    sums = np.empty((len(moved), len(truth), 4), dtype=kind)
    numbers = np.array([0, 1 / (4 * ROOT * sigma**2), LIMIT / ROOT, *SERIES], dtype=kind)
    _weigh(np.ascontiguousarray(truth, dtype=kind), np.ascontiguousarray(moved, dtype=kind), numbers, sums)
    return np.column_stack([np.ones(len(truth)), truth]).T @ sums.astype(np.float64)


@numba.njit(cache=True, fastmath=True, nogil=True)
@no_type_check  # tests check this module's functions, and a checking wrapper cannot be compiled
def _weigh(truth, moved, numbers, sums):
    """Write Σ_j w_ij (1, b_j) for each model s and point i into sums[s, i].

    exp(-u) = exp(-u/64)^64, the root by Taylor's series (3e-6 off at most): unlike a call of exp, the compiler
    vectorises it. All numbers come with their type: one literal would make everything double precision.
    """
    zero, precision, limit = numbers[0], numbers[1], numbers[2]
    c0, c1, c2, c3, c4 = numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]
    c5, c6, c7, c8 = numbers[8], numbers[9], numbers[10], numbers[11]
    for s in range(moved.shape[0]):
        x, y, z = moved[s, 0], moved[s, 1], moved[s, 2]
        for i in range(truth.shape[0]):
            ax, ay, az = truth[i, 0], truth[i, 1], truth[i, 2]
            w = bx = by = bz = zero
            for j in range(x.size):
                dx, dy, dz = ax - x[j], ay - y[j], az - z[j]
                u = -min((dx * dx + dy * dy + dz * dz) * precision, limit)
                e = c0 + u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * (c5 + u * (c6 + u * (c7 + u * c8)))))))
                e *= e
                e *= e
                e *= e
                e *= e
                e *= e
                e *= e
                w += e
                bx += e * x[j]
                by += e * y[j]
                bz += e * z[j]
            sums[s, i, 0], sums[s, i, 1], sums[s, i, 2], sums[s, i, 3] = w, bx, by, bz
