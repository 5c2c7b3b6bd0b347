"""Kernel correlation against coherent point drift, how often 24 starts find what many more find, and atomic RMSDs.

    python benchmarks/alignment.py                     # procedural clouds
    python benchmarks/alignment.py results/*/cloud.npz  # clouds of the workflow

Each cloud is spoiled in four ways (5 Å of noise; noise of a quarter of its radius of gyration; a smooth warp; half of
its points replaced by a Gaussian blob), turned at random, scaled and superposed by both methods, which do not know the
turn. "off by" is the angle between the turn back and what was found, its median over the clouds; "failed" counts
angles above 10°. CPU seconds are of one thread. "lost" counts models whose correlation with 24 starts is more than
0.1 % below that with `--reference` starts. The atomic RMSD is of 110,541 atoms (6fvt's number) around the first
cloud's points.
"""

import argparse
import time
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation
from threadpoolctl import threadpool_limits

from pointprior.clouds import PointCloud
from pointprior.scoring.alignment import align, scale_to_gyration
from pointprior.scoring.metrics import rmsd_atomic
from pointprior.scoring.superposition import Superposition, superpose

METHODS: tuple[Superposition, ...] = get_args(Superposition)


def procedural(seed: int, points: int = 1024) -> np.ndarray:
    """Uneven, overlapping balls of points (in Å) along a random walk."""
    generator = np.random.default_rng(seed)
    centres = np.cumsum(generator.normal(scale=22, size=(6, 3)), axis=0)
    ball = generator.choice(6, size=points, p=generator.dirichlet(np.full(6, 3.0)))
    inside = generator.normal(size=(points, 3))
    inside *= (generator.uniform(size=points) ** (1 / 3) / np.linalg.norm(inside, axis=1))[:, None]
    return centres[ball] + generator.uniform(15, 30, 6)[ball, None] * inside


def spoiled(truth: np.ndarray, generator: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Models as imperfect as reconstructions are, each turned at random, and the turns."""
    extent = np.sqrt(truth.var(axis=0).sum())
    waves, phases = generator.normal(size=(12, 3)) * 1.5 / extent, generator.uniform(0, 2 * np.pi, 12)
    warp = np.cos(truth @ waves.T + phases) @ generator.normal(size=(12, 3))
    blob = generator.normal(size=truth.shape) * 0.4 * extent + truth.mean(axis=0)
    models = {
        "noise": truth + generator.normal(scale=5, size=truth.shape),
        "more noise": truth + generator.normal(scale=extent / 4, size=truth.shape),
        "warp": truth + 0.3 * extent * warp / np.sqrt((warp**2).sum(axis=1).mean()),
        "blob": np.where(generator.random(len(truth))[:, None] < 0.5, truth, blob),
    }
    for name, model in models.items():
        turn = Rotation.random(rng=generator).as_matrix()
        yield name, model @ turn.T, turn


def time_atomic(truth: np.ndarray, generator: np.random.Generator, atoms: int = 110_541) -> float:
    """CPU seconds of one atomic RMSD, the best of five."""
    around = truth[generator.integers(len(truth), size=atoms)]
    xyz = around + generator.normal(scale=3, size=around.shape)
    seconds = []
    for _ in range(5):
        start = time.thread_time()
        rmsd_atomic(xyz, truth)
        seconds.append(time.thread_time() - start)
    return min(seconds)


def superposed(truth: np.ndarray, generator: np.random.Generator, reference: int) -> Iterator[dict[str, object]]:
    """A row for every spoiled model and method."""
    for name, model, turn in spoiled(truth, generator):
        model, _ = scale_to_gyration(model, truth)
        for method in METHODS:
            start = time.thread_time()
            pose = superpose(model, truth, method)
            row = {"spoiled by": name, "method": method, "seconds": time.thread_time() - start}
            row["off"] = np.degrees(Rotation.from_matrix(pose.rotation @ turn).magnitude())
            if reference and method == "kernel_correlation":
                row["lost"] = pose.correlation < 0.999 * align(model, truth, starts=reference).correlation
            yield row


def report(table: pd.DataFrame) -> None:
    """Accuracy and time of both methods, by what spoiled the models."""
    print("| spoiled by | " + " | ".join(f"{method}: off by, failed, CPU seconds" for method in METHODS) + " | ratio |")
    print("|---" * (len(METHODS) + 2) + "|")
    for name, rows in [*table.groupby("spoiled by", sort=False), ("all", table)]:
        parts = [rows[rows["method"] == method] for method in METHODS]
        cells = [f"{p['off'].median():.2f}°, {(p['off'] > 10).sum()}, {p['seconds'].mean():.3f}" for p in parts]
        print(f"| {name} | {' | '.join(cells)} | {parts[1]['seconds'].mean() / parts[0]['seconds'].mean():.0f}× |")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", nargs="*", help="cloud.npz files; procedural clouds if none is given")
    parser.add_argument("--reference", type=int, default=0, help="starts of the slow search to compare with")
    options = parser.parse_args()
    truths = [PointCloud.load(path).to_angstrom() for path in options.clouds] or [procedural(seed) for seed in range(8)]
    align(truths[0], truths[0])  # compile
    generator = np.random.default_rng(0)
    with threadpool_limits(1):
        table = pd.DataFrame([row for truth in truths for row in superposed(truth, generator, options.reference)])
    report(table)
    ours = table[table["method"] == "kernel_correlation"]
    print(f"{len(ours)} models of {len(truths[0])} points, {60 / ours['seconds'].mean():.0f} per core and minute")
    print(f"atomic RMSD of 110,541 atoms and {len(truths[0])} points: {time_atomic(truths[0], generator):.3f} s")
    if options.reference:
        print(f"lost against {options.reference} starts: {ours['lost'].sum()} of {len(ours)}")


if __name__ == "__main__":
    main()
