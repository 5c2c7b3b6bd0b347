"""Tables of a Dataverse, by the DOI of their dataset.

Dataverse keeps tables that were uploaded as CSV or Excel sheets as tab-separated text (its Data Access API).
"""

import json
from collections.abc import Sequence

from pointprior.structures.archive import ArchiveError
from pointprior.structures.download import RefusedError, TransientError, get

SERVER = "https://dataverse.harvard.edu"
LISTING = "{server}/api/datasets/:persistentId/versions/:latest-published/files?persistentId=doi:{doi}"
FILE = "{server}/api/access/datafile/{id}"
TIMEOUT, TIME_LIMIT, SIZE_LIMIT = 60.0, 600.0, 100_000_000  # seconds without an answer, seconds in all, bytes


def fetch_table(word: str, datasets: Sequence[str], *, server: str = SERVER) -> tuple[bytes, str]:
    """Fetch the table that has a word in its name from the first of some datasets that has one.

    Returns
    -------
    content : bytes
        The table.
    origin : str
        Its name and dataset.

    Raises
    ------
    ArchiveError
        If it cannot be fetched, or no dataset has such a table, or one has several.
    """
    seen = []
    for doi in datasets:
        names = _listed(doi, server)
        found = {name: number for name, number in names.items() if word in name.lower()}
        if len(found) > 1:
            raise _failure(doi, f"has several tables called {word}: {', '.join(found)}")
        for name, number in found.items():
            return _get(FILE.format(server=server, id=number), doi), f"{name} of doi:{doi}"
        seen.append(f"doi:{doi} ({', '.join(names) or 'no table'})")
    raise _failure(" or ".join(datasets), f"no table called {word} in {'; '.join(seen)}")


def _listed(doi: str, server: str) -> dict[str, int]:
    """Number of each table of a dataset, by its name."""
    answer = _get(LISTING.format(server=server, doi=doi), doi)
    try:
        files = [entry["dataFile"] for entry in json.loads(answer)["data"]]
        names = {file.get("originalFileName") or file["filename"]: file["id"] for file in files}
    except (ValueError, KeyError, TypeError) as problem:
        raise _failure(doi, f"its list of files is not readable ({problem!r})") from problem
    return {name: number for name, number in names.items() if name.endswith((".csv", ".tab", ".tsv", ".xlsx", ".xls"))}


def _get(url: str, doi: str) -> bytes:
    try:
        return get(url, timeout=TIMEOUT, time_limit=TIME_LIMIT, size_limit=SIZE_LIMIT)
    except (TransientError, RefusedError) as problem:
        raise _failure(doi, f"{url}: {problem}") from problem


def _failure(doi: str, what: str) -> ArchiveError:
    return ArchiveError(f"doi:{doi}: {what}. Download the table by hand from the page of its DOI and give its path")
