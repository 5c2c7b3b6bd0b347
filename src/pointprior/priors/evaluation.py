"""How well a prior denoises clouds that were held out of its training, and what its card says about it."""

import numpy as np
import torch
from jaxtyping import Float

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.training_set import TrainingSet
from pointprior.runtime.seeding import torch_generator


@torch.no_grad()
def denoising_error(
    denoiser: Denoiser,
    clouds: Float[np.ndarray, "n N 3"],
    *,
    levels: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
    seed: int = 0,
    batch: int = 16,
) -> dict[float, float]:
    """Mean squared denoising error at each noise level t, relative to that of the best linear denoiser of a point.

    For clouds of variance s², the latter (the Wiener filter) leaves s² t²/(s² + t²): a ratio of 1 means that nothing
    has been learnt about how points lie relative to each other. Unlike the loss, the ratio does not depend on σ_data,
    so that priors with different preconditioning can be compared. The noise is the same at every call.

    Parameters
    ----------
    denoiser : Denoiser
        The denoiser to judge.
    clouds : ndarray, shape=(n, N, 3)
        Clean clouds (in units of the cube) that it was not trained on.
    levels : tuple of float
        Noise levels t.
    seed : int
        Seed of the noise.
    batch : int
        Clouds at a time; each batch has noise of its own.
    """
    device = next(denoiser.parameters()).device
    variance = float(np.asarray(clouds, dtype=np.float64).var())
    errors = {}
    for level in levels:
        total = 0.0
        for start in range(0, len(clouds), batch):
            clean = torch.from_numpy(np.asarray(clouds[start : start + batch], dtype=np.float32))
            noise = torch.randn(clean.shape, generator=torch_generator(seed, "validation", start))
            t = torch.full((len(clean),), level, device=device)
            denoised = denoiser((clean + level * noise).to(device), t).cpu()
            total += float((denoised - clean).square().mean(dim=(1, 2)).sum())
        errors[level] = total / len(clouds) / (variance * level**2 / (variance + level**2))
    return errors


def describe(denoiser: Denoiser, data: TrainingSet, *, most: int = 200) -> dict:
    """What a prior's card says about its data and its denoising: the sizes of both sets, and the errors on both.

    Errors are measured on `most` clouds of a set, spread evenly over it, or on all if there are fewer.
    """
    training, held_out = np.flatnonzero(~data.held_out), np.flatnonzero(data.held_out)
    card: dict = {
        "data": {
            "clouds": len(training),
            "clusters": len(np.unique(data.groups[training])),
            "validation_clouds": len(held_out),
            "validation_clusters": len(np.unique(data.groups[held_out])),
            "standard_deviation": round(data.standard_deviation(), 4),
        }
    }
    for name, index in (("denoising_error", held_out), ("denoising_error_in_training", training)):
        if len(index):
            chosen = index[np.linspace(0, len(index) - 1, min(len(index), most)).round().astype(int)]
            errors = denoising_error(denoiser, data.of_one_size(chosen))
            card[name] = {str(level): round(error, 4) for level, error in errors.items()}
    return card
