"""Fetching: mirrors in every layout, and an archive on 127.0.0.1 that misbehaves in every way."""

import gzip
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from structure_files import PDB, mmcif

from pointprior.structures.archive import (
    ArchiveError,
    EntryIdError,
    NoSuchEntryError,
    check,
    fetch,
    locate,
    mirrors_from,
    normalise_id,
)
from pointprior.structures.atoms import read_atoms
from pointprior.structures.deposits import Deposit
from pointprior.structures.unpacking import StructureError

CIF = mmcif().encode()
GZIPPED = gzip.compress(CIF, mtime=0)
OTHER = gzip.compress(mmcif().replace("9XYZ", "1ABC").encode())
HTML = b"<!DOCTYPE html><html><body>Please log in to the network</body></html>"


# ids


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("6fvt", "6fvt"),
        ("6FVT", "6fvt"),
        (" 1Aon\n", "1aon"),
        ("pdb_00006fvt", "6fvt"),
        ("PDB_00006FVT", "6fvt"),
        ("pdb_10006fvt", "pdb_10006fvt"),
    ],
)
def test_ids(text, entry):
    assert normalise_id(text) == entry


@pytest.mark.parametrize("text", ["", "6fv", "6fvtt", "0abc", "abcd", "6f-t", "../6fvt", "pdb_6fvt", "6fvt.cif"])
def test_malformed_ids(text):
    with pytest.raises(EntryIdError, match="is no PDB entry id"):
        normalise_id(text)


# mirrors


def test_mirrors_from_configuration_and_environment(monkeypatch, tmp_path):
    environ = {"PDB_DIR": "/b::/c:/a", "HOME": "/x"}
    assert mirrors_from(["/a"], environ) == ["/a", "/b", "/c"]
    assert mirrors_from([], {}) == []
    monkeypatch.setenv("PDB_DIR", str(tmp_path))
    assert mirrors_from([]) == [str(tmp_path)]


@pytest.mark.parametrize("below", ["", "data/"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mmCIF/xy/9xyz.cif.gz", GZIPPED),
        ("mmCIF/xy/9xyz.cif", CIF),
        ("pdb/xy/pdb9xyz.ent.gz", gzip.compress(PDB.encode())),
        ("pdb/xy/pdb9xyz.ent", PDB.encode()),
    ],
)
@pytest.mark.parametrize("target", ["9xyz.cif.gz", "9xyz.cif"])
def test_fetches_from_a_mirror(tmp_path, below, name, content, target):
    path = tmp_path / "mirror" / f"{below}structures/divided/{name}"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    mirrors = [tmp_path / "absent", tmp_path / "mirror"]
    assert locate("9XYZ", mirrors) == path
    assert fetch("pdb_00009XYZ", tmp_path / target, mirrors=mirrors, download=False) == str(path)
    fetched = (tmp_path / target).read_bytes()
    assert fetched.startswith(b"\x1f\x8b") == target.endswith(".gz")
    assert b"data_9XYZ" in (gzip.decompress(fetched) if target.endswith(".gz") else fetched)
    assert len(read_atoms(tmp_path / target)) == len(read_atoms(path))


def test_the_first_mirror_wins(tmp_path):
    for mirror in ("a", "b"):
        path = tmp_path / mirror / "structures/divided/mmCIF/xy/9xyz.cif.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(GZIPPED)
    assert str(locate("9xyz", [tmp_path / "b", tmp_path / "a"])).startswith(str(tmp_path / "b"))
    assert locate("1aon", [tmp_path / "b", tmp_path / "a"]) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GZIPPED[:-30], "cut short"),
        (HTML, "looks like an HTML page"),
        (OTHER, "is entry 1abc, not 9xyz"),
        (mmcif(header="data_model\n").encode(), "calls itself 'model'; expected 9xyz"),
        (PDB[PDB.index("COMPND") :].encode(), "does not say which entry it is"),
        (b"data_9XYZ\n", "holds no atoms"),
        (b"", "the file is empty"),
    ],
)
def test_a_bad_file_in_a_mirror_is_named(tmp_path, content, message):
    path = tmp_path / "structures/divided/mmCIF/xy/9xyz.cif.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=f"9xyz.cif.gz: .*{message}.*Repair or remove"):
        fetch("9xyz", tmp_path / "out.cif.gz", mirrors=[tmp_path])
    assert not (tmp_path / "out.cif.gz").exists()


HASHED = CIF.rstrip(b"#\n").replace(b"loop_\n_atom_site.", b"#\nloop_\n_atom_site.") + b"\n#\n_audit.revision_id 1\n#\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mmCIF/xy/9xyz.cif", HASHED[: HASHED.rindex(b"#\n_audit")]),
        ("mmCIF/xy/9xyz.cif", HASHED[: HASHED.rindex(b"#\n_audit")].rsplit(b"\n", 3)[0] + b"\n"),
        ("pdb/xy/pdb9xyz.ent", PDB[: PDB.rindex("ENDMDL")].encode()),
        ("pdb/xy/pdb9xyz.ent", PDB[: PDB.rindex("END\n")].encode()),
    ],
)
def test_a_file_that_ends_between_two_of_its_rows_is_cut_short(tmp_path, name, content):
    path = tmp_path / "structures/divided" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"9xyz\..* cut short: it ends within its atoms.*Repair or remove"):
        fetch("9xyz", tmp_path / "out.cif.gz", mirrors=[tmp_path])


def test_whole_files_of_other_styles_are_not_taken_for_cut():
    for content in (HASHED, CIF, CIF.rstrip(), HASHED.replace(b"\n", b"\r\n")):
        assert check(content, "9xyz", "here").entry == "9XYZ"


BLANK_CHAINS = """\
HEADER    HYDROLASE                               01-JAN-00   9XYZ
DBREF  9XYZ      1     2  UNP    P12345   ABC_HUMAN        1      2
SEQRES   1      2  GLY ALA
ATOM      1  N   GLY     1      12.345  23.456  34.567  1.00 10.00           N
ATOM      2  CA  ALA     2      15.345  23.456  34.567  1.00 10.00           C
END
"""


def test_blank_chain_ids_survive_the_conversion(tmp_path):
    path = tmp_path / "structures/divided/pdb/xy/pdb9xyz.ent"
    path.parent.mkdir(parents=True)
    path.write_text(BLANK_CHAINS)
    fetch("9xyz", tmp_path / "out.cif.gz", mirrors=[tmp_path])
    assert read_atoms(tmp_path / "out.cif.gz").xyz.tolist() == read_atoms(path).xyz.tolist()


@pytest.mark.parametrize("badly_written", [b"data_9XYZ\nloop_\n_a.b\n_a.c\n1 2 3\n", CIF])
def test_a_conversion_that_cannot_be_read_is_not_kept(tmp_path, monkeypatch, badly_written):
    path = tmp_path / "structures/divided/pdb/xy/pdb9xyz.ent"
    path.parent.mkdir(parents=True)
    path.write_text(BLANK_CHAINS)
    monkeypatch.setattr(Deposit, "to_mmcif", lambda deposit: badly_written)
    with pytest.raises(ArchiveError, match=r"pdb9xyz.ent.*converted to mmCIF.*Give the mirror this entry's mmCIF file"):
        fetch("9xyz", tmp_path / "out.cif.gz", mirrors=[tmp_path])
    assert not (tmp_path / "out.cif.gz").exists()


def test_block_name_serves_where_the_entry_id_is_missing():
    assert check(CIF.replace(b"_entry.id 9XYZ\n", b""), "9xyz", "here").entry == "9XYZ"
    with pytest.raises(StructureError, match="here: is entry 9xyz, not 1abc"):
        check(CIF, "1abc", "here")


def test_without_downloads_an_absent_entry_names_the_ways_out(tmp_path):
    with pytest.raises(ArchiveError, match=r"in no mirror.*PDB_DIR.*structures/divided/mmCIF/xy/9xyz.cif.gz") as caught:
        fetch("9xyz", tmp_path / "out.cif.gz", mirrors=["/some/mirror"], download=False)
    assert "/some/mirror" in str(caught.value)


# the archive


class Server(ThreadingHTTPServer):
    """Answers the n-th request with the n-th of `answers` (the last one from then on)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.paths = [], []
        self.released = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        answer = server.answers[min(len(server.paths), len(server.answers) - 1)]
        server.paths.append(self.path)
        answer(self)

    def log_message(self, *arguments):
        """Keep the test's output clean."""


def sends(content: bytes, status: int = 200, length: int | None = None, stated: bool = True):
    def answer(handler):
        handler.send_response(status)
        if stated:
            handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def stalls(handler):
    """Say nothing; to a client that waits for ever, all that it asked for in the end."""
    if not handler.server.released.wait(20):
        sends(GZIPPED)(handler)


def drips(handler):
    """Send a byte now and then: never silent, never done."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while not handler.server.released.wait(0.02):
        try:
            handler.wfile.write(b"x")
        except OSError:
            return


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def get(server, target, answers, *, archives=("first/{middle}/{entry}.cif.gz",), **options):
    server.answers = answers
    base = f"http://127.0.0.1:{server.server_port}/"
    options = {"pause": 0.001, "timeout": 5.0} | options
    return fetch("9XYZ", target, archives=[base + archive for archive in archives], **options)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "deposits" / "9xyz.cif.gz"


def test_downloads(server, target):
    origin = get(server, target, [sends(GZIPPED)])
    assert origin.endswith("/first/xy/9xyz.cif.gz")
    assert server.paths == ["/first/xy/9xyz.cif.gz"]
    assert target.read_bytes() == GZIPPED
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    "trouble",
    [
        sends(b"busy", status=503),
        sends(b"slow down", status=429),
        sends(GZIPPED[:500], length=len(GZIPPED)),
        sends(GZIPPED[:500], stated=False),
        lambda handler: handler.connection.close(),
    ],
    ids=["503", "429", "short", "short, length unstated", "closed"],
)
def test_trouble_that_passes_is_retried(server, target, trouble):
    get(server, target, [trouble, trouble, sends(GZIPPED)])
    assert len(server.paths) == 3
    assert target.read_bytes() == GZIPPED


def test_unknown_entry_is_said_at_once(server, target):
    with pytest.raises(NoSuchEntryError, match="9xyz: no such entry in the archive"):
        get(server, target, [sends(b"no", status=404)])
    assert len(server.paths) == 1
    assert not target.parent.exists()


def test_the_second_archive_is_asked_when_the_first_fails(server, target):
    answers = [sends(HTML), sends(GZIPPED)]
    origin = get(server, target, answers, archives=["first/{entry}", "second/{entry}"])
    assert origin.endswith("/second/9xyz")
    assert server.paths == ["/first/9xyz", "/second/9xyz"]


def test_one_clear_absence_outweighs_an_archive_out_of_reach(server, target):
    answers = [sends(b"no", status=404), sends(b"busy", status=503)]
    with pytest.raises(NoSuchEntryError):
        get(server, target, answers, archives=["first/{entry}", "second/{entry}"], attempts=2)
    assert server.paths == ["/first/9xyz", "/second/9xyz", "/second/9xyz"]


@pytest.mark.parametrize(
    ("answer", "requests", "message"),
    [
        (sends(HTML), 1, "looks like an HTML page"),
        (sends(OTHER), 1, "is entry 1abc, not 9xyz"),
        (sends(b"", stated=False), 1, "the file is empty"),
        (sends(b"no", status=403), 1, "the server answered 403"),
        (sends(b"busy", status=503), 2, r"the server answered 503 .* \(2 attempts\)"),
        (sends(GZIPPED[:500], length=len(GZIPPED)), 2, r"cut short \(500 of \d+ bytes\) \(2 attempts\)"),
        (sends(GZIPPED[:500], stated=False), 2, r"the gzip file is cut short \(500 bytes\) \(2 attempts\)"),
    ],
)
def test_failures_say_what_where_and_what_to_do(server, target, answer, requests, message):
    with pytest.raises(ArchiveError, match=rf"9xyz: .*http://127.0.0.1.*{message}.*PDB_DIR") as caught:
        get(server, target, [answer], attempts=2)
    assert not isinstance(caught.value, NoSuchEntryError)
    assert len(server.paths) == requests
    assert not target.parent.exists()


@pytest.mark.parametrize(
    ("answer", "limits", "message"),
    [
        (stalls, {"timeout": 0.1}, "no (answer|connection)"),
        (drips, {"time_limit": 0.1}, "not finished within 0.1 s"),
    ],
)
def test_a_server_that_hangs_is_given_up(server, target, answer, limits, message):
    with pytest.raises(ArchiveError, match=message):
        get(server, target, [answer], attempts=2, **limits)
    assert len(server.paths) == 2


def test_without_a_network_the_message_names_the_mirrors(server, target):
    server.shutdown()  # first: a thread that still polls the socket would keep it listening
    server.server_close()  # nothing listens on its port now
    with pytest.raises(ArchiveError, match=r"no connection .*Without a network.*mirrors.*PDB_DIR \(none is set\)"):
        get(server, target, [stalls], attempts=1)


def test_a_mirror_spares_the_archive(server, tmp_path, target):
    path = tmp_path / "structures/divided/mmCIF/xy/9xyz.cif.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(GZIPPED)
    assert get(server, target, [sends(OTHER)], mirrors=[tmp_path]) == str(path)
    assert server.paths == []


def test_a_failed_download_keeps_the_old_file(server, target):
    get(server, target, [sends(GZIPPED)])
    with pytest.raises(ArchiveError):
        get(server, target, [sends(HTML)])
    assert target.read_bytes() == GZIPPED


def says(raw: bytes):
    """Answer with these bytes and nothing else, headers included."""

    def answer(handler):
        handler.wfile.write(raw)
        handler.close_connection = True

    return answer


def redirects(location: str, status: int = 302):
    return says(f"HTTP/1.0 {status} Found\r\nLocation: {location}\r\n\r\n".encode("latin-1"))


def floods(head: bytes):
    """Send a head and then a body that never ends."""

    def answer(handler):
        handler.wfile.write(head)
        while not handler.server.released.is_set():
            try:
                handler.wfile.write(bytes(1 << 16))
            except OSError:
                return

    return answer


OK = b"HTTP/1.0 200 OK\r\n"
WHOLE = [
    says(OK + b"Content-Length: many\r\n\r\n" + GZIPPED),
    says(OK + b"Content-Length: -5\r\n\r\n" + GZIPPED),
    says(OK + b"\r\n" + GZIPPED),
]


@pytest.mark.parametrize("answer", WHOLE)
def test_a_nonsensical_length_does_no_harm_to_a_whole_file(server, target, answer):
    get(server, target, [answer])
    assert target.read_bytes() == GZIPPED


BOMB = gzip.compress(bytes(1 << 23))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (says(OK + b"Content-Length: many\r\n\r\n" + GZIPPED[:500]), "the gzip file is cut short"),
        (redirects("http://[bad/"), "malformed address"),
        (redirects("http://127.0.0.1:port/"), "malformed address"),
        (redirects("http://127.0.0.1/\x01 \x7f"), "."),
        (redirects("http:///nowhere"), "redirect"),
        (redirects("ftp://127.0.0.1/9xyz.cif.gz"), "unknown url type: ftp"),
        (redirects("file:///etc/hostname"), "not allowed"),
        (redirects("data:text/plain,hello"), "not allowed"),
        (redirects("/again"), "redirect"),
        (redirects("/again", 308), "redirect"),
        (floods(OK + b"\r\n"), "sends more than 100,000 bytes"),
        (floods(b"HTTP/1.0 302 Found\r\nLocation: /again\r\n\r\n"), "redirect"),
        (floods(b"HTTP/1.0 403 Forbidden\r\n\r\n"), "the server answered 403"),
        (floods(b""), "connection broke"),
        (says(OK + b"\r\n" + BOMB), "more than 100,000 bytes once it is ungzipped"),
        (says(OK + b"\r\n" + GZIPPED[:60] + bytes(9) + GZIPPED[69:]), "the gzip file is damaged"),
        (says(b"HTTP/1.0 403 \x1b[2J\x1b]0;mine\x07 no\r\n\r\n"), "403 .*mine"),
        (says(b"HTTP/1.0 999999 what\r\n\r\n"), "."),
        (says(b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"), "got more than 100 headers"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"), "connection broke"),
        (says(b"\x16\x03\x01"), "connection broke"),
        (says(b""), "connection"),
    ],
)
def test_whatever_the_server_does_is_told_in_printable_words(server, target, answer, message):
    with pytest.raises(ArchiveError, match=message) as caught:
        get(server, target, [answer], attempts=1, timeout=2.0, size_limit=100_000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1500
    assert not target.parent.exists()


def test_damaged_exchanges_give_the_entry_or_an_archive_error(server, target):
    """Bytes of a good answer replaced, removed and repeated at random."""
    generator = np.random.default_rng(0)
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: chemical/x-cif\r\n\r\n" % len(GZIPPED) + GZIPPED
    kept = 0
    for _ in range(150):
        raw = bytearray(good)
        for place in generator.integers(0, 120, generator.integers(1, 4)):
            end = int(place) + int(generator.integers(0, 4))
            raw[int(place) : end] = generator.bytes(int(generator.integers(0, 5)))
        server.paths.clear()
        target.unlink(missing_ok=True)
        with suppress(ArchiveError):
            get(server, target, [says(bytes(raw))], attempts=1, timeout=1.0)
        if target.exists():
            kept += 1
            assert gzip.decompress(target.read_bytes()) == CIF
    assert 0 < kept < 150
