"""Structure files as other programs write, pack, cut and garble them: read rightly, or refused with the reason."""

import bz2
import gzip
import json

import gemmi
import numpy as np
import pytest
from structure_files import ATOM_SITE, HEADER, KEPT_X, PDB, ROWS, atom_rows, mmcif, pdb_line

from pointprior.structures.atoms import Atoms, read_atoms
from pointprior.structures.deposits import parse
from pointprior.structures.elements import infer_element, is_water
from pointprior.structures.unpacking import StructureError


@pytest.fixture
def read(tmp_path):
    """Read atoms of a text or of bytes."""

    def reader(content: str | bytes, **options) -> Atoms:
        path = tmp_path / "some_file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_atoms(path, **options)

    return reader


def columns(*, without: tuple[str, ...] = (), **changed: str) -> str:
    """The test's mmCIF file without some columns of atoms, or with one value in all rows of others."""
    tags = ATOM_SITE.split()
    kept = [i for i, tag in enumerate(tags) if tag not in without]
    rows = [" ".join(changed.get(tags[i], row.split()[i]) for i in kept) for row in atom_rows(ROWS).splitlines()]
    return HEADER + "loop_\n" + "\n".join([*(f"_atom_site.{tags[i]}" for i in kept), *rows]) + "\n"


# packing, encodings, formats


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + mmcif().encode(),
        mmcif().encode("utf-16"),
        mmcif().replace("Proteasome", "Protéasome").encode("latin-1"),
        mmcif().replace("Proteasome", "Protéasome").encode(),
        ("# " + 70 * "-" + "\n").encode() * 1000 + mmcif().encode(),
        mmcif().replace("\n", "\r\n").encode(),
        mmcif().replace("data_9XYZ", "DATA_9XYZ").encode(),
        mmcif().replace("_atom_site.", "_ATOM_SITE.").encode(),
    ],
    ids=["mark", "UTF-16", "Latin-1", "UTF-8", "long comment", "CRLF", "DATA_", "upper case"],
)
def test_mmcif_however_it_begins(read, content):
    atoms = read(content)
    np.testing.assert_allclose(atoms.xyz[:, 0], KEPT_X, atol=1e-6)
    assert atoms.entity[0] in ("Proteasome subunit alpha", "Protéasome subunit alpha")


@pytest.mark.parametrize("content", [PDB.replace("\n", "\r"), PDB.replace("ALPHA", "ALPHÄ").encode("latin-1")])
def test_pdb_format_with_other_line_ends_and_letters(read, content):
    atoms = read(content)
    np.testing.assert_allclose(atoms.xyz[:, 0], [0.1, 1.1, 2.0, 3.0, 5.0, 4.0], atol=1e-6)
    assert atoms.entity[0] in ("PROTEASOME SUBUNIT ALPHA", "PROTEASOME SUBUNIT ALPHÄ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bz2.compress(mmcif().encode()), "is compressed with bzip2; unpack it"),
        (gzip.compress(gzip.compress(mmcif().encode())), "is gzipped twice; unpack it once"),
        (b"\xfd7zXZ\0", "is compressed with xz"),
        (b"\x83\xa7encoder\xa4mol*\xa7version\xa50.3.0\xaadataBlocks\x91", "is BinaryCIF, which is not read"),
        (b'<?xml version="1.0"?>\n<PDBx:datablock>', "looks like XML"),
        (json.dumps({"data_9XYZ": {}}).encode(), "looks like JSON"),
        (mmcif().removeprefix("data_9XYZ\n").encode(), "does not begin with 'data_'; is its beginning missing"),
        (mmcif()[mmcif().index("ATOM 1 ") :].encode(), "line 1 has no coordinates in columns 31-54"),
        (b"data_x\n_cell.length_a 1.0\n", r"holds no atoms \(no _atom_site table"),
    ],
    ids=["bz2", "gz.gz", "xz", "bcif", "xml", "json", "no head", "rows alone", "no table"],
)
def test_other_formats_are_named(read, content, message):
    with pytest.raises(StructureError, match=f"some_file: .*{message}"):
        read(content)


# columns and tables of mmCIF


@pytest.mark.parametrize("name", ["Cartn_x", "Cartn_y", "Cartn_z", "label_atom_id", "label_comp_id"])
def test_a_missing_column_that_matters_is_named(read, name):
    with pytest.raises(StructureError, match=f"some_file: the _atom_site table has no column {name}"):
        read(columns(without=(name,)))
    with pytest.raises(StructureError, match="no column label_asym_id or auth_asym_id"):
        read(columns(without=("label_asym_id", "auth_asym_id")))


@pytest.mark.parametrize("name", ["group_PDB", "id", "type_symbol", "label_asym_id", "label_seq_id", "B_iso_or_equiv"])
def test_other_columns_may_be_missing(read, name):
    atoms = read(columns(without=(name,)))
    np.testing.assert_allclose(atoms.xyz[:, 0], KEPT_X, atol=1e-6)
    assert atoms.element.tolist() == ["N", "C", "S", "C", "C", "C", "Zn", "Se"]
    assert set(atoms.chain) == {"X", "Y"}


def test_without_alternate_locations_there_are_none(read):
    rows = "N N . MET A 1 1 ? 0.0 1.00 10 X 1\nC CA . MET A 1 1 ? 1.0 1.00 10 X 1\n"
    tagged = mmcif(rows).replace("_atom_site.label_alt_id\n", "").replace(" N . MET", " N MET")
    assert len(read(tagged.replace(" CA . MET", " CA MET"))) == 2


def test_an_atom_without_a_loop(read):
    (row,) = atom_rows("C CA . ALA A 1 1 ? 1.0 1.0 10 X 1\n").splitlines()
    pairs = [f"_atom_site.{tag} {value}\n" for tag, value in zip(ATOM_SITE.split(), row.split(), strict=True)]
    np.testing.assert_array_equal(read("data_x\n" + "".join(pairs)).xyz, [[1, 2, 3]])
    without = [pair for pair in pairs if "type_symbol" not in pair and "label_asym" not in pair]
    assert read("data_x\n" + "".join(without)).element.tolist() == ["C"]


SIFTS = """\
entity_id asym_id seq_id_ordinal seq_id mon_id mon_id_one_letter_code unp_res unp_num unp_acc unp_segment_id
unp_instance_id res_type observed mh_id xref_db_name xref_db_acc xref_domain_name xref_db_instance_id
xref_db_segment_id"""


def test_models_of_different_residues_and_tables_that_nobody_needs(read):
    rows = "C CA . ALA A 1 1 ? 1 1 1 A 1\nC CA . ALA A 1 2 ? 4 1 2 A 1\nC CA . ALA A 1 1 ? 9 1 1 A 2\n"
    table = "loop_\n" + "".join(f"_pdbx_sifts_xref_db.{tag}\n" for tag in SIFTS.split())
    for number in (1, 2):
        table += f"1 A 1 {number} ALA A A {number} P1 1 1 ? y 1 ? ? ? ? ?\n"
    with pytest.raises(RuntimeError, match="seq_id not found: 2"):
        gemmi.make_structure_from_block(gemmi.cif.read_string(mmcif(rows, header=HEADER + table))[0])
    assert read(mmcif(rows, header=HEADER + table)).xyz[:, 0].tolist() == [1, 4]


# coordinates


@pytest.mark.parametrize("x", ["?", ".", "nan", "inf", "1e400", "abc", "********"])
def test_no_coordinates_in_mmcif(read, x):
    with pytest.raises(StructureError, match="some_file: some atoms have no coordinates"):
        read(columns(Cartn_x=x))


@pytest.mark.parametrize("x", ["********", "        ", "     nan", "   1 2.0", "   1,000"])
def test_no_coordinates_in_pdb_format(read, x):
    """Read as 0 they would be one more atom at the origin."""
    line = pdb_line("ATOM", 1, " CA", "", "ALA", "A", 1, "", 1.0, 1.0, "C")
    with pytest.raises(StructureError, match="some_file: line 2 has no coordinates in columns 31-54"):
        read(line + line[:30] + x + line[38:])
    assert len(read(line + "ENDMDL\n" + line[:30] + x + line[38:])) == 1  # another model's


@pytest.mark.parametrize("x", ["1e30", "-1e7"])
def test_coordinates_beyond_any_structure(read, x):
    with pytest.raises(StructureError, match=r"some_file: a coordinate of .* Å: no structure is that far"):
        read(columns(Cartn_x=x))


# elements and waters


@pytest.mark.parametrize(
    ("names", "element"),
    [
        ("CA:GLY CA:UNK CD1:TRP CE:LYS CB:HSD C4':DA CO1:LIG 2C:LIG C1L:LIG", "C"),
        ("HT1:MET 1HB:ALA HG:CYX HE2:HSP HG11:VAL H5'1:DA HO2':A HH31:ACE 'HO2:A HN:LIG", "H"),
        ("D:GLY DG11:VAL", "D"),
        ("N:GLY NE2:HIE NA:HEM ND:HEM NZ:LYN", "N"),
        ("OT1:ALA OXT:ALA O1P:GUA OP1:U OH2:TIP3 O5*:A", "O"),
        ("SD:MET SG:CYM S1:FES", "S"),
        ("PA:ATP P:DA PB:GDP", "P"),
        ("SE:MSE SE:SEC", "Se"),
        ("CA:CA CAL:CAL", "Ca"),
        ("NA:NA Na+:Na+ SOD:SOD", "Na"),
        ("CL:CL CLA:CLA Cl-:Cl- CL1:LIG", "Cl"),
        ("K:K POT:POT K+:K+", "K"),
        ("FE:HEM FE2:FES FE:FE2", "Fe"),
        ("MG:CLA MG:ATP MG:MG", "Mg"),
        ("ZN:ZN ZN:ZN2", "Zn"),
        ("CO:3CO CO:CO", "Co"),
        ("Q:LIG MW:SOL", "X"),
    ],
)
def test_elements_by_names(names, element):
    found = {pair: infer_element(*pair.split(":")) for pair in names.split()}
    assert set(found.values()) == {element}, found


MOLECULAR_DYNAMICS = (  # name, residue, element
    ("N", "MET", "N"),
    ("HT1", "MET", "H"),
    ("CA", "MET", "C"),
    ("HG11", "MET", "H"),
    ("SD", "MET", "S"),
    ("CA", "HSD", "C"),
    ("HD1", "HSD", "H"),
    ("SOD", "SOD", "Na"),
    ("CAL", "CAL", "Ca"),
)
HEAVY = ["N", "C", "S", "C", "Na", "Ca"]


@pytest.mark.parametrize("ending", ["", "      PROA", "      PROTEIN1", "      1CRN 123", "          HA"])
@pytest.mark.parametrize("aligned", [True, False])
def test_pdb_format_without_an_element_column(read, caplog, ending, aligned):
    """As CHARMM, NAMD and Amber write, and as files of before 1996 are: anything but elements in columns 73-80."""
    lines = []
    for number, (name, residue, element) in enumerate(MOLECULAR_DYNAMICS):
        padded = f" {name}" if aligned and len(name) < 4 and len(element) == 1 else name
        line = pdb_line("ATOM", number, padded, "", residue, "A", number // 5, "", float(number), 1.0, "")
        lines.append(line.rstrip() + ending + "\n")
    water = pdb_line("ATOM", 77, " OH2", "", "TIP", "3", 7, "", 7.0, 1.0, "").replace("TIP 3", "TIP3 ").rstrip()
    atoms = read("".join(lines) + water + ending + "\n")
    assert atoms.element.tolist() == HEAVY
    assert "10 atoms without an element" in caplog.text
    assert "some_file" in caplog.text


def test_elements_that_are_given_are_not_guessed(read, caplog):
    lines = [("CA", "ALA", "C"), ("CA", "ALA", "CA"), ("UNK", "UNX", "X"), (" HG", "MMC", "HG")]
    text = "".join(
        pdb_line("HETATM", i, name, "", residue, "A", i, "", float(i), 1.0, element)
        for i, (name, residue, element) in enumerate(lines)
    )
    assert read(text).element.tolist() == ["C", "Ca", "X", "Hg"]
    assert not caplog.text


@pytest.mark.parametrize("symbol", ["?", ".", "name"])
def test_mmcif_without_elements(read, caplog, symbol):
    rows = "".join(
        f"{name if symbol == 'name' else symbol} {name} . {residue} A 1 {i} ? {i} 1.0 {i} X 1\n"
        for i, (name, residue, _) in enumerate(MOLECULAR_DYNAMICS, start=1)
    )
    assert read(mmcif(rows)).element.tolist()[:4] == HEAVY[:4]
    assert "without an element" in caplog.text


@pytest.mark.parametrize(
    "name", ["HOH", "DOD", "WAT", "H2O", "SOL", "TIP3", "TIP", "TIP4", "SPC", "SPCE", "T3P", "OPC"]
)
def test_waters(read, name):
    rows = f"N N . ALA A 1 1 ? 0 1 10 X 1\nO OW . {name} D 3 . ? 8 1 100 X 1\nH HW1 . {name} D 3 . ? 8 1 100 X 1\n"
    assert read(mmcif(rows + f"X MW . {name} D 3 . ? 8 1 100 X 1\n")).element.tolist() == ["N"]


def test_a_molecule_with_the_name_of_a_water_model_stays(read):
    """OPC, T3P and others are ids of lipids and nucleotides in the archive."""
    rows = "".join(f"{element} {element}1 . OPC D 3 . ? 8 1 100 X 1\n" for element in "POC")
    assert read(mmcif(rows)).element.tolist() == ["P", "O", "C"]
    assert not is_water(gemmi.Residue())


# whole files


@pytest.mark.parametrize("text", [mmcif(), PDB])
def test_any_cut_of_a_file_is_refused_or_read(read, text):
    """Whatever arrives: an answer, and never another kind of error."""
    outcomes = set()
    for end in range(1, len(text), 41):
        for assembly in (None, "2"):
            try:
                outcomes.add(len(read(text[:end], assembly=assembly)) > 0)
            except StructureError as problem:
                outcomes.add("some_file: " in str(problem))
    assert outcomes == {True}


def test_what_is_kept_of_a_pdb_file_reads_the_same(tmp_path):
    text = "".join(
        pdb_line("ATOM", i, name, "", residue, "A", i, "", float(i), 1.0, "")
        for i, (name, residue, _) in enumerate(MOLECULAR_DYNAMICS)
    )
    (tmp_path / "a.pdb").write_text(text)
    (tmp_path / "a.cif").write_bytes(parse(text.encode(), "a.pdb").to_mmcif())
    first, again = read_atoms(tmp_path / "a.pdb"), read_atoms(tmp_path / "a.cif")
    for field in ("xyz", "element", "chain", "entity"):
        np.testing.assert_array_equal(getattr(first, field), getattr(again, field))
