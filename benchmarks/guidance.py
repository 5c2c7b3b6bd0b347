"""How far guidance may move a cloud, and how strong it is: DPS on measurements of given clouds, close views among them.

PYTHONPATH=src python benchmarks/guidance.py clouds/*.npz --limit 0 5 --alpha 300 4000 --tasks "1 × 1024 + 40"
"""

import argparse
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from pointprior import observations
from pointprior.clouds import PointCloud
from pointprior.diffusion import time_steps
from pointprior.energies import Energy
from pointprior.metrics import chamfer, emd
from pointprior.prior import Prior
from pointprior.samplers import sample
from pointprior.scores import score

TASKS = {
    "3 × 1024": ({"projections": 3}, 40_000.0),
    "3 × 1024 within 20°": ({"projections": 3}, 40_000.0),
    "2 × 900 + 30": ({"projections": 2, "points": 900, "low_resolution": 30}, 4_000.0),
    "1 × 1024 + 40": ({"projections": 1, "low_resolution": 40}, 4_000.0),
    "1 × 300 + 40": ({"projections": 1, "points": 300, "low_resolution": 40}, 4_000.0),
}


def measurements(cloud, name, task):
    """Measurements of a task; close views are a random one and two that are tilted against it by 20°."""
    settings = {"key": (0, name, task), **TASKS[task][0]}
    if not task.endswith("20°"):
        return observations.synthesise(cloud, **settings)
    first = Rotation.random(random_state=np.random.default_rng(7))
    tilts = Rotation.from_euler("xy", [[0, 0], [20, 0], [0, 20]], degrees=True)
    views = iter((first * tilts).as_matrix())
    with patch.object(observations, "_random_rotation", lambda *_: next(views)):
        return observations.synthesise(cloud, **settings)


def errors(prior, cloud, name, task, alpha, limit, steps):
    """RMSD to the means (Å), CD and EMD (10⁻²) and energy (10⁻³) of one model."""
    observed = measurements(cloud, name, task)
    model = sample(
        prior,
        Energy(observed),
        key=(0, name, task, "dps"),
        samples=1,
        points=len(cloud.points),
        times=time_steps(steps, t_max=1.0),
        alpha=alpha,
        limit=limit or None,
        precision="bfloat16",
    )
    points = model.points[0]
    rmsd = score(model.points, cloud).rmsd_cg[0]
    return rmsd, 100 * chamfer(points, cloud.points), 100 * emd(points, cloud.points), 1e3 * model.energy[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clouds", nargs="+", type=Path)
    parser.add_argument("--prior", default="resources/priors/cryostruct-small")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--limit", nargs="+", type=float, default=[0.0, 5.0], help="0: none, as printed")
    parser.add_argument("--alpha", nargs="+", type=float, help="default: the printed one of each task")
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    prior = Prior.load(options.prior)
    print("| task | limit | α | RMSD, CD, EMD, E (means) | RMSD of each |\n|---|---|---|---|---|")
    for task in options.tasks:
        for alpha in options.alpha or [TASKS[task][1]]:
            for limit in options.limit:
                found = np.array(
                    [
                        errors(prior, PointCloud.load(path), path.stem, task, alpha, limit, options.steps)
                        for path in options.clouds
                    ]
                )
                means = ", ".join(f"{value:.2f}" for value in found.mean(axis=0))
                each = " ".join(f"{value:.1f}" for value in found[:, 0])
                print(f"| {task} | {limit or 'none'} | {alpha:g} | {means} | {each} |", flush=True)


if __name__ == "__main__":
    main()
