"""Milliseconds a matching: this project's solver, POT and scipy on copies, along real trajectories.

For each row of Table 4 the sampler runs with the shipped prior and every matching problem that it meets
is recorded. All solvers then get the same problems in the same order; costs must agree.

    python benchmarks/matching.py resources/clouds/1aoi.npz --steps 20
"""

import argparse
import os
import time
import warnings
from pathlib import Path

import numpy as np
import ot
import torch
from scipy.optimize import linear_sum_assignment

from pointprior.assignment import match, match_all
from pointprior.clouds import PointCloud
from pointprior.diffusion import time_steps
from pointprior.energies import Energy
from pointprior.observations import subunit_of_clusters, synthesise
from pointprior.prior import Prior
from pointprior.samplers import sample

ROWS = {  # of Table 4: projections, points, low-resolution points, clusters that a subunit is one of, α, β
    "Chair 5 × 200": (5, 200, 0, 0, 10e3, "1/t above 0.15, else 0"),
    "Chair 6 × 200": (6, 200, 0, 0, 10e3, "1/t above 0.15, else 0"),
    "Mixed 5 × 400": (5, 400, 0, 0, 10e3, "1/t"),
    "Mixed 4 × 400": (4, 400, 0, 0, 5e3, "1/t"),
    "Chair, Mixed 1 × 300 + 30": (1, 300, 30, 0, 4e3, "1/t"),
    "Chair, Mixed 2 × 200 + subunit": (2, 200, 0, 4, 4e3, "1/t above 0.15, else 0"),
    "Mixed 1 × 200 + 30 + subunit": (1, 200, 30, 8, 4e3, "1/t above 0.15, else 0"),
    "CryoStruct 2 × 900 + 30": (2, 900, 30, 0, 4e3, "1/t"),
    "CryoStruct 1 × 300 + 40": (1, 300, 40, 0, 4e3, "1/t"),
    "CryoStruct 1 × 1024 + 40": (1, 1024, 40, 0, 4e3, "1/t"),
    "CryoStruct 3 × 1024": (3, 1024, 0, 0, 40e3, "1/t"),
    "CryoStruct 4 × 800": (4, 800, 0, 0, 40e3, "1/t"),
    "CryoStruct 4 × 1024": (4, 1024, 0, 0, 60e3, "1/t"),
    "CryoStruct 5 × 1024": (5, 1024, 0, 0, 80e3, "1/t"),
}


class RecordingEnergy(Energy):
    """An energy that keeps what its matchings saw: seen[evaluation][observation], each (N, d)."""

    def __init__(self, observations):
        super().__init__(observations)
        self.seen = []

    def _match(self, x):
        clouds = x.cpu().double().numpy()[0]
        self.seen.append([clouds @ o.view.astype(np.float64) for o in self.observations])
        return super()._match(x)


def scipy_on_copies(x, y, capacity):
    """The straightforward reading of the paper: repeat the targets up to N, solve the N × N assignment."""
    missing = len(x) - capacity.sum()
    cost = ((x[:, None] - np.repeat(y, capacity, axis=0)) ** 2).sum(-1)
    if missing:  # rectangular: the other points match nothing
        cost = cost.T
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns].sum()


def pot(x, y, capacity):
    """POT's network simplex on the N × M problem with capacities."""
    cost = ((x[:, None] - y) ** 2).sum(-1)
    limit = capacity.astype(float)
    if missing := len(x) - capacity.sum():
        cost, limit = np.hstack([cost, np.zeros((len(x), 1))]), np.append(limit, missing)
    return ot.emd2(np.ones(len(x)), limit, cost, numItermax=10_000_000)


def record(cloud, prior, row, steps):
    """Observations and the problems of one sample's trajectory."""
    projections, points, low_resolution, clusters, alpha, beta = ROWS[row]
    subunit = subunit_of_clusters(cloud, clusters, ("benchmark",)) if clusters else None
    observations = synthesise(
        cloud,
        key=("benchmark",),
        projections=projections,
        points=points,
        low_resolution=low_resolution,
        subunit=subunit,
    )
    energy = RecordingEnergy(observations)
    times = time_steps(steps, t_max=1.0)
    sample(prior, energy, key=("benchmark", "dps"), samples=1, points=1024, times=times, alpha=alpha, beta=beta)
    return observations, energy.seen[:-1]  # the last is the reported energy


def timed(function, *arguments):
    began = time.perf_counter()
    value = function(*arguments)
    return value, 1e3 * (time.perf_counter() - began)


def compare(observations, seen, every, threads):
    """Medians over the trajectory, in milliseconds a matching; costs are checked."""
    taken = {"scipy": [], "pot": [], "cold": [], "warm": []}
    duals = [None] * len(observations)
    for step, clouds in enumerate(seen):
        for k, (x, o) in enumerate(zip(clouds, observations, strict=True)):
            y = o.targets.astype(np.float64)
            warm, milliseconds = timed(lambda *a, k=k: match(*a, duals=duals[k]), x, y, o.capacity)
            duals[k] = warm.duals
            if step:
                taken["warm"].append(milliseconds)
            if step % every:
                continue
            taken["cold"].append(timed(match, x, y, o.capacity)[1])
            for name, solver in (("scipy", scipy_on_copies), ("pot", pot)):
                cost, milliseconds = timed(solver, x, y, o.capacity)
                taken[name].append(milliseconds)
                if abs(cost - warm.cost) > 1e-9 * max(1.0, abs(cost)):
                    raise SystemExit(f"costs differ: {name} {cost!r}, ours {warm.cost!r}")
    problems = [(x, o.targets, o.capacity, None) for x, o in zip(seen[-1], observations, strict=True)] * 8
    alone = timed(lambda: match_all(problems, threads=1))[1]
    together = timed(lambda: match_all(problems, threads=threads))[1]
    return {name: float(np.median(values)) for name, values in taken.items()} | {"speed-up": alone / together}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cloud", type=Path)
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-small"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--every", type=int, default=4, help="compare with the other solvers at every n-th evaluation")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rows", nargs="*", default=list(ROWS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    cloud, prior = PointCloud.load(arguments.cloud), Prior.load(arguments.prior)
    match(cloud.points[:8], cloud.points[:8], np.ones(8, dtype=int))  # compile before timing
    match(cloud.points[:8, :2], cloud.points[:8, :2], np.ones(8, dtype=int))
    print(f"{arguments.cloud}, {arguments.steps} steps; medians in ms a matching, one thread")
    print(
        "| row of Table 4 | scipy on copies | POT | ours, cold | ours, warm | ratio to scipy | to POT | threads gain |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for row in arguments.rows:
        observations, seen = record(cloud, prior, row, arguments.steps)
        m = compare(observations, seen, arguments.every, arguments.threads)
        print(
            f"| {row} | {m['scipy']:.0f} | {m['pot']:.0f} | {m['cold']:.1f} | {m['warm']:.2f} | "
            f"{m['scipy'] / m['warm']:.0f}× | {m['pot'] / m['warm']:.0f}× | {m['speed-up']:.1f}× |",
            flush=True,
        )


if __name__ == "__main__":
    main()
