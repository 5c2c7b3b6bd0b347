"""Samplers at equal cost: the same measurements, errors against evaluations of the network, gradients and CPU seconds.

    python benchmarks/samplers.py run clouds/*.npz --table runs.csv --runs dps:10,40 daps:10,20,40
    python benchmarks/samplers.py run clouds/*.npz --table tuned.csv --runs daps:20 --set sigma=0.005,0.02
    python benchmarks/samplers.py show runs.csv --figure docs/samplers.png

Tasks are those of `config/realistic.yaml`, clouds those of validation clusters (`regularised_ml.py clouds` makes them;
others are refused). Every run is a row that is appended to the table; one that is there already is not run again.
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
RUN = ["cloud", "points", "task", "variant", "changed", "steps", "samples"]
FOUND = ["nfe", "gradients", "seconds", "rmsd", "chamfer", "emd"]  # of a sample: means
RUNS = [
    "ml_regularised:40",
    *("dps:10,40", "daps:10,40", "pnp_noise:10,40", "gg_langevin:20,80"),
    *("dps_adam:10,40", "printed:40", "heun:40", "daps_started:20", "pnp:20"),
]
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


def scaled(task: dict, points: int) -> dict:
    """A task of clouds of 1024 points for smaller ones: as dense measurements, and guidance as strong for every point.

    Its α multiplies the gradient of √E, of which a point has a share of about 1/√N.
    """
    share = points / 1024
    sizes = {key: round(task[key] * share) for key in ("points", "low_resolution") if key in task}
    strengths = {key: task[key] * share**0.5 for key in ("alpha", "alpha_unclipped") if key in task}
    return task | sizes | strengths


def measurements(cloud: PointCloud, name: str, task: dict) -> Observations:
    """What the workflow's realistic tasks measure of a cloud."""
    return synthesise(cloud, key=(0, name, VIEWS), **{k: v for k, v in task.items() if k in MEASURED})


def problem(observed: Observations, name: str, task: dict, variant: Variant, steps: int, arguments) -> Problem:
    """Samples of a method, with the task's α (for `printed` the paper's)."""
    clipped = variant.settings.get("guidance_clip", 5.0) is not None
    return Problem(
        Energy(observed),
        key=(0, name, VIEWS, variant.method),
        samples=arguments.samples,
        alpha=task["alpha"] if clipped else task.get("alpha_unclipped", task["alpha"]),
        beta="1/t",
        steps=steps,
        nfe=START_STEPS,
        execution=Execution(precision="bfloat16"),
        prior=arguments.prior,
    )


def reconstruct(given: Problem, variant: Variant, steps: int, changed: dict) -> Reconstruction:
    """Samples, begun from the regularised likelihood where the settings say so."""
    module = METHODS[variant.method].load()
    settings = module.Settings(**{"steps": steps} | variant.settings | changed)
    if getattr(settings, "initial", None) is None:
        return module.reconstruct(given, settings)
    begun = METHODS[settings.initial].load()
    start = begun.reconstruct(given, begun.Settings(steps=START_STEPS))
    return module.reconstruct(Problem(**vars(given) | {"initial": start}), settings)


def run(arguments) -> None:
    """Append a row for each cloud, task, variant, setting and number of steps that the table lacks."""
    tasks = yaml.safe_load(CONFIGURATION.read_text())["tasks"]
    check_validation([path.stem for path in arguments.clouds])
    chosen = [item.split(":") for item in arguments.runs]
    runs = [(name, int(steps)) for name, budgets in chosen for steps in budgets.split(",")]
    choices = (arguments.tasks, runs, _settings(arguments.set))
    for path in arguments.clouds:
        cloud = PointCloud.load(path)
        for task, (name, steps), changed in product(*choices):
            said = " ".join(f"{key}={value}" for key, value in changed.items())
            which = [path.stem, str(len(cloud.points)), task, name, said, str(steps), str(arguments.samples)]
            if which not in _done(arguments.table):
                measured = scaled(tasks[task], len(cloud.points))
                observed = measurements(cloud, path.stem, measured)
                given = problem(observed, path.stem, measured, VARIANTS[name], steps, arguments)
                _append(arguments.table, which + timed(given, cloud, VARIANTS[name], steps, changed))


def timed(given: Problem, cloud: PointCloud, variant: Variant, steps: int, changed: dict) -> list:
    """Cost and scores of a run: the columns `FOUND`."""
    began = time.process_time()
    with Counting() as counter:
        found = reconstruct(given, variant, steps, changed)
    cost = np.array([counter["nfe"], counter["gradients"], time.process_time() - began]) / given.samples
    means = score(found.points, cloud)[["rmsd_cg", "chamfer", "emd"]].mean()
    return [*(f"{value:g}" for value in cost[:2]), f"{cost[2]:.2f}", *(f"{value:.4f}" for value in means)]


def _settings(given: list[str]) -> list[dict]:
    """All combinations of what `--set KEY=VALUE,VALUE ...` says."""
    names = [item.split("=")[0] for item in given]
    values = [[yaml.safe_load(value) for value in item.split("=")[1].split(",")] for item in given]
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*values)]


def _done(table: Path) -> list[list[str]]:
    """What the rows of a table were run with."""
    if not table.exists():
        return []
    with table.open(newline="") as lines:
        return [row[: len(RUN)] for row in csv.reader(lines)]


def _append(table: Path, row: list) -> None:
    begun = table.exists()
    with table.open("a", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerows([row] if begun else [RUN + FOUND, row])
    print(*row, flush=True)


def floor(arguments) -> None:
    """RMSD of a second fit of each structure, scored like a model."""
    for path in arguments.clouds:
        cloud = PointCloud.load(path)
        second = refit(cloud, numpy_generator("floor", path.stem))[None]
        print(path.stem, f"{score(second, cloud)['rmsd_cg'].item():.2f}", flush=True)


def labelled(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs with the label of their variant and settings, and the method."""
    variants = [VARIANTS[name] for name in runs["variant"]]
    said = [f"{variant.label} {changed}".strip() for variant, changed in zip(variants, runs["changed"], strict=True)]
    return runs.assign(label=said, method=[variant.method for variant in variants])


def table_of(runs: pd.DataFrame) -> str:
    """Means over clouds in Markdown, a row for every variant, setting and number of steps."""
    tasks = list(dict.fromkeys(runs["task"]))
    head = ["method", "evaluations", "gradients", *(f"{task}: RMSD (Å), CD, EMD (10⁻²), seconds" for task in tasks)]
    lines = [head, ["---"] * len(head)]
    for (label, _), part in labelled(runs).groupby(["label", "steps"], sort=False):
        cells = [label, f"{part['nfe'].max():.0f}", f"{part['gradients'].max():.0f}"]
        for task in tasks:
            means = part.loc[part["task"] == task, ["rmsd", "chamfer", "emd", "seconds"]].mean()
            numbers = np.array([1, 100, 100, 1]) * means
            cells.append("–" if numbers.isna().any() else "{:.1f}, {:.1f}, {:.1f}, {:.1f}".format(*numbers))
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def read(table: Path) -> pd.DataFrame:
    """Runs of a table."""
    return pd.read_csv(table, keep_default_na=False)


def show(arguments) -> None:
    """Print the table of means, and draw the figure."""
    runs = read(arguments.table)
    print(table_of(runs))
    if arguments.figure:
        save(plot_costs(labelled(runs[runs["changed"] == ""])), [arguments.figure], dpi=150)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    part = parts.add_parser("run")
    part.add_argument("clouds", type=Path, nargs="+")
    part.add_argument("--table", type=Path, required=True, help="CSV to append to")
    part.add_argument("--tasks", nargs="+", default=["realistic_3x1024", "realistic_1x1024_lr40"])
    part.add_argument("--runs", nargs="+", default=RUNS, metavar="VARIANT:STEPS,STEPS", help=", ".join(VARIANTS))
    part.add_argument("--samples", type=int, default=2)
    part.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE,VALUE", help="other settings, all combined")
    part.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
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
