"""What images cost: models from files of simulated class averages against models from ideal points of the same views.

    PDB_DIR=... python benchmarks/own_data.py 1a4l 5fp2 --methods ml_regularised --snr inf 3 1 0.3
    PDB_DIR=... python benchmarks/own_data.py 1a4l 5fp2 --methods ml_regularised dps --snr 1 0.3 \
        --defects false missing large small --treatments exact unbalanced entropic floor

Three views of validation entries at 10 Å, in 96 pixels, shifted by up to three; poses are known. They are written as a
STAR file with its stack and go the way of a user's files. Ideal points are the projected means of the structure's
mixture, the same in all views. Defects: every image shows a tenth of the mass too much (`false`: another body beside
the specimen) or too little (`missing`: another place in each), or the threshold makes masks too `large` or too `small`
by a tenth of the mass. Treatments: the pairings, or the exact one down to the `floor`, where noise explains the misfit
(see noise.py). RMSD to the means (Å), as the benchmark's tables have it; in brackets without superposition and scaling,
in the images' own frame.
"""

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from image_points import images_of, load
from noise import EnergyToTheFloor
from regularised_ml import check_validation

from pointprior.clouds import PointCloud
from pointprior.images.writing import write_images
from pointprior.measurements.energy import Energy
from pointprior.measurements.frame import Frame
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.matching import match
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure
from pointprior.methods import METHODS
from pointprior.reconstruction.own import strength
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.rotations import random_rotations
from pointprior.scoring.scores import score

VIEWS, SIZE, RESOLUTION, MOST_SHIFT, DEFECT = 3, 96, 10.0, 3, 0.1  # pixels; share of the mass
DEFECTS = ("none", "false", "missing", "large", "small")
PRIOR = Path(__file__).parents[1] / "resources/priors/cryostruct-neighbours"


def ideal(cloud: PointCloud, rotations: np.ndarray) -> tuple[Observations, Frame]:
    """All views as projected means."""
    items = [Observation.projection(cloud.points @ rotation[:, :2], rotation) for rotation in rotations]
    return Observations.combine(items, points=len(cloud.points)), Frame(cloud.center, cloud.scale)


def measured(
    xyz: np.ndarray, rotations: np.ndarray, snr: float, defect: str, points: int
) -> tuple[Observations, Frame]:
    """All views as images of an SNR, through files."""
    shifts = np.random.default_rng(8).integers(-MOST_SHIFT, MOST_SHIFT + 1, (len(rotations), 2)).astype(np.float64)
    images = images_of(xyz, rotations, SIZE, RESOLUTION, snr, shifts=shifts)
    clean = images_of(xyz, rotations, SIZE, RESOLUTION, np.inf, shifts=shifts).pixels
    if defect in ("false", "missing"):
        images = replace(images, pixels=images.pixels + np.stack([changed(image, defect) - image for image in clean]))
    with TemporaryDirectory() as folder:
        star = Path(folder) / "classes.star"
        write_images(star, images)
        files = OwnFiles(images=str(star), image_points=points, image_resolution=RESOLUTION)
        found = measure(files, key=(0, "own"))
        if defect in ("large", "small"):
            threshold = np.median([moved_level(seen, clean[k], defect) for k, seen in enumerate(found.seen)])
            found = measure(replace(files, threshold=float(threshold)), key=(0, "own"))
    return found.observations, found.frame


def changed(image: np.ndarray, defect: str) -> np.ndarray:
    """An image with a tenth of its mass taken from the rows where the specimen ends, or put beside these."""
    mass = image.sum(axis=1).cumsum() / image.sum()
    last = int(np.searchsorted(mass, 1 - DEFECT))
    if defect == "missing":
        return np.where(np.arange(len(image))[:, None] > last, 0.0, image)
    body = np.where(np.arange(len(image))[:, None] > last, image, 0.0)
    end = int(np.flatnonzero(mass < 1 - 1e-3)[-1])
    return image + np.roll(body, min(end - last, len(image) - 3 - end), axis=0)


def moved_level(seen, clean: np.ndarray, defect: str) -> float:
    """The threshold whose mask has a tenth more or less of the mass than the one found."""
    from scipy.ndimage import gaussian_filter

    from pointprior.images.points import OUTLINE
    from pointprior.images.specimen import SIGMA

    coarse = gaussian_filter(clean.astype(np.float64), SIGMA * OUTLINE * SIZE)
    ordered = np.sort(coarse.ravel())[::-1]
    area = np.count_nonzero(seen.inside)
    wanted = ordered[:area].sum() * (1 - DEFECT)
    count = int(np.searchsorted(ordered.cumsum(), wanted))
    if defect == "large":
        count = area + (area - count)
    return float(ordered[count])


def models(observations: Observations, entry: str, method: str, treatment: str, arguments) -> Reconstruction:
    """Models by a method with its default settings."""
    if treatment == "floor":
        energy = EnergyToTheFloor(observations)
    else:
        left_out = {"pairing": "entropic", "outliers": 0.1}
        likelihood = Likelihood(**left_out if treatment == "outliers" else {"pairing": treatment})
        energy = Energy(observations, likelihood=likelihood)
    start = getattr(METHODS[method].load_settings()(), "initial", None)
    problem = Problem(
        energy,
        key=(0, entry, "own", method),
        samples=arguments.samples,
        alpha=strength(observations),
        beta="1/t",
        steps=arguments.steps,
        nfe=Schedule(arguments.steps).nfe,
        prior=arguments.prior,
        initial=None if start is None else models(observations, entry, start, treatment, arguments),
    )
    module = METHODS[method].load()
    return module.reconstruct(problem, module.Settings())


def in_place(points: np.ndarray, cloud: PointCloud) -> float:
    """RMSD (Å) under the exact matching, where the model lies."""
    truth = cloud.to_angstrom()
    return float(np.sqrt(match(points, truth, np.ones(len(truth), dtype=np.int64)).cost / len(truth)))


def report(arguments) -> None:
    """One line for every quality of the images, defect, treatment and method."""
    rotations = random_rotations(VIEWS, "SO3", np.random.default_rng(7))
    structures = {
        entry: (xyz, PointCloud.from_coordinates(means)) for entry, (xyz, means) in load(arguments.entries).items()
    }
    qualities = [*([] if arguments.without_ideal else [(None, "none")]), *product(arguments.snr, arguments.defects)]
    print("| images | defect | method | treatment | RMSD (Å) | of each |\n|---|---|---|---|---|---|", flush=True)
    for snr, defect in qualities:
        seen = {
            entry: ideal(cloud, rotations) if snr is None else measured(xyz, rotations, snr, defect, arguments.points)
            for entry, (xyz, cloud) in structures.items()
        }
        what = "ideal points" if snr is None else f"SNR {snr:g}"
        for method, treatment in product(arguments.methods, arguments.treatments):
            rows = [
                row(seen[entry], cloud, models(seen[entry][0], entry, method, treatment, arguments))
                for entry, (_, cloud) in structures.items()
            ]
            each = ", ".join(f"{scored:.2f} ({lying:.2f}; scale {scale:.2f})" for scored, lying, scale in rows)
            mean = np.mean([scored for scored, *_ in rows])
            print(f"| {what} | {defect} | {method} | {treatment} | {mean:.2f} | {each} |", flush=True)


def row(seen: tuple[Observations, Frame], cloud: PointCloud, found: Reconstruction) -> tuple[float, float, float]:
    """RMSD of models superposed and as they lie, and the estimated scale over the true one."""
    _, frame = seen
    lying = np.mean([in_place(frame.to_angstrom(points), cloud) for points in found.points])
    return float(score(found.points, cloud)["rmsd_cg"].mean()), float(lying), frame.scale / cloud.scale


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", nargs="+")
    parser.add_argument("--methods", nargs="+", default=["ml_regularised"])
    parser.add_argument("--treatments", nargs="+", default=["exact"], help="pairings, outliers, or floor")
    parser.add_argument("--defects", nargs="+", default=["none"], choices=DEFECTS)
    parser.add_argument("--points", type=int, default=1024, help="of each image")
    parser.add_argument("--snr", type=float, nargs="+", default=[np.inf, 3, 1, 0.3])
    parser.add_argument("--without-ideal", action="store_true")
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40, help="time steps of dps; gradients of the others follow")
    parser.add_argument("--prior", type=Path, default=PRIOR)
    arguments = parser.parse_args()
    check_validation(arguments.entries)
    torch.set_num_threads(1)
    report(arguments)


if __name__ == "__main__":
    main()
