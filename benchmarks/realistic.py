"""Which pairing and weighting suit measurements with errors: the tasks of `config/realistic.yaml` on validation clouds.

    python benchmarks/realistic.py clouds/{1a4l,5fp2}.npz --methods ml_regularised pnp --tasks realistic_3x1024

Clouds of validation clusters, as `regularised_ml.py clouds` makes them. Every line is the mean over clouds and samples;
the floor is a second fit of the same structure, scored like a model.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.imaging import Imaging
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.scores import score
from pointprior.structures.mixtures import refit

CONFIGURATION = Path(__file__).parents[1] / "config/realistic.yaml"
VIEWS = "realistic_3x1024_noise2"  # the task whose draws the workflow gives to all realistic tasks of three projections
MEASURED = ("projections", "points", "low_resolution", *Imaging.__dataclass_fields__)
LIKELIHOODS = {
    "exact": Likelihood(),
    "exact, by precision": Likelihood(weighting="precision"),
    **{f"unbalanced, gate {gate:g}": Likelihood(pairing="unbalanced", gate=gate) for gate in (1.0, 2.0, 3.0)},
    "entropic": Likelihood(pairing="entropic"),
    "entropic, by precision": Likelihood(pairing="entropic", weighting="precision"),
    **{f"entropic, outliers {o:g}": Likelihood(pairing="entropic", outliers=o) for o in (0.05, 0.08, 0.12)},
    "mixed, outliers 0.1": Likelihood(pairing="mixed", outliers=0.1),
}


def reconstruct(cloud: PointCloud, name: str, task: dict, method: str, likelihood: Likelihood, arguments):
    """Models of one cloud by a method with its default settings."""
    key = (0, name, VIEWS)
    observations = synthesise(cloud, key=key, **{k: v for k, v in task.items() if k in MEASURED})
    energy, module = Energy(observations, likelihood=likelihood), METHODS[method].load()
    schedule = Schedule(arguments.steps)
    problem = Problem(
        energy,
        key=(*key, method),
        samples=arguments.samples,
        alpha=task["alpha"] if arguments.alpha is None else arguments.alpha,
        beta="1/t",
        steps=arguments.steps,
        nfe=schedule.nfe,
        prior=arguments.prior,
        initial=reconstruct(cloud, name, task, "ml_regularised", likelihood, arguments) if method == "pnp" else None,
    )
    found: Reconstruction = module.reconstruct(problem, module.Settings())
    return found


def report(arguments) -> None:
    """One line for every task, method and likelihood."""
    tasks = yaml.safe_load(CONFIGURATION.read_text())["tasks"]
    clouds = {path.stem: PointCloud.load(path) for path in arguments.clouds}
    floors = [score(refit(c, numpy_generator("floor", n))[None], c)["rmsd_cg"].item() for n, c in clouds.items()]
    print(f"floor {np.mean(floors):.2f} Å ({', '.join(f'{floor:.2f}' for floor in floors)})", flush=True)
    print("| task | method | likelihood | RMSD_cg (Å) | CD (10⁻²) | EMD (10⁻²) | seconds | RMSD of each |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for task, method, which in product(arguments.tasks, arguments.methods, arguments.likelihoods):
        tables = []
        for name, cloud in clouds.items():
            found = reconstruct(cloud, name, tasks[task], method, LIKELIHOODS[which], arguments)
            tables.append(score(found.points, cloud).assign(seconds=found.seconds))
        means = pd.concat(tables)[["rmsd_cg", "chamfer", "emd", "seconds"]].mean()
        cells = f"{means['rmsd_cg']:.2f} | {100 * means['chamfer']:.1f} | {100 * means['emd']:.1f}"
        each = ", ".join(f"{table['rmsd_cg'].mean():.1f}" for table in tables)
        print(f"| {task} | {method} | {which} | {cells} | {means['seconds']:.0f} | {each} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--tasks", nargs="+", default=["realistic_3x1024", "realistic_1x1024_lr40"])
    parser.add_argument("--methods", nargs="+", default=["ml_regularised", "pnp", "dps"])
    parser.add_argument("--likelihoods", nargs="+", default=list(LIKELIHOODS), choices=list(LIKELIHOODS))
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--steps", type=int, default=40, help="time steps of DPS; the regularised ML takes 2 steps - 1")
    parser.add_argument("--alpha", type=float, help="guidance strength; by default the task's")
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    report(arguments)


if __name__ == "__main__":
    main()
