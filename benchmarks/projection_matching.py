"""How well poses are found in a reference, on images by other programs.

    python benchmarks/projection_matching.py ../shared/real

The folder holds `relion/` (projections of a ribosome with their angles, and its map) and `class-averages/` (23 averages
of the Nup82 complex in SPIDER format without poses, 3.23 Å a pixel, and a model of it; doi 10.5281/zenodo.1256259).
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from pointprior.images.maps import map_of_atoms, read_density
from pointprior.images.projection_matching import match_poses
from pointprior.images.reading import read_images
from pointprior.structures.atoms import read_atoms

CLOSE = 0.03  # correlation


def ribosome(folder: Path) -> None:
    """Print by how much the poses found differ from the file's."""
    density = read_density(folder / "ribosome70s_65.mrc", voxel_size=4.0)
    print("| file | resolution (Å) | largest angle (degrees) | largest shift (Å) |\n|---|---|---|---|")
    for name in ("rln_proj_65", "rln_proj_64_centered"):
        images = read_images(folder / f"{name}.star", pixel_size=4.0)
        for resolution in (20.0, 40.0):
            found = match_poses(images, density, resolution=resolution).images
            turns = Rotation.from_matrix(found.rotations.transpose(0, 2, 1) @ images.rotations).magnitude()
            shift = np.abs(found.shifts - images.shifts).max()
            print(f"| {name} | {resolution:g} | {np.degrees(turns).max():.1f} | {shift:.1f} |", flush=True)


def class_averages(folder: Path) -> None:
    """Print how the averages correlate with their model, and with an ellipsoid of its moments."""
    each = [read_images(path, pixel_size=3.23) for path in sorted(folder.glob("*.spi"))]
    images = replace(each[0], pixels=np.concatenate([one.pixels for one in each]), shifts=np.zeros((len(each), 2)))
    model = read_atoms(next(folder.glob("*.pdb.gz"))).xyz.astype(np.float64)
    centred = model - model.mean(axis=0)
    width, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    ellipsoid = np.random.default_rng(0).standard_normal((8000, 3)) * np.sqrt(width) @ axes.T
    print("| reference | correlation: least, median, largest | as good elsewhere within 0.03 | unsure |")
    print("|---|---|---|---|")
    for name, atoms in (("its model", model), ("an ellipsoid", ellipsoid)):
        found = match_poses(images, map_of_atoms(atoms, resolution=30.0), resolution=40.0)
        least, median, largest = np.quantile(found.correlation, [0, 0.5, 1])
        close = int((found.correlation < found.elsewhere + CLOSE).sum())
        print(f"| {name} | {least:.2f}, {median:.2f}, {largest:.2f} | {close} | {len(found.unsure)} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    ribosome(folder / "relion")
    class_averages(folder / "class-averages")


if __name__ == "__main__":
    main()
