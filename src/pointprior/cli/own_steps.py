"""What `pointprior reconstruct` does, step by step, with bars that show how far it is."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from pointprior.cli.reconstruct import settings_as_options
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure
from pointprior.methods import METHODS
from pointprior.output.own import HOMOLOGUE
from pointprior.output.own.exports import write_method
from pointprior.output.own.from_prior import learnt_by, look_up
from pointprior.output.own.homologue import write_homologue
from pointprior.output.own.page import Report, write_page
from pointprior.output.own.results import OwnModels
from pointprior.output.own.warnings import warnings
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.own import reconstruct_all
from pointprior.reconstruction.readings import compare_readings
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.runtime.devices import choose_device


def reconstruct(
    files: OwnFiles,
    own: OwnReconstruction,
    *,
    name: str,
    methods: list[str],
    prior: Path | None,
    prior_samples: int,
    seed: int,
    device: str,
    threads: int,
    folder: Path,
    quiet: bool,
) -> Path:
    """Reconstruct one specimen; nothing is written before all models are made. Give the page's path."""
    torch.set_num_threads(threads)
    bars = _Bars(quiet)
    execution = Execution(choose_device(device))
    data = measure(files, key=(seed, name), seed=seed)
    bars.say(f"{len(data.observations)} measurements; half-width of the cube {data.frame.scale:.0f} Å")
    readings = compare_readings(data.observations, key=(seed, name))
    for warning in warnings(data, [], readings, {}, allowed_angle=own.refine_angle):
        bars.warn(warning)
    found = reconstruct_all(
        data, own, methods, key=(seed, name), prior=prior, execution=execution, threads=threads, progress=bars.begin
    )
    models = [OwnModels(data, method, found[method]) for method in [*methods, *(m for m in found if m not in methods)]]
    owed = {}
    if prior is not None:
        alone = _alone(prior, prior_samples, data, (seed, name), execution, bars) if prior_samples > 1 else None
        owed = look_up(models, alone, learnt_by(prior))
    bars.end()
    report = Report(name, data, own, models, readings, None if prior is None else prior.name, owed)
    return _write(folder, report)


def _alone(prior: Path, samples: int, data: OwnData, key: tuple, execution: Execution, bars: "_Bars"):
    """Samples of the prior without measurements."""
    from pointprior.reconstruction.own import unconditional, unconditional_steps

    progress = bars.begin("prior alone", samples * unconditional_steps())
    points = data.observations.points
    return unconditional(prior, samples, points, key=key, execution=execution, progress=progress).points


def _write(folder: Path, report: Report) -> Path:
    """All files, each whole or not at all; the page last."""
    report.data.save(folder / "measurements.npz")
    for models in report.models:
        models.found.save(folder / f"{models.method}.npz")
        write_method(folder, report.name, models)
    if report.data.measurements.homologue is not None:
        write_homologue(folder / HOMOLOGUE, report.data)
    write_page(folder / "report.html", report)
    return folder / "report.html"


class _Bars:
    """One bar after the other on standard error; none where it is no terminal."""

    def __init__(self, quiet: bool):
        self._quiet = quiet
        self._bar: tqdm | None = None

    def say(self, text: str) -> None:
        if not self._quiet:
            tqdm.write(text)

    def warn(self, text: str) -> None:
        """Before minutes are spent on it, whoever reads."""
        tqdm.write(f"pointprior: warning: {settings_as_options(text)}", file=sys.stderr)

    def begin(self, what: str, steps: int) -> Callable[[int], Any]:
        """Begin a bar of so many steps; give what to call with the number of steps done."""
        self.end()
        label = METHODS[what].label if what in METHODS else what
        bar = self._bar = tqdm(total=steps, desc=label, unit="step", disable=self._quiet)
        return bar.update

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()
