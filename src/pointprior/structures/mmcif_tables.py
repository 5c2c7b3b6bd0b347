"""The tables of an mmCIF file that are read here, with harmless gaps of `_atom_site` filled."""

from collections.abc import Sequence

import gemmi

from pointprior.structures.elements import infer_element, is_symbol
from pointprior.structures.unpacking import StructureError

ATOM_SITE = "_atom_site."
NEEDED = {
    ATOM_SITE,
    "_entry.",
    "_cell.",
    "_symmetry.",
    "_entity.",
    "_entity_poly.",
    "_entity_poly_seq.",
    "_struct_asym.",
    "_pdbx_struct_assembly.",
    "_pdbx_struct_assembly_gen.",
    "_pdbx_struct_oper_list.",
}
# what a column says where the file has none: nothing
OPTIONAL = {"id": "?", "label_alt_id": ".", "type_symbol": "?"}
# any one of these columns will do
ESSENTIAL = (
    ("Cartn_x",),
    ("Cartn_y",),
    ("Cartn_z",),
    ("label_atom_id", "auth_atom_id"),
    ("label_comp_id", "auth_comp_id"),
    ("label_asym_id", "auth_asym_id"),
)


def block_with_atoms(document: gemmi.cif.Document, origin: str) -> gemmi.cif.Block:
    """Give the first data block that has atoms, without the tables that nothing here reads.

    Raises
    ------
    StructureError
        If there is none.
    """
    for block in document:
        if len(block.find_mmcif_category(ATOM_SITE)) > 0:
            for category in block.get_mmcif_category_names():
                if category.lower() not in NEEDED:
                    block.find_mmcif_category(category).erase()
            return block
    raise StructureError(f"{origin}: holds no atoms (no _atom_site table, so not the coordinates of a structure)")


def fill_columns(block: gemmi.cif.Block, origin: str) -> None:
    """Add the columns of `_atom_site` that gemmi asks for although they need not say anything.

    Raises
    ------
    StructureError
        If a column is missing that does matter.
    """
    for names in ESSENTIAL:
        if not any(_column(block, name) for name in names):
            raise StructureError(f"{origin}: the _atom_site table has no column {' or '.join(names)}")
    for name, nothing in OPTIONAL.items():
        if not _column(block, name):
            _add_column(block, name, [nothing])
    if not _column(block, "label_asym_id"):
        _add_column(block, "label_asym_id", list(_column(block, "auth_asym_id")))


def infer_elements(block: gemmi.cif.Block) -> int:
    """Fill the elements that `_atom_site` leaves out; return how many those are.

    If any of them is given and no symbol, the column holds something else (names of atoms, say), and all are inferred.
    """
    symbols = _column(block, "type_symbol")
    given = {text: gemmi.cif.as_string(text) for text in set(symbols)}
    misused = not all(map(is_symbol, filter(None, given.values())))
    gaps = [i for i, text in enumerate(symbols) if misused or not given[text]]
    atoms = _column(block, "label_atom_id") or _column(block, "auth_atom_id")
    residues = _column(block, "label_comp_id") or _column(block, "auth_comp_id")
    for i in gaps:
        symbols[i] = infer_element(atoms.str(i), residues.str(i))
    return len(gaps)


def _column(block: gemmi.cif.Block, name: str) -> gemmi.cif.Column:
    return block.find_values(ATOM_SITE + name)


def _add_column(block: gemmi.cif.Block, name: str, values: Sequence[str]) -> None:
    """Add a column to `_atom_site`, given all its values or the only one of all rows."""
    loop = block.find_mmcif_category(ATOM_SITE).loop
    if loop is None:  # of a single atom, written without a loop
        block.set_pair(ATOM_SITE + name, values[0])
        return
    loop.add_columns([ATOM_SITE + name], values[0])
    if len(values) > 1:
        column = _column(block, name)
        for i, value in enumerate(values):
            column[i] = value
