"""How far guidance may move a cloud, and how strong it is: DPS on measurements of given clouds, close views among them.

python benchmarks/guidance.py clouds/*.npz --clip 0 5 --alpha 300 4000 --tasks "1 × 1024 + 40"
python benchmarks/guidance.py clouds/1ofu.npz --trajectory --clip 0 --tasks "3 × 1024, close views"
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance, Memory, posterior_score
from pointprior.reconstruction.integrators import paper_step
from pointprior.reconstruction.interleaving import alone
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.seeding import torch_generator
from pointprior.scoring.metrics import chamfer, emd
from pointprior.scoring.scores import score as scored

TASKS = {
    "3 × 1024": ({"projections": 3}, 40_000.0),
    "3 × 1024, close views": ({"projections": 3}, 40_000.0),
    "2 × 900 + 30": ({"projections": 2, "points": 900, "low_resolution": 30}, 4_000.0),
    "1 × 1024 + 40": ({"projections": 1, "low_resolution": 40}, 4_000.0),
    "1 × 300 + 40": ({"projections": 1, "points": 300, "low_resolution": 40}, 4_000.0),
}


def measurements(cloud, name, task):
    """Measurements of a task; close views are a random one and two tilted by 20° (by 28° to each other)."""
    if not task.endswith("close views"):
        return synthesise(cloud, key=(0, name, task), **TASKS[task][0])
    first = Rotation.random(random_state=np.random.default_rng(7))
    tilts = Rotation.from_euler("xy", [[0, 0], [20, 0], [0, 20]], degrees=True)
    views = (first * tilts).as_matrix().astype(np.float32)[:, :, :2]
    once = np.ones(len(cloud.points), dtype=np.int64)
    items = tuple(Observation("projection", cloud.points @ view, view, once, 1 / 3) for view in views)
    return Observations(items, points=len(cloud.points), seed=0)


def print_trajectory(prior, cloud, name, task, guidance, steps):
    """Along a trajectory: standard deviations of x and D on their widest axis, and moves in distances from the data."""
    energy, rows, memory = Energy(measurements(cloud, name, task)), [], Memory()

    def score(x, t):
        s, e = yield from posterior_score(prior, energy, guidance, x, t, memory)
        with torch.no_grad():
            denoised = prior(x, torch.full((len(x),), t))
        moved = (denoised - x - t**2 * s)[0].norm() / e[0].sqrt()
        rows.append((t, x[0].std(dim=0).max().item(), denoised[0].std(dim=0).max().item(), moved.item()))
        return s

    generator, schedule = torch_generator(0, name, task, "dps", 0), Schedule(steps)
    times = schedule.times()
    x = times[0] * torch.randn(1, len(cloud.points), 3, generator=generator)
    for t, t_next in itertools.pairwise(times):
        noise = torch.randn(x.shape, generator=generator)
        x = alone(paper_step(x, score, t, t_next, schedule.noise_control, lambda drawn=noise: drawn))
    print("| t | spread of x | spread of D | move of D over its distance |\n|---|---|---|---|")
    for row in rows[::6]:
        print("| " + " | ".join(f"{value:.3g}" for value in row) + " |")
    print(f"ends {x[0].std(dim=0).max():.2f} wide, the truth is {cloud.points.std(axis=0).max():.2f}")


def errors(prior, cloud, name, task, guidance, steps):
    """RMSD to the means (Å), CD and EMD (10⁻²) and energy (10⁻³) of one model."""
    observed = measurements(cloud, name, task)
    model = sample(
        prior,
        Energy(observed),
        Schedule(steps),
        guidance,
        Execution(precision="bfloat16"),
        key=(0, name, task, "dps"),
        samples=1,
        points=len(cloud.points),
    )
    points = model.points[0]
    rmsd = scored(model.points, cloud).rmsd_cg[0]
    return rmsd, 100 * chamfer(points, cloud.points), 100 * emd(points, cloud.points), 1e3 * model.energy[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clouds", nargs="+", type=Path)
    parser.add_argument("--prior", default="resources/priors/cryostruct-neighbours")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--clip", nargs="+", type=float, default=[0.0, 5.0], help="0: none, as printed")
    parser.add_argument("--alpha", nargs="+", type=float, help="default: the printed one of each task")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument(
        "--trajectory", action="store_true", help="print what happens along one model of the first cloud"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    prior = Denoiser.load(options.prior)
    if options.trajectory:
        path, task, clip = options.clouds[0], options.tasks[0], options.clip[0]
        alpha = (options.alpha or [TASKS[task][1]])[0]
        print_trajectory(prior, PointCloud.load(path), path.stem, task, Guidance(alpha, clip or None), options.steps)
        return
    print("| task | clip | α | RMSD, CD, EMD, E (means) | RMSD of each |\n|---|---|---|---|---|")
    for task in options.tasks:
        for alpha in options.alpha or [TASKS[task][1]]:
            for clip in options.clip:
                found = np.array(
                    [
                        errors(
                            prior, PointCloud.load(path), path.stem, task, Guidance(alpha, clip or None), options.steps
                        )
                        for path in options.clouds
                    ]
                )
                means = ", ".join(f"{value:.2f}" for value in found.mean(axis=0))
                each = " ".join(f"{value:.1f}" for value in found[:, 0])
                print(f"| {task} | {clip or 'none'} | {alpha:g} | {means} | {each} |", flush=True)


if __name__ == "__main__":
    main()
