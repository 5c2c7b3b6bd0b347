"""What images cost: models from simulated class averages against models from ideal points of the same views.

    PDB_DIR=... python benchmarks/own_data.py 1a4l 5fp2 --methods ml_regularised --snr inf 3 1 0.3
    PDB_DIR=... python benchmarks/own_data.py 1a4l 5fp2 --methods pnp dps --snr 3

Three views of validation entries at 10 Å, in 96 pixels, shifted by up to three; poses are known. Ideal points are
the projected means of the structure's mixture, the same in all views. RMSD to the means (Å), as the benchmark's tables
have it; in brackets without superposition and scaling, in the images' own frame.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import torch
from image_points import images_of, load
from regularised_ml import check_validation

from pointprior.clouds import PointCloud
from pointprior.images.points import points_of_image
from pointprior.measurements.energy import Energy
from pointprior.measurements.frame import Frame
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.matching import match
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.own import combine
from pointprior.methods import METHODS
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.rotations import random_rotations
from pointprior.scoring.scores import score

VIEWS, SIZE, RESOLUTION, MOST_SHIFT = 3, 96, 10.0, 3  # pixels
PRIOR = Path(__file__).parents[1] / "resources/priors/cryostruct-small"


def measured(xyz: np.ndarray, cloud: PointCloud, snr: float | None, number: int) -> tuple[Observations, Frame]:
    """Three views: as ideal points (None), or as images of an SNR."""
    rotations = random_rotations(VIEWS, "SO3", np.random.default_rng(7))
    if snr is None:
        items = [Observation.projection(cloud.points @ rotation[:, :2], rotation) for rotation in rotations]
        return Observations.combine(items, points=len(cloud.points)), Frame(cloud.center, cloud.scale)
    shifts = np.random.default_rng(8).integers(-MOST_SHIFT, MOST_SHIFT + 1, (VIEWS, 2)).astype(np.float64)
    seen = images_of(xyz, rotations, SIZE, RESOLUTION, snr, shifts=shifts)
    pairs = zip(seen.pixels, seen.shifts, strict=True)
    images = [points_of_image(p, seen.pixel_size, points=number, shift=s, resolution=RESOLUTION) for p, s in pairs]
    own = combine(images, rotations, points=len(cloud.points))
    return own.observations, own.frame


def models(observations: Observations, entry: str, method: str, likelihood: Likelihood, steps: int):
    """One model by a method with its default settings."""
    problem = Problem(
        Energy(observations, likelihood=likelihood),
        key=(0, entry, "own", method),
        samples=1,
        alpha=40_000,
        beta="1/t",
        steps=steps,
        nfe=Schedule(steps).nfe,
        prior=PRIOR,
        initial=models(observations, entry, "ml_regularised", likelihood, steps) if method == "pnp" else None,
    )
    module = METHODS[method].load()
    return module.reconstruct(problem, module.Settings())


def in_place(points: np.ndarray, cloud: PointCloud) -> float:
    """RMSD (Å) under the exact matching, where the model lies."""
    truth = cloud.to_angstrom()
    return float(np.sqrt(match(points, truth, np.ones(len(truth), dtype=np.int64)).cost / len(truth)))


def report(arguments) -> None:
    """One line for every method, likelihood and quality of the images."""
    structures = {}
    for entry, (xyz, means) in load(arguments.entries).items():
        structures[entry] = xyz, PointCloud.from_coordinates(means)
    print("| method | pairing | points | images | RMSD (Å) | of each |\n|---|---|---|---|---|---|", flush=True)
    qualities = [None, *arguments.snr]
    for method, pairing, number, snr in product(arguments.methods, arguments.pairings, arguments.points, qualities):
        rows = []
        for entry, (xyz, cloud) in structures.items():
            observations, frame = measured(xyz, cloud, snr, number)
            found = models(observations, entry, method, Likelihood(pairing=pairing), arguments.steps)
            scored = float(score(found.points, cloud)["rmsd_cg"].mean())
            rows.append((scored, in_place(frame.to_angstrom(found.points[0]), cloud), frame.scale / cloud.scale))
        each = ", ".join(f"{row[0]:.1f} ({row[1]:.1f}; scale {row[2]:.2f})" for row in rows)
        what = "ideal points" if snr is None else f"SNR {snr:g}"
        print(
            f"| {method} | {pairing} | {number} | {what} | {np.mean([r[0] for r in rows]):.2f} | {each} |", flush=True
        )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", nargs="+")
    parser.add_argument("--methods", nargs="+", default=["ml_regularised"])
    parser.add_argument("--pairings", nargs="+", default=["exact"])
    parser.add_argument("--points", type=int, nargs="+", default=[1024], help="of each image")
    parser.add_argument("--snr", type=float, nargs="+", default=[np.inf, 3, 1, 0.3])
    parser.add_argument("--steps", type=int, default=40, help="time steps of dps; gradients of the others follow")
    arguments = parser.parse_args()
    check_validation(arguments.entries)
    torch.set_num_threads(1)
    report(arguments)


if __name__ == "__main__":
    main()
