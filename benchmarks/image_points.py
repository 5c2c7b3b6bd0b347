"""How well points represent images: ways to choose them, on simulated class averages of validation entries.

    PDB_DIR=... python benchmarks/image_points.py compare 1a4l 4v4f 5fp2
    PDB_DIR=... python benchmarks/image_points.py spacing 1a4l 4v4f 5fp2
    PDB_DIR=... python benchmarks/image_points.py scale 1a4l 4v4f 5fp2

`compare` prints the distance (Å, root mean square per coordinate, under the exact matching) between the points of an
image and the projected means of the structure's mixture, which are what the benchmark's projections measure; then how
that distance grows with the resolution, against what `MeasuredPoints.deviation` predicts. `spacing` prints the two
numbers of the kind "image" of observations; `scale` the estimated scale of the cube over the mean scale of the same
means turned at random. An entry that is tested or trained on is refused.
"""

import argparse
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from regularised_ml import check_validation
from scipy.ndimage import zoom
from scipy.spatial import cKDTree
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from pointprior.clouds import median_spacing
from pointprior.images.points import points_of_image
from pointprior.images.quantisation import represent
from pointprior.images.simulation import simulate_images
from pointprior.measurements.frame import estimated_scale
from pointprior.measurements.matching import match
from pointprior.measurements.observations import balanced_capacities
from pointprior.runtime.rotations import random_rotations
from pointprior.structures.archive import fetch, mirrors_from
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture
from pointprior.structures.recipes import MixtureFit

VIEWS, BOX, FINE = 1, 2.6, 3  # of each entry; box over the largest radius; finer grid of k-means and stippling


def load(entries: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Atoms and mixture means (Å, from the atoms' mean) of every entry."""
    found = {}
    for entry in entries:
        with TemporaryDirectory() as place:
            deposit = Path(place) / f"{entry}.cif.gz"
            fetch(entry, deposit, mirrors=mirrors_from([]), download=True)
            xyz = read_atoms(deposit).xyz.astype(np.float64)
        xyz -= xyz.mean(axis=0)
        found[entry] = (
            xyz,
            fit_mixture(xyz, components=1024, seed=0, fit=MixtureFit(engine="neighbours"), name=entry).means,
        )
    return found


def images_of(xyz: np.ndarray, rotations: np.ndarray, size: int, resolution: float, snr: float, shifts=None):
    """Simulated class averages in a box that leaves a margin; shifts in pixels."""
    pixel = BOX * np.linalg.norm(xyz, axis=1).max() / size
    generator = np.random.default_rng(0)
    options = {"size": size, "pixel_size": pixel, "resolution": resolution, "snr": snr, "generator": generator}
    return simulate_images(xyz, rotations, shifts=None if shifts is None else shifts * pixel, **options)


def distance(points: np.ndarray, ideal: np.ndarray) -> float:
    """Root mean square distance per coordinate (in the unit of the points) under the exact matching."""
    capacity = balanced_capacities(len(ideal), len(points), np.random.default_rng(0))
    return float(np.sqrt(match(ideal, points, capacity).cost / len(ideal) / points.shape[1]))


def drawn(density: np.ndarray, points: int) -> np.ndarray:
    """Plain draws: a pixel by its mass, a place in it at random."""
    generator = np.random.default_rng(0)
    pixels = generator.choice(density.size, points, p=density.ravel() / density.sum())
    return np.stack(np.unravel_index(pixels, density.shape), axis=1) + generator.uniform(-0.5, 0.5, (points, 2))


def clustered(density: np.ndarray, points: int, start: str) -> np.ndarray:
    """Density-weighted k-means from k-means++, or Lloyd's stippling: the same iterations from plain draws."""
    fine = zoom(density, FINE, order=1, mode="nearest", grid_mode=True)
    places, mass = (np.stack(np.nonzero(fine), axis=1) + 0.5) / FINE - 0.5, fine[fine > 0]
    begin = drawn(density, points) if start == "draws" else start
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        model = KMeans(points, init=begin, n_init=1, max_iter=50, random_state=0)
        return model.fit(places, sample_weight=mass).cluster_centers_


WAYS = {
    "equal-mass bisection": lambda density, points: represent(density, points)[0],
    "k-means": lambda density, points: clustered(density, points, "k-means++"),
    "Lloyd stippling": lambda density, points: clustered(density, points, "draws"),
    "plain draws": drawn,
}


def compare(entries: list[str], points: int) -> None:
    """Print the tables."""
    structures = load(entries)
    print("| pixels | SNR | " + " | ".join(WAYS) + " |\n|---|---|" + "---|" * len(WAYS))
    seconds = dict.fromkeys(WAYS, 0.0)
    for size in (64, 128):
        for snr in (np.inf, 3, 1, 0.3):
            cells = {name: [] for name in WAYS}
            for entry, (xyz, means) in structures.items():
                rotations = random_rotations(VIEWS, "SO3", np.random.default_rng(1))
                seen = images_of(xyz, rotations, size, 10, snr)
                for image, rotation in zip(seen.pixels, rotations, strict=True):
                    found = points_of_image(image, seen.pixel_size, points=points, resolution=10, name=entry)
                    for name, way in WAYS.items():
                        began = time.perf_counter()
                        places = way(found.density, points)[:, ::-1] * found.size + found.origin
                        seconds[name] += time.perf_counter() - began
                        cells[name].append(distance(places, means @ rotation[:, :2]))
            print(
                f"| {size} | {snr:g} | " + " | ".join(f"{np.mean(cells[name]):.2f}" for name in WAYS) + " |", flush=True
            )
    images = 8 * VIEWS * len(structures)
    print("| seconds an image | | " + " | ".join(f"{seconds[name] / images:.2f}" for name in WAYS) + " |\n")
    promised(structures)


def promised(structures: dict) -> None:
    """Print measured distances beside the deviation that the points' own resolution and number predict."""
    print("| points | resolution (Å) | distance | predicted |\n|---|---|---|---|")
    for points in (256, 512, 1024):
        for resolution in (10, 20, 30):
            pairs = []
            for entry, (xyz, means) in structures.items():
                rotations = random_rotations(VIEWS, "SO3", np.random.default_rng(1))
                seen = images_of(xyz, rotations, 128, resolution, 3)
                for image, rotation in zip(seen.pixels, rotations, strict=True):
                    found = points_of_image(image, seen.pixel_size, points=points, resolution=resolution, name=entry)
                    pairs.append((distance(found.points, means @ rotation[:, :2]), found.deviation))
            print(
                f"| {points} | {resolution} | {' | '.join(f'{value:.2f}' for value in np.mean(pairs, axis=0))} |",
                flush=True,
            )


def spacing(entries: list[str], views: int = 4) -> None:
    """Print the ratio of the cloud's spacing to that of an image's points, and their cells' share of it."""
    print("| points | spacing ratio | cell |\n|---|---|---|")
    structures = load(entries)
    for points in (256, 512, 1024):
        ratios = []
        for entry, (xyz, means) in structures.items():
            rotations = random_rotations(views, "SO3", np.random.default_rng(2))
            seen = images_of(xyz, rotations, 96, 10, 3)
            for image in seen.pixels:
                found = points_of_image(image, seen.pixel_size, points=points, resolution=10, name=entry)
                nearest = float(np.median(cKDTree(found.points).query(found.points, k=2)[0][:, 1]))
                equal_numbers = nearest * points**0.5 * len(means) ** (-1 / 3)
                ratios.append((median_spacing(means) / equal_numbers, found.cell / nearest))
        print(f"| {points} | {' | '.join(f'{value:.2f}' for value in np.median(ratios, axis=0))} |", flush=True)


def scale(entries: list[str], draws: int = 100) -> None:
    """Print estimated over mean true scales: mean and standard deviation over draws of three views."""
    print("| entry | mean | deviation |\n|---|---|---|")
    for entry, (_, means) in load(entries).items():
        turned = random_rotations(draws, "SO3", np.random.default_rng(3))
        true = np.mean([np.abs(means @ rotation).max() for rotation in turned])
        views = random_rotations(3 * draws, "SO3", np.random.default_rng(4))[:, :, :2].reshape(draws, 3, 3, 2)
        found = [estimated_scale([(means @ view, view) for view in three], np.zeros(3)) for three in views]
        print(f"| {entry} | {np.mean(found) / true:.2f} | {np.std(found) / true:.2f} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["compare", "spacing", "scale"])
    parser.add_argument("entries", nargs="+")
    parser.add_argument("--points", type=int, default=512)
    arguments = parser.parse_args()
    check_validation(arguments.entries)
    if arguments.part == "compare":
        compare(arguments.entries, arguments.points)
    else:
        {"spacing": spacing, "scale": scale}[arguments.part](arguments.entries)


if __name__ == "__main__":
    main()
