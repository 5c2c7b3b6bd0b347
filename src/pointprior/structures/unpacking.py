"""Bytes of a structure file to its text: gzip undone, the encoding told, other kinds of files named."""

import gzip
import os
import zlib
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"

# how a file starts, what it then is, and what to do
FOREIGN = (
    (GZIP_MAGIC, "is gzipped twice", "unpack it once"),
    (b"BZh", "is compressed with bzip2", "unpack it with bunzip2"),
    (b"\xfd7zXZ", "is compressed with xz", "unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd", "unpack it with unzstd"),
    (b"\x1f\x9d", "is compressed with compress (.Z)", "unpack it with uncompress"),
    (b"PK\x03\x04", "is a zip archive", "unpack it"),
)
# words that stand in a file of another format, and the format's name
OTHER_FORMATS = ((b"dataBlocks", "BinaryCIF"), (b"mmtfVersion", "MMTF"))
MARKUP = ((b"<!doctype html", "an HTML page"), (b"<html", "an HTML page"), (b"<?xml", "XML"), (b"{", "JSON"))
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class StructureError(ValueError):
    """A file is no structure, not the one asked for, or lacks what was selected from it."""


def read_content(path: str | os.PathLike) -> bytes:
    """Read a file to its end, ungzipped if it is gzipped (whatever its name says).

    Raises
    ------
    StructureError
        If the file cannot be read, is empty, or its gzip stream is damaged or cut short.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as problem:
        raise StructureError(f"{path}: cannot be read ({problem.strerror})") from problem
    return ungzipped(content, os.fspath(path))


def ungzipped(content: bytes, origin: str) -> bytes:
    """Undo gzip where `content` is gzipped, checking its length and checksum; `origin` is for messages."""
    if not content:
        raise StructureError(f"{origin}: the file is empty")
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except EOFError as problem:
        raise StructureError(f"{origin}: the gzip file is cut short ({len(content)} bytes)") from problem
    except (OSError, zlib.error) as problem:
        raise StructureError(f"{origin}: the gzip file is damaged ({problem})") from problem


def to_text(content: bytes, origin: str) -> str:
    """Decode the (ungzipped) content of a file: UTF-8, UTF-16 where a byte-order mark says so, else Latin-1.

    Raises
    ------
    StructureError
        If the content is packed in another way, or is none of the text formats of structures.
    """
    _refuse_foreign(content, origin)
    if content.startswith(UTF16_MARKS):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # a name with an accent, from a program of the 1990s
        return content.decode("latin-1")


def _refuse_foreign(content: bytes, origin: str) -> None:
    for magic, what, remedy in FOREIGN:
        if content.startswith(magic):
            raise StructureError(f"{origin}: {what}; {remedy}")
    if not content[:1].isascii():
        for word, name in OTHER_FORMATS:
            if word in content:
                raise StructureError(f"{origin}: is {name}, which is not read here; take the entry's mmCIF file")
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, name in MARKUP:
        if start.startswith(mark):
            raise StructureError(f"{origin}: looks like {name}, not a structure file in mmCIF or PDB format")
