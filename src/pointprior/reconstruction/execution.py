"""How the denoiser is run: at which precision, on which device, and as many samples at a time as memory holds."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.reconstruction.divergence import check_finite
from pointprior.reconstruction.guidance import Denoise
from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.settings.execution import Execution
from pointprior.runtime.devices import choose_device, choose_precision, respect_thread_limit
from pointprior.runtime.transfers import Arriving, sent


def chosen_here(wanted: Mapping[str, Any], precision: str) -> Execution:
    """What a configuration asks for, on the device that there is."""
    return Execution(**{**wanted, "device": choose_device(wanted["device"]), "precision": precision})


def prepared(denoise: Denoise, execution: Execution) -> Denoise:
    """The denoiser as samplers call it: at this precision, and on a CPU one cloud at a time.

    Kernels for matrix products are chosen by shape, and they round differently. On a CPU a single cloud is large enough
    to fill them, so that running one at a time costs nothing and makes every sample independent of its batch. A GPU
    needs batches for speed: there a sample depends on the size of its batch by rounding, which few and coarse steps may
    amplify. The log says at which precision.
    """
    respect_thread_limit()
    kind = torch.device(execution.device).type
    for_sampling = getattr(denoise, "for_sampling", None)  # of a network; "auto" leaves other functions as they are
    named = "float32" if execution.precision == "auto" and for_sampling is None else execution.precision
    precision = choose_precision(named, execution.device)
    logging.getLogger(__name__).info("the network computes in %s on %s", precision, execution.device)
    coarse = precision == "bfloat16"
    if kind == "cpu" and for_sampling is not None and not execution.compile:
        denoise, coarse = for_sampling(getattr(torch, precision)), False

    def evaluated(x: Float[Tensor, "S N 3"], t: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        with torch.autocast(kind, torch.bfloat16, enabled=coarse):
            if kind != "cpu":
                return denoise(x, t)
            return torch.cat([denoise(x[s : s + 1], t[s : s + 1]) for s in range(len(x))])

    return evaluated


def denoised(denoise: Denoise, x: Float[Tensor, "S N 3"], t: float, device: str) -> Turns[Float[Tensor, "S N 3"]]:
    """Expected clean clouds without a gradient, in double precision on the CPU, where matchings are.

    Others have their turn while the clouds are on their way.

    Raises
    ------
    DivergedError
        If some are not finite.
    """
    with torch.no_grad():
        arriving = Arriving(denoise(sent(x.float(), device), torch.full((len(x),), t, device=device)))
    yield
    clean = arriving.landed().double()
    check_finite(clean)
    return clean


def in_batches(
    run: Callable[[range], Float[Tensor, "s N 3"]],
    denoise: Denoise,
    execution: Execution,
    *,
    samples: int,
    points: int,
) -> Float[Tensor, "S N 3"]:
    """Run samples a batch at a time; where memory runs out, half as many at a time."""
    clouds, start = [], 0
    batch = min(samples, execution.batch or automatic_batch(denoise, points, execution.device))
    while start < samples:
        chosen = range(start, min(start + batch, samples))
        try:
            clouds.append(run(chosen))
        except RuntimeError as problem:
            if batch == 1 or not _is_out_of_memory(problem):
                raise
            batch = batch // 2  # the same samples again, fewer at a time
        else:
            start = chosen.stop
    return torch.cat(clouds)


def automatic_batch(denoise: Denoise, points: int, device: str) -> int:
    """How many samples fit into half of the free memory, judged by the activations kept for the gradient."""
    activations = getattr(denoise, "activation_bytes", None)
    if activations is None:
        return 1024
    if torch.device(device).type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
    else:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, int(free / 2 // activations(points)))


def _is_out_of_memory(problem: RuntimeError) -> bool:
    """Whether the GPU or the machine ran out of memory."""
    return isinstance(problem, torch.OutOfMemoryError) or "can't allocate memory" in str(problem)
