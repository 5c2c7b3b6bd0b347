"""Samplers at equal cost: the same measurements, errors against evaluations of the network, gradients and CPU seconds.

    python benchmarks/samplers.py run clouds/*.npz --table runs.csv --variants daps --steps 20 --set sigma=0.01
    python benchmarks/samplers.py show runs.csv --figure docs/samplers.png

Tasks are those of `config/realistic.yaml`, clouds those of validation clusters (`regularised_ml.py clouds` makes them;
others are refused). Every run is one row of the table, which is appended to; one that is there already is not run again.
"""

import argparse
import csv
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from realistic import CONFIGURATION, MEASURED, VIEWS
from regularised_ml import check_validation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.output.figures import plot_costs, save
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.scores import score
from pointprior.structures.mixtures import refit


@dataclass(frozen=True)
class Variant:
    """A method with some settings."""

    method: str
    settings: dict = field(default_factory=dict)
    label: str = ""


VARIANTS = {
    "printed": Variant("dps", {"guidance_clip": None}, "DPS as printed"),
    "dps": Variant("dps", label="DPS, clip 5"),
    "heun": Variant("dps", {"integrator": "heun"}, "DPS, clip 5, Heun"),
    "dps_adam": Variant("dps_adam", label="DPS, clip 5, Adam"),
    "daps": Variant("daps", label="DAPS from noise"),
    "daps_started": Variant("daps", {"initial": "ml_regularised", "t_max": 0.2}, "DAPS from reg. ML"),
    "gg_langevin": Variant("gg_langevin", label="guided Langevin from reg. ML"),
    "pnp_noise": Variant("pnp", {"initial": None, "t_max": 1.0}, "plug-and-play from noise"),
    "pnp": Variant("pnp", label="plug-and-play from reg. ML"),
    "ml_regularised": Variant("ml_regularised", label="regularised ML, no prior"),
}
COLUMNS = ["cloud", "task", "variant", "changed", "steps", "nfe", "gradients", "seconds", "rmsd", "chamfer", "emd"]
START_STEPS = 79  # gradients of the regularised likelihood that others begin from, as many as DPS takes in 40 steps


class Counting:
    """Evaluations of every denoiser, and those among them that are differentiated, while it is entered."""

    def __enter__(self) -> Counter:
        self.counter, self.forward = Counter(), Denoiser.forward

        def forward(denoiser, x, t):
            self.counter.update(nfe=len(x), gradients=len(x) * (torch.is_grad_enabled() and x.requires_grad))
            return self.forward(denoiser, x, t)

        Denoiser.forward = forward
        return self.counter

    def __exit__(self, *_) -> None:
        Denoiser.forward = self.forward


def measurements(cloud: PointCloud, name: str, task: dict) -> Observations:
    """What the workflow's realistic tasks measure of a cloud."""
    return synthesise(cloud, key=(0, name, VIEWS), **{k: v for k, v in task.items() if k in MEASURED})


def problem(observed: Observations, name: str, task: dict, variant: Variant, steps: int, prior: Path) -> Problem:
    """One sample of a method, with the task's α (for `printed` the paper's)."""
    clipped = variant.settings.get("guidance_clip", 5.0) is not None
    return Problem(
        Energy(observed),
        key=(0, name, VIEWS, variant.method),
        samples=1,
        alpha=task["alpha"] if clipped else task.get("alpha_unclipped", task["alpha"]),
        beta="1/t",
        steps=steps,
        nfe=START_STEPS,
        execution=Execution(precision="bfloat16"),
        prior=prior,
    )


def reconstruct(given: Problem, variant: Variant, steps: int, changed: dict) -> Reconstruction:
    """A sample, begun from the regularised likelihood where the settings say so."""
    module = METHODS[variant.method].load()
    settings = module.Settings(**{"steps": steps} | variant.settings | changed)
    if getattr(settings, "initial", None) is None:
        return module.reconstruct(given, settings)
    begun = METHODS[settings.initial].load()
    start = begun.reconstruct(given, begun.Settings(steps=START_STEPS))
    return module.reconstruct(Problem(**vars(given) | {"initial": start}), settings)


def run(arguments) -> None:
    """Append a row for each cloud, task, variant and number of steps that the table lacks."""
    tasks = yaml.safe_load(CONFIGURATION.read_text())["tasks"]
    check_validation([path.stem for path in arguments.clouds])
    changed = dict(change.split("=") for change in arguments.set)
    values = {name: yaml.safe_load(value) for name, value in changed.items()}
    said = " ".join(arguments.set)
    for path, task, name, steps in product(arguments.clouds, arguments.tasks, arguments.variants, arguments.steps):
        if [path.stem, task, name, said, str(steps)] in _done(arguments.table):
            continue
        cloud = PointCloud.load(path)
        observed = measurements(cloud, path.stem, tasks[task])
        given = problem(observed, path.stem, tasks[task], VARIANTS[name], steps, arguments.prior)
        began = time.process_time()
        with Counting() as counter:
            found = reconstruct(given, VARIANTS[name], steps, values)
        seconds = time.process_time() - began
        scores = score(found.points, cloud).iloc[0]
        row = [path.stem, task, name, said, steps, counter["nfe"], counter["gradients"], f"{seconds:.2f}"]
        _append(arguments.table, [*row, *(f"{scores[column]:.4f}" for column in ("rmsd_cg", "chamfer", "emd"))])


def _done(table: Path) -> list[list[str]]:
    """What the rows of a table were run with."""
    if not table.exists():
        return []
    with table.open(newline="") as lines:
        return [row[:5] for row in csv.reader(lines)]


def _append(table: Path, row: list) -> None:
    begun = table.exists()
    with table.open("a", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerows([row] if begun else [COLUMNS, row])
    print(*row, flush=True)


def floor(arguments) -> None:
    """RMSD of a second fit of each structure, scored like a model."""
    for path in arguments.clouds:
        cloud = PointCloud.load(path)
        second = refit(cloud, numpy_generator("floor", path.stem))[None]
        print(path.stem, f"{score(second, cloud)['rmsd_cg'].item():.2f}", flush=True)


def show(arguments) -> None:
    """A Markdown table of means over clouds, and the figure."""
    table = pd.read_csv(arguments.table, keep_default_na=False)
    table["label"] = [
        " ".join([VARIANTS[row.variant].label, row.changed]).strip() for row in table.itertuples(index=False)
    ]
    tasks = list(dict.fromkeys(table["task"]))
    head = ["method", "evaluations", "gradients", *(f"{task}: RMSD, CD, EMD, s" for task in tasks)]
    print(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for (label, steps), part in table.groupby(["label", "steps"], sort=False):
        cells = [label, f"{part['nfe'].max()}", f"{part['gradients'].max()}"]
        for task in tasks:
            means = part.loc[part["task"] == task, ["rmsd", "chamfer", "emd", "seconds"]].mean()
            scores = np.array([1, 100, 100, 1]) * means
            cells.append("–" if scores.isna().any() else "{:.2f}, {:.1f}, {:.1f}, {:.0f}".format(*scores))
        print(f"| {' | '.join(cells)} |")
    if arguments.figure:
        methods = {variant.label: variant.method for variant in VARIANTS.values()}
        save(plot_costs(table.assign(method=table["label"].map(methods))), [arguments.figure], dpi=150)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    part = parts.add_parser("run")
    part.add_argument("clouds", type=Path, nargs="+")
    part.add_argument("--table", type=Path, required=True, help="CSV to append to")
    part.add_argument("--tasks", nargs="+", default=["realistic_3x1024", "realistic_1x1024_lr40"])
    part.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    part.add_argument("--steps", type=int, nargs="+", default=[40])
    part.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="other settings of the method")
    part.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-small"))
    part.set_defaults(work=run)
    part = parts.add_parser("floor")
    part.add_argument("clouds", type=Path, nargs="+")
    part.set_defaults(work=floor)
    part = parts.add_parser("show")
    part.add_argument("table", type=Path)
    part.add_argument("--figure", type=Path)
    part.set_defaults(work=show)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.work(arguments)


if __name__ == "__main__":
    main()
