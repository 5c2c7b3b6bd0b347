"""The trace of a structure's polymers: lines through the Cα of proteins and the phosphorus of nucleic acids."""

import os

import numpy as np
from jaxtyping import Float

from pointprior.structures.deposits import opened

TRACED = ("CA", "P")  # names of atoms; a calcium ion, CA too, is of another element
LONGEST = {"C": 5.0, "P": 9.0}  # Å between neighbours in a chain: beyond it, residues are missing


def read_trace(path: str | os.PathLike, *, assembly: str | None = None) -> list[Float[np.ndarray, "_ 3"]]:
    """Lines through the polymers of a structure file, in its own frame (in Å).

    Parameters
    ----------
    path : path
        mmCIF or PDB file, gzipped or not.
    assembly : str, optional
        Biological assembly to build; the deposited coordinates if not given.

    Returns
    -------
    list of ndarray, each of shape=(n, 3), dtype=float32
        At least two residues each; a chain is broken where residues are missing. Of alternate locations, the first.

    Raises
    ------
    StructureError
        If the file is unreadable, or has no such assembly.
    """
    with opened(path, assembly) as deposit:
        lines = [line for chain in deposit.structure[0] for line in _lines(chain)]
    return [np.array(line, dtype=np.float32) for line in lines if len(line) > 1]


def _lines(chain) -> list[list[list[float]]]:
    """Positions of the traced atoms of a chain, broken where neighbours are too far from each other."""
    lines: list[list[list[float]]] = [[]]
    for residue in chain:
        atom = next((atom for atom in residue if _is_traced(atom)), None)
        if atom is None:
            continue
        position = atom.pos.tolist()
        if lines[-1] and np.linalg.norm(np.subtract(position, lines[-1][-1])) > LONGEST[atom.element.name]:
            lines.append([])
        lines[-1].append(position)
    return lines


def _is_traced(atom) -> bool:
    return atom.name in TRACED and atom.element.name in LONGEST
