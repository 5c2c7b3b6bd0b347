"""CPU milliseconds per matching: this project's solver, POT and scipy on copies, along real trajectories.

For each row of Table 4 the sampler runs with the bundled prior, on bundled complexes (CryoStruct's rows) or on
procedural shapes (ShapeNet's), and every matching problem that it meets is recorded. Ours solves all of them in the
order of the trajectory, warm; at every n-th evaluation the others solve the same problems, one after the other and in
a thread pool. Costs must agree to 1e-9.

    python benchmarks/matching.py --steps 40 --every 8
"""

import argparse
import os
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import ot
import torch
from scipy.optimize import linear_sum_assignment

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.matching import duality_gap, match
from pointprior.measurements.synthesis import subunit_of_clusters, synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.shapes.clouds import shape_cloud
from pointprior.shapes.procedural import generate

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

    def _match(self, seen, duals):
        self.seen.append([sight.points[0] for sight in seen])
        return super()._match(seen, duals)


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


def ours(x, y, capacity):
    """This project's, without duals of an earlier problem."""
    return match(x, y, capacity).cost


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
    schedule, guidance = Schedule(steps=steps, beta=beta), Guidance(alpha)
    sample(prior, energy, schedule, guidance, key=("benchmark", "dps"), samples=1, points=1024)
    return observations, energy.seen[:-1]  # the last is the reported energy


def along_trajectory(observations, seen):
    """CPU milliseconds of every warm matching, in the trajectory's order; each is checked by its certificate."""
    taken = np.empty((len(seen), len(observations)))
    for k, o in enumerate(observations):
        duals = None
        for step, clouds in enumerate(seen):
            began = time.thread_time()
            matching = match(clouds[k], o.targets, o.capacity, duals=duals)
            taken[step, k] = 1e3 * (time.thread_time() - began)
            duals = matching.duals
            if abs(duality_gap(clouds[k], o.targets, o.capacity, matching)) > 1e-12:
                raise SystemExit(f"evaluation {step}, observation {k}: not optimal")
    return taken


def solve_all(solver, problems, threads):
    """Costs, CPU milliseconds of each problem, and wall-clock milliseconds per problem."""

    def timed(problem):
        began = time.thread_time()
        cost = solver(*problem)
        return cost, 1e3 * (time.thread_time() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        costs, taken = np.transpose(list(pool.map(timed, problems)))
    return costs, taken, 1e3 * (time.perf_counter() - began) / len(problems)


def compare(observations, seen, every, threads):
    """Milliseconds per matching: medians with one thread, means by the wall clock with all threads."""
    warm = along_trajectory(observations, seen)
    problems = [
        (x, o.targets.astype(np.float64), o.capacity)
        for clouds in seen[::every]
        for x, o in zip(clouds, observations, strict=True)
    ]
    found = {"warm": float(np.median(warm)), "warm mean": float(warm.mean())}
    reference = None
    for name, solver in (("scipy", scipy_on_copies), ("pot", pot), ("ours", ours)):
        costs, taken, _ = solve_all(solver, problems, 1)
        reference = costs if reference is None else reference
        if not np.allclose(costs, reference, rtol=1e-9, atol=1e-9):
            raise SystemExit(f"costs differ: {name} {costs}, scipy {reference}")
        found[name], found[f"{name} mean"] = float(np.median(taken)), float(taken.mean())
        found[f"{name} threads"] = solve_all(solver, problems, threads)[2]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path("resources/clouds/1aoi.npz"), help="for CryoStruct's rows")
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--every", type=int, default=8, help="the others solve every n-th evaluation's problems")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS), metavar="ROW")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    prior = Denoiser.load(arguments.prior)
    key = ("benchmark",)
    clouds = {"CryoStruct": PointCloud.load(arguments.cloud)}
    clouds |= {
        row: shape_cloud(generate(shape, key), key=key) for row, shape in (("Chair", "Chair"), ("Mixed", "Table"))
    }
    threads = arguments.threads
    print(f"{arguments.steps} steps, {arguments.cloud.stem}; ms per matching: medians (means); all = {threads} threads")
    print(
        "| row of Table 4 | scipy on copies | POT | ours, cold | ours, warm | scipy / ours | POT / ours "
        "| all: scipy | all: POT | all: ours, cold |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in arguments.rows:
        observations, seen = record(clouds[row.split()[0].strip(",")], prior, row, arguments.steps)
        m = compare(observations, seen, arguments.every, threads)
        print(
            f"| {row} | {m['scipy']:.0f} ({m['scipy mean']:.0f}) | {m['pot']:.0f} ({m['pot mean']:.0f}) "
            f"| {m['ours']:.2f} ({m['ours mean']:.2f}) | {m['warm']:.2f} ({m['warm mean']:.2f}) "
            f"| {m['scipy'] / m['warm']:.0f}× | {m['pot'] / m['warm']:.0f}× "
            f"| {m['scipy threads']:.0f} | {m['pot threads']:.0f} | {m['ours threads']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
