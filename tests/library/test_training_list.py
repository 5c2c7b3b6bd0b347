"""The training list from Cryo2StructData: its tables in every form, clusters by sequence, relatives of test entries."""

import csv
import gzip
import json
import logging
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from pointprior.cli import main
from pointprior.structures import training_list
from pointprior.structures.archive import ArchiveError
from pointprior.structures.cryo2struct import TableError, read_maps, read_split, read_table, training_entries
from pointprior.structures.dataverse import fetch_table
from pointprior.structures.homology import Protein
from pointprior.structures.seeds import ALPHABET
from pointprior.structures.seqres import read_seqres
from pointprior.structures.sequence_clusters import by_alignment, by_mmseqs, cluster_entries, find_mmseqs
from pointprior.structures.training_list import write_list

METADATA = """EMD ID,PDB code,Resolution,Method,Title
EMD-0004,6GIQ,3.23,single particle,"Structure, with a comma"
0031,6gmh,3.1,single particle,Another of α-helices
22898,7kjr,2.08,single particle,A channel
22899,7KJR,2.5,single particle,The same model in another map
11150,6zbc 6zbd,3.0,single particle,Two models of a map
9999,6.00E+10,3.0,single particle,What a spreadsheet made of 6e10
9998,,3.0,single particle,No model
"""
CODES = {"train": ["0004", "22898", "22899", "11150"], "val": ["0031"], "test": ["9998"]}


def table(text: str, name: str = "metadata.csv"):
    return read_table(text.encode(), name)


def random_sequence(seed: int, length: int = 120) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET[:20]), length))


# the tables


@pytest.mark.parametrize(
    "form",
    [
        METADATA,
        "\ufeff" + METADATA.replace("\n", "\r\n"),  # from a spreadsheet
        METADATA.replace('"Structure, with a comma"', "Structure").replace(",", "\t"),  # from Dataverse
        METADATA.replace("EMD-0004", "4.0").replace("0031", "31"),  # which makes numbers of the codes
        METADATA.replace("EMD ID,PDB code", "emdb_id,pdb_id"),
        METADATA.replace("EMD ID,PDB code,Resolution,Method", "EMD ID,PDB code,EMDB resolution,PDB method"),
    ],
)
def test_entries_of_the_maps(form, caplog):
    maps = read_maps(table(form))
    assert list(zip(maps["emd"], maps["entry"], strict=True)) == [
        ("0004", "6giq"),
        ("0031", "6gmh"),
        ("22898", "7kjr"),
        ("22899", "7kjr"),
        ("11150", "6zbc"),
        ("11150", "6zbd"),
    ]
    assert caplog.messages == [
        "metadata.csv, line 7: left out, with EMD '9999' and PDB '6.00E+10'",
        "metadata.csv, line 8: left out, with EMD '9998' and PDB ''",
    ]


@pytest.mark.parametrize(
    "form",
    [
        "EMD,Split\n" + "".join(f"{code},{split}\n" for split, codes in CODES.items() for code in codes),
        "emdb_id;set\n" + "".join(f"{code};{split}\n" for split, codes in CODES.items() for code in codes),
        "Train,Validation,Test\n0004,0031,9998\n22898,,\n22899,,\n11150,,\n",
        "train EMD IDs\tvalid EMD IDs\n4\t31\n22898\t\n22899\t\n11150\t\n",
    ],
)
def test_maps_of_a_split(form):
    assert read_split(table(form), "train") == CODES["train"]
    assert read_split(table(form), "val") == CODES["val"]


def test_tables_that_are_none():
    with pytest.raises(TableError, match=r"m\.csv: a sheet of Excel\. Save it as CSV"):
        read_table(b"PK\x03\x04", "m.csv")
    with pytest.raises(TableError, match=r"m\.csv: not readable as a table"):
        table("", "m.csv")
    with pytest.raises(TableError, match=r"no columns have EMD codes .* which are map, PDB\. Rename"):
        read_maps(table("map,PDB\n0004,6giq\n"))
    with pytest.raises(TableError, match="2 columns have PDB codes"):
        read_maps(table("EMD,PDB of the map,PDB of the model\n0004,6giq,6gir\n"))
    with pytest.raises(TableError, match=r"neither a column of codes for the split train .* EMD, fold"):
        read_split(table("EMD,fold\n0004,3\n"), "train")
    with pytest.raises(TableError, match="lists no map of the split train"):
        read_split(table("EMD,split\n0004,val\n"), "train")


def test_entries_to_train_on(caplog):
    splits = table("Train,Val\n0004,0031\n22899,\n22898,\n11150,\n7777,\n", "splits.csv")
    listed = training_entries(table(METADATA), splits, left_out=["6zbd", "1abc"])
    assert list(zip(listed["entry"], listed["emd"], strict=True)) == [
        ("6giq", "0004"),
        ("7kjr", "22898 22899"),
        ("6zbc", "11150"),
    ]
    assert caplog.messages[2:] == [
        "splits.csv: 1 maps that metadata.csv lacks: 7777",
        "metadata.csv: left out 1 test entries: 6zbd",
        "metadata.csv: 3 entries to train on; the paper prints 6629",
    ]


# Dataverse


@pytest.fixture
def dataverse(monkeypatch):
    """A server that answers as Dataverse does: two datasets, one of them with tables."""
    files = [
        {"dataFile": {"id": 7, "filename": "metadata.tab", "originalFileName": "metadata.csv"}},
        {"dataFile": {"id": 8, "filename": "split_of_maps.xlsx"}},
        {"dataFile": {"id": 9, "filename": "EMD_0_metadata.zip"}},
        {"dataFile": {"id": 10, "filename": "double_a.csv"}},
        {"dataFile": {"id": 11, "filename": "double_b.csv"}},
    ]
    listing = "/api/datasets/:persistentId/versions/:latest-published/files?persistentId=doi:"
    answers = {
        f"{listing}10.1/EMPTY": json.dumps({"status": "OK", "data": []}),
        f"{listing}10.1/FULL": json.dumps({"status": "OK", "data": files}),
        f"{listing}10.1/PAGE": "<html>",
        "/api/access/datafile/7": METADATA,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = answers.get(self.path, "").encode()
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Keep the test's output clean."""

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_table_of_dataverse(dataverse):
    content, origin = fetch_table("metadata", ["10.1/EMPTY", "10.1/FULL"], server=dataverse)
    assert content.decode() == METADATA
    assert origin == "metadata.csv of doi:10.1/FULL"


@pytest.mark.parametrize(
    ("word", "datasets", "fault"),
    [
        ("splits", ["10.1/EMPTY", "10.1/FULL"], "no table called splits in doi:10.1/EMPTY (no table); doi:10.1/FULL ("),
        ("double", ["10.1/FULL"], "several tables called double: double_a.csv, double_b.csv"),
        ("metadata", ["10.1/ABSENT"], "the server answered 404"),
        ("metadata", ["10.1/PAGE"], "its list of files is not readable"),
        ("split_of", ["10.1/FULL"], "/api/access/datafile/8: the server answered 404"),
    ],
)
def test_what_dataverse_does_not_have(dataverse, word, datasets, fault):
    with pytest.raises(ArchiveError, match=re.escape(fault)) as caught:
        fetch_table(word, datasets, server=dataverse)
    assert "Download the table by hand" in str(caught.value)


# sequences and clusters


def test_sequences_of_the_archive(tmp_path):
    text = (
        ">6giq_A mol:protein length:24  ONE PROTEIN\nMKVLAAGIVGLPNVGKSTLFNALU\n"
        ">6giq_B mol:protein length:24  ONE PROTEIN\nMKVLAAGIVGLPNVGKSTLFNALU\n"
        ">6giq_C mol:na length:24  DNA\nACGTACGTACGTACGTACGTACGT\n"
        ">6giq_D mol:protein length:3  PEPTIDE\nMKV\n"
        ">6gmh_a mol:protein length:20  \nAAAAAAAAAAAAAAAAAAAA\n"
        ">7kjr_A mol:protein length:20  OTHER\nAAAAAAAAAAAAAAAAAAAA\n"
    )
    expected = [
        Protein("6giq", "A B", "ONE PROTEIN", "MKVLAAGIVGLPNVGKSTLFNALX"),
        Protein("6gmh", "a", "", "AAAAAAAAAAAAAAAAAAAA"),
    ]
    plain, packed = tmp_path / "pdb_seqres.txt", tmp_path / "pdb_seqres.txt.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    assert read_seqres(plain, {"6giq", "6gmh"}) == expected
    assert read_seqres(packed, {"6giq", "6gmh"}) == expected
    plain.write_text(text + "MKV\n")
    with pytest.raises(ValueError, match=r"pdb_seqres\.txt, line 13: no record of the archive's"):
        read_seqres(plain, {"6giq"})


def related_sequences() -> list[str]:
    """A part of a sequence, the sequence, it with a third of its residues replaced, and a stranger."""
    first, generator = random_sequence(0), np.random.default_rng(1)
    changed = list(first)
    for place in generator.permutation(len(first))[: len(first) // 3]:
        changed[place] = generator.choice([letter for letter in ALPHABET[:20] if letter != changed[place]])
    return [first[:70], first, "".join(changed), random_sequence(5)]


MMSEQS = pytest.param(
    lambda *given, **limits: by_mmseqs(given[0], str(find_mmseqs()), **limits),
    marks=pytest.mark.skipif(find_mmseqs() is None, reason="MMseqs2 is not installed"),
    id="mmseqs",
)


@pytest.mark.parametrize("cluster", [pytest.param(by_alignment, id="alignment"), MMSEQS])
def test_clusters_of_sequences(cluster):
    assert cluster(related_sequences(), identity=0.3, coverage=0.5) == [1, 1, 1, 3]


def test_clusters_keep_to_the_identity():
    assert by_alignment(related_sequences(), identity=0.9, coverage=0.5) == [1, 1, 2, 3]
    assert by_alignment([], identity=0.3, coverage=0.5) == by_mmseqs([], "", identity=0.3, coverage=0.5) == []


@pytest.mark.skipif(find_mmseqs() is None, reason="MMseqs2 is not installed")
def test_what_mmseqs_says_when_it_fails():
    with pytest.raises(ValueError, match="ended with exit status"):
        by_mmseqs(["MKV"], str(find_mmseqs()), identity=30.0, coverage=0.5)


def test_clusters_of_entries():
    """An entry belongs where most of its residues do: with 2abc, for its many copies, not with the longer antibody."""
    core, antibody = random_sequence(0), random_sequence(1, 200)
    known = [
        Protein("1abc", "A", "", antibody),
        Protein("2abc", "A", "", core),
        Protein("3abc", "A B C", "", core),
        Protein("3abc", "H", "", antibody),
    ]
    clusters = cluster_entries(["4abc", "3abc", "2abc", "1abc"], known)
    assert clusters == {"4abc": "4abc", "3abc": "3abc", "2abc": "3abc", "1abc": "1abc"}


# the list


@pytest.fixture
def given(tmp_path, monkeypatch) -> dict:
    """Tables and sequences as files: 6giq and 7kjr are of one family, 6zbc shares a chain with the test entry 6zbd."""
    monkeypatch.setattr(training_list, "find_mmseqs", lambda: None)  # the same test with and without it
    sequences = {"6giq": 0, "7kjr": 0, "6zbc": 1, "6zbd": 1, "6gmh": 2}
    records = [f">{entry}_A mol:protein length:120  P\n{random_sequence(seed)}\n" for entry, seed in sequences.items()]
    (tmp_path / "metadata.csv").write_text(METADATA)
    (tmp_path / "splits.csv").write_text("Train,Val\n0004,0031\n22899,\n22898,\n11150,\n")
    (tmp_path / "pdb_seqres.txt").write_text("".join(records))
    return {
        "metadata": tmp_path / "metadata.csv",
        "splits": tmp_path / "splits.csv",
        "sequences": tmp_path / "pdb_seqres.txt",
    }


def test_the_list(given, tmp_path):
    path = tmp_path / "list.tsv"
    found = write_list(path, test=["6zbd"], **given)
    lines = path.read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "entry\tcluster\temd\trelated_to",
        "6giq\t6giq\t0004\t",
        "7kjr\t6giq\t22898 22899\t",
        "6zbc\t6zbc\t11150\t6zbd",
    ]
    assert "CC BY 4.0" in lines[0]
    assert f"from {given['metadata']} and {given['splits']}: 3 in 2 clusters" in lines[1]
    rows = csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t")
    assert [row["entry"] for row in rows] == list(found["entry"])
    assert list(write_list(path, test=["6zbd"], drop_related=True, **given)["entry"]) == ["6giq", "7kjr"]


def test_a_test_entry_without_sequence_is_said(given, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        write_list(tmp_path / "list.tsv", test=["1abc"], **given)
    assert "no protein is known of the test entries 1abc: nothing counts as related" in caplog.messages


def test_the_list_from_dataverse(given, tmp_path, dataverse, monkeypatch):
    monkeypatch.setattr(training_list, "fetch_table", partial(fetch_table, server=dataverse))
    monkeypatch.setitem(training_list.DATASETS, "metadata", ("10.1/EMPTY", "10.1/FULL"))
    found = write_list(tmp_path / "list.tsv", **(given | {"metadata": None}))
    assert list(found["entry"]) == ["6giq", "7kjr", "6zbc", "6zbd"]
    assert "from metadata.csv of doi:10.1/FULL and" in (tmp_path / "list.tsv").read_text()


def test_the_list_on_the_command_line(given, tmp_path, capsys):
    path = tmp_path / "list.tsv"
    options = [f"--{key}={file}" for key, file in given.items()]
    assert main(["lists", "cryo2struct", *options, "--test", "6ZBD", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 3 entries in 2 clusters, 1 related to a test entry\n"
    path.unlink()
    assert main(["lists", "cryo2struct", "--no-download", "-o", str(path)]) == 1
    assert "no table of metadata is given, and downloads are switched off" in capsys.readouterr().err
    assert not path.exists()
