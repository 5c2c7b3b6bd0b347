"""Traces: lines through residues, broken where some are missing."""

import gemmi
import numpy as np
import pytest

from pointprior.structures.traces import read_trace
from pointprior.structures.unpacking import StructureError


def atom(name, element, position, altloc="\0"):
    made = gemmi.Atom()
    made.name, made.element, made.pos, made.occ, made.altloc = name, gemmi.Element(element), position, 1.0, altloc
    return made


def add_chain(model, name, residue_name, atoms):
    """A chain of residues with the given atoms each."""
    chain = model.add_chain(name)
    for number, of_residue in enumerate(atoms, start=1):
        residue = gemmi.Residue()
        residue.name, residue.seqid = residue_name, gemmi.SeqId(number, " ")
        for one in of_residue:
            residue.add_atom(one)
        chain.add_residue(residue)


@pytest.fixture
def deposit(tmp_path):
    """A peptide with a gap, a strand, and a calcium ion."""
    structure = gemmi.Structure()
    structure.name = "1TST"
    model = structure.add_model(gemmi.Model(1))
    model = structure[0]
    at = [0.0, 3.8, 7.6, 30.0, 33.8]
    peptide = [[atom("N", "N", gemmi.Position(x, 1, 0)), atom("CA", "C", gemmi.Position(x, 0, 0))] for x in at]
    peptide[1].append(atom("CA", "C", gemmi.Position(3.8, 0, 0.5), "B"))
    add_chain(model, "A", "ALA", peptide)
    add_chain(model, "B", "DA", [[atom("P", "P", gemmi.Position(0, 6.5 * i, 9))] for i in range(3)])
    add_chain(model, "C", "CA", [[atom("CA", "Ca", gemmi.Position(50, 50, 50))]] * 2)
    structure.setup_entities()
    path = tmp_path / "1tst.cif"
    structure.make_mmcif_document().write_file(str(path))
    return path


def test_chains_are_lines_and_gaps_break_them(deposit):
    first, second, strand = read_trace(deposit)
    np.testing.assert_allclose(first, [[0, 0, 0], [3.8, 0, 0], [7.6, 0, 0]], atol=1e-3)
    np.testing.assert_allclose(second, [[30, 0, 0], [33.8, 0, 0]], atol=1e-3)
    np.testing.assert_allclose(strand, [[0, 0, 9], [0, 6.5, 9], [0, 13, 9]], atol=1e-3)


def test_an_assembly_that_is_not_there_is_said(deposit):
    with pytest.raises(StructureError, match=r"1tst\.cif"):
        read_trace(deposit, assembly="7")
