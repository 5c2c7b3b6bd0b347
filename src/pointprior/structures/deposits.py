"""Text in mmCIF or PDB format to parsed structures; the text itself shows which of the two it is."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import gemmi

from pointprior.structures import mmcif_tables, pdb_records
from pointprior.structures.assemblies import Recipes, expand
from pointprior.structures.unpacking import StructureError, read_content, to_text

COMMENTS = re.compile(r"(\s|#.*)*")
CIF_WITHOUT_HEAD = ("loop_", "save_", "global_", "_")


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
    recipes : Recipes or None
        The assemblies of an mmCIF file; those of a PDB-format file are the structure's.
    """

    entry: str
    structure: gemmi.Structure
    descriptions: dict[str, str]
    recipes: Recipes | None = None

    @property
    def is_pdb(self) -> bool:
        """Whether the file was in PDB format."""
        return self.structure.input_format == gemmi.CoorFormat.Pdb

    def expand(self, assembly: str) -> None:
        """Turn the structure's first model, which must be its only one, into a biological assembly."""
        expand(self.structure, self.recipes, assembly)

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


def parse(content: bytes, origin: str) -> Deposit:
    """Parse the (ungzipped) content of an mmCIF or PDB file.

    Raises
    ------
    StructureError
        If it is not a structure file (an HTML page, say), or holds no atom; the message starts with `origin`.
    """
    text = to_text(content, origin)
    begin = COMMENTS.sub("", text, count=1)[:8].lower()
    if begin.startswith(CIF_WITHOUT_HEAD):
        raise StructureError(f"{origin}: looks like mmCIF, but does not begin with 'data_'; is its beginning missing?")
    try:
        deposit = (_parse_mmcif if begin.startswith("data_") else _parse_pdb)(text, origin)
    except StructureError:
        raise
    except (ValueError, RuntimeError, IndexError) as problem:  # what gemmi raises for malformed files
        raise StructureError(f"{origin}: not a readable structure file ({problem})") from problem
    if len(deposit.structure) == 0 or deposit.structure[0].count_atom_sites() == 0:
        raise StructureError(f"{origin}: holds no atoms (not a structure file, or one without coordinates)")
    return deposit


def _parse_mmcif(text: str, origin: str) -> Deposit:
    block = mmcif_tables.block_with_atoms(gemmi.cif.read_string(text), origin)
    mmcif_tables.fill_columns(block, origin)
    _say_inferred(mmcif_tables.infer_elements(block), origin)
    structure = gemmi.make_structure_from_block(block)
    _set_up(structure)
    entities = block.find("_entity.", ["id", "pdbx_description"])
    descriptions = {row.str(0): row.str(1) for row in entities if row.str(1)}
    entry = block.find_value("_entry.id")
    return Deposit(gemmi.cif.as_string(entry) if entry else block.name, structure, descriptions, Recipes.read(block))


def _parse_pdb(text: str, origin: str) -> Deposit:
    lines = pdb_records.first_model(text)
    pdb_records.check_coordinates(lines, origin)
    _say_inferred(pdb_records.infer_elements(lines), origin)
    # a character is a column: as bytes those outside ASCII would be several
    structure = gemmi.read_pdb_string("\n".join(lines).encode("ascii", errors="replace"))
    _set_up(structure)
    molecules = pdb_records.molecules(lines)
    # COMPND describes the polymers of its chains; their ligands do not belong to that molecule
    polymers = [(chain, residue) for model in structure for chain in model for residue in chain.get_polymer()]
    descriptions = {residue.entity_id: molecules.get(chain.name, "") for chain, residue in polymers}
    return Deposit(dict(structure.info).get("_entry.id", ""), structure, descriptions)


def _set_up(structure: gemmi.Structure) -> None:
    """Join the parts of chains, and give every residue its entity: names of sub-chains are not unique in assemblies."""
    structure.merge_chain_parts()
    structure.setup_entities()
    entity_of = {subchain: entity.name for entity in structure.entities for subchain in entity.subchains}
    for model in structure:
        for chain in model:
            for residue in chain:
                residue.entity_id = residue.entity_id or entity_of.get(residue.subchain, "")


def _say_inferred(count: int, origin: str) -> None:
    if count:
        logging.warning("%s: %d atoms without an element; told by the names of atoms and residues", origin, count)


@contextmanager
def opened(path: str | os.PathLike, assembly: str | None = None) -> Iterator[Deposit]:
    """The first model of a file, as deposited or built into an assembly; what is wrong with it names the file.

    Raises
    ------
    StructureError
        If the file is unreadable, has no such assembly, or fails whoever reads on.
    """
    origin = os.fspath(path)
    deposit = parse(read_content(path), origin)
    del deposit.structure[1:]
    try:
        if assembly is not None:
            deposit.expand(str(assembly))
        yield deposit
    except (StructureError, RuntimeError) as problem:  # the latter is what gemmi raises
        raise StructureError(f"{origin}: {problem}") from problem
