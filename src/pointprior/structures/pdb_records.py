"""The records of a PDB-format file that are read here, checked against the format's columns."""

import re
from itertools import takewhile

from pointprior.structures.elements import infer_element, is_symbol
from pointprior.structures.unpacking import StructureError

NUMBER = re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *")
CHARGE = re.compile(r"|\d[+-]|[+-]\d")


def first_model(text: str) -> list[str]:
    """Lines of a file up to the end of its first model."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return list(takewhile(lambda line: not line.upper().startswith("ENDMDL"), lines))


def is_atom(line: str) -> bool:
    """Whether a line is an ATOM or HETATM record."""
    return line[:4].upper() in ("ATOM", "HETA")


def check_coordinates(lines: list[str], origin: str) -> None:
    """Make sure that every atom has its coordinates in the columns where this format has them.

    Raises
    ------
    StructureError
        If one has not; names its line.
    """
    for number, line in enumerate(lines, start=1):
        if is_atom(line) and not all(NUMBER.fullmatch(line[begin : begin + 8]) for begin in (30, 38, 46)):
            raise StructureError(
                f"{origin}: line {number} has no coordinates in columns 31-54, where the PDB format has them "
                f"({line.rstrip()[:80]!r})"
            )


def infer_elements(lines: list[str]) -> int:
    """Fill columns 77-78 of atoms without an element; return how many those are.

    If these columns or the two of the charge hold anything else in any line, as in files of before 1996 and of
    some programs, they hold no element in any.
    """
    atoms = [i for i, line in enumerate(lines) if is_atom(line)]
    elements = [lines[i][76:78].strip() for i in atoms]
    charges = [lines[i][78:80].strip() for i in atoms]
    misused = not all(map(CHARGE.fullmatch, charges)) or not all(map(is_symbol, filter(None, elements)))
    names = {lines[i][12:16] for i in atoms}
    aligned = any(name[:1] == " " for name in names) and not any(name[1:] == "   " for name in names)
    gaps = [i for i, element in zip(atoms, elements, strict=True) if misused or not element]
    for i in gaps:
        lines[i] = f"{lines[i][:76]:76}{_element(lines[i], aligned):>2}"
    return len(gaps)


def molecules(lines: list[str]) -> dict[str, str]:
    """Read the molecule of every chain from the COMPND records."""
    text = "".join(line[10:80].rstrip() + " " for line in lines if line.startswith("COMPND"))
    molecule = ""
    molecules: dict[str, str] = {}
    for token in text.split(";"):
        key, _, value = (part.strip() for part in token.partition(":"))
        if key == "MOLECULE":
            molecule = " ".join(value.split())
        elif key == "CHAIN":
            molecules |= {chain.strip(): molecule for chain in value.split(",")}
    return molecules


def _element(line: str, aligned: bool) -> str:
    """Infer an element from names; where names are aligned by it, two letters from column 13 on are a metal's."""
    name, residue = line[12:16], line[17:20]
    metal = aligned and name[:2].isalpha() and name[3:] == " " and not name.upper().startswith("H")
    return name[:2] if metal and is_symbol(name[:2]) else infer_element(name, residue)
