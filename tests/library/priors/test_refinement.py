"""Refinement on relatives: it learns them, forgets nothing unnoticed, goes on where it was, and says what it did."""

import json
from dataclasses import replace
from itertools import count

import gemmi
import numpy as np
import pytest
import torch
from protein_clouds import protein_cloud
from tiny_training import SPEC, weights

from pointprior.cli import main
from pointprior.priors.card import PriorError, read_card
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.priors.refinement import refine
from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.relatives import REPLAY, coarse_grain_relatives, refine_on_structures
from pointprior.priors.training_set import TrainingSet

QUICK = Refinement(steps=24, batch=4, check_every=8, warmup=2, learning_rate=3e-3, tolerance=10.0)


def cloud_set(shape: tuple[float, float, float], seed: int) -> TrainingSet:
    """Eight clouds of 32 points in an ellipsoid of that shape, of which two are held out."""
    generator = np.random.default_rng(seed)
    points = (generator.normal(size=(8, 32, 3)) * np.array(shape)).astype(np.float32)
    return TrainingSet(points, np.arange(8), np.array([f"cloud{i}" for i in range(8)]), np.arange(8) >= 6)


@pytest.fixture(scope="module")
def sets():
    return cloud_set((0.6, 0.05, 0.05), 0), cloud_set((0.3, 0.3, 0.3), 1)


@pytest.fixture(scope="module")
def initial():
    torch.manual_seed(0)
    return Denoiser(SPEC).eval().requires_grad_(False)


def test_it_learns_the_relatives_and_leaves_the_prior_as_it_was(initial, sets):
    before, settings = weights(initial).clone(), replace(QUICK, steps=120, check_every=60)
    refined = refine(initial, *sets, settings, seed=1)
    assert refined.ended == "steps"
    assert refined.kept is refined.checks[-1]
    assert [check.step for check in refined.checks] == [0, 60, 120]
    assert refined.kept.relatives[0.2] < 0.9 * refined.checks[0].relatives[0.2]  # a rod, seen at last as one
    assert torch.equal(weights(initial), before)


def test_in_place_it_learns_one_orientation_whatever_it_forgets(initial, sets):
    relatives, general = sets
    settings = replace(QUICK, steps=240, check_every=120, tolerance=0.0)
    turned, placed = (
        refine(initial, relatives, general, replace(settings, in_place=in_place), seed=1) for in_place in (False, True)
    )
    unseen, quarter = relatives.points[relatives.held_out], np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]], np.float32)

    def error(clouds):
        return denoising_error(placed.denoiser, clouds, levels=(0.5,))[0.5]

    assert error(unseen) < 0.9 * error(unseen @ quarter)  # a rod along x, not along y
    assert placed.ended == "steps"
    assert placed.kept.forgets(placed.checks[0], 0.01)
    assert turned.ended == "forgetting"


def test_general_clouds_are_turned_all_the_same(initial, sets):
    rods, how = sets[0], {"steps": 240, "check_every": 240, "replayed": 1.0, "in_place": True}
    refined = refine(initial, sets[1], rods, replace(QUICK, **how), seed=1)
    quarter = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]], np.float32)
    along_x, along_y = (
        denoising_error(refined.denoiser, clouds, levels=(0.2,))[0.2] for clouds in (rods.points, rods.points @ quarter)
    )
    assert along_x == pytest.approx(along_y, rel=0.1)


def test_an_interrupted_refinement_goes_on_bit_for_bit(initial, sets, tmp_path):
    expected = refine(initial, *sets, QUICK)
    checkpoint = tmp_path / "state.safetensors"

    def interrupt(step):
        if step == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine(initial, *sets, QUICK, checkpoint=checkpoint, progress=interrupt)
    done = []
    resumed = refine(initial, *sets, QUICK, checkpoint=checkpoint, progress=done.append)
    assert done == list(range(17, 25))  # the last check was after 16 steps
    assert torch.equal(weights(resumed.denoiser), weights(expected.denoiser))
    assert resumed.kept == expected.kept
    done.clear()
    refine(initial, *sets, replace(QUICK, replayed=0.5), checkpoint=checkpoint, progress=done.append)
    assert done[0] == 1  # another refinement's


def test_it_stops_when_it_forgets_and_keeps_the_weights_before(initial, sets):
    relatives, general = sets
    learnt = refine(initial, general, relatives, replace(QUICK, steps=160, check_every=160, replayed=0.0)).denoiser
    settings = replace(QUICK, steps=400, replayed=0.0, tolerance=0.02)
    refined = refine(learnt, relatives, general, settings)
    assert refined.ended == "forgetting"
    assert refined.checks[-1].forgets(refined.checks[0], 0.02)
    assert refined.kept is refined.checks[-2]
    assert not refined.kept.forgets(refined.checks[0], 0.02)


def test_time_ends_it(initial, sets):
    ticks = count()
    refined = refine(initial, *sets, QUICK, seconds=10.0, clock=lambda: float(next(ticks)))
    assert refined.ended == "time"
    assert refined.kept.step == 8  # of ten steps: weights are taken at checks


@pytest.mark.parametrize("held_out", [np.zeros(8, dtype=bool), np.ones(8, dtype=bool)])
def test_both_sets_need_clouds_to_learn_from_and_to_check_with(initial, sets, held_out):
    relatives, general = sets
    with pytest.raises(ValueError, match="general clouds to learn from and others, held out"):
        refine(initial, relatives, replace(general, held_out=held_out), QUICK)


@pytest.fixture(scope="module")
def structure_file(tmp_path_factory):
    """A PDB file of 1,100 carbon atoms."""
    structure, model, chain = gemmi.Structure(), gemmi.Model(1), gemmi.Chain("A")
    for number, place in enumerate(protein_cloud(0, points=1100), start=1):
        residue, atom = gemmi.Residue(), gemmi.Atom()
        residue.name, residue.seqid = "ALA", gemmi.SeqId(number, " ")
        atom.name, atom.element, atom.pos = "CA", gemmi.Element("C"), gemmi.Position(*place)
        residue.add_atom(atom)
        chain.add_residue(residue)
    model.add_chain(chain)
    structure.add_model(model)
    path = tmp_path_factory.mktemp("structures") / "relative.pdb"
    structure.write_pdb(str(path))
    return path


def test_one_fit_of_every_relative_is_kept_for_the_checks(structure_file):
    clouds = coarse_grain_relatives([str(structure_file)], Refinement(fits=2))
    assert clouds.entries.tolist() == ["relative.pdb", "relative.pdb/fit1", "relative.pdb/fit2"]
    assert clouds.held_out.tolist() == [False, False, True]
    assert not np.array_equal(clouds.points[0], clouds.points[1])


def test_from_a_structure_file_to_a_prior_by_the_command(initial, sets, structure_file, tmp_path, capsys):
    prior, output = tmp_path / "prior", tmp_path / "refined"
    initial.save(prior, {})
    sets[1].save(prior / REPLAY)
    call = ["prior", "refine", "--structures", str(structure_file), "-o", str(output), "--prior", str(prior)]
    assert main([*call, "--steps", "2", "--fits", "1", "--no-download", "--in-place"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1 structure, 1 cloud to learn from")
    assert lines[-1] == f"{output}: weights of step 2; all steps are done"
    card = read_card(output)
    assert card["data"] == {"relatives": ["relative.pdb"], "fits_of_each": 1}
    assert card["refined_from"] == {"sha256": read_card(prior)["sha256"], "folder": "prior"}
    assert card["training"]["ended_by"] == "steps"
    assert card["training"]["refinement"]["in_place"] is True
    assert card["training"]["refinement"]["replayed"] == 0
    assert "in the orientation of their files" in card["limits"]
    assert card["training"]["steps_kept"] == 2
    assert set(card["denoising_error_before_and_after"]) == {"relatives", "general"}
    assert sorted(path.name for path in output.iterdir()) == ["card.json", "weights.safetensors"]
    assert Denoiser.load(output).spec == SPEC
    json.dumps(card)


def test_without_general_clouds_it_says_where_to_get_them(initial, structure_file, tmp_path):
    initial.save(tmp_path / "prior", {})
    with pytest.raises(PriorError, match=r"replay\.npz: no such file; a refinement needs clouds of the kind"):
        refine_on_structures([str(structure_file)], tmp_path / "prior", tmp_path / "refined", QUICK)
    assert not (tmp_path / "refined").exists()


def test_a_structure_that_is_nowhere_is_named(initial, sets, tmp_path, capsys):
    prior = tmp_path / "prior"
    initial.save(prior, {})
    sets[1].save(prior / REPLAY)
    call = ["prior", "refine", "--structures", "9zzz", "-o", str(tmp_path / "refined"), "--prior", str(prior)]
    assert main([*call, "--no-download"]) == 1
    assert "9zzz" in capsys.readouterr().err
