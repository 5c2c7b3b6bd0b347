"""Noise and the α sweep: what is measured, which entries α may be chosen on, and the figures."""

import csv
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from benchmark import config as configuration
from benchmark.plan import Plan
from conftest import ROOT
from snakemake.exceptions import WorkflowError

from pointprior.measurements.observations import Observations
from pointprior.priors.training_set import is_held_out

SERIES = {
    "p2": {"projections": 2, "points": 48, "alpha": 100},
    "p2_noise5": {"projections": 2, "points": 48, "noise": 5, "alpha": 100},
    "p2_noise2": {"projections": 2, "points": 48, "noise": 2, "alpha": 50, "title": "two"},
    "other": {"projections": 3, "points": 48, "alpha": 100},
}


def listed(name: str) -> dict[str, str]:
    """Clusters by entry of the training list, or the held-out entries."""
    lines = [line for line in (ROOT / "config/lists" / name).read_text().splitlines() if not line.startswith("#")]
    if name.endswith(".tsv"):
        return {row["entry"]: row["cluster"] for row in csv.DictReader(lines, delimiter="\t")}
    return {line.split()[0]: "" for line in lines if line.strip()}


def plan_of(**config) -> Plan:
    return Plan(configuration.load(config), ROOT)


@pytest.mark.parametrize("entries", [["6ryr", "config/lists/mini.txt"], ["config/lists/mini.txt"]])
def test_alpha_is_swept_on_validation_clusters_and_never_on_tested_entries(entries):
    """As configured: in the training list, in clusters that training leaves out, neither tested nor related to it."""
    swept = plan_of(structures={"entries": entries}).experiments.sweep_entries
    clusters, tested = listed("train.tsv"), listed("mini.txt")
    assert len(swept) >= 2
    assert all(is_held_out(clusters[entry], 20) for entry in swept)
    assert not set(swept) & set(tested)
    assert not {clusters[entry] for entry in swept} & set(tested)
    assert len({clusters[entry] for entry in swept}) == len(swept)  # no two of one family


@pytest.mark.parametrize(
    ("entry", "message"), [("3j9i", "is tested"), ("13pk", "in no validation cluster"), ("6fvt", "in no")]
)
def test_other_entries_are_refused(entry, message):
    plan = plan_of(structures={"entries": "config/lists/mini.txt"}, alpha_sweep={"entries": entry})
    with pytest.raises(WorkflowError, match=message):
        _ = plan.experiments.sweep_entries
    with pytest.raises(WorkflowError, match=message):
        plan.experiments.sweep_scores()


def test_every_tested_entry_would_be_refused():
    for entry in listed("mini.txt"):
        plan = plan_of(structures={"entries": "1aaa"}, alpha_sweep={"entries": entry})  # although not tested here
        with pytest.raises(WorkflowError, match="in no validation cluster"):
            _ = plan.experiments.sweep_entries


def test_sweep_with_an_unknown_task_is_answered():
    with pytest.raises(WorkflowError, match="unknown task 'p3x1204'; did you mean 'p3x1024'"):
        plan_of(alpha_sweep={"tasks": ["p3x1204"]}).experiments.sweep_scores()


def test_levels_of_noise_are_one_series_and_share_their_draws():
    class Wildcards:
        structure, task = "1abc", "p2_noise5"

    plan = plan_of(tasks=SERIES)
    assert plan.tasks.noise_series("p2_noise2") == ["p2", "p2_noise2", "p2_noise5"]
    assert plan.tasks.noise_series("other") == ["other"]
    assert plan.experiments.noise_figures() == ["results/figures/noise/p2.pdf", "results/figures/noise/p2.png"]
    assert [measured["draws"] for measured in plan.tasks.measurements(Wildcards)] == ["p2"]
    Wildcards.task = "other"
    assert [measured["draws"] for measured in plan.tasks.measurements(Wildcards)] == ["other"]
    with pytest.raises(WorkflowError, match="no task measures what 'other' does"):
        plan.experiments.noise_scores(Wildcards)


def test_measurements_with_errors_share_the_draws_of_the_least():
    common = {"projections": 2, "points": 48, "alpha": 100, "draw": "density", "noise": 5}
    tasks = {"far": common | {"pose_error": 5}, "near": common, "holes": common | {"missing": 0.1, "spurious": 0.1}}
    tasks["means"] = common | {"draw": "means"}
    plan = plan_of(tasks=tasks)
    asked = {name: SimpleNamespace(structure="1tst", task=name) for name in tasks}
    found = {name: plan.tasks.measurements(wildcards)[0]["draws"] for name, wildcards in asked.items()}
    assert found == {"far": "near", "near": "near", "holes": "near", "means": "means"}
    assert plan.tasks.noise_series("far") == ["far"]  # nothing but noise may differ in a series


def test_a_task_pairs_as_it_says_and_else_as_the_likelihood_does():
    tasks = {"its_own": {"projections": 3, "alpha": 1, "pairing": "entropic"}, "usual": {"projections": 3, "alpha": 1}}
    plan = plan_of(tasks=tasks, likelihood={"pairing": "unbalanced", "gate": 3.0})
    its_own, usual = (plan.tasks.problem("1aaa", name, "pnp")["likelihood"] for name in tasks)
    assert (its_own["pairing"], usual["pairing"]) == ("entropic", "unbalanced")
    assert its_own["gate"] == usual["gate"] == 3.0


def test_realistic_tasks_share_points_of_projections_and_leave_out_those_that_fit_worst():
    realistic = yaml.safe_load((ROOT / "config/realistic.yaml").read_text())
    plan = plan_of(**realistic)
    for name in plan.settings.tasks:
        likelihood = plan.tasks.problem("1aaa", name, "pnp")["likelihood"]
        assert (likelihood["pairing"], likelihood["outliers"]) == ("mixed", 0.1)
        # guidance from noise would leave stray points astray
        assert plan.tasks.problem("1aaa", name, "dps")["likelihood"]["outliers"] == 0


def test_realistic_tasks_are_named_apart_from_the_papers():
    realistic = yaml.safe_load((ROOT / "config/realistic.yaml").read_text())
    plan = plan_of(**realistic)
    tasks = plan.settings.tasks
    assert all(name.startswith("realistic_") and task.title.startswith("realistic: ") for name, task in tasks.items())
    assert all(task.draw == "density" and task.missing == task.spurious == 0.1 for task in tasks.values())
    assert {task.noise for task in tasks.values()} == {2, 5, 10}
    assert {task.pose_error for task in tasks.values()} == {0, 2, 5}
    measured = {(t.projections, t.points, t.low_resolution) for t in tasks.values()}
    papers = {(t.projections, t.points, t.low_resolution) for t in plan_of().settings.tasks.values()}
    assert measured == papers
    assert plan.tasks.noise_series("realistic_3x1024") == [
        "realistic_3x1024_noise2",
        "realistic_3x1024",
        "realistic_3x1024_noise10",
    ]


def test_the_papers_tasks_have_one_series_of_noise():
    plan = plan_of()
    assert plan.tasks.noise_series("p3x1024") == ["p3x1024", "p3x1024_noise2", "p3x1024_noise5", "p3x1024_noise10"]
    assert [plan.settings.tasks[name].noise for name in plan.tasks.noise_series("p3x1024")] == [0, 2, 5, 10]
    assert plan.experiments.noise_figures()[0] == "results/figures/noise/p3x1024.pdf"


def test_noise_from_measurements_to_figure(workplace):
    tasks = {name: SERIES[name] for name in ("p2", "p2_noise5")}
    workplace.config |= {"tasks": tasks, "methods": ["ml"], "shown": []}
    workplace.run("noise", timeout=600)
    assert (workplace.folder / "results/figures/noise/p2.png").read_bytes().startswith(b"\x89PNG")
    exact, noisy = (
        Observations.load(workplace.folder / f"results/1tst/{t}/observations.npz") for t in ("p2", "p2_noise5")
    )
    with np.load(workplace.folder / "results/1tst/cloud.npz") as cloud:
        scale = float(cloud["scale"])
    for a, b in zip(exact, noisy, strict=True):
        np.testing.assert_array_equal(a.view, b.view)
        assert (a.noise, b.noise) == (0, pytest.approx(5 / scale))
        assert scale * (b.targets - a.targets).std() == pytest.approx(5, rel=0.3)  # 96 numbers


def test_sweep_from_lists_to_figure(workplace):
    for entry in ("1aaa", "1aac"):
        workplace.write_entry(entry)
    (workplace.folder / "train.tsv").write_text("entry\tcluster\n1aaa\tx\n1aac\ty\n1tst\ty\n")
    training = {"entries": "train.tsv", "validation_one_in": 2}  # by their names, y is held out and x not
    workplace.config["priors"]["tiny"]["training"] = training
    sweep = {"entries": ["1aac"], "tasks": ["p2x48_lr8"], "alphas": [10, 1000.0], "samples": 2, "steps": 3}
    workplace.config["alpha_sweep"] = sweep
    workplace.run("alpha_sweep", timeout=600)
    folder = workplace.folder / "results/alpha_sweep"
    table = pd.read_csv(folder / "scores.csv")
    assert set(table["structure"]) == {"1aac"}
    assert table.groupby("method").size().to_dict() == {"dps": 4, "ml": 2}
    assert table.groupby("alpha").size().to_dict() == {10.0: 2, 1000.0: 2}  # maximum likelihood has none
    assert table[["rmsd_cg", "chamfer", "emd"]].notna().all(axis=None)
    assert (folder / "alpha_sweep.png").read_bytes().startswith(b"\x89PNG")
    workplace.config["alpha_sweep"] = sweep | {"alphas": [10, 1000.0, 50]}  # a further α computes no other anew
    assert re.search(r"^sweep_alpha +1$", workplace.run("alpha_sweep", "--dry-run"), flags=re.MULTILINE)
    workplace.config["alpha_sweep"] = sweep | {"entries": ["1tst"]}
    assert "1tst is tested" in workplace.run("alpha_sweep", "--dry-run", fails=True)
    workplace.config["alpha_sweep"] = sweep | {"entries": ["1aaa"]}
    assert "1aaa is in no validation cluster" in workplace.run("alpha_sweep", "--dry-run", fails=True)
    workplace.config["alpha_sweep"] = sweep
    assert "unknown entry of the α sweep '1xyz'" in workplace.run(
        "results/alpha_sweep/1xyz/p2x48_lr8/10.csv", "--dry-run", fails=True
    )
