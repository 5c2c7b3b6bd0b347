"""Jobs that take a molecule in all its tasks: fewer of them, and the same results."""

import re

import pandas as pd
import pytest

TASK = "p2x48_lr8"
MORE = {"p2": {"projections": 2, "points": 48, "alpha": 100}}
RESTRICTED = {"p1": {"projections": 1, "points": 48, "alpha": 100, "entries": ["1tst"]}}


@pytest.fixture
def joined(workplace):
    """A workplace whose jobs take two of its three tasks at once; the third is restricted to some entries."""
    workplace.config["tasks"] |= MORE | RESTRICTED
    workplace.config["execution"]["job"] = "structure"
    return workplace


def counted(text: str) -> dict[str, int]:
    return {rule: int(n) for rule, n in re.findall(r"^([a-z_]+) +(\d+)$", text, flags=re.MULTILINE)}


def test_a_job_takes_the_tasks_that_are_not_restricted(joined):
    jobs = counted(joined.run("results/1tst/rmsd.csv", "--dry-run"))
    for rule in ("synthesise_observations", "reconstruct_dps", "reconstruct_ml", "score_task"):
        assert (jobs[rule], jobs[f"{rule}_all_tasks"]) == (1, 1)
    assert "reconstruct_dps_all_tasks" in joined.planned("results/1tst/p2/dps.npz")
    assert "reconstruct_dps" in joined.planned("results/1tst/p1/dps.npz")


def test_results_are_those_of_a_job_for_every_task(joined, finished):
    joined.config["methods"] = ["dps", "ml", "truth"]
    joined.run("results/1tst/rmsd.csv", "results/tables/coverage.csv")
    own, theirs = (pd.read_csv(place.folder / "results/1tst/rmsd.csv") for place in (joined, finished))
    assert set(own["task"]) == {TASK, "p2", "p1"}
    kept = [frame[(frame["task"] == TASK) & frame["method"].isin(["dps", "ml", "truth"])] for frame in (own, theirs)]
    pd.testing.assert_frame_equal(*(frame.drop(columns="seconds").reset_index(drop=True) for frame in kept), rtol=1e-6)
    coverage = pd.read_csv(joined.folder / "results/tables/coverage.csv")
    assert coverage.groupby(["task", "method"]).ngroups == 6
