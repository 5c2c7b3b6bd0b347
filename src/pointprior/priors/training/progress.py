"""Progress of a training run: its curve, kept beside the checkpoint so that it survives interruptions, and its pace."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from pointprior.priors.networks import Network
from pointprior.priors.training.plan import TrainingPlan
from pointprior.runtime.files import atomic_write

BANDS = {"low": (0.0, 0.1), "middle": (0.1, 0.5), "high": (0.5, np.inf)}  # noise levels t, by name


def curve_row(
    plan: TrainingPlan, step: int, loss: Float[np.ndarray, " S"], t: Float[np.ndarray, " S"]
) -> dict[str, int | float]:
    """One step's row: clouds seen, learning rate, mean loss of all clouds and of three bands of noise."""
    row: dict[str, int | float] = {"step": step + 1, "clouds": plan.clouds_seen(step + 1)}
    row |= {"learning_rate": plan.learning_rate_at(step), "loss": float(loss.mean())}
    for name, (low, high) in BANDS.items():
        inside = (t >= low) & (t < high)
        row[f"loss_{name}_noise"] = float(loss[inside].mean()) if inside.any() else float("nan")
    return row


class Pace:
    """How fast a run goes and how long it will still take, from the matrix products that its steps need.

    Parameters
    ----------
    plan : TrainingPlan
        The run.
    network : Network
        Its network.
    first : int
        Step that this process starts with.
    peak : float
        Peak FLOP/s of the devices.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self,
        plan: TrainingPlan,
        network: Network,
        first: int,
        *,
        peak: float,
        clock: Callable[[], float] = time.monotonic,
    ):
        # a backward pass costs two forward ones
        cost = [3 * stage.batch * network.flops(stage.points) for stage in plan.stages for _ in range(stage.steps)]
        self._total = np.cumsum([0, *cost], dtype=float)
        self._plan, self._peak, self._clock = plan, peak, clock
        self._first, self._began = first, clock()
        self._last = self._began

    def after(self, step: int) -> dict[str, float]:
        """Once a step is done: clouds per second, share of the peak, and seconds left at the pace so far."""
        now = self._clock()
        seconds, self._last = now - self._last, now
        done = self._total[step + 1] - self._total[self._first]
        left = (self._total[-1] - self._total[step + 1]) * (now - self._began) / done
        share_of_peak = (self._total[step + 1] - self._total[step]) / seconds / self._peak
        rates = {"clouds_per_second": self._plan.stage_at(step).batch / seconds, "share_of_peak": share_of_peak}
        return rates | {"seconds_left": left}


class Curve:
    """Rows of a training curve, appended to a file as they come, each time with a line in the log.

    Parameters
    ----------
    path : path
        File that collects the rows over all attempts.
    every : int
        Rows are written out after so many steps (and by `flush`).
    """

    def __init__(self, path: str | os.PathLike, *, every: int = 50):
        self.path = Path(path)
        self.every = every
        self._rows: list[dict] = []

    def add(self, row: dict) -> None:
        """Take the row of a step (what `loop.train` reports)."""
        self._rows.append(row)
        if len(self._rows) >= self.every:
            self.flush()

    def flush(self) -> None:
        """Write out what is not written yet."""
        if self._rows:
            logging.info(_line(pd.DataFrame(self._rows)))
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self.path.exists()
            pd.DataFrame(self._rows).to_csv(self.path, mode="a", header=fresh, index=False)
            self._rows = []

    def save(self, path: str | os.PathLike, steps: int) -> None:
        """Write the whole curve: steps that were repeated after an interruption count once, the last time."""
        self.flush()
        table = pd.read_csv(self.path).drop_duplicates("step", keep="last").sort_values("step")
        with atomic_write(path) as temporary:
            table[table["step"] <= steps].to_csv(temporary, index=False)


def _line(rows: pd.DataFrame) -> str:
    """Where a run stands, in words: means over some steps."""
    mean, last = rows.mean(), rows.iloc[-1]
    bands = ", ".join(f"{band} noise {mean[f'loss_{band}_noise']:.3f}" for band in BANDS)
    hours, minutes = divmod(round(last["seconds_left"] / 60), 60)
    return (
        f"step {last['step']:.0f}: loss {mean['loss']:.3f} ({bands}), {mean['clouds_per_second']:.1f} clouds/s, "
        f"{mean['share_of_peak']:.0%} of a large matrix product's rate, {hours} h {minutes:02d} min left"
    )
