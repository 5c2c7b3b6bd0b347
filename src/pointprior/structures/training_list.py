"""The list of training entries from Cryo2StructData: clusters by sequence, and what is related to a test entry."""

import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from pointprior.runtime.files import atomic_write
from pointprior.structures.archive import ArchiveError, NoSuchEntryError
from pointprior.structures.cryo2struct import Table, read_table, training_entries
from pointprior.structures.dataverse import fetch_table
from pointprior.structures.homology import Protein, read_proteins, related
from pointprior.structures.seqres import read_seqres
from pointprior.structures.sequence_clusters import cluster_entries, find_mmseqs

# datasets of Harvard Dataverse to look in for a table called like this
DATASETS = {
    "metadata": ("10.7910/DVN/FCDG0W", "10.7910/DVN/JMN60H"),
    "split": ("10.7910/DVN/SXNYRE", "10.7910/DVN/JMN60H"),
}
COLUMNS = ["entry", "cluster", "emd", "related_to"]


def write_list(
    path: str | os.PathLike,
    *,
    metadata: str | os.PathLike | None = None,
    splits: str | os.PathLike | None = None,
    test: Sequence[str] = (),
    sequences: str | os.PathLike | None = None,
    drop_related: bool = False,
    mirrors: Sequence[str | os.PathLike] = (),
    download: bool = True,
) -> pd.DataFrame:
    """Write the training list as tab-separated text, and return it.

    Parameters
    ----------
    metadata, splits : path-like, optional
        Tables of Cryo2StructData; fetched from Harvard Dataverse where none is given.
    test : sequence of str
        Test entries. They are left out, and entries that share a protein with one are marked.
    sequences : path-like, optional
        The PDB's pdb_seqres.txt.gz; by default, the file of each entry is read, which takes long.
    drop_related : bool
        Leave out what is related to a test entry, too.

    Returns
    -------
    DataFrame
        Columns entry, cluster, emd (its maps) and related_to (test entries).

    Raises
    ------
    ArchiveError
        If a table or an entry is to be fetched and cannot be.
    ValueError
        If a table is not what it should be.
    """
    tables = [_table("metadata", metadata, download), _table("split", splits, download)]
    listed = training_entries(*tables, left_out=test)
    read = partial(_from_seqres, sequences) if sequences else partial(_from_entries, mirrors, download)
    known, asked = read(listed["entry"].to_list()), read(test)
    without = sorted(set(test) - {protein.entry for protein in asked})
    if without:
        logging.warning("no protein is known of the test entries %s: nothing counts as related", ", ".join(without))
    clusters = cluster_entries(listed["entry"].to_list(), known, mmseqs=find_mmseqs())
    found = marked(listed, clusters, related(known, asked), drop_related=drop_related)
    with atomic_write(path) as temporary:
        temporary.write_text(as_text(found, [table.origin for table in tables]), encoding="utf-8")
    return found


def marked(
    listed: pd.DataFrame, clusters: dict[str, str], pairs: pd.DataFrame, *, drop_related: bool = False
) -> pd.DataFrame:
    """Entries with their clusters and the test entries of the pairs that they are in (see `homology.related`)."""
    tests = pairs.groupby("entry")["test_entry"].agg(lambda column: " ".join(sorted(set(column)))).to_dict()
    full = listed.assign(
        cluster=[clusters[entry] for entry in listed["entry"]],
        related_to=[tests.get(entry, "") for entry in listed["entry"]],
    )[COLUMNS]
    return full[full["related_to"] == ""].reset_index(drop=True) if drop_related else full


def as_text(entries: pd.DataFrame, origins: Sequence[str]) -> str:
    """Text of the list, with comments that say where it is from."""
    relatives = int((entries["related_to"] != "").sum())
    comments = [
        "# Entries of Cryo2StructData (Giri, Wang & Cheng 2024, doi:10.1038/s41597-024-03299-9; CC BY 4.0),",
        f"# from {' and '.join(origins)}: {len(entries)} in {entries['cluster'].nunique()} clusters by sequence.",
        f"# {relatives} share a protein with the test entries in the column related_to.",
    ]
    return "\n".join([*comments, entries.to_csv(sep="\t", index=False)])


def _table(word: str, path: str | os.PathLike | None, download: bool) -> Table:
    if path is not None:
        return read_table(Path(path).read_bytes(), os.fspath(path))
    if not download:
        raise ArchiveError(f"no table of {word} is given, and downloads are switched off")
    return read_table(*fetch_table(word, DATASETS[word]))


def _from_seqres(path: str | os.PathLike, entries: Sequence[str]) -> list[Protein]:
    return read_seqres(path, set(entries))


def _from_entries(mirrors: Sequence[str | os.PathLike], download: bool, entries: Sequence[str]) -> list[Protein]:
    """Proteins of entries from their files; entries that the archive no longer has count as without."""
    found = []
    for entry in entries:
        try:
            found += read_proteins(entry, mirrors=mirrors, download=download)
        except NoSuchEntryError as problem:
            logging.warning("%s", problem)
    return found
