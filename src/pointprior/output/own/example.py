"""Files to try one's own data with: images, a low-resolution map and a part, simulated from a known structure."""

import os
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pointprior.clouds import PointCloud
from pointprior.images.image_set import ImageSet
from pointprior.images.maps import map_of_atoms
from pointprior.images.simulation import simulate_images
from pointprior.images.writing import write_images
from pointprior.output.densities import DensityMap, write_map
from pointprior.output.models import write_points
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.ensembles import Ensemble

SIZE, BOX = 64, 2.6  # pixels a side; width of the box, in largest radii
RESOLUTION, MAP_RESOLUTION = 15.0, 40.0  # of the images and the map (in Å)
MOST_SHIFT = 2.0  # pixels
PER_POINT = 16  # atoms drawn from each component of the mixture
IMAGES, MAP, STRUCTURE = "classes.star", "low.mrc", "structure.cif"


def write_example(
    folder: str | os.PathLike, cloud: PointCloud, *, name: str, images: int = 5, snr: float | int = 3.0, seed: int = 0
) -> None:
    """Write simulated class averages with poses, a low-resolution map, and the structure behind them.

    The structure lies where the images and the map show it: its chains can serve as a known part.

    Parameters
    ----------
    folder : path
        Where; made if need be.
    cloud : PointCloud
        A mixture of a structure.
    name : str
        What it is called.
    images : int
        Views.
    snr : float
        Variance of an image over that of its noise.
    seed : int
        Of all random draws.

    Raises
    ------
    ValueError
        If there are no views, or the signal-to-noise ratio is not above 0.
    """
    if images < 1 or not snr > 0:
        raise ValueError(
            f"an example has one image or more and a signal-to-noise ratio above 0: not {images} and {snr:g}"
        )
    folder = Path(folder)
    draws = [cloud.draw(numpy_generator(seed, name, "atoms", k)) for k in range(PER_POINT)]
    atoms = cloud.to_angstrom(np.concatenate(draws))
    centre = atoms.mean(axis=0)
    density = map_of_atoms(atoms - centre, resolution=MAP_RESOLUTION)
    of = f"Simulated from {name}"
    labels = [f"{of} at {MAP_RESOLUTION:g} A; middle voxel: centre of the images' boxes"]
    write_map(folder / MAP, DensityMap(density.values.T, density.origin, float(density.voxel[0])), labels)
    write_images(folder / IMAGES, _views(atoms - centre, images, snr, numpy_generator(seed, name, "images")))
    points = (cloud.to_angstrom() - centre)[None]
    truth = Ensemble(points, 0, np.zeros(points.shape[1]))
    chain = np.where(cloud.chain == "", "A", cloud.chain)
    remark = "Means of a Gaussian mixture, each for the heavy atoms around it, where images and map show them."
    write_points(folder / STRUCTURE, truth, chain, name=name, title=f"{of}: what to find", remarks=[remark])


def _views(atoms: Float[np.ndarray, "n 3"], images: int, snr: float | int, generator: np.random.Generator) -> ImageSet:
    """Images from random directions, shifted by up to two pixels."""
    pixel_size = round(BOX * float(np.linalg.norm(atoms, axis=1).max()) / SIZE, 2)
    rotations = random_rotations(images, "SO3", generator)
    shifts = generator.uniform(-MOST_SHIFT, MOST_SHIFT, (images, 2)) * pixel_size
    return simulate_images(
        atoms,
        rotations,
        size=SIZE,
        pixel_size=pixel_size,
        resolution=RESOLUTION,
        snr=snr,
        shifts=shifts,
        generator=generator,
    )
