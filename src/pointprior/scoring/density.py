"""Agreement of a model's density with that of the atoms: real-space correlation and Fourier shell correlation."""

import numpy as np
from jaxtyping import Float
from scipy import fft

from pointprior.scoring.metrics import check_points

SIGMA = 1 / (np.pi * np.sqrt(2))  # of a point's Gaussian, in resolutions, as ChimeraX's molmap has it
VOXEL = 1 / 4  # in resolutions: what the grid can hold ends at half the resolution
PADDING = 3.0  # of room on every side, in resolutions
MASK = 0.05  # of the atoms' largest density: voxels where either density is below it are no part of the structure
THRESHOLD = 0.5  # of the Fourier shell correlation between a model and what it should be


def density_agreement(
    model: Float[np.ndarray, "N 3"], atoms: Float[np.ndarray, "n 3"], resolution: float
) -> tuple[float, float]:
    """Compare the densities of a model and of atoms, all of the same weight, at a resolution (all in Å).

    Both are one Gaussian per point of σ = 0.225 × resolution. The model is taken where it is.

    Returns
    -------
    correlation : float
        Pearson correlation of the densities over the voxels where either is above a twentieth of the atoms' largest.
    resolved : float
        Resolution (in Å) up to which the Fourier shell correlation is 0.5 or more; half of `resolution`, where the grid
        ends, if it never falls below. The Gaussians take no part in it: they cancel.
    """
    check_points(model=model, atoms=atoms)
    low = np.minimum(model.min(axis=0), atoms.min(axis=0)) - PADDING * resolution
    high = np.maximum(model.max(axis=0), atoms.max(axis=0)) + PADDING * resolution
    voxel = VOXEL * resolution
    shape = [fft.next_fast_len(int(n), real=True) for n in np.ceil((high - low) / voxel)]
    of_model, of_atoms = (fft.rfftn(_deposited((points - low) / voxel, shape)) for points in (model, atoms))
    frequency = _frequencies(shape, voxel)
    blur = np.exp(-2 * (np.pi * SIGMA * resolution * frequency) ** 2)
    correlation = _correlation(fft.irfftn(of_model * blur, s=shape), fft.irfftn(of_atoms * blur, s=shape))
    return correlation, _resolved(of_model, of_atoms, frequency, 1 / (max(shape) * voxel), 1 / (2 * voxel))


def _deposited(places: Float[np.ndarray, "n 3"], shape: list[int]) -> Float[np.ndarray, "nx ny nz"]:
    """A mass of one in all, shared by the points, and of each by the eight grid points around it."""
    whole = np.floor(places).astype(np.int64)
    part = places - whole
    grid = np.zeros(np.prod(shape))
    for corner in np.ndindex(2, 2, 2):
        share = np.where(corner, part, 1 - part).prod(axis=1)
        grid += np.bincount(np.ravel_multi_index(tuple((whole + corner).T), shape), share, len(grid))
    return grid.reshape(shape) / len(places)


def _frequencies(shape: list[int], voxel: float) -> Float[np.ndarray, "nx ny nz"]:
    """Length of every wave vector of a real transform."""
    axes = [fft.fftfreq(shape[0], voxel), fft.fftfreq(shape[1], voxel), fft.rfftfreq(shape[2], voxel)]
    return np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij", sparse=True)))


def _correlation(model: Float[np.ndarray, "nx ny nz"], atoms: Float[np.ndarray, "nx ny nz"]) -> float:
    inside = np.maximum(model, atoms) > MASK * atoms.max()
    return float(np.corrcoef(model[inside], atoms[inside])[0, 1])


def _resolved(model, atoms, frequency, width, last) -> float:
    """One over the frequency where the correlation over shells of this width first falls to the threshold."""
    shell = np.rint(frequency / width).astype(np.int64).ravel()
    sums = [np.bincount(shell, terms.ravel()) for terms in (_product(model, atoms), *map(_power, (model, atoms)))]
    cross, own, other = (total[: int(last / width) + 1] for total in sums)
    curve = cross / np.sqrt(own * other)
    below = np.flatnonzero(curve < THRESHOLD)
    if not len(below):
        return float(1 / last)
    k = below[0]  # above 0: at zero frequency two positive densities agree
    exact = k - 1 + (curve[k - 1] - THRESHOLD) / (curve[k - 1] - curve[k])
    return float(1 / (exact * width))


def _product(a, b):
    return a.real * b.real + a.imag * b.imag


def _power(a):
    return _product(a, a)
