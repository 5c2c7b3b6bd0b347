"""The energy of a cloud given measurements: squared distances under the optimal matching."""

import numpy as np
import torch
from jaxtyping import Float, Int
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
        self.forget()

    def forget(self) -> None:
        """Start anew: the next samples are others."""
        self._evaluation = 0
        self._duals: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        return self._weighted_sum(x, lambda observation: 1.0)

    def reported(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        """The energy as a mean over matched points, or over their coordinates (in squared units of the cube)."""

        def share(observation):
            dimensions = 1 if self.reading == "fixed" else observation.targets.shape[1]
            return 1 / float(observation.capacity.sum() * dimensions)

        return self._weighted_sum(x, share)

    def matched(self, x: Float[Tensor, "S N 3"]) -> list[tuple[Observation, Int[np.ndarray, "S N"]]]:
        """The observations of one evaluation, and the target that each point of every sample takes (-1: none)."""
        if x.shape[1] != self.observations.points:
            raise ValueError(f"clouds have {x.shape[1]} points, the measurements are of {self.observations.points}")
        observed = self._observed()
        matchings = self._match(x.detach(), observed)
        targets = [np.stack([matching.target for matching in found]) for found in matchings]
        return list(zip(observed, targets, strict=True))

    def _weighted_sum(self, x, factor):
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for observation, target in self.matched(x):
            view = torch.from_numpy(observation.view).to(x)  # (3, d)
            wanted = torch.from_numpy(observation.targets[target]).to(x)  # (S, N, d)
            on = torch.from_numpy(target >= 0).to(x)[:, :, None]  # (S, N, 1)
            # one product and one sum per sample, so that no sample's rounding depends on the others
            squared = [(on[s] * (wanted[s] - cloud @ view)).square().sum() for s, cloud in enumerate(x)]
            total = total + observation.weight * factor(observation) * torch.stack(squared)
        return total

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
