"""Connected parts of complexes: shapes that occur in nature, made from few deposits."""

import numpy as np
from jaxtyping import Bool, Float, Shaped
from scipy.spatial import cKDTree

CONTACT = 8.0  # Å between atoms of chains that touch; wide enough for traces of Cα and P alone
SHARES = (0.25, 0.75)  # a part holds between these shares of all atoms


def chains_in_contact(xyz: Float[np.ndarray, "n 3"], chain: Shaped[np.ndarray, " n"]) -> dict[str, set[str]]:
    """For every chain those with an atom within 8 Å of one of its own."""
    names = np.unique(chain)
    trees = [cKDTree(xyz[chain == name]) for name in names]
    touching: dict[str, set[str]] = {str(name): set() for name in names}
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            if trees[a].count_neighbors(trees[b], CONTACT):
                touching[names[a]].add(str(names[b]))
                touching[names[b]].add(str(names[a]))
    return touching


def draw_part(
    xyz: Float[np.ndarray, "n 3"],  # Å
    chain: Shaped[np.ndarray, " n"],  # name of each atom's chain
    *,
    least: int,  # atoms that a part must have
    generator: np.random.Generator,
    tries: int = 20,
) -> Bool[np.ndarray, " n"] | None:
    """Draw a connected set of chains: one at random, then neighbours of what is there, until a drawn share is reached.

    Returns
    -------
    ndarray, shape=(n,), dtype=bool, or None
        The part's atoms; None where no try gave a part with enough atoms that is not nearly the whole.
    """
    touching = chains_in_contact(xyz, chain)
    names = sorted(touching)
    count = {name: int((chain == name).sum()) for name in names}
    for _ in range(tries if len(names) > 1 else 0):
        wanted = generator.uniform(*SHARES) * len(xyz)
        part = {names[generator.integers(len(names))]}
        while sum(count[name] for name in part) < wanted:
            around = sorted(set().union(*(touching[name] for name in part)) - part)
            if not around:
                break
            part.add(around[generator.integers(len(around))])
        atoms = sum(count[name] for name in part)
        if least <= atoms <= max(SHARES) * len(xyz):
            return np.isin(chain, sorted(part))
    return None
