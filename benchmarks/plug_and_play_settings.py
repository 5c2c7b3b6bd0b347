"""Which settings of plug-and-play sampling suit realistic measurements: its gain over the models that it begins from.

    python benchmarks/plug_and_play_settings.py clouds/{1a4l,5fp2}.npz --settings "" zeta=0,steps=40 "t_max=0.2;zeta=1"

Clouds of validation clusters, as `regularised_ml.py clouds` makes them; tasks of `config/realistic.yaml` with its
likelihood, unless another is given. A semicolon begins another descent from where the last one ended. The gain is the
share of what regularised ML has over the floor (a second fit) that the sampler takes away.
"""

import argparse
import time
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
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.scores import score
from pointprior.structures.mixtures import refit

CONFIGURATION = Path(__file__).parents[1] / "config/realistic.yaml"
MEASURED = ("projections", "points", "low_resolution", *Imaging.__dataclass_fields__)
STEPS = 40


def parsed(text: str) -> dict:
    """Settings from `name=value,name=value`; none from an empty text."""
    return {name: yaml.safe_load(value) for name, value in (pair.split("=") for pair in text.split(",") if pair)}


def likelihood(given: str) -> Likelihood:
    """That of the configuration, changed by settings such as `pairing=entropic,outliers=0`."""
    return Likelihood(**yaml.safe_load(CONFIGURATION.read_text())["likelihood"] | parsed(given))


def compare(path: Path, task: str, arguments) -> list[dict]:
    """Rows of one cloud in one task: the floor, the start, and every setting."""
    cloud, name = PointCloud.load(path), path.stem
    said = yaml.safe_load(CONFIGURATION.read_text())["tasks"][task]
    observations = synthesise(cloud, key=(0, name, task), **{k: v for k, v in said.items() if k in MEASURED})
    energy = Energy(observations, likelihood=likelihood(arguments.likelihood))
    how = {
        "alpha": said["alpha"],
        "beta": "1/t",
        "steps": STEPS,
        "nfe": Schedule(STEPS).nfe,
        "samples": arguments.samples,
    }
    floor = score(refit(cloud, numpy_generator("floor", name))[None], cloud)["rmsd_cg"].item()
    start = METHODS["ml_regularised"].load()
    initial = start.reconstruct(Problem(energy, key=(0, name, task, "ml_regularised"), **how), start.Settings())
    begun = score(initial.points, cloud)["rmsd_cg"].mean()
    rows, sampler = [], METHODS["pnp"].load()
    for text in arguments.settings:
        began, found = time.process_time(), initial
        for stage, given in enumerate(text.split(";")):
            key = (0, name, task, "pnp", *([stage] if stage else []))
            problem = Problem(energy, key=key, prior=arguments.prior, initial=found, **how)
            found = sampler.reconstruct(problem, sampler.Settings(**parsed(given)))
        seconds = (time.process_time() - began) / arguments.samples
        error = score(found.points, cloud)["rmsd_cg"].mean()
        gain, left = (begun - error) / (begun - floor), np.sqrt(found.energy.mean())
        labels = {"cloud": name, "task": task, "settings": text or "as configured", "floor": floor, "start": begun}
        rows.append(labels | {"rmsd_cg": error, "gain": gain, "misfit": left, "cpu_seconds": seconds})
        print(f"{name} {task} {labels['settings']:30} {begun:.2f} {error:.2f} {gain:+.0%} {left:.4f}", flush=True)
    return rows


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--tasks", nargs="+", default=["realistic_3x1024"])
    parser.add_argument("--settings", nargs="+", default=[""], metavar="NAME=VALUE,...")
    parser.add_argument("--likelihood", default="", metavar="NAME=VALUE,...")
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--table", type=Path, default=Path("settings.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows: list[dict] = []
    for path in arguments.clouds:
        for task in arguments.tasks:
            rows += compare(path, task, arguments)
            pd.DataFrame(rows).to_csv(arguments.table, index=False)
    gains = pd.DataFrame(rows).pivot_table(index="settings", columns="task", values="gain", sort=False)
    print(gains.map("{:+.1%}".format).to_markdown())
    print(np.round(pd.DataFrame(rows).groupby("settings", sort=False)["cpu_seconds"].mean(), 1).to_string())


if __name__ == "__main__":
    main()
