"""A known part of a specimen (mmCIF or PDB file) as points, as many as its share of the mass asks for."""

import os
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture


def points_of_part(
    path: str | os.PathLike,
    *,
    share: float,
    key: tuple[str | int, ...],
    points: int = 1024,
    chains: Sequence[str] | None = None,
    centre: Float[np.ndarray, "3"] | None = None,
) -> Float[np.ndarray, "L 3"]:
    """Points of a known part, in Å from the centre of the images' boxes.

    Parameters
    ----------
    path : path
        mmCIF or PDB file, gzipped or not, in the frame of the map.
    share : float
        Share of the specimen's mass that the part has, between 0 and 1.
    key : tuple
        What the random draws belong to.
    points : int
        N, of the whole specimen: the part takes ``round(share * N)`` of them.
    chains : sequence of str, optional
        The chains that are the part; all by default.
    centre : ndarray, shape=(3,), optional
        Where the centre of the boxes lies in the file's frame (in Å); its origin by default.

    Raises
    ------
    ValueError
        If the share is none, or the file has too few atoms for it.
    """
    from pointprior.runtime.seeding import seed_of

    atoms = read_atoms(path)
    if chains is not None:
        atoms = atoms.chosen(atoms.mask(chains=list(chains)))
    count = round(share * points)
    mixture = fit_mixture(
        atoms.xyz.astype(np.float64), components=count, seed=seed_of(*key) % 2**32, engine="neighbours", name=str(path)
    )
    return mixture.means - (0.0 if centre is None else centre)
