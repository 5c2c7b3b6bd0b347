"""Pairings of points with targets: the exact matching, and two that forgive errors of the measurements.

All three have the energy Σ_i s_i |x_i - ȳ_i|² + rest, where the share s_i, the (mean) target ȳ_i and the rest do not
change with x to first order (Danskin's theorem). So its gradient is that of squared distances to fixed places.
"""

from dataclasses import dataclass, replace
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Int, Shaped
from numba import njit

from pointprior.measurements.matching import MatchingError, checked, match
from pointprior.measurements.transport import optimal_or_nothing
from pointprior.runtime.signals import interruptible

SETTLED = 0.003  # Sinkhorn's iterations end where targets take what they should up to this share of the points
PATIENCE, MOST_ITERATIONS = 200, 100_000  # from given potentials, and from the exact matching's; tens are usual
COARSE = 1e-3  # from there on, single precision settles
REACHED = 1e-15  # of what a target should take at the least: with less it is out of reach, and columns overflow
HOT, COOLING = 50.0, 4.0  # the largest exponent to begin with, and the ratio of temperatures from there on
FAR = 20.0  # by which potentials may move, in temperatures, and the exponents that were cut still mean nothing
FLOOR = -70.0  # of exponents: numbers too small for single precision are slow, and zeros could leave a target alone


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
    *,
    outliers: float = 0.0,
    start: Float[np.ndarray, " K"] | None = None,
    settled: float | None = None,
) -> tuple[Pairing, Float[np.ndarray, " K"]]:
    """The pairing that minimises Σ P |x - y|² + ε Σ P log(P / independent), by Sinkhorn's iterations (Cuturi 2013).

    Parameters
    ----------
    temperature : float
        ε > 0. If targets are Gaussian around their points with variance ε / 2, P is how probable each target is.
    outliers : float
        Share of the targets' places, and as many points, that are left unmatched (Chapel et al. 2020), those that cost
        the most: an extra point takes such places, an extra target such points, for nothing.
    start : ndarray, shape=(K,), optional
        Potentials of a similar problem, from which the iterations begin. Where there are none, or they leave a target
        out of every point's reach, they begin from the duals of the exact matching.
    settled : float, optional
        The iterations end where targets take what they should up to this share of the points (SETTLED); points always
        do.

    Returns
    -------
    pairing : Pairing
        What every point is paired with.
    potentials : ndarray, shape=(K,)
        Of the targets, and last of "nothing" where points are left over: K is M, or M + 1.
    """
    x, y, capacity = checked(x, y, capacity)
    centre = capacity @ y / capacity.sum()  # squares of far-off coordinates would cancel
    points, targets = x - centre, y - centre
    problem = _Sinkhorn.of(points, targets, capacity, temperature, SETTLED if settled is None else settled, outliers)
    found = None if start is None or len(start) != len(problem.mass) else problem.solved(start, PATIENCE)
    if found is None or not found.is_settled or (outliers and found.moved > FAR):
        found = problem.cooled() if outliers else problem.solved_exactly(_exact_potentials(points, targets, capacity))
    if found is None:
        raise MatchingError(
            f"no point reaches some target at the temperature {temperature:.3g}: points are too far off"
        )
    pairing = Pairing(found.wanted + centre, found.share, found.spread + temperature * found.divergence)
    return pairing, found.potentials


def _exact_potentials(
    x: Float[np.ndarray, "N d"], y: Float[np.ndarray, "M d"], capacity: Int[np.ndarray, " M"]
) -> Float[np.ndarray, " K"]:
    """Duals of the exact matching for squared distances as they are, for `match` shifts points to their mean."""
    duals = match(x, y, capacity).duals
    return duals if capacity.sum() < len(x) else duals[: len(y)] - 2 * y @ x.mean(axis=0)


@dataclass(frozen=True)
class _Plan:
    """What is asked of a plan: means of every point's targets, its share, what is left of the energy, potentials."""

    wanted: Float[np.ndarray, "N d"]
    share: Float[np.ndarray, " N"]
    spread: float
    divergence: float
    potentials: Float[np.ndarray, " K"]
    moved: float  # the potentials at most, in units of the temperature
    is_settled: bool


@dataclass(frozen=True)
class _Sinkhorn:
    """Sinkhorn's iterations between centred points and targets.

    The plan is rows_i exp(-(|x_i - y_j|² - v_j - u_i) / ε) columns_j, with the least value of every row at u_i. It is
    never formed: all that is asked of it are products. Single precision is enough to settle to a thousandth. Where
    there are outliers, a last row takes `extra` points' worth of targets' places, and none of "nothing".
    """

    x: Float[np.ndarray, "N d"]
    y: Float[np.ndarray, "M d"]
    mass: Float[np.ndarray, " K"]
    extra: float
    temperature: float
    settled: float
    kind: type

    @classmethod
    def of(cls, x, y, capacity, temperature, settled, outliers):
        mass = capacity.astype(np.float64)
        extra = outliers * mass.sum()
        if capacity.sum() < len(x) or extra:  # what is left over goes to a last target that costs nothing
            mass = np.append(mass, len(x) - mass.sum() + extra)
        kind = np.float32 if settled >= COARSE else np.float64
        return cls(x, y, mass / len(x), extra, temperature, settled, kind)

    def solved_exactly(self, potentials):
        """The plan from the duals of the exact matching; None if a target is out of every point's reach."""
        found = self.solved(potentials, MOST_ITERATIONS)
        if found is None:  # costs so large that single precision does not tell them apart
            found = replace(self, kind=np.float64).solved(potentials, MOST_ITERATIONS)
        return found

    def cooled(self):
        """The plan by way of higher temperatures, at the first of which all targets are in reach of all points."""
        highest = np.square(np.ptp(np.concatenate([self.x, self.y]), axis=0)).sum() / HOT
        steps = 1 + max(0, int(np.ceil(np.log(highest / self.temperature) / np.log(COOLING))))
        potentials, found = np.zeros(len(self.mass)), None
        for step in reversed(range(steps)):
            warmer = replace(self, temperature=self.temperature * COOLING**step, kind=np.float64)
            found = warmer.solved(potentials, MOST_ITERATIONS)
            while found is not None and found.moved > FAR:  # exponents were cut by what counts now
                found = warmer.solved(found.potentials, MOST_ITERATIONS)
            if found is None:
                return None
            potentials = found.potentials
        return found

    def solved(self, potentials, patience):
        """The plan after at most so many iterations from these potentials; None if a target is out of reach of them."""
        kernel, least = self._kernel(potentials)
        points: np.ndarray = np.ones(len(kernel), self.kind)
        points[len(self.x) :] = self.extra
        columns: np.ndarray = self.mass.astype(self.kind)
        wanted: np.ndarray = (len(self.x) * self.mass).astype(self.kind)
        for _ in range(patience):
            rows = points / (kernel @ columns)
            taken = columns * (rows @ kernel)
            if not (taken > REACHED * wanted).all():
                return None
            is_settled = np.abs(taken - wanted).sum() < self.settled * len(self.x)
            if is_settled:
                break
            columns, used = columns * (wanted / taken), columns
        else:
            columns = used  # what `taken` belongs to
        return self._plan(kernel, points, rows, columns, taken, potentials, least, bool(is_settled))

    def _kernel(self, potentials):
        """The exponentials, and u_i of every row."""
        kernel, least = reduced_costs(self.x, self.y, potentials, self.temperature, self.kind)
        if self.extra:
            free = potentials[:-1].max()  # -u of the last row
            scaled = np.maximum((potentials - free) / self.temperature, FLOOR)
            kernel = np.concatenate([kernel, scaled[None].astype(self.kind)])
            least = np.append(least, -free)
        np.exp(kernel, out=kernel)
        if self.extra:
            kernel[-1, -1] = 0
        return kernel, least

    def _plan(self, kernel, points, rows, columns, taken, potentials, least, is_settled):
        (n, d), m = self.x.shape, len(self.y)
        weighted = columns[:m, None] * np.column_stack([self.y, np.ones(m)])  # (M, d + 1)
        sums = rows[:n, None] * (kernel[:n, :m] @ weighted.astype(self.kind)).astype(np.float64)
        share, taken = sums[:, d], taken.astype(np.float64)
        matched = taken[:m] - columns[:m] * (rows[n:] @ kernel[n:, :m])  # less what the extra row takes
        means = sums[:, :d] / np.maximum(share, np.finfo(float).tiny)[:, None]
        squares = matched @ np.square(self.y).sum(axis=1)
        cost = share @ np.square(self.x).sum(axis=1) - 2 * (sums[:, :d] * self.x).sum() + squares
        scale = np.log(columns / self.mass)
        entropy = points.astype(np.float64) @ np.log(rows.astype(np.float64) / points) + taken @ scale
        gained = taken @ potentials + points.astype(np.float64) @ least
        divergence = entropy - (cost - gained) / self.temperature
        spread = squares - share @ np.square(means).sum(axis=1)
        ended, moved = potentials + self.temperature * scale, float(np.ptp(scale))
        return _Plan(means, share, float(spread), float(divergence), ended, moved, is_settled)


@interruptible()
def reduced_costs(
    x: Float[np.ndarray, "N d"],
    y: Float[np.ndarray, "M d"],
    potentials: Float[np.ndarray, " K"],
    temperature: float,
    kind: type,
) -> tuple[Shaped[np.ndarray, "N K"], Shaped[np.ndarray, " N"]]:
    """Of all pairs -(|x_i - y_j|² - v_j - u_i) / ε, and u_i, the least of |x_i - y_j|² - v_j; "nothing" is free."""
    scaled: np.ndarray = np.empty((len(x), len(potentials)), kind)
    least: np.ndarray = np.empty(len(x), kind)
    # all numbers come with their type: one literal would make everything double precision
    numbers: np.ndarray = np.array([np.inf, 1 / temperature, FLOOR], kind)
    _reduce(x.astype(kind), np.ascontiguousarray(y.T, kind), potentials.astype(kind), numbers, scaled, least)
    return scaled, least


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz", "contract"})
@no_type_check
def _reduce(x, y, potentials, numbers, scaled, least):
    far, precision, floor = numbers[0], numbers[1], numbers[2]
    for i in range(len(x)):
        row, low = scaled[i], far
        for j in range(len(row)):
            row[j] = -potentials[j]
        for axis in range(y.shape[0]):
            a, along = x[i, axis], y[axis]
            for j in range(len(along)):
                away = a - along[j]
                row[j] += away * away
        for j in range(len(row)):
            low = min(low, row[j])
        least[i] = low
        for j in range(len(row)):
            row[j] = max((low - row[j]) * precision, floor)
