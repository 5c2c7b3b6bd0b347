"""What is stale after a change, and what is not."""

import json
import re

import pandas as pd
import pytest
from conftest import ROOT

from pointprior.runtime import provenance
from pointprior.runtime.provenance import PACKAGE, code_hash, reached

TASK = "p2x48_lr8"
METHODS = {"dps", "ml", "prior", "truth"}


@pytest.fixture
def edited(checkout, finished):
    """The finished results, as if they had been computed with a checkout that can be edited."""
    import shutil

    for name in ("results", ".snakemake"):
        shutil.copytree(finished.folder / name, checkout.folder / name, symlinks=True)
    # the same prior and deposits, no newer than what came from them
    for name in ("prior", "mirror"):
        shutil.rmtree(checkout.folder / name)
        shutil.copytree(finished.folder / name, checkout.folder / name)
    assert checkout.planned("all") == set()
    return checkout


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_touch_comment_and_docstring_make_nothing_stale(edited):
    for path in [*(edited.root / "src").rglob("*.py"), *(edited.root / "scripts").rglob("*.py")]:
        path.write_text("# a comment\n" + path.read_text())
    replace(
        edited.root / "src/pointprior/reconstruction/dps.py", '"""Diffusion posterior sampling', '"""Posterior sampling'
    )
    assert edited.planned("all") == set()


def test_constant_in_the_samplers_reruns_reconstructions_and_what_follows(edited):
    replace(edited.root / "src/pointprior/reconstruction/integrators.py", "dt / 2", "dt / 3")
    planned = edited.planned("all")
    assert {"reconstruct_dps", "sample_prior", "score_task", "summarise", "plot_task"} <= planned
    assert not planned & {"fetch_structure", "coarse_grain_structure", "synthesise_observations"}


def test_a_second_fit_that_is_asked_for_later_leaves_the_cloud_and_its_models(edited):
    (edited.folder / "results/1tst/second_fit.npz").unlink()
    assert edited.planned("results/1tst/second_fit.npz") == {"fit_again"}


def test_constant_in_the_scores_reruns_scores_only(edited):
    path = edited.root / "src/pointprior/scoring/metrics.py"
    path.write_text(path.read_text() + "\nUNUSED = 1\n")
    planned = edited.planned("all")
    assert "score_task" in planned
    assert not [rule for rule in planned if rule.startswith(("reconstruct", "sample", "copy", "synthesise"))]


def test_changed_setting_reruns_what_uses_it(edited):
    edited.config["ml"]["steps"] = 5
    planned = edited.planned("results/1tst/rmsd.csv")
    assert planned == {"reconstruct_ml", "score_task", "collect_structure"}


def test_unchanged_methods_are_not_scored_again(edited):
    """Their rows are taken over: a value that no score could have stays where it is."""
    table = edited.folder / f"results/1tst/{TASK}/scores.csv"
    before = pd.read_csv(table).assign(rmsd_cg=-1.0)
    before.to_csv(table, index=False)
    edited.config["ml"]["steps"] = 5
    edited.run(f"results/1tst/{TASK}/scores.csv")
    after = pd.read_csv(table)
    assert after["method"].tolist() == before["method"].tolist()
    assert (after["method"][after["rmsd_cg"] != -1] == "ml").all()
    assert (after["key"] != before["key"]).sum() == (after["method"] == "ml").sum() == 2


def test_batch_device_and_mirrors_make_nothing_stale(edited):
    edited.config["execution"] = {"batch": 1, "device": "auto", "parts": 2, "compile": True}
    edited.config["structures"]["mirrors"] = []
    assert edited.planned("all") == set()


def forget():
    """Whatever this process knows of files and their code."""
    for known in (provenance._kept, provenance._parsed, provenance._files):
        known.cache_clear()


def test_hash_follows_imports_inside_functions(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import numpy\n")
    plain = code_hash(script)
    other = tmp_path / "other.py"
    other.write_text("import numpy\ndef f():\n    from pointprior import metrics\n")
    third = tmp_path / "third.py"
    third.write_text('"""Doc."""\nimport numpy  # why\n')
    assert code_hash(other) != plain
    assert code_hash(third) == plain
    assert re.fullmatch("[0-9a-f]{64}", plain)


def test_imports_of_imports_are_reached():
    """`scores` reaches `clouds` through others; `files` reaches nothing."""
    names = {path.name for path in reached(PACKAGE / "scoring/scores.py")}
    assert {"metrics.py", "clouds.py"} <= names
    assert {path.name for path in reached(PACKAGE / "runtime/files.py")} <= {"__init__.py"}


def test_hash_knows_the_templates_that_code_fills(tmp_path, monkeypatch):
    package = tmp_path / "pointprior"
    (package / "page/templates").mkdir(parents=True)
    (package / "page/__pycache__").mkdir()
    for name in ("__init__.py", "page/__init__.py", "page/write.py", "other.py"):
        (package / name).write_text("")
    monkeypatch.setattr(provenance, "PACKAGE", package)
    monkeypatch.setattr(provenance, "KEPT", tmp_path / "parsed.json")
    forget()
    script, template = tmp_path / "script.py", package / "page/templates/page.html"
    script.write_text("import pointprior.page.write\n")
    other = tmp_path / "other.py"
    other.write_text("import pointprior.other\n")
    hashes = {"page": set(), "other": set(), "compiled": set()}
    for text in ("before", "after"):
        template.write_text(text)
        hashes["page"].add(code_hash(script))
        hashes["other"].add(code_hash(other))
    for text in ("before", "after"):
        (package / "page/__pycache__/write.pyc").write_text(text)
        (package / "page/templates/.page.html.swp").write_text(text)
        hashes["compiled"].add(code_hash(script))
    forget()
    assert {name: len(found) for name, found in hashes.items()} == {"page": 2, "other": 1, "compiled": 1}


def test_hash_does_not_know_the_version(tmp_path):
    hashes = set()
    for version in ("1.0", "2.0"):
        script = tmp_path / f"{version}.py"
        script.write_text(f'__version__ = "{version}"\nanswer = 42\n')
        hashes.add(code_hash(script))
    assert len(hashes) == 1


@pytest.mark.parametrize("kept", [None, "{}", "[]", "no json", "a folder"])
def test_what_is_kept_of_texts_changes_no_hash(tmp_path, monkeypatch, kept):
    script = ROOT / "scripts/scoring/score_reconstruction.py"
    expected, place = code_hash(script), tmp_path / "parsed.json"
    if kept == "a folder":
        place.mkdir()
    elif kept is not None:
        place.write_text(kept)
    monkeypatch.setattr(provenance, "KEPT", place)
    for _ in range(2):  # parsed anew, then read
        forget()
        assert code_hash(script) == expected
    forget()
    assert place.is_dir() or len(json.loads(place.read_text())) > 20
