"""Assemblies: operators and their products, chains that are missing, names of copies."""

from pathlib import Path

import numpy as np
import pytest
from structure_files import HEADER, KEPT_X, PDB, mmcif, pdb_line

from pointprior.structures.assemblies import expand_operators
from pointprior.structures.atoms import read_atoms
from pointprior.structures.recipes import CloudRecipe, MixtureFit
from pointprior.structures.shards import coarse_grain_shard
from pointprior.structures.unpacking import StructureError


@pytest.fixture
def read(tmp_path):
    """Read atoms of a text."""

    def reader(text: str, **options):
        (tmp_path / "some_file").write_text(text)
        return read_atoms(tmp_path / "some_file", **options)

    return reader


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


def test_a_shard_lists_entries_with_defective_assemblies(tmp_path):
    for entry, text in (("9xyz", mmcif()), ("8xyz", with_assembly("1", "A,Q"))):
        path = Path(tmp_path, f"structures/divided/mmCIF/xy/{entry}.cif")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("9XYZ", entry.upper()).replace("\n3 '1'", "\n1 '1'"))
    recipe = CloudRecipe(components=8, fit=MixtureFit(engine="neighbours"), assembly="1")
    places = {"keep": tmp_path / "kept", "mirrors": [str(tmp_path)], "download": False}
    shard = coarse_grain_shard(["8xyz", "9xyz"], recipe, **places)
    assert shard.entries.tolist() == ["9xyz"]
    assert "does not hold: Q" in shard.failures["8xyz"]
