"""Elements and waters inferred from names, for files that leave the element out or come from molecular dynamics."""

import re

import gemmi

HYDROGENS = ("H", "D")
UNKNOWN = gemmi.Element("X").name

# ions whose names in CHARMM and Amber are no element symbols; atom and residue have the same name
IONS = {
    "SOD": "Na",
    "POT": "K",
    "CLA": "Cl",
    "CAL": "Ca",
    "CES": "Cs",
    "LIT": "Li",
    "RUB": "Rb",
    "BAR": "Ba",
    "CAD": "Cd",
    "CIO": "Cs",
    "IP": "Na",
    "IM": "Cl",
}
ONE_LETTER = set("HDBCNOFPSKVYIWU")
# in names of ligand atoms more often these elements than what their first letter says
TWO_LETTERS = {"CL", "BR", "FE", "SE", "SI", "CU", "PT"}

# waters of force fields; some are the ids of other molecules in the Chemical Component Dictionary
WATER_MODELS = {
    "SOL",
    "TIP",
    "TIP3",
    "TIP4",
    "TIP5",
    "TP3",
    "TP4",
    "TP5",
    "T3P",
    "T4P",
    "T5P",
    "T3H",
    "T4H",
    "T4E",
    "SPC",
    "SPCE",
    "OPC",
    "OPC3",
    "OP3",
    "SWM4",
}
WATERS = {"HOH", "DOD", "WAT", "H2O"}


def is_symbol(text: str) -> bool:
    """Whether a text is an element's symbol (or X, an atom known to be unknown)."""
    return text.upper() == UNKNOWN or gemmi.Element(text).name != UNKNOWN


def infer_element(atom: str, residue: str) -> str:
    """Infer an atom's element from its name and its residue's.

    An atom named like its residue is an ion; otherwise the first letter counts, except in some names of ligands.

    Examples
    --------
    >>> infer_element("CA", "GLY"), infer_element("CA", "CA"), infer_element("HT1", "MET"), infer_element("1HB", "ALA")
    ('C', 'Ca', 'H', 'H')
    >>> infer_element("SOD", "SOD"), infer_element("Cl-", "Cl-"), infer_element("FE", "HEM"), infer_element("NA", "HEM")
    ('Na', 'Cl', 'Fe', 'N')
    """
    name = _leading_letters(atom)
    if name == _leading_letters(residue):
        ion = IONS.get(name, name)
        if is_symbol(ion):
            return gemmi.Element(ion).name
    one_letter = name[:1] in ONE_LETTER and name[:2] not in TWO_LETTERS
    return gemmi.Element(name[:1] if one_letter else name[:2]).name


def _leading_letters(name: str) -> str:
    """Letters of a name until something else follows: CL of "CL12", HB of "1HB", NA of "Na+"."""
    return re.sub(r"^[^A-Z]*([A-Z]*).*$", r"\1", name.strip().upper())


def is_water(residue: gemmi.Residue) -> bool:
    """Whether a residue is a water molecule: by its name, and for names of water models by its atoms, too."""
    name = residue.name.upper()
    if name in WATERS:
        return True
    return name in WATER_MODELS and {atom.element.name for atom in residue} - {*HYDROGENS, UNKNOWN} == {"O"}
