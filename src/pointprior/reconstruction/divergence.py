"""Samples that leave the finite numbers, and what to say of them."""

from collections.abc import Sequence

from jaxtyping import Bool, Float
from torch import Tensor


class SamplerError(RuntimeError):
    """A trajectory left the finite numbers."""


class DivergedError(Exception):
    """Some clouds of a batch are not finite; `lost` (S,) says which."""

    def __init__(self, lost: Bool[Tensor, " S"]):
        super().__init__(lost)
        self.lost = lost


def check_clouds(x: Float[Tensor, "S N 3"]) -> None:
    """Raise `DivergedError` unless every cloud is finite."""
    finite = x.isfinite().flatten(1).all(dim=1)  # (S,)
    if not finite.all():
        raise DivergedError(~finite)


def describe_divergence(
    lost: Bool[Tensor, " S"], step: int, t: float, chosen: Sequence[int], energy: Float[Tensor, " S"] | None
) -> SamplerError:
    """The error that names the step, its time, the samples that are lost and their last energies."""
    places = lost.nonzero()[:, 0].tolist()
    message = f"step {step} at t = {t:.4g}: samples {[chosen[place] for place in places]} are not finite"
    if energy is not None:
        message += f", their last energies were {', '.join(f'{float(energy[place]):.4g}' for place in places)}"
    return SamplerError(message + "; lower α or take more steps")
