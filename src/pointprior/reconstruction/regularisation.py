"""A regulariser that needs no training: the points of a body neither overlap nor lie isolated."""

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import cKDTree
from torch import Tensor


class PairDistances:
    """R(x) = Σ_i Σ_{k ≤ K} (a s - d_ik)₊² + (d_ik - b s)₊² with d_ik the distance of point i to its k-th nearest.

    A flat-bottomed well, as in restraints from NMR. Points nearer than a share a of the spacing s overlap (excluded
    volume); a point whose K-th neighbour is farther than b s lies isolated outside the body; in between there is no
    penalty. R is in squared units of the cube, like the Frobenius sum of the energy, so that a weight between the two
    is dimensionless.
    """

    def __init__(
        self,
        spacing: float,  # s, in cube units
        *,
        neighbours: int = 6,  # K
        near: float = 0.8,  # a; of training clouds' nearest neighbours, one in twenty is nearer
        far: float = 1.8,  # b; of their sixth, one in ten is farther
    ):
        if not (spacing > 0 and neighbours >= 1 and 0 < near <= far):
            raise ValueError(
                f"a well needs a positive spacing, neighbours and 0 < near <= far, not spacing {spacing}, "
                f"{neighbours} neighbours, near {near}, far {far}"
            )
        self.spacing, self.neighbours, self.near, self.far = spacing, neighbours, near, far

    def __call__(self, x: Float[Tensor, "S N 3"]) -> Float[Tensor, " S"]:
        nearest = torch.from_numpy(self._nearest(x.detach().cpu().numpy())).to(x.device)  # (S, N, K)
        sample = torch.arange(len(x), device=x.device)[:, None, None]
        squared = (x[:, :, None] - x[sample, nearest]).square().sum(dim=-1)  # (S, N, K)
        distance = squared.clamp_min(torch.finfo(x.dtype).tiny).sqrt()  # coinciding points: no gradient, not NaN
        overlap = (self.near * self.spacing - distance).clamp_min(0)
        gap = (distance - self.far * self.spacing).clamp_min(0)
        return (overlap.square() + gap.square()).sum(dim=(1, 2))

    def relax(self, x: Float[Tensor, "S N 3"], *, rounds: int = 3, rate: float = 0.1) -> Float[Tensor, "S N 3"]:
        """A few gradient steps on R; each undoes a share of 8 `rate` of the violation between two mutual neighbours."""
        for _ in range(rounds):
            with torch.enable_grad():
                at = x.detach().requires_grad_()
                (slope,) = torch.autograd.grad(self(at).sum(), at)
            x = x.detach() - rate * slope
        return x

    def _nearest(self, clouds: Float[np.ndarray, "S N 3"]) -> Int[np.ndarray, "S N K"]:
        """Positions of every point's nearest neighbours."""
        if clouds.shape[1] <= self.neighbours:
            raise ValueError(f"{clouds.shape[1]} points have no {self.neighbours} neighbours each")
        found = [cKDTree(cloud).query(cloud, k=self.neighbours + 1)[1][:, 1:] for cloud in clouds]
        return np.stack(found).astype(np.int64)
