"""Clusters of entries by the sequence of the protein that most of each consists of.

The longest sequence that has no cluster yet begins one and takes in all others that are similar enough to it (greedy
incremental clustering, Li & Godzik 2006). Entries share proteins in many ways (an antibody, a scaffold), so chaining
every two that have one in common would make one cluster of most; what an entry mostly is decides instead.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pointprior.structures.homology import Protein, similarity
from pointprior.structures.seeds import Seeds


def cluster_entries(
    entries: Sequence[str],
    proteins: Iterable[Protein],
    *,
    identity: float = 0.3,  # least share of the aligned pairs that are identical
    coverage: float = 0.5,  # least share of the shorter sequence that is aligned
    mmseqs: str | None = None,  # the program MMseqs2; None: pairwise alignments, which take hours for thousands
) -> dict[str, str]:
    """Cluster of each entry, named after the first of its entries; one without proteins is alone.

    Raises
    ------
    ValueError
        If MMseqs2 fails.
    """
    largest = {entry: _largest(group) for entry, group in _by_entry(proteins).items()}
    sequences = list(dict.fromkeys(largest[entry] for entry in entries if entry in largest))
    if mmseqs:
        representatives = by_mmseqs(sequences, mmseqs, identity=identity, coverage=coverage)
    else:
        representatives = by_alignment(sequences, identity=identity, coverage=coverage)
    number = dict(zip(sequences, representatives, strict=True))
    names: dict[int, str] = {}
    return {entry: names.setdefault(number[largest[entry]], entry) if entry in largest else entry for entry in entries}


def by_alignment(sequences: Sequence[str], *, identity: float, coverage: float) -> list[int]:
    """Number of each sequence's representative, by local alignments of those that share enough words."""
    seeds = Seeds(sequences)
    chosen: dict[int, int] = {}
    for first in sorted(range(len(sequences)), key=lambda number: -len(sequences[number])):
        if first in chosen:
            continue
        chosen[first] = first
        for other in map(int, seeds.candidates(sequences[first])):
            if other not in chosen:
                found = similarity(sequences[first], sequences[other])
                if found is not None and found.identity >= identity and found.coverage >= coverage:
                    chosen[other] = first
    return [chosen[number] for number in range(len(sequences))]


def by_mmseqs(sequences: Sequence[str], program: str, *, identity: float, coverage: float) -> list[int]:
    """Number of each sequence's representative, by MMseqs2 (Steinegger & Söding 2017)."""
    if not sequences:
        return []
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder) / "sequences.fasta"
        fasta.write_text("".join(f">{number}\n{sequence}\n" for number, sequence in enumerate(sequences)))
        limits = ["--min-seq-id", str(identity), "-c", str(coverage), "--cov-mode", "1"]  # of the cluster's members
        steps = ["--single-step-clustering", "-v", "1"]  # so that members keep the limits to their representative
        command = [program, "easy-cluster", str(fasta), f"{folder}/out", f"{folder}/work", *limits, *steps]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["without a word"]
            raise ValueError(f"{program} ended with exit status {done.returncode}: {said[0]}")
        rows = [line.split("\t") for line in (Path(folder) / "out_cluster.tsv").read_text().splitlines()]
    representative = {int(member): int(first) for first, member in rows}
    return [representative[number] for number in range(len(sequences))]


def find_mmseqs() -> str | None:
    """The program MMseqs2, where it is installed."""
    return shutil.which("mmseqs")


def _by_entry(proteins: Iterable[Protein]) -> dict[str, list[Protein]]:
    groups: dict[str, list[Protein]] = {}
    for protein in proteins:
        groups.setdefault(protein.entry, []).append(protein)
    return groups


def _largest(group: Sequence[Protein]) -> str:
    """Sequence with the most residues in an entry, all chains that have it counted."""
    return max(group, key=lambda protein: len(protein.sequence) * len(protein.chains.split())).sequence
