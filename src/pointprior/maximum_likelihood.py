"""The baselines without a prior: clouds of least energy, bare or regularised, from random starts."""

import math
import time
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.energies import Energy
from pointprior.reconstructions import Reconstruction
from pointprior.samplers import SamplerError, far_outside, reach_of, reported_energy
from pointprior.seeding import torch_generator


def maximise_likelihood(
    energy: Energy,
    *,
    key: tuple[str | int, ...],  # (seed, structure, task, method); every start appends its index
    samples: int,  # starts
    points: int,  # N
    steps: int = 100,  # of Adam
    learning_rate: float = 0.01,
    annealed: bool = False,  # let the learning rate fall to zero, a quarter of a cosine
    regulariser: Callable[[Float[Tensor, "S N 3"]], Float[Tensor, " S"]] | None = None,
    weight: float = 0.0,  # of the regulariser, beside the Frobenius sum
    progress: Callable[[int], None] | None = None,  # called with the number of samples whose step is done
) -> Reconstruction:
    """Minimise E(x) + λ R(x) by Adam from starts uniform in [-1, 1]³; without R the paper's ML baseline.

    Adam normalises every coordinate's gradient by itself, so samples in one batch do not interact. The energy that
    is reported is E alone.

    Raises
    ------
    SamplerError
        If a cloud ends far outside the cube.
    """
    began = time.perf_counter()
    starts = [torch.rand(points, 3, generator=torch_generator(*key, s)) * 2 - 1 for s in range(samples)]
    x = torch.stack(starts).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=learning_rate)
    energy.forget()
    for step in range(steps):
        if annealed:
            optimiser.param_groups[0]["lr"] = learning_rate * math.cos(math.pi / 2 * step / steps)
        optimiser.zero_grad()
        loss = energy(x) if regulariser is None else energy(x) + weight * regulariser(x)
        loss.sum().backward()
        optimiser.step()
        if progress is not None:
            progress(samples)
    x = x.detach()
    far = far_outside(x)
    if far.any():
        lost = far.nonzero()[:, 0].tolist()
        raise SamplerError(f"after {steps} steps: starts {lost} {reach_of(x)}; lower the learning rate")
    seconds = (time.perf_counter() - began) / samples
    return Reconstruction(x.numpy(), reported_energy(energy, x), steps, seconds)
