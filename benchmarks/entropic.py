"""CPU milliseconds per entropic pairing: warm, from the exact matching in double precision, and POT, on one course.

Annealed maximum likelihood runs on realistic projections of a bundled complex, and the pairings that it asks for are
recorded. Ours pairs all of them in their order, each from the potentials of the last; at every n-th evaluation
the others pair the same. "off by" is the distance of the mean targets from those of POT, which goes on to 10⁻⁶, over
that of the points from them; root mean squares.

    python benchmarks/entropic.py --every 8
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import ot
import torch
from scipy.spatial.distance import cdist

from pointprior.clouds import PointCloud
from pointprior.measurements import energy as energies
from pointprior.measurements import pairing
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.pairing import entropic
from pointprior.measurements.synthesis import synthesise
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood

REALISTIC = {"draw": "density", "noise": 5, "missing": 0.1, "spurious": 0.1, "pose_error": 2}


def record(cloud, projections, points, steps):
    """Problems of a course, observation by observation: points, targets, capacity, temperature."""
    observations = synthesise(cloud, key=("benchmark",), projections=projections, points=points, **REALISTIC)
    seen = []

    def recorded(*problem, **named):
        seen.append(problem)
        return entropic(*problem, **named)

    energies.entropic = recorded
    try:
        energy = Energy(observations, likelihood=Likelihood(pairing="entropic"))
        settings = {"samples": 1, "points": 1024, "steps": steps, "learning_rate": 0.3, "annealed": True}
        maximise_likelihood(energy, key=("benchmark", "ml"), **settings)
    finally:
        energies.entropic = entropic
    return [seen[k::projections] for k in range(projections)]


def timed(solve, *problem, **named):
    began = time.thread_time()
    return solve(*problem, **named), 1e3 * (time.thread_time() - began)


def from_exact(*problem):
    """In double precision, from the duals of an exact matching: each problem by itself."""
    coarse, pairing.COARSE = pairing.COARSE, np.inf
    try:
        return entropic(*problem)
    finally:
        pairing.COARSE = coarse


def pot(x, y, capacity, temperature, **named):
    """Mean targets by POT's Sinkhorn in the logarithmic domain."""
    settings = {"method": "sinkhorn_log", "numItermax": 10_000, **named}
    plan = ot.sinkhorn(np.ones(len(x)), capacity.astype(float), cdist(x, y, "sqeuclidean"), temperature, **settings)
    return plan @ y / plan.sum(axis=1)[:, None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path("resources/clouds/1aoi.npz"))
    parser.add_argument("--projections", type=int, default=3)
    parser.add_argument("--points", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=79)
    parser.add_argument("--every", type=int, default=8)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    courses = record(PointCloud.load(arguments.cloud), arguments.projections, arguments.points, arguments.steps)
    taken = {name: [] for name in ("warm", "from exact", "POT")}
    off = []
    for course in courses:
        potentials = None
        for number, (x, y, capacity, temperature) in enumerate(course):
            (found, potentials), spent = timed(entropic, x, y, capacity, temperature, start=potentials)
            if number == 0 or number % arguments.every:  # the first compiles, and has nothing to start from
                continue
            taken["warm"].append(spent)
            taken["from exact"].append(timed(from_exact, x, y, capacity, temperature)[1])
            tolerance = pairing.SETTLED * len(x)  # POT's is of the columns' error, its root mean square
            taken["POT"].append(timed(pot, x, y, capacity, temperature, stopThr=tolerance / np.sqrt(len(y)))[1])
            exact = pot(x, y, capacity, temperature, stopThr=1e-6)
            off.append(np.sqrt(np.square(found.wanted - exact).mean() / np.square(x - exact).mean()))
    print(f"{len(off)} pairings, {arguments.projections} projections of {arguments.points} points; CPU milliseconds")
    print("| | median | mean | times as long as warm |\n|---|---|---|---|")
    for name, spent in taken.items():
        ratio = np.mean(spent) / np.mean(taken["warm"])
        print(f"| {name} | {np.median(spent):.1f} | {np.mean(spent):.1f} | {ratio:.0f} |")
    print(f"off by {np.median(off):.3f} (median), {max(off):.3f} at most")


if __name__ == "__main__":
    main()
