"""Guidance: the score of the posterior from a denoiser and an energy (Chung et al. 2023)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy
from pointprior.reconstruction.course import Recorder
from pointprior.reconstruction.divergence import check_finite
from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.moments import Adam, Moments
from pointprior.reconstruction.poses import PoseRefinement, matched_energy
from pointprior.runtime.transfers import Arriving, sent

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
    adam : Adam or None
        Precondition the gradient of √E by its moments over the evaluations; None: as printed. Guidance keeps its
        length where all coordinates' gradients keep their signs, and gets shorter where they alternate.
    """

    alpha: float | int
    clip: float | int | None = 5.0
    adam: Adam | None = None


@dataclass
class Memory:
    """What a trajectory's evaluations leave to the next ones; one per trajectory, brought up to date by each.

    Attributes
    ----------
    draw : int
        Which draw of the energy's U is next.
    duals : Duals
        Where the last matchings of these samples ended.
    moments : Moments
        Of the guidance's gradient.
    refinement : PoseRefinement or None
        Poses that follow the denoised clouds.
    recorder : Recorder or None
        What keeps some of the denoised clouds.
    """

    draw: int = 0
    duals: Duals = field(default_factory=Duals)
    moments: Moments = field(default_factory=Moments)
    refinement: PoseRefinement | None = None
    recorder: Recorder | None = None


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
    memory: Memory,
) -> Turns[tuple[Float[Tensor, "S N 3"], Float[Tensor, " S"]]]:
    """The score (D(x,t) - x)/t² - ζ ∇E(D(x,t)) with ζ = α/√E, normalised per sample, and the energy E on the CPU.

    The gradient goes through the network, with the optimal matching held fixed. The guidance acts as if it moved
    D(x,t) by t² ζ ∇E. Energies are the CPU's work and networks the device's: D(x,t) comes down, ∇E with respect to it
    goes up, and the chain rule is completed there. Others have their turn while D(x,t) is on its way.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        denoised = denoise(x, _levels(x, t))
    arriving = Arriving(denoised)
    yield
    clean = arriving.landed()
    e, slope = _energy_and_slope(energy, clean, t, memory)
    if memory.recorder is not None:
        memory.recorder.take(t, clean.numpy())
    (gradient,) = torch.autograd.grad(denoised, x, sent(slope, x.device))
    pull = _pull(gradient, sent(e, x.device), guidance, t, memory.moments)
    return (denoised.detach() - x.detach()) / t**2 - pull, e


def _energy_and_slope(
    energy: Energy, denoised: Float[Tensor, "S N 3"], t: float, memory: Memory
) -> tuple[Float[Tensor, " S"], Float[Tensor, "S N 3"]]:
    """Energies of denoised clouds and their gradients with respect to them, on the CPU."""
    check_finite(denoised)
    with torch.enable_grad():
        at = denoised.detach().requires_grad_()
        e = matched_energy(
            energy,
            at,
            memory.refinement,
            draw=memory.draw,
            duals=memory.duals,
            uncertainty=t / math.hypot(1, t / SPREAD),
        )
        (slope,) = torch.autograd.grad(e.sum(), at)  # samples do not interact: each has its own gradient
    memory.draw += 1
    return e.detach(), slope


def _pull(
    gradient: Float[Tensor, "S N 3"], e: Float[Tensor, " S"], guidance: Guidance, t: float, moments: Moments
) -> Float[Tensor, "S N 3"]:
    """ζ ∇E within the clip, preconditioned or not."""
    tiny = torch.finfo(gradient.dtype).tiny
    distance = e.clamp_min(tiny).sqrt()
    # one sum per sample: how a sum over several is shared among threads depends on their number
    steepness = torch.stack([slope.norm() for slope in gradient]).clamp_min(tiny)
    zeta = guidance.alpha / distance
    if guidance.clip is not None:
        zeta = torch.minimum(zeta, guidance.clip * distance / (t**2 * steepness))
    if guidance.adam is not None:
        scaled = moments.updated(gradient / distance[:, None, None], guidance.adam)
        gradient = scaled * (steepness / scaled[0].numel() ** 0.5)[:, None, None]
    return zeta[:, None, None] * gradient


def _levels(x, t):
    return torch.full((len(x),), t, dtype=x.dtype, device=x.device)
