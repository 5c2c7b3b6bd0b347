"""The energy of a cloud given measurements: squared distances under the optimal matching."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from pointprior.measurements.matching import Matching, MatchingError, match_all
from pointprior.measurements.observations import Observation, Observations
from pointprior.runtime.seeding import numpy_generator

READINGS = ("redrawn", "fixed")


@dataclass
class Duals:
    """Prices of the last matchings of every observation and sample, from which the next ones start.

    Held by whoever calls the energy again and again for the same samples. They change the time that a matching
    takes, never its cost.
    """

    values: dict[tuple[int, int], Float[np.ndarray, " M1"]] = field(default_factory=dict)


class Energy:
    """E(x) = Σ_k w_k min_P ‖P U y_k - x R_k‖²_F for every sample, differentiable in x.

    Calling it gives the Frobenius *sum*, which guidance uses; `reported` gives the mean that tables print. The
    matching is optimal and held fixed when differentiating (by Danskin's theorem that is the gradient wherever it
    is unique). The same arguments give the same value.

    The paper says neither how often U repeats the targets at random nor what its printed E is a mean over:

    - reading "redrawn" (default): in every draw of U each target stands once and the N - M others are drawn from
      them with replacement; E is reported as a mean over coordinates. It reproduces the paper's printed baseline best
      (`benchmarks/energy_readings.py`), and where M < N its models are closer to the truth. The draws belong to
      (seed, draw, observation) and are the same for all samples.
    - reading "fixed": U is drawn once, with the measurements, and repeats all targets as often as possible equally;
      E is reported as a mean over points.

    Parameters
    ----------
    observations : Observations
        The measurements.
    reading : str
        "redrawn" or "fixed".
    threads : int
        Matchings that are solved at the same time.
    """

    def __init__(self, observations: Observations, *, reading: str = "redrawn", threads: int = 1):
        if reading not in READINGS:
            raise ValueError(f"unknown reading of the energy {reading!r}; choose one of {', '.join(READINGS)}")
        self.observations = observations
        self.reading = reading
        self.threads = threads

    def __call__(self, x: Float[Tensor, "S N 3"], *, draw: int = 0, duals: Duals | None = None) -> Float[Tensor, " S"]:
        """The Frobenius sum of every sample.

        Parameters
        ----------
        x : Tensor, shape=(S, N, 3)
            Clouds, in units of the cube.
        draw : int
            Number of the draw of U, from 0 on; samplers count their evaluations.
        duals : Duals, optional
            Where these samples' last matchings ended; brought up to date.
        """
        return self._weighted_sum(x, lambda observation: 1.0, draw, duals)

    def reported(self, x: Float[Tensor, "S N 3"], *, draw: int = 0) -> Float[Tensor, " S"]:
        """The energy as a mean over matched points, or over their coordinates (in squared units of the cube)."""

        def share(observation):
            dimensions = 1 if self.reading == "fixed" else observation.targets.shape[1]
            return 1 / float(observation.capacity.sum() * dimensions)

        return self._weighted_sum(x, share, draw, None)

    def matched(
        self, x: Float[Tensor, "S N 3"], *, draw: int = 0, duals: Duals | None = None
    ) -> list[tuple[Observation, Int[np.ndarray, "S N"]]]:
        """The observations of one draw, and the target that each point of every sample takes (-1: none)."""
        if x.shape[1] != self.observations.points:
            raise ValueError(f"clouds have {x.shape[1]} points, the measurements are of {self.observations.points}")
        observed = self._drawn(draw)
        matchings = self._match(x.detach(), observed, Duals() if duals is None else duals)
        targets = [np.stack([matching.target for matching in found]) for found in matchings]
        return list(zip(observed, targets, strict=True))

    def _weighted_sum(
        self, x: Float[Tensor, "S N 3"], factor: Callable[[Observation], float], draw: int, duals: Duals | None
    ) -> Float[Tensor, " S"]:
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for observation, target in self.matched(x, draw=draw, duals=duals):
            view = torch.from_numpy(observation.view).to(x)  # (3, d)
            wanted = torch.from_numpy(observation.targets[target]).to(x)  # (S, N, d)
            on = torch.from_numpy(target >= 0).to(x)[:, :, None]  # (S, N, 1)
            # one product and one sum per sample, so that no sample's rounding depends on the others
            squared = [(on[s] * (wanted[s] - cloud @ view)).square().sum() for s, cloud in enumerate(x)]
            total = total + observation.weight * factor(observation) * torch.stack(squared)
        return total

    def _drawn(self, draw: int) -> list[Observation]:
        """The observations with the capacities of one draw of U."""
        if self.reading == "fixed":
            return list(self.observations)
        key = (self.observations.seed, "U", draw + 1)
        return [observation.redrawn(numpy_generator(*key, k)) for k, observation in enumerate(self.observations)]

    def _match(self, x: Float[Tensor, "S N 3"], observed: list[Observation], duals: Duals) -> list[list[Matching]]:
        """Matchings of every observation and sample; `duals` becomes theirs."""
        clouds = x.cpu().double().numpy()
        places, problems = [], []
        for k, observation in enumerate(observed):
            seen = clouds @ observation.view.astype(np.float64)  # (S, N, d)
            for s in range(len(clouds)):
                if not np.isfinite(seen[s]).all():
                    raise MatchingError(f"sample {s} is not finite where observation {k} sees it")
                places.append((k, s))
                problems.append((seen[s], observation.targets, observation.capacity, duals.values.get((k, s))))
        matchings = match_all(problems, threads=self.threads)
        duals.values = {place: matching.duals for place, matching in zip(places, matchings, strict=True)}
        samples = len(clouds)
        return [matchings[k * samples : (k + 1) * samples] for k in range(len(observed))]
