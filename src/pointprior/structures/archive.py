"""Entries of the Protein Data Bank: from a local mirror if one has it, else from the archive over HTTPS.

A mirror keeps the archive's layout, ``structures/divided/mmCIF/fv/6fvt.cif.gz``, directly or below
``data/``; files that are not gzipped and the PDB format (``structures/divided/pdb/fv/pdb6fvt.ent.gz``)
do as well. Whatever the source, a file is only kept once it was read to its end, parsed, and found to
be the entry that was asked for.
"""

import gzip
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pointprior.runtime.files import atomic_write
from pointprior.structures.deposits import Deposit, parse
from pointprior.structures.download import AbsentError, RefusedError, TransientError, get
from pointprior.structures.unpacking import GZIP_MAGIC, StructureError, ungzipped

ARCHIVES = (
    "https://files.wwpdb.org/pub/pdb/data/structures/divided/mmCIF/{middle}/{entry}.cif.gz",
    "https://files.rcsb.org/download/{entry}.cif.gz",
)
LAYOUTS = (
    "structures/divided/mmCIF/{middle}/{entry}.cif.gz",
    "structures/divided/mmCIF/{middle}/{entry}.cif",
    "structures/divided/pdb/{middle}/pdb{entry}.ent.gz",
    "structures/divided/pdb/{middle}/pdb{entry}.ent",
)


class ArchiveError(Exception):
    """An entry could not be fetched; the message says from where, why, and what to do."""


class NoSuchEntryError(ArchiveError):
    """The archive was reached and does not have the entry."""


class EntryIdError(ValueError):
    """A text that is not a PDB entry id."""


def normalise_id(text: str) -> str:
    """Bring an entry id to the archive's form: lower case, four characters where those suffice.

    Raises
    ------
    EntryIdError
        If it is not an entry id.

    Examples
    --------
    >>> normalise_id("6FVT"), normalise_id("PDB_00006fvt"), normalise_id("pdb_10006fvt")
    ('6fvt', '6fvt', 'pdb_10006fvt')
    """
    entry = text.strip().lower() if text.isascii() else text  # the Kelvin sign's lower case is a k
    entry = re.sub(r"^pdb_0000(?=[1-9][a-z0-9]{3}$)", "", entry)
    if not re.fullmatch(r"[1-9][a-z0-9]{3}|pdb_[a-z0-9]{8}", entry):
        raise EntryIdError(
            f"{text!r} is no PDB entry id: a digit other than 0 and three letters or digits (6fvt), "
            "or the extended form (pdb_00006fvt)"
        )
    return entry


def mirrors_from(configured: Sequence[str | os.PathLike], environ: Mapping[str, str] = os.environ) -> list[str]:
    """List the mirrors to search: the configured ones, then those of the variable ``PDB_DIR`` (separated by ``:``).

    Examples
    --------
    >>> mirrors_from(["/data/pdb"], {"PDB_DIR": "/mirrors/pdb:/mirrors/more"})
    ['/data/pdb', '/mirrors/pdb', '/mirrors/more']
    """
    mirrors = [os.fspath(mirror) for mirror in configured] + environ.get("PDB_DIR", "").split(os.pathsep)
    return [os.path.expanduser(mirror) for mirror in dict.fromkeys(mirrors) if mirror]


def locate(entry: str, mirrors: Sequence[str | os.PathLike]) -> Path | None:
    """Find the file of an entry in the first mirror that has it; None if no mirror does."""
    entry = normalise_id(entry)
    for mirror in mirrors:
        for parent in (Path(mirror), Path(mirror) / "data"):
            for layout in LAYOUTS:
                path = parent / _fill(layout, entry)
                if path.is_file():
                    return path
    return None


def check(content: bytes, entry: str, origin: str) -> Deposit:
    """Parse a structure file, gzipped or not, and make sure that it is whole and of that entry.

    Raises
    ------
    StructureError
        If it is not; the message starts with `origin`.
    """
    text = ungzipped(content, origin)
    deposit = parse(text, origin)
    if text is content and _is_cut_short(text, deposit):  # gzip's own length and checksum were verified
        raise StructureError(f"{origin}: the file is cut short: it ends within its atoms")
    try:
        found = normalise_id(deposit.entry)
    except EntryIdError as problem:
        stated = f"calls itself {deposit.entry!r}" if deposit.entry else "does not say which entry it is"
        raise StructureError(f"{origin}: {stated}; expected {entry}") from problem
    if found != normalise_id(entry):
        raise StructureError(f"{origin}: is entry {found}, not {entry}")
    return deposit


def fetch(
    entry: str,
    target: str | os.PathLike,
    *,
    mirrors: Sequence[str | os.PathLike] = (),  # searched in this order
    download: bool = True,  # whether to ask the archive for what no mirror has
    archives: Sequence[str] = ARCHIVES,  # templates of addresses, tried in this order
    attempts: int = 3,  # per address
    timeout: float = 30.0,  # seconds without an answer before an attempt is given up
    time_limit: float = 600.0,  # seconds that one attempt may take in all
    size_limit: int = 1 << 30,  # bytes of a file, gzipped or not; the largest entries have half of that
    pause: float = 1.0,  # seconds before the second attempt; doubles with each
) -> str:
    """Put the mmCIF file of an entry at `target` (gzipped if it is called ``.gz``) and say where it came from.

    Raises
    ------
    EntryIdError
        If `entry` is no entry id.
    NoSuchEntryError
        If the archive has no such entry.
    ArchiveError
        If no source could give a whole and correct file.
    """
    entry, target = normalise_id(entry), Path(target)
    path = locate(entry, mirrors)
    if path is not None:
        origin = os.fspath(path)
        content, deposit = _read(path, entry)
    elif download:
        origin, content, deposit = _download(
            entry,
            archives,
            attempts,
            pause,
            {"timeout": timeout, "time_limit": time_limit, "size_limit": size_limit},
            advice=_advice(entry, mirrors),
        )
    else:
        raise ArchiveError(f"{entry}: in no mirror, and downloads are switched off. {_advice(entry, mirrors)}")
    if deposit.is_pdb:
        content = _converted(deposit, entry, origin)
    _store(content, target)
    return origin


def _is_cut_short(text: bytes, deposit: Deposit) -> bool:
    """Whether a text stops between two of its atoms, judged by its own style.

    A PDB entry ends with END. An mmCIF file may end with its atoms, but one that closes the category before them with
    a `#` (as the archive and many programs do) closes them, too.
    """
    lines = text.rstrip().splitlines()
    if deposit.is_pdb:
        return lines[-1].strip() != b"END"
    closes = re.search(rb"^#[ \t]*\r?\n(?:loop_\s+)?_atom_site\.", text, re.MULTILINE) is not None
    return closes and not lines[-1].startswith(b"#")


def _converted(deposit: Deposit, entry: str, origin: str) -> bytes:
    """The mmCIF text of an entry in PDB format, read again to be sure that others can."""
    content = deposit.to_mmcif()
    try:
        again = check(content, entry, f"{origin}, converted to mmCIF")
        written, read = (d.structure[0].count_atom_sites() for d in (deposit, again))
        if read != written:
            raise StructureError(f"{origin}: of its {written} atoms {read} are left when converted to mmCIF")
    except StructureError as problem:
        raise ArchiveError(f"{entry}: {_printable(problem)}. Give the mirror this entry's mmCIF file") from problem
    return content


def _read(path: Path, entry: str) -> tuple[bytes, Deposit]:
    try:
        content = path.read_bytes()
        return content, check(content, entry, os.fspath(path))
    except (StructureError, OSError) as problem:
        raise ArchiveError(f"{entry}: {_printable(problem)}. Repair or remove that file of the mirror") from problem


def _download(entry, archives, attempts, pause, limits, *, advice) -> tuple[str, bytes, Deposit]:
    """Ask every archive in turn, each several times where the failure may pass."""
    failures, absent = [], []
    for template in archives:
        url = _fill(template, entry)
        for attempt in range(attempts):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1))
            try:
                content = get(url, **limits)
                return url, content, check(content, entry, url)
            except TransientError as problem:
                failure = f"{url}: {problem} ({attempt + 1} attempts)"
            except RefusedError as problem:
                failure = f"{url}: {problem}"
                if isinstance(problem, AbsentError):
                    absent.append(url)
                break
            except StructureError as problem:  # another attempt would bring the same page
                failure = str(problem)
                break
        failures.append(_printable(failure))
    if absent:
        raise NoSuchEntryError(
            f"{entry}: no such entry in the archive (unknown, unreleased or withdrawn; or it has no mmCIF file): "
            f"{', '.join(absent)} not found"
        )
    raise ArchiveError(f"{entry}: could not be downloaded. {'; '.join(failures)}. {advice}")


def _store(content: bytes, target: Path) -> None:
    """Write what was checked; only the packing may change on the way."""
    zipped = content.startswith(GZIP_MAGIC)
    with atomic_write(target) as temporary:
        if target.suffix == ".gz" and not zipped:
            content = gzip.compress(content, mtime=0)
        elif target.suffix != ".gz" and zipped:
            content = gzip.decompress(content)
        temporary.write_bytes(content)


def _printable(text: object, longest: int = 500) -> str:
    """A server's or a file's words without what would steer a terminal, and not too many of them.

    Examples
    --------
    >>> _printable("busy\\x1b[2J")
    'busy�[2J'
    """
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(text).split()))
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def _fill(template: str, entry: str) -> str:
    return template.format(entry=entry, middle=entry[-3:-1])


def _advice(entry: str, mirrors: Sequence[str | os.PathLike]) -> str:
    searched = f"searched: {', '.join(os.fspath(mirror) for mirror in mirrors)}" if mirrors else "none is set"
    return (
        "Without a network, name a local mirror of the archive, in `mirrors` of the configuration or in the "
        f"environment variable PDB_DIR ({searched}), that holds {_fill(LAYOUTS[0], entry)}"
    )
