"""Guidance: the score of the posterior from a denoiser and an energy (Chung et al. 2023)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy
from pointprior.reconstruction.divergence import check_finite
from pointprior.reconstruction.poses import PoseRefinement, matched_energy

SPREAD = 0.5  # standard deviation of a coordinate of clouds in the cube: a denoised one is no more uncertain
Denoise = Callable[[Float[Tensor, "S N 3"], Float[Tensor, " S"]], Float[Tensor, "S N 3"]]


@dataclass(frozen=True)
class Guidance:
    """How strongly measurements guide a sampler.

    Attributes
    ----------
    alpha : float
        Guidance strength α in ζ = α/√E, where E is the Frobenius sum.
    clip : float or None
        Largest distance by which guidance may move a denoised cloud, in units of √E, its distance from the
        measurements; None: no limit, as printed. Early on, the printed strength moves it more than a hundred times as
        far: that throws clouds out of the prior's reach, and what no view sees never recovers.
    """

    alpha: float | int
    clip: float | int | None = 5.0


def prior_score(denoise: Denoise, x: Float[Tensor, "S N 3"], t: float) -> Float[Tensor, "S N 3"]:
    """The score (D(x,t) - x)/t² of the prior."""
    with torch.no_grad():
        return (denoise(x, _levels(x, t)) - x) / t**2


def posterior_score(
    denoise: Denoise,
    energy: Energy,
    guidance: Guidance,
    x: Float[Tensor, "S N 3"],
    t: float,
    *,
    draw: int,
    duals: Duals,
    refinement: PoseRefinement | None = None,
) -> tuple[Float[Tensor, "S N 3"], Float[Tensor, " S"]]:
    """The score (D(x,t) - x)/t² - ζ ∇E(D(x,t)) with ζ = α/√E, normalised per sample, and the energy E.

    The gradient goes through the network, with the optimal matching held fixed. The guidance acts as if it moved
    D(x,t) by t² ζ ∇E.

    Parameters
    ----------
    draw : int
        Which draw of the energy's U to use.
    duals : Duals
        Dual variables of these samples' last matchings; updated in place.
    refinement : PoseRefinement, optional
        Poses that follow the denoised clouds.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        denoised = denoise(x, _levels(x, t))
        check_finite(denoised.detach())
        uncertainty = t / math.hypot(1, t / SPREAD)
        e = matched_energy(energy, denoised, refinement, draw=draw, duals=duals, uncertainty=uncertainty)  # (S,)
        (gradient,) = torch.autograd.grad(e.sum(), x)  # samples do not interact: each has its own gradient
    e = e.detach()
    tiny = torch.finfo(x.dtype).tiny
    distance = e.clamp_min(tiny).sqrt()
    zeta = guidance.alpha / distance
    if guidance.clip is not None:
        # one sum per sample: how a sum over several is shared among threads depends on their number
        steepness = torch.stack([slope.norm() for slope in gradient]).clamp_min(tiny)
        zeta = torch.minimum(zeta, guidance.clip * distance / (t**2 * steepness))
    return (denoised.detach() - x.detach()) / t**2 - zeta[:, None, None] * gradient, e


def _levels(x, t):
    return torch.full((len(x),), t, dtype=x.dtype, device=x.device)
