"""The course of a sample: what the denoiser expected it to become, at some of its times.

Energy and error along it follow from the clouds once measurements and truth are at hand; a sampler never has the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

KEPT = 10  # times of a course: one sample's clouds in float16 take half the room of ten models


@dataclass(frozen=True)
class Course:
    """Denoised clouds of a reconstruction's first sample.

    Attributes
    ----------
    times : ndarray, shape=(K,)
        Noise levels t, falling.
    clouds : ndarray, shape=(K, N, 3), dtype=float16
        What was expected there, in units of the cube; to 0.0005 within it.
    """

    times: Float[np.ndarray, " K"]
    clouds: Float[np.ndarray, "K N 3"]


class Recorder:
    """Keeps denoised clouds as a sampler comes by them.

    Parameters
    ----------
    times : sequence of float
        Times of the sampler's steps, the last of them 0; those to keep are spread evenly over the steps.
    """

    def __init__(self, times: Sequence[float]):
        steps = len(times) - 1
        chosen = np.linspace(0, steps - 1, min(KEPT, steps)).round().astype(int)
        self._clouds: dict[float, Float[np.ndarray, "N 3"] | None] = {times[k]: None for k in chosen}

    def take(self, t: float, denoised: Float[np.ndarray, "S N 3"]) -> None:
        """Note the first of some denoised clouds, if the time is one to keep; of a step's two evaluations the last."""
        if t in self._clouds:
            self._clouds[t] = denoised[0].astype(np.float16)

    def course(self) -> Course:
        """What was kept."""
        kept = {t: cloud for t, cloud in self._clouds.items() if cloud is not None}
        return Course(np.array(list(kept)), np.stack(list(kept.values())))
