"""Reading of structures: every rule on files written here, atom counts on real entries where a mirror is at hand."""

import csv
import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest
from mirror import SHARED, needs_mirror
from structure_files import KEPT_X, PDB, ROWS, mmcif

from pointprior.structures.atoms import Atoms, read_atoms
from pointprior.structures.deposits import parse
from pointprior.structures.unpacking import StructureError, read_content


@pytest.fixture
def cif(tmp_path) -> Path:
    path = tmp_path / "9xyz.cif"
    path.write_text(mmcif())
    return path


def test_rules_of_reading(cif):
    """First model; no hydrogen, deuterium or water; one location per atom; one residue per position."""
    atoms = read_atoms(cif)
    np.testing.assert_allclose(atoms.xyz[:, 0], KEPT_X, atol=1e-6)
    np.testing.assert_allclose(atoms.xyz[:, 1:], np.tile([2.0, 3.0], (len(KEPT_X), 1)))
    assert atoms.xyz.dtype == np.float32
    assert atoms.element.tolist() == ["N", "C", "S", "C", "C", "C", "Zn", "Se"]
    assert atoms.chain.tolist() == ["X"] * 7 + ["Y"]  # the author's, not the label's
    assert atoms.entity.tolist() == ["Proteasome subunit alpha"] * 6 + ["ZINC ION", "Proteasome subunit alpha"]


def test_residues_with_one_number_and_different_insertion_codes_are_different(cif):
    rows = "C CA . ALA A 1 1 ? 1.0 1.0 10 X 1\nC CA A ALA A 1 2 A 2.0 0.4 10 X 1\nC CA B ALA A 1 2 A 2.5 0.6 10 X 1\n"
    cif.write_text(mmcif(rows))
    np.testing.assert_allclose(read_atoms(cif).xyz[:, 0], [1.0, 2.5])


def test_locations_of_a_residue_go_together():
    """The mean over the residue decides, so that its atoms come from one conformation."""
    rows = [("CB", "A", 0.0, 0.6), ("CB", "B", 0.1, 0.4), ("CG", "A", 1.0, 0.45), ("CG", "B", 1.1, 0.55)]
    assert chosen_x(rows) == [0.0, 1.0]


def test_independent_disorder_in_one_residue_loses_no_atom():
    rows = [
        ("P", "A", 0.0, 0.8),
        ("P", "B", 0.1, 0.2),
        ("C1", "C", 1.0, 0.3),
        ("C1", "D", 1.1, 0.7),
        ("C2", "D", 2.0, 0.7),
    ]
    assert chosen_x(rows) == [0.0, 1.1, 2.0]


def test_first_of_equal_occupancies_in_the_order_of_the_file():
    assert chosen_x([("CA", "B", 0.0, 0.5), ("CA", "A", 0.1, 0.5)]) == [0.0]


def test_zero_occupancy_is_kept():
    assert chosen_x([("CA", ".", 0.0, 0.0), ("CB", ".", 1.0, 0.0)]) == [0.0, 1.0]


def test_altered_hydrogens_decide_nothing():
    """H against D as alternatives, as neutron structures have them: the heavy atoms stay."""
    rows = [("N", ".", 0.0, 1.0), ("H", "A", 0.5, 0.3), ("D", "B", 0.5, 0.7), ("CA", ".", 1.0, 1.0)]
    assert chosen_x(rows) == [0.0, 1.0]


def chosen_x(rows) -> list[float]:
    """x of the atoms that stay of one residue with these (name, location, x, occupancy)."""
    text = "".join(f"{name[0]} {name} {alt} LIG A 1 1 ? {x} {occupancy} 10 X 1\n" for name, alt, x, occupancy in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "9xyz.cif"
        path.write_text(mmcif(text))
        return read_atoms(path).xyz[:, 0].round(3).astype(float).round(3).tolist()


@pytest.mark.parametrize(("assembly", "chains"), [("1", {"X1", "Y1"}), ("2", {"X1", "X2"})])
def test_assembly(cif, assembly, chains):
    deposited, atoms = read_atoms(cif), read_atoms(cif, assembly=assembly)
    assert set(atoms.chain) == chains
    if assembly == "1":
        np.testing.assert_allclose(atoms.xyz[:, 0], KEPT_X, atol=1e-6)
        return
    of_x = deposited.xyz[deposited.chain == "X"]
    np.testing.assert_allclose(atoms.xyz[atoms.chain == "X1"], of_x, atol=1e-5)
    turned = atoms.xyz[atoms.chain == "X2"]
    np.testing.assert_allclose(turned, of_x * [-1, -1, 1] + [0, 30, 0], atol=1e-5)
    assert set(atoms.entity[atoms.chain == "X2"]) == {"Proteasome subunit alpha", "ZINC ION"}


def test_unknown_assembly_lists_what_there_is(cif):
    with pytest.raises(StructureError, match=r"9xyz.cif: has no assembly '3'; it has 1, 2"):
        read_atoms(cif, assembly="3")


def test_pdb_format(tmp_path):
    path = tmp_path / "pdb9xyz.ent"
    path.write_text(PDB)
    atoms = read_atoms(path)
    np.testing.assert_allclose(atoms.xyz[:, 0], [0.1, 1.1, 2.0, 3.0, 5.0, 4.0], atol=1e-6)
    assert atoms.chain.tolist() == ["A"] * 5 + ["C"]
    assert atoms.entity.tolist() == ["PROTEASOME SUBUNIT ALPHA"] * 4 + ["ZN!", "ACTIVATOR"]


def test_pdb_format_becomes_the_same_mmcif(tmp_path):
    (tmp_path / "a.ent").write_text(PDB)
    (tmp_path / "a.cif").write_bytes(parse(PDB.encode(), "a.ent").to_mmcif())
    from_pdb, from_mmcif = read_atoms(tmp_path / "a.ent"), read_atoms(tmp_path / "a.cif")
    for field in ("xyz", "element", "chain", "entity"):
        np.testing.assert_array_equal(getattr(from_pdb, field), getattr(from_mmcif, field))


@pytest.mark.parametrize("name", ["x.cif.gz", "x.cif", "x.ent.gz", "no_suffix"])
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("text", [mmcif(), PDB], ids=["mmCIF", "PDB"])
def test_content_decides_not_the_name(tmp_path, name, zipped, text):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())
    assert len(read_atoms(path)) in (len(KEPT_X), 6)


def test_chain_names_longer_than_a_pdb_file_allows(cif):
    cif.write_text(mmcif(ROWS.replace(" Y 1\n", " ribosomal_chain_12 1\n")))
    assert "ribosomal_chain_12" in read_atoms(cif).chain


def test_entity_without_description_goes_by_its_id(cif):
    cif.write_text(mmcif(header="data_9XYZ\n_entry.id 9XYZ\n"))
    assert read_atoms(cif).entity.tolist() == ["1"] * 6 + ["2", "1"]


def test_selections(cif):
    atoms = read_atoms(cif)
    assert atoms.mask(chains=["Y"]).sum() == 1
    assert atoms.mask(entity="zinc|iron").tolist() == [False] * 6 + [True, False]
    assert atoms.mask(chains=["X"], entity="^proteasome").sum() == 6
    assert atoms.mask().all()


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"chains": ["X", "Q"]}, r"no chain Q; chains: X, Y; entities: Proteasome subunit alpha; ZINC ION"),
        ({"entity": "ubiquitin"}, r"no atom matches .*'ubiquitin'; chains: X, Y; entities: Proteasome"),
        ({"chains": ["Y"], "entity": "zinc"}, r"no atom matches chains=\['Y'\]"),
        ({"entity": "alpha("}, r"'alpha\(' is no regular expression"),
    ],
)
def test_bad_selections_say_what_there_is(cif, selection, message):
    with pytest.raises(StructureError, match=message):
        read_atoms(cif).mask(**selection)


def test_atoms_round_trip(cif, tmp_path):
    atoms = read_atoms(cif)
    atoms.save(tmp_path / "atoms.npz")
    again = Atoms.load(tmp_path / "atoms.npz")
    for field in ("xyz", "element", "chain", "entity"):
        np.testing.assert_array_equal(getattr(atoms, field), getattr(again, field))


GZIPPED = gzip.compress(mmcif().encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (GZIPPED[: len(GZIPPED) // 2], r"the gzip file is cut short \(\d+ bytes\)"),
        (GZIPPED[:-4], "the gzip file is cut short"),
        (GZIPPED[:100] + b"\0\0\0\0" + GZIPPED[104:], "the gzip file is damaged"),
        (b"<!DOCTYPE html>\n<html><body>Moved</body></html>", "looks like an HTML page"),
        (gzip.compress(b"\n<HTML>404</HTML>"), "looks like an HTML page"),
        (b"hello\n", "holds no atoms"),
        (b"data_9XYZ\n_entry.id 9XYZ\n", "holds no atoms"),
        (mmcif()[: mmcif().rindex(" 1.00 ")].encode(), "not a readable structure file"),
        (mmcif("O O . HOH D 3 . ? 8.0 1.0 100 X 1\n").encode(), "no heavy atoms besides water"),
        (mmcif("C CA . ALA A 1 1 ? . 1.0 10 X 1\n").encode(), "some atoms have no coordinates"),
    ],
    ids=["empty", "half", "tail", "damaged", "html", "html.gz", "text", "no atoms", "cut cif", "only water", "no x"],
)
def test_bad_files(tmp_path, content, message):
    path = tmp_path / "bad.cif.gz"
    path.write_bytes(content)
    with pytest.raises(StructureError, match=f"bad.cif.gz: {message}"):
        read_atoms(path)


def test_absent_file_and_folder(tmp_path):
    with pytest.raises(StructureError, match=r"none.cif: cannot be read \(No such file"):
        read_atoms(tmp_path / "none.cif")
    with pytest.raises(StructureError, match="cannot be read"):
        read_content(tmp_path)


@needs_mirror
@pytest.mark.parametrize(
    ("entry", "assembly"),
    [("5a32", None), ("3j9i", None), ("1aoi", None), ("6rqf", None), ("1fnt", "1"), ("1a0c", None), ("1a1s", "1")],
)
def test_heavy_atoms_of_real_entries(entry, assembly):
    """Counts that somebody else took of the same files (of traces: in assembly 1 where that is larger)."""
    from pointprior.structures.archive import locate

    with open(SHARED / "structures.tsv", newline="") as file:
        row = next(row for row in csv.DictReader(file, delimiter="\t") if row["entry"] == entry)
    atoms = read_atoms(locate(entry, [SHARED / row["root"]]), assembly=assembly)
    assert len(atoms) == int(row["points"])
    if assembly is None:
        assert len(set(atoms.chain)) == int(row["chains"])


def test_biopython_reads_the_same_atoms(tmp_path):
    """An independent reader, with the project's rules applied to what it finds."""
    from Bio.PDB import MMCIFParser

    path = tmp_path / "9xyz.cif"
    path.write_text(mmcif())
    model = next(iter(MMCIFParser(QUIET=True).get_structure("9xyz", path)))
    kept = {
        (chain.id, residue.id, atom.name): atom  # Biopython selects the location of highest occupancy itself
        for chain in model
        for residue in chain
        for atom in residue
        if residue.resname not in ("HOH", "DOD") and atom.element not in ("H", "D")
    }
    ours = read_atoms(path)
    assert len(ours) == len(kept)
    expected = np.array([atom.coord for atom in kept.values()])
    np.testing.assert_allclose(ours.xyz[np.lexsort(ours.xyz.T)], expected[np.lexsort(expected.T)], atol=1e-3)
