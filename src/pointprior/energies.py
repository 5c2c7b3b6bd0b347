"""The energy of a cloud given measurements: squared distances under the optimal matching."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.assignment import Matching, MatchingError, match_all
from pointprior.observations import Observation, Observations, redraw
from pointprior.seeding import numpy_generator

READINGS = ("redrawn", "fixed")


class Energy:
    """E(x) = Σ_k w_k min_P ‖P U y_k - x R_k‖²_F for every sample, differentiable in x.

    Calling it gives the Frobenius *sum*, which guidance uses; `reported` gives the mean that tables print. The
    matching is optimal and held fixed when differentiating (by Danskin's theorem that is the gradient wherever it
    is unique).

    The paper says neither how often U repeats the targets at random nor what its printed E is a mean over:

    - reading "redrawn" (default): at every evaluation each target stands once and the N - M others are drawn from
      them with replacement; E is reported as a mean over coordinates. It reproduces the paper's printed baseline best
      (`benchmarks/energy_readings.py`), and where M < N its models are closer to the truth. The draws belong to
      (seed, evaluation, observation) and are the same for all samples.
    - reading "fixed": U is drawn once, with the measurements, and repeats all targets as often as possible equally;
      E is reported as a mean over points.

    Where targets have errors, a cloud that fits them better than the truth does fits noise. A noisy observation
    therefore counts by the squared distance to the clouds that fit it within its noise, w_k (√E_k - √F_k)₊² with the
    floor F_k of `noise_floor`: it pulls as ever while it is fitted worse than that, and no more after. `reported` is
    the plain mean.

    It counts evaluations, and remembers each sample's last duals to start the next matching from (they change the
    time a matching takes, not its cost). Call `forget` before other samples take the places.
    """

    def __init__(
        self,
        observations: Observations,
        *,
        reading: str = "redrawn",  # of the paper's U and E, or "fixed"
        threads: int = 1,  # matchings solved at the same time
    ):
        if reading not in READINGS:
            raise ValueError(f"unknown reading of the energy {reading!r}; choose one of {', '.join(READINGS)}")
        self.observations = observations
        self.reading = reading
        self.threads = threads
        floors = (
            noise_floor(o, numpy_generator(observations.seed, "noise floor", k)) for k, o in enumerate(observations)
        )
        self._radii = [float(np.sqrt(floor)) for floor in floors]  # √F_k
        self.forget()

    def forget(self) -> None:
        """Start anew: the next samples are others."""
        self._evaluation = 0
        self._duals: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for observation, squared, radius in zip(*self._squared_deviations(x), self._radii, strict=True):
            total = total + observation.weight * (_beyond(squared, radius) if radius else squared)
        return total

    def reported(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        """The energy as a mean over matched points, or over their coordinates (in squared units of the cube)."""
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for observation, squared in zip(*self._squared_deviations(x), strict=True):
            dimensions = 1 if self.reading == "fixed" else observation.targets.shape[1]
            share = 1 / float(observation.capacity.sum() * dimensions)
            total = total + observation.weight * share * squared
        return total

    def _squared_deviations(self, x):
        """The observations of this evaluation, and E_k (S,) of each."""
        if x.shape[1] != self.observations.points:
            raise ValueError(f"clouds have {x.shape[1]} points, the measurements are of {self.observations.points}")
        observed = self._observed()
        matchings = self._match(x.detach(), observed)
        deviations = []
        for k, observation in enumerate(observed):
            target = np.stack([matching.target for matching in matchings[k]])  # (S, N), -1 for unmatched
            seen = x @ torch.from_numpy(observation.view).to(x)  # (S, N, d)
            wanted = torch.from_numpy(observation.targets[target]).to(x)  # (S, N, d)
            squared = (wanted - seen).square().sum(dim=-1)
            if (target < 0).any():
                squared = squared * torch.from_numpy(target >= 0).to(x)
            deviations.append(squared.sum(dim=-1))
        return observed, deviations

    def _observed(self) -> list[Observation]:
        """The observations of this evaluation."""
        self._evaluation += 1
        if self.reading == "fixed":
            return list(self.observations)
        key = (self.observations.seed, "U", self._evaluation)
        return [redraw(o, numpy_generator(*key, k)) for k, o in enumerate(self.observations)]

    def _match(self, x, observed) -> list[list[Matching]]:
        """Matchings of every observation and sample."""
        clouds = x.cpu().double().numpy()
        places, problems = [], []
        for k, observation in enumerate(observed):
            seen = clouds @ observation.view.astype(np.float64)  # (S, N, d)
            for s in range(len(clouds)):
                if not np.isfinite(seen[s]).all():
                    raise MatchingError(f"sample {s} is not finite where observation {k} sees it")
                places.append((k, s))
                problems.append((seen[s], observation.targets, observation.capacity, self._duals.get((k, s))))
        matchings = match_all(problems, threads=self.threads)
        self._duals = {place: matching.duals for place, matching in zip(places, matchings, strict=True)}
        samples = len(clouds)
        return [matchings[k * samples : (k + 1) * samples] for k in range(len(observed))]


def noise_floor(observation: Observation, generator: np.random.Generator, draws: int = 4) -> float:
    """Squared deviation (Frobenius sum) that errors alone leave: what the truth would have under its best matching.

    Targets with a second set of errors of the same size are matched to the targets themselves; the mean of some
    `draws`. Where errors exceed the distances between targets this is well below the M d σ² of known
    correspondences, for a point finds a target that is nearer than its own.
    """
    if observation.noise == 0:
        return 0.0
    targets, capacity = observation.targets.astype(np.float64), observation.capacity
    points = np.repeat(targets, capacity, axis=0)  # (N, d)
    problems = []
    for _ in range(draws):
        moved = points + observation.noise * generator.standard_normal(points.shape)
        problems.append((moved, targets, capacity, None))
    matchings = match_all(problems, threads=1)
    costs = [
        np.square(moved - targets[matching.target]).sum()
        for (moved, *_), matching in zip(problems, matchings, strict=True)
    ]
    return float(np.mean(costs))


def _beyond(squared, radius):
    """(√E - r)₊²: squared distance to the ball of that radius."""
    distance = squared.clamp_min(torch.finfo(squared.dtype).tiny).sqrt()
    return (distance - radius).clamp_min(0).square()
