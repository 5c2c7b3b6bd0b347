"""Pairings of points with targets: the exact matching, and two that forgive errors of the measurements.

All three have the energy Σ_i s_i |x_i - ȳ_i|² + rest, where the share s_i, the (mean) target ȳ_i and the rest do not
change with x to first order (Danskin's theorem). So its gradient is that of squared distances to fixed places.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped
from scipy.spatial.distance import cdist

from pointprior.measurements.matching import Matching, checked
from pointprior.measurements.transport import optimal_or_nothing

SETTLED = 0.01  # Sinkhorn's iterations end where targets take what they should up to this share of the points
MOST_ITERATIONS = 100_000  # tens are usual


@dataclass(frozen=True)
class Pairing:
    """What the points of one cloud are paired with.

    Attributes
    ----------
    wanted : ndarray, shape=(N, d)
        Target of every point, or mean of the targets that share it; anything where there is none.
    share : ndarray, shape=(N,)
        How much of every point is paired: 1 or 0, or between for an entropic pairing of a part.
    rest : float
        What the energy has besides squared distances to `wanted`.
    """

    wanted: Float[np.ndarray, "N d"]
    share: Shaped[np.ndarray, " N"]
    rest: float

    @classmethod
    def to(cls, targets: Float[np.ndarray, "M d"], target: Int[np.ndarray, " N"], rest: float = 0.0) -> "Pairing":
        """Each point with one target by its number, or with none (-1)."""
        return cls(targets[target], target >= 0, rest)


def unbalanced(
    x: Float[np.ndarray, "N d"], y: Float[np.ndarray, "M d"], capacity: Int[np.ndarray, " M"], price: float
) -> Pairing:
    """The matching of least cost in which a point, and with it a place of a target, may stay unmatched at a price.

    For a complete problem that is the optimal matching of squared distances cut off at `price`: what is left of
    points and of places is as many, and each two of them cost that much. What a part leaves over stays free.
    """
    x, y, capacity = checked(x, y, capacity)
    shift = capacity @ y / capacity.sum()
    points, targets = np.ascontiguousarray(x - shift), np.ascontiguousarray((y - shift).T)
    target, _ = optimal_or_nothing(points, targets, np.append(capacity, len(x)), price)
    target = np.where(target < len(y), target, -1)
    unfilled = capacity.sum() - (target >= 0).sum()
    return Pairing.to(y, target, price * float(unfilled))


def entropic(
    x: Float[np.ndarray, "N d"],
    y: Float[np.ndarray, "M d"],
    capacity: Int[np.ndarray, " M"],
    temperature: float,
    matching: Matching,
    *,
    settled: float | None = None,
) -> Pairing:
    """The pairing that minimises Σ P |x - y|² + ε Σ P log(P / independent), by Sinkhorn's iterations (Cuturi 2013).

    Parameters
    ----------
    temperature : float
        ε > 0. If targets are Gaussian around their points with variance ε / 2, P is how probable each target is.
    matching : Matching
        The exact matching: at its duals no entry of the kernel overflows, and the iterations begin near their end.
    settled : float, optional
        The iterations end where targets take what they should up to this share of the points (SETTLED); points always
        do.
    """
    x, y, capacity = checked(x, y, capacity)
    cost = cdist(x, y, "sqeuclidean")  # (N, M)
    mass = capacity / len(x)
    if capacity.sum() < len(x):  # what a part leaves over goes to a last target that costs nothing
        cost, mass = np.column_stack([cost, np.zeros(len(x))]), np.append(mass, 1 - mass.sum())
    plan, divergence = _sinkhorn(
        cost, mass, temperature, _column_duals(cost, x, y, capacity, matching), settled or SETTLED
    )
    paired = plan[:, : len(y)]
    share = paired.sum(axis=1)
    wanted = paired @ y / np.maximum(share, np.finfo(float).tiny)[:, None]
    spread = float((paired * cost[:, : len(y)]).sum() - share @ np.square(x - wanted).sum(axis=1))
    return Pairing(wanted, share, spread + temperature * divergence)


def _column_duals(cost, x, y, capacity, matching):
    """Duals of the exact matching for squared distances as they are: it has shifted both sides (see `match`)."""
    duals = matching.duals[: cost.shape[1]].copy()
    if cost.shape[1] > len(y):
        return duals
    shift = capacity @ y / capacity.sum() - x.mean(axis=0)
    return duals + 2 * y @ shift


def _sinkhorn(cost, mass, temperature, duals, settled):
    """Plan (N, M) with rows of sum 1 and columns of sum N `mass`, and its divergence from the independent one."""
    reduced = cost - duals
    reduced -= reduced.min(axis=1, keepdims=True)
    kernel = mass * np.exp(-reduced / temperature)
    columns, wanted = np.ones(len(mass)), len(cost) * mass
    for _ in range(MOST_ITERATIONS):
        rows = 1 / (kernel @ columns)
        taken = columns * (rows @ kernel)
        if np.abs(taken - wanted).sum() < settled * len(cost):
            break
        columns *= wanted / taken
    plan = rows[:, None] * kernel * columns
    logarithms = np.log(rows).sum() + taken @ np.log(columns)
    return plan, float(logarithms - (plan * reduced).sum() / temperature)
