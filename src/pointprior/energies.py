"""The energy of a cloud given measurements: squared distances under the optimal matching."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.assignment import MatchingError, match_all
from pointprior.observations import Observations


class Energy:
    """E(x) = Σ_k w_k min_P ‖P y_k - x R_k‖²_F for every sample, differentiable in x.

    Calling it gives the Frobenius *sum*, which guidance uses; `per_point` divides each observation
    by its number of matched points, which is what the tables report. The matching is optimal and held
    fixed when differentiating (by Danskin's theorem that is the gradient wherever it is unique).

    It remembers each sample's last duals to start the next matching from. They change the time a
    matching takes, not its cost; call `forget` before other samples take the places.
    """

    def __init__(
        self,
        observations: Observations,
        *,
        threads: int = 1,  # matchings solved at the same time
    ):
        self.observations = observations
        self.threads = threads
        self.forget()

    def forget(self) -> None:
        """Drop the duals: the next samples are others."""
        self._duals: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        return self._weighted_sum(x, [1.0] * len(self.observations))

    def per_point(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        """The energy as a mean over matched points (in squared units of the cube)."""
        return self._weighted_sum(x, [1 / float(o.capacity.sum()) for o in self.observations])

    def _weighted_sum(self, x, factors):
        if x.shape[1] != self.observations.points:
            raise ValueError(f"clouds have {x.shape[1]} points, the measurements are of {self.observations.points}")
        targets = self._match(x.detach())
        total = torch.zeros(len(x), device=x.device, dtype=x.dtype)
        for k, (observation, factor) in enumerate(zip(self.observations, factors, strict=True)):
            seen = x @ torch.from_numpy(observation.view).to(x)  # (S, N, d)
            target, matched = targets[k]
            wanted = torch.from_numpy(observation.targets[target]).to(x)  # (S, N, d)
            squared = (wanted - seen).square().sum(dim=-1)
            if not matched.all():
                squared = squared * torch.from_numpy(matched).to(x)
            total = total + observation.weight * factor * squared.sum(dim=-1)
        return total

    def _match(self, x):
        """Target index of every point and whether it has one, (S, N) each, for every observation."""
        clouds = x.cpu().double().numpy()
        seen = [clouds @ o.view.astype(np.float64) for o in self.observations]
        places = [(k, s) for k in range(len(seen)) for s in range(len(clouds))]
        problems = [
            (seen[k][s], o.targets, o.capacity, self._duals.get((k, s)))
            for k, o in enumerate(self.observations)
            for s in range(len(clouds))
        ]
        for (k, s), problem in zip(places, problems, strict=True):
            if not np.isfinite(problem[0]).all():
                raise MatchingError(f"sample {s} is not finite where observation {k} sees it")
        matchings = match_all(problems, threads=self.threads)
        self._duals = {place: matching.duals for place, matching in zip(places, matchings, strict=True)}
        result = []
        for k in range(len(seen)):
            target = np.stack([m.target for (place, _), m in zip(places, matchings, strict=True) if place == k])
            result.append((np.maximum(target, 0), target >= 0))
        return result
