"""Sequences of all entries of the PDB in one file: `pdb_seqres.txt.gz`, derived data of the archive.

A record reads ``>101m_A mol:protein length:154  MYOGLOBIN`` and, in the next line, the deposited sequence.
"""

import gzip
import os
import re
from collections.abc import Container, Iterator
from pathlib import Path

from pointprior.structures.homology import SHORTEST, Protein
from pointprior.structures.seeds import ALPHABET


def read_seqres(path: str | os.PathLike, entries: Container[str]) -> list[Protein]:
    """Proteins of some entries, chains of the same sequence taken together; short peptides left out.

    Raises
    ------
    ValueError
        If the file is none of this kind.
    """
    found: dict[tuple[str, str], Protein] = {}
    for header, sequence in _records(Path(path)):
        name, kind, *rest = header[1:].strip().split(maxsplit=3)
        entry, _, chain = name.partition("_")
        if kind != "mol:protein" or entry not in entries or len(sequence) < SHORTEST:
            continue
        known = found.get((entry, sequence))
        chains = f"{known.chains} {chain}" if known else chain
        found[entry, sequence] = Protein(entry, chains, rest[-1] if len(rest) > 1 else "", sequence)
    return list(found.values())


def _records(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for number, header in enumerate(file):
            sequence = next(file, "").strip()
            if not header.startswith(">") or " mol:" not in header or not sequence:
                raise ValueError(f"{path}, line {2 * number + 1}: no record of the archive's pdb_seqres.txt")
            yield header, re.sub(f"[^{ALPHABET}]", "X", sequence)
