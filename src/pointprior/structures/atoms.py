"""Deposited structures to heavy atoms (mmCIF or PDB format, gzipped or not).

What counts as an atom here: the first model; no hydrogen or deuterium; no water; every atom once: of its
alternate locations the one of highest mean occupancy in its residue (the first of equals), and where one
position is shared by different residues only the residue of highest occupancy. Ligands, ions and modified
residues stay.
"""

import os
import re
from collections import defaultdict
from dataclasses import dataclass

import gemmi
import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from pointprior.runtime.files import atomic_write
from pointprior.structures.deposits import Deposit, opened
from pointprior.structures.elements import HYDROGENS, is_water
from pointprior.structures.unpacking import StructureError

LARGEST_COORDINATE = 1e6  # Å, a tenth of a millimetre; beyond, float32 blurs bonds as well

Residues = list[tuple[gemmi.Chain, gemmi.Residue]]


@dataclass(frozen=True)
class Atoms:
    """Heavy atoms of a structure in the deposit's frame.

    Attributes
    ----------
    xyz : ndarray, shape=(n, 3), dtype=float32
        Coordinates (in Å).
    element : ndarray, shape=(n,), dtype=str
        Element symbols.
    chain : ndarray, shape=(n,), dtype=str
        Author chain ids; copies in an assembly are numbered by gemmi (A1, A2, ...).
    entity : ndarray, shape=(n,), dtype=str
        Entity description where the file has one, otherwise the entity id.
    """

    xyz: Float[np.ndarray, "n 3"]
    element: Shaped[np.ndarray, " n"]
    chain: Shaped[np.ndarray, " n"]
    entity: Shaped[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.xyz)

    def chosen(self, mask: Bool[np.ndarray, " n"]) -> "Atoms":
        """The atoms of a mask alone."""
        return Atoms(self.xyz[mask], self.element[mask], self.chain[mask], self.entity[mask])

    def mask(self, *, chains: list[str] | None = None, entity: str | None = None) -> Bool[np.ndarray, " n"]:
        """Which atoms lie in one of `chains` and have an entity description that the pattern `entity` finds.

        The pattern is a regular expression, searched anywhere in the description, case ignored.

        Raises
        ------
        StructureError
            If a chain is not there, the pattern is no regular expression, or the selection is empty; the message
            lists the chains and entities there are.
        """
        chosen = np.ones(len(self), dtype=bool)
        if chains is not None:
            absent = sorted(set(chains) - set(self.chain))
            if absent:
                raise StructureError(f"no chain {', '.join(absent)}; {self._contents()}")
            chosen &= np.isin(self.chain, chains)
        if entity is not None:
            try:
                pattern = re.compile(entity, re.IGNORECASE)
            except re.error as problem:
                raise StructureError(f"the entity pattern {entity!r} is no regular expression ({problem})") from problem
            chosen &= np.isin(self.entity, [name for name in np.unique(self.entity) if pattern.search(name)])
        if not chosen.any():
            raise StructureError(f"no atom matches chains={chains}, entity={entity!r}; {self._contents()}")
        return chosen

    def _contents(self) -> str:
        chains, entities = np.unique(self.chain), np.unique(self.entity)
        return f"chains: {', '.join(chains)}; entities: {'; '.join(entities)}"

    def save(self, path: str | os.PathLike) -> None:
        """Write the atoms as a compressed .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez_compressed(temporary, xyz=self.xyz, element=self.element, chain=self.chain, entity=self.entity)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Atoms":
        """Read atoms that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["xyz"], stored["element"], stored["chain"], stored["entity"])


def read_atoms(path: str | os.PathLike, *, assembly: str | None = None) -> Atoms:
    """Read the heavy atoms of a structure file.

    Parameters
    ----------
    path : path
        mmCIF or PDB file, gzipped or not.
    assembly : str, optional
        Biological assembly to build ("1", "2", ...); the deposited coordinates if not given.

    Raises
    ------
    StructureError
        If the file is unreadable, has no atoms, or has no such assembly.
    """
    with opened(path, assembly) as deposit:
        return _heavy_atoms(deposit)


def _heavy_atoms(deposit: Deposit) -> Atoms:
    residues = [(chain, residue) for chain in deposit.structure[0] for residue in chain]
    residue_of = np.repeat(np.arange(len(residues)), [len(residue) for _, residue in residues])
    atoms = [atom for _, residue in residues for atom in residue]
    if not atoms:
        raise StructureError("the assembly has no atoms")
    element = np.array([atom.element.name for atom in atoms])
    water = np.array([is_water(residue) for _, residue in residues])
    kept = ~np.isin(element, HYDROGENS) & ~water[residue_of]
    kept &= _chosen_locations(residues, residue_of, atoms, kept)
    if not kept.any():
        raise StructureError("no heavy atoms besides water")
    entity_ids = [residue.entity_id for _, residue in residues]
    return Atoms(
        xyz=_coordinates([atoms[i] for i in np.flatnonzero(kept)]),
        element=element[kept],
        chain=np.array([chain.name for chain, _ in residues])[residue_of[kept]],
        entity=np.array([deposit.descriptions.get(name) or name for name in entity_ids])[residue_of[kept]],
    )


def _coordinates(atoms: list[gemmi.Atom]) -> Float[np.ndarray, "n 3"]:
    xyz = np.array([atom.pos.tolist() for atom in atoms])
    if not np.isfinite(xyz).all():
        raise StructureError("some atoms have no coordinates")
    if (largest := np.abs(xyz).max()) > LARGEST_COORDINATE:
        raise StructureError(f"a coordinate of {largest:.3g} Å: no structure is that far from its origin")
    return xyz.astype(np.float32)


def _chosen_locations(
    residues: Residues,
    residue_of: Int[np.ndarray, " n"],
    atoms: list[gemmi.Atom],
    considered: Bool[np.ndarray, " n"],
) -> Bool[np.ndarray, " n"]:
    """Which atoms to keep so that every atom has one location, and every position one residue."""
    chosen = np.ones(len(atoms), dtype=bool)
    alternative = np.array([atom.has_altloc() for atom in atoms])
    positions: dict[tuple, list[int]] = defaultdict(
        list
    )  # atoms that share a place in the chain, of one residue or several
    for index in np.unique(residue_of[considered & alternative]):
        chain, residue = residues[index]
        place = chain.name, str(residue.seqid), residue.subchain
        begin, end = np.searchsorted(residue_of, [index, index + 1])
        positions[place] += [i for i in range(begin, end) if considered[i]]
    for sharing in positions.values():
        occupancies: dict[str, list[float]] = defaultdict(list)
        for i in sharing:
            if alternative[i]:
                occupancies[atoms[i].altloc].append(atoms[i].occ)
        ranked = sorted(occupancies, key=lambda label: -np.mean(occupancies[label]))  # stable: first of equals
        residue = next(residue_of[i] for i in sharing if atoms[i].altloc == ranked[0])
        best: dict[str, tuple[int, int]] = {}  # rank and index of the best location of every atom of that residue
        for i in sharing:
            chosen[i] = residue_of[i] == residue and not alternative[i]
            if residue_of[i] == residue and alternative[i]:
                option = (ranked.index(atoms[i].altloc), i)
                best[atoms[i].name] = min(option, best.get(atoms[i].name, option))
        chosen[[i for _, i in best.values()]] = True
    return chosen
