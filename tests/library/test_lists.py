"""The lists in config/: no test entry, and no entry of its family, is trained on."""

import csv
from pathlib import Path

import pytest
from mirror import SHARED

ROOT = Path(__file__).parents[2]
CATALOGUE = (SHARED or ROOT) / "structures.tsv"  # optional: which clusters hold test entries or their relatives


def training_list():
    lines = [line for line in (ROOT / "config/lists/train.tsv").read_text().splitlines() if not line.startswith("#")]
    return {row["entry"]: row["cluster"] for row in csv.DictReader(lines, delimiter="\t")}


def test_held_out_entries_are_not_trained_on():
    held_out = {line.split("#")[0].strip() for line in (ROOT / "config/lists/mini.txt").read_text().splitlines()} - {""}
    training = training_list()
    assert len(held_out) == 20
    assert not held_out & training.keys()
    assert not held_out & set(training.values())


def test_relatives_of_held_out_entries_are_not_trained_on():
    if not CATALOGUE.exists():
        pytest.skip(f"no catalogue of clusters at {CATALOGUE}")
    with CATALOGUE.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    guarded = {row["cluster"] for row in rows if row["split"] != "train"}
    training = training_list()
    assert guarded
    assert not guarded & set(training.values())
    assert not {row["entry"] for row in rows if row["split"] != "train"} & training.keys()
