"""A prior that is refined on relatives, by a rule: their files are inputs, and what it learnt is on its card."""

import json

import numpy as np
import pytest
from conftest import Workplace, compact_chain

from pointprior.priors.training_set import REPLAY, TrainingSet

CARD = "results/priors/tiny/refined/card.json"


@pytest.fixture
def refining(workplace) -> Workplace:
    """A workplace whose prior is to be refined on a file."""
    (workplace.folder / "relative.cif").write_text(compact_chain("1rel", residues=1030))
    clouds = np.random.default_rng(0).uniform(-1, 1, (4, 64, 3)).astype(np.float32)
    general = TrainingSet(clouds, np.arange(4), np.array(list("abcd")), np.arange(4) >= 2)
    general.save(workplace.folder / "prior" / REPLAY)
    refinement = {"structures": ["relative.cif"], "in_place": True, "steps": 1, "fits": 1}
    workplace.config["priors"] = {"tiny": {"source": "refine", "released": "prior", "refinement": refinement}}
    return workplace


def test_from_a_file_to_a_prior_that_samplers_take(refining):
    refining.run(CARD)
    card = json.loads((refining.folder / CARD).read_text())
    assert card["data"]["relatives"] == ["relative.cif"]
    assert card["training"]["refinement"]["in_place"] is True
    assert "reconstruct_dps" in refining.planned("all")
    assert "refine_prior" not in refining.planned("all")
    (refining.folder / "relative.cif").write_text(compact_chain("2rel", residues=1030))
    assert "refine_prior" in refining.planned("all")


def test_a_missing_file_is_named_before_anything_runs(refining):
    (refining.folder / "relative.cif").unlink()
    text = refining.run(CARD, "--dry-run", fails=True)
    assert "relative.cif" in text
    assert "refine_prior" in text
