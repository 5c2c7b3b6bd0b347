"""What is checked before the first job: too much work for this machine, too little of a cluster, odd paths."""

import os

import pytest
from benchmark.config.priors import PriorChoice
from benchmark.limits import Nodes, Request, excesses, partitions
from benchmark.workload import LONGEST, RATE, days_on, oversized, training_operations
from conftest import check_out, environment_below

from pointprior.priors.point_transformer import PointTransformer

SINFO = """\
main*|1-00:00:00|64|515000+|(null)
main*|1-00:00:00|32|128000|(null)
gpu|2-12:00:00|48|1000000|gpu:a100:4(S:0-1),shard:16
short|30:00|8|16000|gpu:2
old|infinite|4|8000|gpu:k80:1,gpu:m60:2(S:0,1)
"""


def training_prior(**stage) -> dict:
    """A prior to train: small, but for what a stage says."""
    stages = [{"steps": 10, "batch": 2, "points": 16, "noise_mean": -1.2, "noise_std": 1.2, "t_max": 80} | stage]
    return {"network": {"width": 16, "layers": 1, "heads": 2}, "training": {"entries": "train.tsv", "stages": stages}}


def test_operations_are_three_forward_passes_but_for_attention():
    """Of the paper's network: what the network itself counts, times three, of which attention is a quarter."""
    prior = PriorChoice()
    network = PointTransformer(width=512, layers=24, heads=8)
    counted = 3 * sum(stage.steps * stage.batch * network.flops(stage.points) for stage in prior.training.stages)
    assert 0.7 * counted < training_operations(prior) < counted
    assert training_operations(prior) == pytest.approx(6.4e18, rel=0.02)


def test_a_day_of_this_machine_is_the_longest_training_that_it_begins():
    cores = len(os.sched_getaffinity(0))
    step = training_operations(PriorChoice.model_validate(training_prior(steps=1)))
    day = int(LONGEST * 86_400 * RATE * cores / step)
    assert days_on(cores, step * day) == pytest.approx(1, rel=1e-3)
    assert oversized("a", PriorChoice.model_validate(training_prior(steps=min(day - 1, 10**9))), 0) is None
    paper = PriorChoice()
    message = oversized("a", paper, 1462)
    for words in ("1,462 structures", "6e+18 operations", f"on {cores} cores", "config/mini.yaml", "--profile slurm"):
        assert words in message
    assert message.endswith("priors.a.training.on_cpu: true")
    of_shapes = paper.model_copy(update={"training": paper.training.model_copy(update={"dataset": "shapenet_chair"})})
    assert "config/standin.yaml" in oversized("a", of_shapes, 0)
    told = paper.training.model_copy(update={"on_cpu": True})
    assert oversized("a", paper.model_copy(update={"training": told}), 1462) is None


def test_long_training_stops_before_the_first_job_and_is_planned_all_the_same(workplace):
    (workplace.folder / "train.tsv").write_text("entry\tcluster\n1tst\tx\n1aaa\ty\n")
    workplace.config["priors"]["long"] = training_prior(steps=10**9, batch=1000, points=64)
    target = "results/priors/long/trained/weights.safetensors"
    plan = workplace.run(target, "--dry-run")
    assert "A run would stop here: the prior 'long' would be trained on this machine" in plan
    output = workplace.run(target, fails=True)
    assert "the prior 'long' would be trained on this machine, where no GPU is to be seen: 2 structures are" in output
    assert "priors.long.training.on_cpu: true" in output
    assert not (workplace.folder / "results/priors/long").exists()


def test_checkout_and_environment_below_a_path_with_a_space(tmp_path):
    (tmp_path / "a b").mkdir()
    place = check_out(tmp_path / "a b")
    place.python = environment_below(tmp_path / "a b/environment")
    place.run("results/1tst/cloud.npz")
    assert (place.folder / "results/1tst/cloud.npz").exists()


# ---- what a cluster gives


def test_partitions_are_read_as_sinfo_prints_them():
    assert partitions(SINFO) == [
        Nodes("main", True, 1440, 64, 515_000, 0),
        Nodes("main", True, 1440, 32, 128_000, 0),
        Nodes("gpu", False, 3600, 48, 1_000_000, 4),
        Nodes("short", False, 30, 8, 16_000, 2),
        Nodes("old", False, float("inf"), 4, 8000, 3),
    ]
    assert partitions("sinfo: error: no controller\n") == []


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (Request("a", (), 1440, 64, 515_000, 0), []),
        (Request("a", (), 1441, 8, 4000, 0), ["a: partition main does not give 1,441 minutes (there are 1,440)"]),
        (Request("a", (), 60, 8, 4000, 1), ["a: partition main does not give 1 GPUs (there are 0)"]),
        (Request("a", ("main", "gpu"), 3000, 8, 4000, 4), []),
        (Request("a", ("short",), 31, 8, 4000, 3), ["31 minutes (there are 30), 3 GPUs (there are 2)"]),
        (Request("a", ("elsewhere",), 1e9, 8, 4000, 3), []),  # the profile answers names that there are not
    ],
)
def test_what_no_node_of_a_partition_gives_is_named(asked, lines):
    found = excesses([asked, asked], partitions(SINFO))
    assert len(found) == len(lines)
    assert all(line in said for said, line in zip(found, lines, strict=True))
