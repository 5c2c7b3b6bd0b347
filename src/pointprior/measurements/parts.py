"""A known part of a specimen (mmCIF or PDB file) as points, as many as its share of the mass asks for."""

import os
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree

from pointprior.images.maps import Map, points_of_map
from pointprior.runtime.seeding import seed_of
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture
from pointprior.structures.recipes import MixtureFit
from pointprior.structures.unpacking import StructureError

SAMPLES = 2000  # equal shares of a map's mass that are counted
NEAR = 0.4  # of the map's resolution: mass within it of a part's atom belongs to the part


def read_part(
    path: str | os.PathLike,
    *,
    chains: Sequence[str] | None = None,
    centre: Float[np.ndarray, "3"] | None = None,
) -> Float[np.ndarray, "n 3"]:
    """Heavy atoms of a known part, in Å from the centre of the images' boxes.

    Parameters
    ----------
    path : path
        mmCIF or PDB file, gzipped or not.
    chains : sequence of str, optional
        The chains that are the part; all by default.
    centre : ndarray, shape=(3,), optional
        Where the centre of the boxes lies in the file's frame (in Å): `Map.centre` of a map that it was fitted into.
        Its origin by default.

    Raises
    ------
    StructureError
        If the file cannot be read, or has no such chain.
    """
    atoms = read_atoms(path)
    if chains is not None:
        try:
            atoms = atoms.chosen(atoms.mask(chains=list(chains)))
        except StructureError as problem:
            raise StructureError(f"{os.fspath(path)}: {problem}") from problem
    return atoms.xyz.astype(np.float64) - (0.0 if centre is None else centre)


def estimated_share(
    atoms: Float[np.ndarray, "n 3"],
    density: Map,
    *,
    resolution: float,
    centre: str = "box",
    level: float | None = None,
) -> float:
    """Share of a map's mass that lies near the atoms of a part (in Å from the centre of the boxes)."""
    found = points_of_map(density, points=SAMPLES, resolution=resolution, centre=centre, level=level)
    distance, _ = cKDTree(atoms).query(found.points)
    return float(np.mean(distance <= NEAR * resolution))


def points_of_part(
    atoms: Float[np.ndarray, "n 3"], *, share: float, key: tuple[str | int, ...], points: int = 1024, name: str = "part"
) -> Float[np.ndarray, "L 3"]:
    """Points of a known part, in the frame of its atoms.

    Parameters
    ----------
    atoms : ndarray, shape=(n, 3)
        Heavy atoms (in Å).
    share : float
        Share of the specimen's mass that the part has: above 0, at most 1 (a homologue of all of it).
    key : tuple
        What the random start belongs to.
    points : int
        N, of the whole specimen: the part takes ``round(share * N)`` of them. A part with no more atoms than that (a Cα
        trace, say) is its atoms.
    name : str
        What messages call the part.

    Raises
    ------
    ValueError
        If the share is none, or gives the part no point.
    """
    if not 0 < share <= 1 or round(share * points) < 1:
        raise ValueError(f"{name}: its share of the mass is above 0 and at most 1, not {share:.3g}")
    components, seed = round(share * points), seed_of(*key) % 2**32
    if len(atoms) <= components:
        return atoms
    return fit_mixture(atoms, components=components, seed=seed, fit=MixtureFit(engine="neighbours"), name=name).means
