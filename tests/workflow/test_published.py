"""Tables kept with the code: what is published, and that figures come from it without anything else."""

import json
import shutil

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, Workplace

from pointprior.output.own.expectation import OVERCONFIDENCE
from pointprior.output.publication import check_published

TASK = "p2x48_lr8"
TABLES = ["calibration.csv", "coverage.csv", "entries.csv", "scores.csv", "summary.csv"]


@pytest.fixture(scope="module")
def published(finished, tmp_path_factory) -> Workplace:
    """The finished results, published."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("results", ".snakemake", "prior", "mirror"):
        shutil.copytree(finished.folder / name, folder / name, symlinks=True)
    place = Workplace(folder, ROOT, finished.config)
    place.run("publish")
    return place


@pytest.fixture
def elsewhere(published, tmp_path) -> Workplace:
    """A clean clone: the published folder and nothing else."""
    shutil.copytree(published.folder / "docs", tmp_path / "docs")
    config = json.loads((tmp_path / "docs/benchmark/config.json").read_text())
    return Workplace(tmp_path, ROOT, config | {"redraw": "docs/benchmark"})


def test_published_folder_says_what_made_it(published):
    folder = published.folder / "docs/benchmark"
    assert sorted(path.name for path in folder.iterdir()) == sorted([*TABLES, "config.json", "provenance.json"])
    record = json.loads((folder / "provenance.json").read_text())
    card = json.loads((published.folder / "prior/card.json").read_text())
    assert {name: prior["weights_sha256"] for name, prior in record["priors"].items()} == {"tiny": card["sha256"]}
    assert sorted(record["tables"]) == TABLES
    assert record["tables"]["scores.csv"]["rows"] == 14
    assert {"reconstruct_dps", "score_reconstruction"} <= record["code"].keys()
    for name in TABLES:
        tables = [pd.read_csv(place / name) for place in (folder, published.folder / "results/tables")]
        pd.testing.assert_frame_equal(*tables, rtol=1e-5, check_dtype=False)
    check_published(folder)
    config = json.loads((folder / "config.json").read_text())
    assert config["structures"]["entries"] == ["1tst"]
    assert config["structures"]["mirrors"] == []  # a machine's own


def test_figures_are_redrawn_from_the_published_tables_alone(elsewhere, published):
    assert elsewhere.planned("figures") == {"plot_task", "plot_task_atomic", "plot_calibration", "figures"}
    elsewhere.run("figures")
    for name in (TASK, f"atomic/{TASK}", "calibration"):
        ours, theirs = (
            matplotlib.image.imread(place.folder / f"results/figures/{name}.png") for place in (elsewhere, published)
        )
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).mean() < 1e-3
    assert not (elsewhere.folder / "results/1tst").exists()
    assert "Nothing to be done" in elsewhere.run("figures")


def test_figures_follow_the_published_numbers(elsewhere):
    elsewhere.run("figures")
    before = (elsewhere.folder / f"results/figures/{TASK}.png").read_bytes()
    path = elsewhere.folder / "docs/benchmark/scores.csv"
    table = pd.read_csv(path)
    table.assign(rmsd_cg=2 * table["rmsd_cg"]).to_csv(path, index=False)
    assert elsewhere.planned("figures") == {"plot_task", "plot_task_atomic", "figures"}
    elsewhere.run("figures")
    assert (elsewhere.folder / f"results/figures/{TASK}.png").read_bytes() != before
    with pytest.raises(ValueError, match=r"scores.csv is not the table that provenance.json records"):
        check_published(path.parent)
    path.unlink()
    with pytest.raises(ValueError, match=r"scores.csv is missing"):
        check_published(path.parent)


def test_redrawing_from_nothing_is_answered(elsewhere):
    shutil.rmtree(elsewhere.folder / "docs")
    elsewhere.config["redraw"] = "docs/absent"
    output = elsewhere.run("figures", fails=True)
    assert "redraw: there is no docs/absent/" in output
    assert "snakemake publish" in output


def test_tables_kept_with_the_code_are_those_recorded():
    folders = [path.parent for path in ROOT.glob("docs/*/provenance.json")]
    assert ROOT / "docs/benchmark" in folders
    for folder in folders:
        check_published(folder)


def test_what_users_are_told_of_spreads_is_what_the_realistic_tasks_showed():
    table = pd.read_csv(ROOT / "docs/benchmark-realistic/calibration.csv")
    with_depth = table["task"].str.contains("_lr")
    for method, told in OVERCONFIDENCE.items():
        for factor, depth in zip(told, (False, True), strict=True):
            found = table["error_to_spread"][(table["method"] == method) & (with_depth == depth)]
            assert len(found) >= 3
            assert factor == round(found.mean(), 1)


def test_tables_are_published_where_the_configuration_says(published):
    moved = Workplace(published.folder, ROOT, published.config | {"published": "docs/elsewhere"})
    moved.run("publish")
    check_published(published.folder / "docs/elsewhere")
