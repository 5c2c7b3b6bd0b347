"""The record of a training run, kept beside its checkpoint so that it survives an interruption."""

import logging
import os
from pathlib import Path

import pandas as pd

from pointprior.runtime.files import written_whole


class Curve:
    """Rows of a training curve, appended to a file as they come; each time with a line in the log.

    Parameters
    ----------
    path : path
        File that collects the rows over all attempts.
    every : int
        Rows are written out after so many steps (and by `close`).
    """

    def __init__(self, path: str | os.PathLike, *, every: int = 50):
        self.path = Path(path)
        self.every = every
        self._rows: list[dict] = []

    def add(self, row: dict) -> None:
        """Take the row of a step (what `training.train` reports)."""
        self._rows.append(row)
        if len(self._rows) >= self.every:
            self.close()

    def close(self) -> None:
        """Write out what is not written yet."""
        if self._rows:
            logging.info(_line(pd.DataFrame(self._rows)))
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self.path.exists()
            pd.DataFrame(self._rows).to_csv(self.path, mode="a", header=fresh, index=False)
            self._rows = []

    def save(self, path: str | os.PathLike, steps: int) -> None:
        """Write the whole curve: steps that were repeated after an interruption count once, the last time."""
        self.close()
        table = pd.read_csv(self.path).drop_duplicates("step", keep="last").sort_values("step")
        with written_whole(path) as temporary:
            table[table["step"] <= steps].to_csv(temporary, index=False)


def _line(rows: pd.DataFrame) -> str:
    """Where a run stands, in words: means over some steps."""
    mean, last = rows.mean(), rows.iloc[-1]
    bands = ", ".join(f"{band} noise {mean[f'loss_{band}_noise']:.3f}" for band in ("low", "middle", "high"))
    hours, minutes = divmod(round(last["seconds_left"] / 60), 60)
    return (
        f"step {last['step']:.0f}: loss {mean['loss']:.3f} ({bands}), {mean['clouds_per_second']:.1f} clouds/s, "
        f"{mean['share_of_peak']:.0%} of a large matrix product's rate, {hours} h {minutes:02d} min left"
    )
