"""The energy of a cloud given measurements: squared distances under the optimal matching."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from pointprior.measurements.kinds import KINDS
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.matching import MatchingError, in_threads, match_all
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.pairing import Pairing, entropic, unbalanced
from pointprior.measurements.poses import Poses
from pointprior.runtime.seeding import numpy_generator

READINGS = ("redrawn", "fixed")


@dataclass
class Duals:
    """Prices of the last matchings of every observation and sample, from which the next ones start.

    Held by whoever calls the energy again and again for the same samples. They change the time that a matching
    takes, never its cost; an entropic pairing only as far as it is left unsettled.
    """

    values: dict[tuple[int, int], Float[np.ndarray, " M1"]] = field(default_factory=dict)


@dataclass(frozen=True)
class Paired:
    """One observation, and what the points of every sample are paired with in it.

    Attributes
    ----------
    observation : Observation
        With the capacities of this draw of U.
    views : ndarray, shape=(S, 3, d)
        Through which every sample is seen: the observation's own view, unless poses are corrected.
    wanted : ndarray, shape=(S, N, d)
        Target of every point, or mean of the targets that share it; anything where there is none.
    share : ndarray, shape=(S, N)
        How much of every point is paired.
    rest : ndarray, shape=(S,)
        What the energy has besides squared distances to `wanted`.
    """

    observation: Observation
    views: Float[np.ndarray, "S 3 d"]
    wanted: Float[np.ndarray, "S N d"]
    share: Shaped[np.ndarray, "S N"]
    rest: Float[np.ndarray, " S"]


@dataclass(frozen=True)
class _Seen:
    """One observation, the clouds as it sees them, and its targets as every sample believes them to lie."""

    observation: Observation
    views: Float[np.ndarray, "S 3 d"]
    points: Float[np.ndarray, "S N d"]
    targets: Float[np.ndarray, "S M d"]

    def __iter__(self) -> Iterator[tuple[Float[np.ndarray, "N d"], Float[np.ndarray, "M d"]]]:
        """Points and targets of every sample."""
        return zip(self.points, self.targets, strict=True)

    def paired(self, pairings: list[Pairing]) -> Paired:
        wanted, share = (np.stack([getattr(pairing, name) for pairing in pairings]) for name in ("wanted", "share"))
        return Paired(self.observation, self.views, wanted, share, np.array([pairing.rest for pairing in pairings]))


class Energy:
    """E(x) = Σ_k w_k min_P ‖P U y_k - x R_k‖²_F for every sample, differentiable in x.

    Calling it gives the Frobenius *sum*, which guidance uses; `reported` gives the mean that tables print. The
    matching is optimal and held fixed when differentiating (by Danskin's theorem that is the gradient wherever it
    is unique). The same arguments give the same value.

    The paper says neither how often U repeats the targets at random nor what its printed E is a mean over:

    - reading "redrawn" (default): in every draw of U each target stands once and the N - M others are drawn from
      them with replacement; E is reported as a mean over coordinates. It reproduces the paper's printed baseline best
      (`benchmarks/energy_readings.py`), and where M < N its models are closer to the truth. If M > N, every draw
      takes N of the targets. The draws belong to (seed, draw, observation) and are the same for all samples.
    - reading "fixed": U is drawn once, with the measurements, and repeats all targets as often as possible equally;
      E is reported as a mean over points.

    What a homologue has and the cloud has not, or the other way round, stays unmatched at a price (see `Likelihood`'s
    `gate`), whatever the pairing of the others.

    Measurements with errors may have other pairings and weights than these, see `Likelihood`. What a table reports is
    the energy of the optimal matching at the given weights all the same.

    Parameters
    ----------
    observations : Observations
        The measurements.
    reading : str
        "redrawn" or "fixed".
    likelihood : Likelihood
        How points are paired with targets, and how measurements weigh against each other.
    threads : int
        Matchings that are solved at the same time.
    """

    def __init__(
        self,
        observations: Observations,
        *,
        reading: str = "redrawn",
        likelihood: Likelihood = Likelihood(),
        threads: int = 1,
    ):
        if reading not in READINGS:
            raise ValueError(f"unknown reading of the energy {reading!r}; choose one of {', '.join(READINGS)}")
        self.observations = observations
        self.reading = reading
        self.likelihood = likelihood
        self.threads = threads

    def __call__(
        self,
        x: Float[Tensor, "S N 3"],
        *,
        draw: int = 0,
        duals: Duals | None = None,
        uncertainty: float | int = 0.0,
        poses: Poses | None = None,
    ) -> Float[Tensor, " S"]:
        """The Frobenius sum of every sample.

        Parameters
        ----------
        x : Tensor, shape=(S, N, 3)
            Clouds, in units of the cube.
        draw : int
            Number of the draw of U, from 0 on; samplers count their evaluations.
        duals : Duals, optional
            Where these samples' last matchings ended; brought up to date.
        uncertainty : float
            Standard deviation of the clouds' own coordinates: of a denoised cloud, say. Pairings that forgive errors
            forgive it too.
        poses : Poses, optional
            How these samples' poses differ from the given ones.
        """
        pairs = self.matched(x, draw=draw, duals=duals, uncertainty=uncertainty, poses=poses)
        return self.of_pairs(x, pairs, uncertainty)

    def of_pairs(
        self, x: Float[Tensor, "S N 3"], pairs: Sequence[Paired], uncertainty: float | int = 0.0
    ) -> Float[Tensor, " S"]:
        """The Frobenius sum of every sample with what its points are paired with, as `matched` gave it."""
        return self._sum(x, pairs, self.weights(uncertainty))

    def reported(self, x: Float[Tensor, "S N 3"], *, draw: int = 0, poses: Poses | None = None) -> Float[Tensor, " S"]:
        """The energy as a mean over matched points, or over their coordinates (in squared units of the cube).

        Homologues are not counted, unless there is nothing else: they do not show the specimen.
        """
        self._check(x)
        seen = self._seen(x.detach(), self._drawn(draw), poses)
        counted = [sight for sight in seen if not sight.observation.is_relative] or seen
        whole = sum(sight.observation.weight for sight in seen) / sum(sight.observation.weight for sight in counted)
        pairs, weights = self._exactly(dict(enumerate(counted)), Duals()), []
        for observation in (sight.observation for sight in counted):
            dimensions = 1 if self.reading == "fixed" else observation.targets.shape[1]
            weights.append(whole * observation.weight / float(observation.capacity.sum() * dimensions))
        return self._sum(x, pairs, weights)

    def matched(
        self,
        x: Float[Tensor, "S N 3"],
        *,
        draw: int = 0,
        duals: Duals | None = None,
        uncertainty: float | int = 0.0,
        poses: Poses | None = None,
    ) -> list[Paired]:
        """What the points of every sample are paired with in each observation of one draw."""
        self._check(x)
        seen, duals = self._seen(x.detach(), self._drawn(draw), poses), Duals() if duals is None else duals
        how = [self._pairing(sight.observation) for sight in seen]
        found = {
            "unbalanced": lambda chosen: [self._unbalanced(seen[k], uncertainty) for k in chosen],
            "entropic": lambda chosen: self._entropic({k: seen[k] for k in chosen}, duals, uncertainty),
            "exact": lambda chosen: self._exactly({k: seen[k] for k in chosen}, duals),
        }
        paired: dict[int, Paired] = {}
        for pairing, make in found.items():
            if chosen := [k for k, asked in enumerate(how) if asked == pairing]:
                paired |= zip(chosen, make(chosen), strict=True)
        return [paired[k] for k in range(len(seen))]

    def _pairing(self, observation: Observation) -> str:
        """How an observation is paired: a homologue in any case so that it may have no counterpart in part."""
        if observation.is_relative:
            return "unbalanced"
        if self.likelihood.pairing == "mixed":
            return "entropic" if KINDS[observation.kind].is_picture else "exact"
        return self.likelihood.pairing

    def weights(self, uncertainty: float | int = 0.0) -> list[float]:
        """Shares of the observations in the energy."""
        given = np.array([o.weight for o in self.observations])
        if self.likelihood.weighting == "given":
            return given.tolist()
        precise = given / [self.variance(o, uncertainty) for o in self.observations]
        return (precise / precise.sum()).tolist()

    def variance(self, observation: Observation, uncertainty: float | int = 0.0) -> float:
        """Variance of a target's coordinate about the point it belongs to, in squared units of the cube."""
        own = (self.likelihood.sigma * self._spacing) ** 2
        return own + observation.noise**2 + observation.spread() ** 2 + uncertainty**2

    @cached_property
    def _spacing(self) -> float:
        return self.observations.cloud_spacing()

    def _check(self, x: Float[Tensor, "S N 3"]) -> None:
        if x.shape[1] != self.observations.points:
            raise ValueError(f"clouds have {x.shape[1]} points, the measurements are of {self.observations.points}")

    def _sum(self, x: Float[Tensor, "S N 3"], pairs: Sequence[Paired], weights: Sequence[float]) -> Float[Tensor, " S"]:
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for paired, weight in zip(pairs, weights, strict=True):
            views = torch.from_numpy(paired.views).to(x)  # (S, 3, d)
            wanted = torch.from_numpy(paired.wanted).to(x)  # (S, N, d)
            share = torch.from_numpy(paired.share).to(x)[:, :, None]  # (S, N, 1)
            # one product and one sum per sample, so that no sample's rounding depends on the others
            squared = [(share[s] * (wanted[s] - cloud @ views[s]).square()).sum() for s, cloud in enumerate(x)]
            total = total + weight * (torch.stack(squared) + torch.from_numpy(paired.rest).to(x))
        return total

    def _drawn(self, draw: int) -> list[Observation]:
        """The observations with the capacities of one draw of U."""
        if self.reading == "fixed":
            return [observation.taken() for observation in self.observations]
        key = (self.observations.seed, "U", draw + 1)
        return [item.redrawn(numpy_generator(*key, k)).taken() for k, item in enumerate(self.observations)]

    def _exactly(self, seen: dict[int, _Seen], duals: Duals) -> list[Paired]:
        return [
            sight.paired([Pairing.to(y, matching.target) for y, matching in zip(sight.targets, found, strict=True)])
            for sight, found in zip(seen.values(), self._match(seen, duals), strict=True)
        ]

    def _unbalanced(self, sight: _Seen, uncertainty: float | int) -> Paired:
        price = self.likelihood.gate**2 * self.variance(sight.observation, uncertainty)
        return sight.paired([unbalanced(points, y, sight.observation.capacity, price) for points, y in sight])

    def _entropic(self, seen: dict[int, _Seen], duals: Duals, uncertainty: float | int) -> list[Paired]:
        """Shared pairings; where the last ones of these samples ended, in `duals`, these begin."""
        places = [(k, s) for k, sight in seen.items() for s in range(len(sight.points))]

        def pairing(place: tuple[int, int]) -> tuple[Pairing, Float[np.ndarray, " K"]]:
            k, s = place
            sight = seen[k]
            temperature = 2 * self.variance(sight.observation, uncertainty)
            outliers = self.likelihood.outliers if KINDS[sight.observation.kind].is_picture else 0.0
            given = (sight.points[s], sight.targets[s], sight.observation.capacity, temperature)
            return entropic(*given, outliers=outliers, start=duals.values.get(place))

        found = in_threads(pairing, places, threads=self.threads)
        duals.values |= {place: potentials for place, (_, potentials) in zip(places, found, strict=True)}
        pairings = [pairing for pairing, _ in found]
        samples = len(places) // max(1, len(seen))
        return [sight.paired(pairings[k * samples : (k + 1) * samples]) for k, sight in enumerate(seen.values())]

    def _seen(self, x: Float[Tensor, "S N 3"], observed: list[Observation], poses: Poses | None) -> list[_Seen]:
        """Every observation with the clouds as it sees them."""
        clouds, seen = x.cpu().double().numpy(), []
        for k, observation in enumerate(observed):
            if poses is None:
                views, targets = (np.repeat(a[None], len(x), axis=0) for a in (observation.view, observation.targets))
            else:
                views, targets = poses.views(k, observation), poses.targets(k, observation)
            points = clouds @ views.astype(np.float64)
            lost = ~np.isfinite(points).all(axis=(1, 2))
            if lost.any():
                raise MatchingError(f"sample {lost.argmax()} is not finite where observation {k} sees it")
            seen.append(_Seen(observation, views, points, targets))
        return seen

    def _match(self, seen: dict[int, _Seen], duals: Duals) -> list[list]:
        """Optimal matchings of every observation and sample; `duals` becomes theirs."""
        places, problems = [], []
        for k, sight in seen.items():
            for s, (points, targets) in enumerate(sight):
                places.append((k, s))
                problems.append((points, targets, sight.observation.capacity, duals.values.get((k, s))))
        matchings = match_all(problems, threads=self.threads)
        duals.values |= {place: matching.duals for place, matching in zip(places, matchings, strict=True)}
        samples = len(places) // max(1, len(seen))
        return [matchings[k * samples : (k + 1) * samples] for k in range(len(seen))]
