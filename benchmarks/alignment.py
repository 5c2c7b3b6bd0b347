"""Alignments per core and minute, how often 24 starts find what many more starts find, and the atomic RMSD's time.

    python benchmarks/alignment.py                     # procedural clouds
    python benchmarks/alignment.py results/*/cloud.npz  # clouds of the workflow

Each cloud is spoiled in four ways (5 Å of noise; noise of a quarter of its radius of gyration; a smooth warp; half of
its points replaced by a Gaussian blob), turned at random, scaled and aligned. CPU seconds are of one thread. "lost"
counts models whose correlation with 24 starts is more than 0.1 % below that with `--reference` starts. The atomic RMSD
is of 110,541 atoms (6fvt's number) around the first cloud's points.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.scoring.alignment import align, scale_to_gyration
from pointprior.scoring.metrics import rmsd_atomic


def procedural(seed: int, points: int = 1024) -> np.ndarray:
    """Uneven, overlapping balls of points (in Å) along a random walk."""
    generator = np.random.default_rng(seed)
    centres = np.cumsum(generator.normal(scale=22, size=(6, 3)), axis=0)
    ball = generator.choice(6, size=points, p=generator.dirichlet(np.full(6, 3.0)))
    inside = generator.normal(size=(points, 3))
    inside *= (generator.uniform(size=points) ** (1 / 3) / np.linalg.norm(inside, axis=1))[:, None]
    return centres[ball] + generator.uniform(15, 30, 6)[ball, None] * inside


def spoiled(truth: np.ndarray, generator: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Models as imperfect as reconstructions are, each turned at random."""
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
        yield name, model @ Rotation.random(rng=generator).as_matrix().T


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


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", nargs="*", help="cloud.npz files; procedural clouds if none is given")
    parser.add_argument("--reference", type=int, default=0, help="starts of the slow search to compare with")
    options = parser.parse_args()
    truths = [PointCloud.load(path).to_angstrom() for path in options.clouds] or [procedural(seed) for seed in range(8)]
    align(truths[0], truths[0])  # compile
    generator = np.random.default_rng(0)
    seconds: dict[str, list[float]] = {}
    lost = 0
    for truth in truths:
        for name, model in spoiled(truth, generator):
            model, _ = scale_to_gyration(model, truth)
            start = time.thread_time()
            correlation = align(model, truth).correlation
            seconds.setdefault(name, []).append(time.thread_time() - start)
            if options.reference:
                lost += correlation < 0.999 * align(model, truth, starts=options.reference).correlation
    for name, values in seconds.items():
        print(f"{name:12s} {np.mean(values):.3f} s, at most {max(values):.3f} s")
    every = np.concatenate(list(seconds.values()))
    print(f"{len(every)} alignments of {len(truths[0])} points, {60 / every.mean():.0f} per core and minute")
    print(f"atomic RMSD of 110,541 atoms and {len(truths[0])} points: {time_atomic(truths[0], generator):.3f} s")
    if options.reference:
        print(f"lost against {options.reference} starts: {lost} of {len(every)}")


if __name__ == "__main__":
    main()
