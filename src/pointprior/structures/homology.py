"""Which training entries are relatives of test entries, by the sequences of their proteins.

Two proteins count as related if their best local alignment (BLOSUM62, gaps as in BLAST) has enough identical
residues, covers enough of the shorter sequence, and scores higher than chance allows: E = K m n exp(-λ score),
Karlin & Altschul (1990), is what to expect from unrelated sequences of these lengths.

Nucleic acids are left out. A double helix has the same shape whatever its sequence, and designed ones (the 601
sequence, poly-A) recur among unrelated complexes; where RNA makes the fold, as in ribosomes, the proteins on it
tell the family.
"""

import functools
import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import gemmi
import pandas as pd
from Bio.Align import PairwiseAligner, substitution_matrices

from pointprior.structures.archive import EntryIdError, check, fetch, locate, normalise_id
from pointprior.structures.deposits import Deposit
from pointprior.structures.seeds import ALPHABET, Seeds

SHORTEST = 20  # residues; a shorter peptide says nothing of a family
OPEN, EXTEND = -12.0, -1.0  # a gap of k residues costs 11 + k, BLAST's default beside BLOSUM62
LAMBDA, K = 0.267, 0.041  # of that scoring system (gapped)
CHANCE = 1e-6  # largest E of a pair: over the 10⁵ to 10⁶ pairs of two lists, chance brings less than one
COLUMNS = ["entry", "test_entry", "identity", "coverage", "aligned", "chains", "test_chains", "entity", "test_entity"]


@dataclass(frozen=True)
class Protein:
    """A protein of an entry.

    Attributes
    ----------
    entry : str
        The entry.
    chains : str
        Author ids of the chains that have this sequence, separated by spaces.
    entity : str
        Entity description where the deposit has one.
    sequence : str
        One letter per residue, X for those without; of the deposited sequence where the file has it, otherwise of
        the residues with coordinates.
    """

    entry: str
    chains: str
    entity: str
    sequence: str


def proteins(deposit: Deposit) -> list[Protein]:
    """The distinct proteins of a deposit, chains of the same sequence taken together; short peptides left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for chain in deposit.structure[0]:
        polymer = chain.get_polymer()
        if polymer.check_polymer_type() not in (gemmi.PolymerType.PeptideL, gemmi.PolymerType.PeptideD):
            continue
        entity = deposit.structure.get_entity_of(polymer)
        deposited = [gemmi.Entity.first_mon(residue) for residue in entity.full_sequence] if entity else []
        sequence = "".join(map(_letter, deposited or polymer.extract_sequence()))
        if len(sequence) >= SHORTEST:
            description = deposit.descriptions.get(entity.name, "") if entity else ""
            found.setdefault(sequence, []).append((chain.name, description))
    entry = normalise_id(deposit.entry)
    return [
        Protein(entry, " ".join(dict.fromkeys(name for name, _ in chains)), chains[0][1], sequence)
        for sequence, chains in found.items()
    ]


def read_proteins(entry: str, *, mirrors: Sequence[str | os.PathLike] = (), download: bool = True) -> list[Protein]:
    """The distinct proteins of an entry, from the first mirror that has it, else from the archive.

    Raises
    ------
    EntryIdError, ArchiveError, StructureError
        As `archive.fetch` and `archive.check` do.
    """
    path = locate(entry, mirrors)
    if path is not None:
        return proteins(check(path.read_bytes(), entry, os.fspath(path)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{entry}.cif.gz"
        origin = fetch(entry, path, mirrors=mirrors, download=download)
        return proteins(check(path.read_bytes(), entry, origin))


def listed_entries(items: Iterable[str]) -> list[str]:
    """Entry ids from ids and list files: the first word of each line, comments (#) and a header "entry" left out.

    Raises
    ------
    EntryIdError
        If a word is no entry id; the message names the list.
    """
    entries: dict[str, None] = {}
    for item in items:
        path = Path(item)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else [item]
        words = [line.split("#")[0].split() for line in lines]
        entries |= dict.fromkeys(_named(line[0], path) for line in words if line and line[0] != "entry")
    return list(entries)


def find_related(
    train: Sequence[str],
    test: Sequence[str],
    *,
    identity: float = 0.3,  # least share of the aligned pairs that are identical
    coverage: float = 0.5,  # least share of the shorter sequence that is aligned
    mirrors: Sequence[str | os.PathLike] = (),
    download: bool = True,
) -> pd.DataFrame:
    """List training entries that have a protein in common with a test entry.

    Returns
    -------
    DataFrame
        One row per pair of entries, with their most similar proteins: entry, test_entry, identity, coverage, aligned
        (pairs of residues), chains, test_chains, entity, test_entity. In the order of `train`.
    """
    read = partial(read_proteins, mirrors=mirrors, download=download)
    known = [protein for entry in train for protein in read(entry)]
    asked = [protein for entry in test for protein in read(entry)]
    return related(known, asked, identity=identity, coverage=coverage)


def related(
    known: Sequence[Protein], asked: Sequence[Protein], *, identity: float = 0.3, coverage: float = 0.5
) -> pd.DataFrame:
    """Compare proteins of training entries with proteins of test entries: the table of `find_related`."""
    owners: dict[str, list[Protein]] = {}
    for protein in known:
        owners.setdefault(protein.sequence, []).append(protein)
    sequences = list(owners)
    seeds = Seeds(sequences)
    rows = []
    for other in asked:
        for candidate in seeds.candidates(other.sequence):
            found = similarity(sequences[candidate], other.sequence)
            if found is not None and found.identity >= identity and found.coverage >= coverage:
                rows += [_row(protein, other, found) for protein in owners[sequences[candidate]]]
    return _best(pd.DataFrame(rows, columns=COLUMNS), [protein.entry for protein in known])


@dataclass(frozen=True)
class Similarity:
    """The best local alignment of two sequences.

    Attributes
    ----------
    identity : float
        Share of the aligned pairs of residues that are identical.
    coverage : float
        Share of the shorter sequence that is aligned.
    aligned : int
        Pairs of residues.
    """

    identity: float
    coverage: float
    aligned: int


def similarity(first: str, second: str) -> Similarity | None:
    """How similar two sequences are; None if their best alignment may be chance.

    Examples
    --------
    >>> similarity("MKVLAAGIVGLPNVGKSTLFNALTG", "GGMKVLAAGIVGLPNVGKSTLFNAL")
    Similarity(identity=1.0, coverage=0.92, aligned=23)
    >>> similarity("MKVLAAGIVGLPNVGKSTLFNALTG", "WWHHPEPDDCCRREEKQHWYYPDDE") is None
    True
    """
    score = _aligner().score(first, second)
    if K * len(first) * len(second) * math.exp(-LAMBDA * score) > CHANCE:
        return None
    counts = _aligner().align(first, second)[0].counts()
    aligned = counts.identities + counts.mismatches
    return Similarity(counts.identities / aligned, aligned / min(len(first), len(second)), aligned)


@functools.cache
def _aligner() -> PairwiseAligner:
    matrix = substitution_matrices.load("BLOSUM62")
    return PairwiseAligner(mode="local", substitution_matrix=matrix, open_gap_score=OPEN, extend_gap_score=EXTEND)


def _row(protein: Protein, other: Protein, found: Similarity) -> dict:
    names = {"chains": protein.chains, "test_chains": other.chains}
    entities = {"entity": protein.entity, "test_entity": other.entity}
    return {"entry": protein.entry, "test_entry": other.entry} | asdict(found) | names | entities


def _best(pairs: pd.DataFrame, entries: Sequence[str]) -> pd.DataFrame:
    """Of every two entries the most similar proteins; in the order of `entries`."""
    best = pairs.sort_values(["identity", "aligned"], ascending=False, kind="stable")
    best = best.drop_duplicates(["entry", "test_entry"]).sort_values("test_entry")
    place = {entry: number for number, entry in enumerate(dict.fromkeys(entries))}
    return best.sort_values("entry", key=lambda column: column.map(place), kind="stable").reset_index(drop=True)


def _letter(residue: str) -> str:
    """One-letter code of a residue; of a modified one that of its parent (MSE: M)."""
    letter = gemmi.find_tabulated_residue(residue).one_letter_code.upper()
    return letter if letter in ALPHABET else "X"


def _named(word: str, path: Path) -> str:
    try:
        return normalise_id(word)
    except EntryIdError as problem:
        raise EntryIdError(f"{path}: {problem}" if path.is_file() else str(problem)) from None
