"""Deposited structures to heavy atoms (mmCIF or PDB format, gzipped or not).

What counts as an atom here: the first model; no hydrogen or deuterium; no water; every atom once: of its
alternate locations the one of highest mean occupancy in its residue (the first of equals), and where one
position is shared by different residues only the residue of highest occupancy. Ligands, ions and modified
residues stay.
"""

import gzip
import os
import re
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import gemmi
import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from pointprior.files import written_whole

HYDROGENS = ("H", "D")
GZIP_MAGIC = b"\x1f\x8b"

Residues = list[tuple[gemmi.Chain, gemmi.Residue]]


class StructureError(ValueError):
    """A file is no structure, not the one asked for, or lacks what was selected from it."""


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
        with written_whole(path) as temporary:
            np.savez_compressed(temporary, xyz=self.xyz, element=self.element, chain=self.chain, entity=self.entity)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Atoms":
        """Read atoms that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["xyz"], stored["element"], stored["chain"], stored["entity"])


@dataclass(frozen=True)
class Deposit:
    """A parsed structure file.

    Attributes
    ----------
    entry : str
        The entry id that the file states; empty if it states none.
    structure : gemmi.Structure
        The coordinates, with subchains and entities set up.
    descriptions : dict[str, str]
        Description of every entity id that has one.
    """

    entry: str
    structure: gemmi.Structure
    descriptions: dict[str, str]

    @property
    def is_pdb(self) -> bool:
        """Whether the file was in PDB format."""
        return self.structure.input_format == gemmi.CoorFormat.Pdb

    def to_mmcif(self) -> bytes:
        """Write the deposit as mmCIF text, entity descriptions included."""
        groups = gemmi.MmcifOutputGroups(True)
        groups.struct_ref = False  # gemmi writes a blank chain id there as nothing, which no reader accepts
        document = self.structure.make_mmcif_document(groups)
        document[0].name = self.entry
        loop = document[0].find_loop("_entity.id").get_loop()
        loop.add_columns(["_entity.pdbx_description"], "?")
        for row in document[0].find("_entity.", ["id", "pdbx_description"]):
            if self.descriptions.get(row.str(0)):
                row[1] = gemmi.cif.quote(self.descriptions[row.str(0)])
        return document.as_string().encode()


def read_content(path: str | os.PathLike) -> bytes:
    """Read a file to its end, ungzipped if it is gzipped (whatever its name says).

    Raises
    ------
    StructureError
        If the file cannot be read, is empty, or its gzip stream is damaged or cut short.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as problem:
        raise StructureError(f"{path}: cannot be read ({problem.strerror})") from problem
    return ungzipped(content, os.fspath(path))


def ungzipped(content: bytes, origin: str) -> bytes:
    """Undo gzip where `content` is gzipped, checking its length and checksum; `origin` is for messages."""
    if not content:
        raise StructureError(f"{origin}: the file is empty")
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except EOFError as problem:
        raise StructureError(f"{origin}: the gzip file is cut short ({len(content)} bytes)") from problem
    except (OSError, zlib.error) as problem:
        raise StructureError(f"{origin}: the gzip file is damaged ({problem})") from problem


def parse(content: bytes, origin: str) -> Deposit:
    """Parse the (ungzipped) text of an mmCIF or PDB file; which of both it is shows in the text.

    Raises
    ------
    StructureError
        If it is not a structure file (an HTML page, say), or holds no atom; the message starts with `origin`.
    """
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise StructureError(f"{origin}: looks like an HTML page, not a structure file")
    try:
        # comments may precede mmCIF's first line
        is_mmcif = re.search(rb"^data_", content[:65536], re.MULTILINE | re.IGNORECASE) is not None
        deposit = _parse_mmcif(content) if is_mmcif else _parse_pdb(content)
    except (ValueError, RuntimeError, IndexError) as problem:  # what gemmi raises for malformed files
        raise StructureError(f"{origin}: not a readable structure file ({problem})") from problem
    if len(deposit.structure) == 0 or deposit.structure[0].count_atom_sites() == 0:
        raise StructureError(f"{origin}: holds no atoms (not a structure file, or one without coordinates)")
    return deposit


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
    deposit = parse(read_content(path), os.fspath(path))
    structure = deposit.structure
    del structure[1:]
    if assembly is not None:
        _expand(structure, str(assembly), os.fspath(path))
    residues = [(chain, residue) for chain in structure[0] for residue in chain]
    residue_of = np.repeat(np.arange(len(residues)), [len(residue) for _, residue in residues])
    atoms = [atom for _, residue in residues for atom in residue]
    element = np.array([atom.element.name for atom in atoms])
    water = np.array([residue.is_water() for _, residue in residues])
    kept = ~np.isin(element, HYDROGENS) & ~water[residue_of]
    kept &= _chosen_locations(residues, residue_of, atoms, kept)
    if not kept.any():
        raise StructureError(f"{os.fspath(path)}: no heavy atoms besides water")
    xyz = np.array([atom.pos.tolist() for atom in atoms], dtype=np.float32)[kept]
    if not np.isfinite(xyz).all():
        raise StructureError(f"{os.fspath(path)}: some atoms have no coordinates")
    entity_ids = _entity_ids(structure, residues)
    return Atoms(
        xyz=xyz,
        element=element[kept],
        chain=np.array([chain.name for chain, _ in residues])[residue_of[kept]],
        entity=np.array([deposit.descriptions.get(name) or name for name in entity_ids])[residue_of[kept]],
    )


def _parse_mmcif(content: bytes) -> Deposit:
    document = gemmi.cif.read_string(content)
    block = next((block for block in document if block.find_loop("_atom_site.id")), document[0])
    structure = gemmi.make_structure_from_block(block)
    structure.merge_chain_parts()
    structure.setup_entities()
    entities = block.find("_entity.", ["id", "pdbx_description"])
    descriptions = {row.str(0): row.str(1) for row in entities if row.str(1)}
    entry = block.find_value("_entry.id")
    return Deposit(gemmi.cif.as_string(entry) if entry else block.name, structure, descriptions)


def _parse_pdb(content: bytes) -> Deposit:
    structure = gemmi.read_pdb_string(content)
    structure.merge_chain_parts()
    structure.setup_entities()
    molecules = _molecules(content.decode("ascii", errors="replace"))
    # COMPND describes the polymers of its chains; their ligands are none of that molecule
    polymers = [(chain, residue) for model in structure for chain in model for residue in chain.get_polymer()]
    descriptions = {
        entity: molecules.get(chain.name, "")
        for entity, (chain, _) in zip(_entity_ids(structure, polymers), polymers, strict=True)
    }
    return Deposit(dict(structure.info).get("_entry.id", ""), structure, descriptions)


def _entity_ids(structure: gemmi.Structure, residues: Residues) -> list[str]:
    entity_of = {subchain: entity.name for entity in structure.entities for subchain in entity.subchains}
    return [residue.entity_id or entity_of.get(residue.subchain, "") for _, residue in residues]


def _molecules(pdb: str) -> dict[str, str]:
    """Read the molecule of every chain from a PDB file's COMPND records."""
    text = "".join(line[10:80].rstrip() + " " for line in pdb.splitlines() if line.startswith("COMPND"))
    molecules, molecule = {}, ""
    for token in text.split(";"):
        key, _, value = (part.strip() for part in token.partition(":"))
        if key == "MOLECULE":
            molecule = " ".join(value.split())
        elif key == "CHAIN":
            molecules |= {chain.strip(): molecule for chain in value.split(",")}
    return molecules


def _expand(structure: gemmi.Structure, assembly: str, origin: str) -> None:
    names = [a.name for a in structure.assemblies]
    if assembly not in names:
        raise StructureError(f"{origin}: has no assembly {assembly!r}; it has {', '.join(names) or 'none'}")
    structure.transform_to_assembly(assembly, gemmi.HowToNameCopiedChain.AddNumber)


def _chosen_locations(
    residues: Residues,
    residue_of: Int[np.ndarray, " n"],
    atoms: list[gemmi.Atom],
    considered: Bool[np.ndarray, " n"],
) -> Bool[np.ndarray, " n"]:
    """Which atoms to keep so that every atom has one location, and every position one residue."""
    chosen = np.ones(len(atoms), dtype=bool)
    alternative = np.array([atom.has_altloc() for atom in atoms])
    positions = defaultdict(list)  # atoms that share a place in the chain, of one residue or several
    for index in np.unique(residue_of[considered & alternative]):
        chain, residue = residues[index]
        place = chain.name, str(residue.seqid), residue.subchain
        begin, end = np.searchsorted(residue_of, [index, index + 1])
        positions[place] += [i for i in range(begin, end) if considered[i]]
    for sharing in positions.values():
        occupancies = defaultdict(list)
        for i in sharing:
            if alternative[i]:
                occupancies[atoms[i].altloc].append(atoms[i].occ)
        ranked = sorted(occupancies, key=lambda label: -np.mean(occupancies[label]))  # stable: first of equals
        residue = next(residue_of[i] for i in sharing if atoms[i].altloc == ranked[0])
        best = {}  # rank and index of the best location of every atom of that residue
        for i in sharing:
            chosen[i] = residue_of[i] == residue and not alternative[i]
            if residue_of[i] == residue and alternative[i]:
                option = (ranked.index(atoms[i].altloc), i)
                best[atoms[i].name] = min(option, best.get(atoms[i].name, option))
        chosen[[i for _, i in best.values()]] = True
    return chosen
