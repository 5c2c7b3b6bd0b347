"""Structure files as other programs write, pack, cut and garble them: read rightly, or refused with the reason."""

import bz2
import gzip
import json
from pathlib import Path

import gemmi
import numpy as np
import pytest
from structure_files import ATOM_SITE, HEADER, KEPT_X, PDB, ROWS, atom_rows, mmcif, pdb_line

from pointprior.structures.assemblies import expand_operators
from pointprior.structures.atoms import Atoms, read_atoms
from pointprior.structures.deposits import parse
from pointprior.structures.elements import infer_element, is_water
from pointprior.structures.shards import CloudRecipe, coarse_grain_shard
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


# assemblies


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "1"),
        (" P ", "P"),
        ("1,2 , 5", "1 2 5"),
        ("(1-4)", "1 2 3 4"),
        ("1-3,7", "1 2 3 7"),
        ("(1,2)(3,4)", "1x3 1x4 2x3 2x4"),
        ("(X0)(1-3)", "X0x1 X0x2 X0x3"),
        ("((1,2),5)(3-4)", "1x3 1x4 2x3 2x4 5x3 5x4"),
        ("(1)(2)(3),(4,5)(6)", "1x2x3 4x6 5x6"),
        ("1(2,3)", "1x2 1x3"),
    ],
)
def test_operator_expressions(expression, expected):
    assert ["x".join(factors) for factors in expand_operators(expression)] == expected.split()


def test_the_largest_capsids():
    assert len(expand_operators("(1-60)(61-88)")) == 1680


@pytest.mark.parametrize(
    "expression",
    ["", "()", "(1,2", "1,2)", "1,", "(1)(", "(5-1)", "(1-1000000000)", "(1-500)(1-500)", "(" * 100_000],
)
def test_malformed_operator_expressions(expression):
    with pytest.raises(StructureError, match="no operators of an assembly, or too many"):
        expand_operators(expression)


OPERATORS = """\
3 translation 1 0 0 100 0 1 0 0 0 0 1 0
4 translation 1 0 0 0 0 1 0 0 0 0 1 200
5 unknown ? 0 0 0 0 1 0 0 0 0 1 0
"""


def with_assembly(expression: str, subchains: str, more: str = "") -> str:
    header = HEADER.replace("2 1,2 A,C\n", f"2 1,2 A,C\n3 '{expression}' {subchains}\n")
    return mmcif(header=header + OPERATORS + more)


def test_products_of_operators(read):
    """The rightmost operator is applied first: 1 and 2 (a half turn) follow the translations 3 and 4."""
    atoms = read(with_assembly("(1,2)(3,4)", "A"), assembly="3")
    one = read(mmcif()).xyz[:6].astype(float)
    assert len(atoms) == 4 * len(one)
    moved = [one + np.array([100, 0, 0]), one + np.array([0, 0, 200])]
    expected = moved + [x * [-1, -1, 1] + [0, 30, 0] for x in moved]
    np.testing.assert_allclose(atoms.xyz, np.concatenate(expected), atol=1e-4)
    assert atoms.chain.tolist() == np.repeat(["X1", "X2", "X3", "X4"], 6).tolist()


@pytest.mark.parametrize(
    ("expression", "subchains", "message"),
    [
        ("1,9", "A", "names operator '9', which has no matrix"),
        ("5", "A", "names operator '5', which has no matrix"),
        ("1", "A,Q,R", "assembly '3' consists of chains that the file does not hold: Q, R"),
        ("1", "?", "the assembly has no atoms"),
        ("(1", "A", "no operators"),
    ],
)
def test_defective_assemblies(read, expression, subchains, message):
    text = with_assembly(expression, subchains)
    assert len(read(text)) == len(KEPT_X)  # who does not ask for it is not troubled
    with pytest.raises(StructureError, match=f"some_file: .*{message}"):
        read(text, assembly="3")


def test_every_assembly_is_listed(read):
    with pytest.raises(StructureError, match="has no assembly '9'; it has 1, 2, 3"):
        read(with_assembly("(1,2)(3,4)", "A"), assembly="9")


def test_an_assembly_survives_the_loss_of_waters_and_unlisted_parts_but_not_of_polymers(read, caplog):
    listed = "loop_\n_struct_asym.id\n_struct_asym.entity_id\nA 1\nB 1\nC 2\nW 3\nP 1\n"
    assert len(read(with_assembly("1", "A,W,U", listed), assembly="3")) == 6
    assert "no atoms of sub-chains W, U" in caplog.text
    with pytest.raises(StructureError, match="does not hold: P"):
        read(with_assembly("1", "A,W,P", listed), assembly="3")


def remark_350(chains: str, copies: int = 1) -> str:
    lines = ["BIOMOLECULE: 1", f"APPLY THE FOLLOWING TO CHAINS: {chains}"]
    for copy in range(1, copies + 1):
        for row in (1, 2, 3):
            unit = "".join(f"{float(row == k):10.6f}" for k in (1, 2, 3))
            lines.append(f"  BIOMT{row}{copy:4d}{unit}{100.0 * copy * (row == 1):15.5f}")
    return "".join(f"REMARK 350 {line}\n" for line in lines)


def test_assembly_of_a_chain_that_a_pdb_file_lacks(read):
    with pytest.raises(StructureError, match=r"some_file: assembly '1' consists of chains .* not hold: B"):
        read(remark_350("A, B") + PDB, assembly="1")
    assert set(read(remark_350("A, C") + PDB, assembly="1").chain) == {"A1", "C1"}


def test_ions_keep_their_names_in_assemblies_from_pdb_format(read):
    """Sub-chain 1 of copy 11 and 11 of copy 1 are both called Ax111 by gemmi."""
    ions = ["ZN", "MG", "MN", "FE", "CO", "NI", "CU", "CA", "NA", "CL", "CD", "SR"]
    text = pdb_line("ATOM", 1, " CA", "", "ALA", "A", 1, "", 0.0, 1.0, "C") + "TER\n"
    for i, ion in enumerate(ions, start=2):
        text += pdb_line("HETATM", i, f"{ion:2s}", "", ion, "A", 200 + i, "", 3.0 * i, 1.0, ion)
    atoms = read(remark_350("A", copies=13) + text, assembly="1")
    assert len(atoms) == 13 * 13
    metal = atoms.element != "C"
    assert [name.rstrip("!").capitalize() for name in atoms.entity[metal]] == atoms.element[metal].tolist()


@pytest.mark.parametrize("text", [mmcif(), PDB, with_assembly("(1,2)(3,4)", "A")])
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


def test_a_shard_lists_entries_with_defective_assemblies(tmp_path):
    for entry, text in (("9xyz", mmcif()), ("8xyz", with_assembly("1", "A,Q"))):
        path = Path(tmp_path, f"structures/divided/mmCIF/xy/{entry}.cif")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("9XYZ", entry.upper()).replace("\n3 '1'", "\n1 '1'"))
    recipe = CloudRecipe(components=4, mixture={"engine": "neighbours"}, assembly="1")
    places = {"keep": tmp_path / "kept", "mirrors": [str(tmp_path)], "download": False}
    shard = coarse_grain_shard(["8xyz", "9xyz"], recipe, **places)
    assert shard.entries.tolist() == ["9xyz"]
    assert "does not hold: Q" in shard.failures["8xyz"]


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
