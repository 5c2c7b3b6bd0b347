"""Diverged samples, which are no longer finite or lie far outside the cube, and the errors that report them."""

from collections.abc import Sequence

from jaxtyping import Bool, Float
from torch import Tensor

FARTHEST = 1000.0  # half-widths of the cube: what ends beyond it is no model, and no map can hold it


class SamplerError(RuntimeError):
    """A trajectory stopped being finite, or ended far outside the cube."""


class DivergedError(Exception):
    """Some clouds of a batch have diverged.

    Attributes
    ----------
    lost : list of int
        Their indices in the batch.
    what : str
        What is wrong with them, after "samples 1, 2 ...".
    """

    def __init__(self, lost: Bool[Tensor, " S"], what: str):
        super().__init__(what)
        self.lost, self.what = lost.nonzero()[:, 0].tolist(), what


def check_finite(x: Float[Tensor, "S N 3"]) -> None:
    """Raise `DivergedError` unless every cloud is finite."""
    finite = x.isfinite().flatten(1).all(dim=1)  # (S,)
    if not finite.all():
        raise DivergedError(~finite, "are not finite")


def check_reach(x: Float[Tensor, "S N 3"]) -> None:
    """Raise `DivergedError` if a cloud has a point so far outside the cube that it is no model."""
    far = x.abs().amax(dim=(1, 2)) > FARTHEST
    if far.any():
        raise DivergedError(far, f"reach {float(x.abs().max()):.3g} half-widths of the cube from its centre")


def name_divergence(
    problem: DivergedError,
    step: int,
    t: float,
    chosen: Sequence[int],
    *,
    advice: str,
    energy: Float[Tensor, " S"] | None = None,
) -> SamplerError:
    """The error that names the step, its time, the samples that diverged and their last energies."""
    message = f"step {step} at t = {t:.4g}: samples {[chosen[place] for place in problem.lost]} {problem.what}"
    if energy is not None:
        message += f", their last energies were {', '.join(f'{float(energy[place]):.4g}' for place in problem.lost)}"
    return SamplerError(f"{message}; {advice}")
