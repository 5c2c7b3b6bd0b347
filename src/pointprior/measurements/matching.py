"""Exact optimal matching of points to targets with integer capacities.

The problem of every energy: N points x, M targets y, squared distances, and target j takes exactly
c_j points. If Σ c < N the matching is partial: a further target "nothing" at cost zero takes the
N - Σ c points that are left out. Repeating targets up to N (the paper's U) is a capacity, never a
longer matrix. The search itself is in `transport`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Int

from pointprior.measurements.transport import optimal

Given = TypeVar("Given")
Found = TypeVar("Found")
PATIENCE = 2  # given duals are dropped once the search has closed this many times M targets


class MatchingError(ValueError):
    """A matching problem that has no answer: not finite, or capacities that do not fit the points."""


@dataclass(frozen=True)
class Matching:
    """An optimal matching and the duals that prove it.

    Attributes
    ----------
    target : ndarray, shape=(N,), dtype=int64
        Target of every point; -1 for points left out of a partial matching.
    cost : float
        Sum of the squared distances of the matched pairs.
    duals : ndarray, shape=(M + 1,)
        Prices v of the targets, and last that of "nothing" (unused unless the matching is partial).
    """

    target: Int[np.ndarray, " N"]
    cost: float
    duals: Float[np.ndarray, " M1"]


def checked(
    x: Float[np.ndarray, "N d"], y: Float[np.ndarray, "M d"], capacity: Int[np.ndarray, " M"]
) -> tuple[Float[np.ndarray, "N d"], Float[np.ndarray, "M d"], Int[np.ndarray, " M"]]:
    """Points, targets and capacities as numbers of 64 bits, once they are found to fit; a `MatchingError` otherwise."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    capacity = np.ascontiguousarray(capacity, dtype=np.int64)
    if len(y) == 0 or (capacity < 1).any() or capacity.sum() > len(x):
        raise MatchingError(
            f"{len(x)} points cannot fill {len(y)} targets with capacities from {capacity.min(initial=0)} "
            f"that sum to {capacity.sum()}: each must be at least 1 and their sum at most the number of points"
        )
    if x.shape[1] not in (2, 3) or y.shape[1] != x.shape[1]:
        raise MatchingError(f"points have {x.shape[1]} dimensions, targets {y.shape[1]}; both must have 2 or 3")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise MatchingError("coordinates are not finite")
    return x, y, capacity


def match(
    x: Float[np.ndarray, "N d"],
    y: Float[np.ndarray, "M d"],
    capacity: Int[np.ndarray, " M"],
    *,
    duals: Float[np.ndarray, " M1"] | None = None,
) -> Matching:
    """Match points `x` to targets `y` so that the sum of squared distances is least.

    Parameters
    ----------
    x, y : ndarray, shape=(N, d) and (M, d)
        Points and targets, d = 2 or 3.
    capacity : ndarray, shape=(M,), dtype=int
        Points that each target takes; Σ capacity = N, or less for a partial matching.
    duals : ndarray, shape=(M + 1,), optional
        Duals of a similar problem, tried first and dropped if they lead nowhere (as where a sampler's cloud jumps
        between scales). They change the time it takes, never the cost.

    Raises
    ------
    MatchingError
        If coordinates are not finite, or dimensions, capacities or duals do not fit.
    """
    x, y, capacity = checked(x, y, capacity)
    left_out = len(x) - int(capacity.sum())
    if duals is not None and np.shape(duals) != (len(y) + 1,):
        raise MatchingError(f"{len(y)} targets have {len(y) + 1} duals, not {np.shape(duals)}")
    # A complete matching does not change when either side is shifted; centring keeps squares small
    # and lets the duals follow a cloud that only moved.
    shift_y = capacity @ y / max(1, capacity.sum())
    shift_x = shift_y if left_out else x.mean(axis=0)
    xc, yc = np.ascontiguousarray(x - shift_x), np.ascontiguousarray((y - shift_y).T)
    limit = np.append(capacity, left_out)
    start = np.empty(0) if duals is None else np.ascontiguousarray(duals, dtype=np.float64)
    target, v = optimal(xc, yc, limit, start, PATIENCE * len(y))
    matched = target < len(y)
    cost = float(((x[matched] - y[target[matched]]) ** 2).sum())
    return Matching(np.where(matched, target, -1), cost, v)


def partners(points: Float[np.ndarray, "N d"], others: Float[np.ndarray, "N d"]) -> Int[np.ndarray, " N"]:
    """For every point its partner among as many others, so that the sum of squared distances is least."""
    return match(points, others, np.ones(len(others), dtype=np.int64)).target


def match_all(
    problems: list[tuple],
    *,
    threads: int = 1,
) -> list[Matching]:
    """Solve independent problems, each the arguments (x, y, capacity, duals) of `match`, in a thread pool."""

    def matching(problem):
        x, y, capacity, duals = problem
        return match(x, y, capacity, duals=duals)

    return in_threads(matching, problems, threads=threads)


def in_threads(solve: Callable[[Given], Found], problems: list[Given], *, threads: int) -> list[Found]:
    """Solutions of independent problems; compiled searches release the interpreter's lock."""
    if threads == 1 or len(problems) == 1:
        return [solve(problem) for problem in problems]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(solve, problems))


def duality_gap(
    x: Float[np.ndarray, "N d"],
    y: Float[np.ndarray, "M d"],
    capacity: Int[np.ndarray, " M"],
    matching: Matching,
) -> float:
    """Cost minus the duals' lower bound on any cost, over the cost's scale: 0 (to rounding) proves optimality."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    left_out = len(x) - int(capacity.sum())
    shift_y = capacity @ y / max(1, capacity.sum())
    xc, yc = x - (shift_y if left_out else x.mean(axis=0)), y - shift_y
    cost = ((xc[:, None] - yc) ** 2).sum(-1)  # (N, M)
    if left_out:
        cost = np.concatenate([cost, np.zeros((len(x), 1))], axis=1)
    v = matching.duals[: cost.shape[1]]
    limit = np.append(capacity, left_out)[: cost.shape[1]]
    bound = (cost - v).min(axis=1).sum() + limit @ v
    chosen = np.where(matching.target >= 0, matching.target, cost.shape[1] - 1)
    primal = np.take_along_axis(cost, chosen[:, None], axis=1).sum()
    return float((primal - bound) / max(primal, np.abs(cost).max(), np.finfo(float).tiny))
