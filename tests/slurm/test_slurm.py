"""`snakemake --profile slurm` on a real SLURM: what it asks for, what it gives, and what no disturbance may spoil."""

import hashlib
import os
import re
import shutil
import signal
import time
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cluster import NODES
from conftest import SlurmPlace, groups, in_terminal, settle
from safetensors.numpy import load_file
from workflow.conftest import environment_below

TASK = "p2x48_lr8"
PAIRS = [f"results/{entry}/{TASK}" for entry in ("1tst", "2tst")]
CURVE = "results/checkpoints/tiny.csv"

# cores, memory in MB, minutes and GPUs of every SLURM job of `all` on two structures; a group counts what runs at once
ASKED = {
    "coarse_grain_shard": (1, 8000, 240, 0),
    "pack_training_clouds": (1, 4000, 30, 0),
    "train_prior": (8, 32000, 1440, 1),
    "sample_prior": (8, 8000, 120, 1),
    "sample_prior_set": (8, 16000, 480, 1),
    "evaluate_prior": (8, 8000, 240, 0),
    "plot_gallery": (1, 2000, 10, 0),
    "structure": (2, 2 * 8000, 120, 0),
    "measure": (2, 2 * 2000, 10, 0),
    "baseline": (2, 2 * 4000, 120, 0),
    "posterior": (8, 8000, 2 * 120, 1),  # two pairs, one after the other
    "score": (3, 3 * 2000, 40, 0),  # scores of two pairs and the export of models at once
    "draw": (1, 2000, 10, 0),
}


@pytest.fixture(scope="module")
def finished(cluster, tmp_path_factory) -> SlurmPlace:
    """A checkout in which `snakemake --profile slurm all` has run; tests must leave it as they find it."""
    place = settle(tmp_path_factory.mktemp("finished"), cluster)
    place.run("all", timeout=1500)
    return place


# ---- what SLURM has on record


def test_every_job_ran_in_slurm_with_what_it_asked_for(finished):
    jobs = finished.submitted()
    assert {name: asked(job) for name, job in jobs} == ASKED
    assert len(jobs) == len(ASKED)
    assert {job["JobState"] for _, job in jobs} == {"COMPLETED"}


def test_gpu_jobs_ran_on_the_gpu_node_and_no_others(finished):
    for name, job in finished.submitted():
        gpu = ASKED[name][3]
        assert (job["Partition"], job["NodeList"]) == (("gpu", NODES[1]) if gpu else ("cpu", NODES[0])), name
        assert job["Features"] == ("large" if gpu else "(null)")
        assert job.get("TresPerJob") == ("gres:gpu:toy:1" if gpu else None)


def test_completion_log_agrees(finished):
    log = finished.cluster.finished()
    for name, job in finished.submitted():
        record = log[job["JobId"]]
        assert record["JobState"] == "COMPLETED"
        cores, memory, minutes, _ = ASKED[name]
        assert record["Tres"].startswith(f"cpu={cores},mem={memory}M")
        assert int(record["TimeLimit"]) == minutes


def test_whatever_is_no_local_rule_has_run_in_one_of_those_jobs(finished):
    """Rules that left a benchmark are local, a job's own, or of a group that ran (its comment may be cut short)."""
    local = {"fetch_structure", "collect_scores", "summarise"}
    local |= {"collect_coverage", "collect_entries", "summarise_calibration"}
    local |= {"plot_task", "plot_task_atomic", "plot_calibration", "plot_training"}
    submitted = {name for name, _ in finished.submitted()}
    in_a_job = {rule for rule, group in groups().items() if group in submitted}
    ran = {path.relative_to(finished.folder / "results/benchmarks").parts[0] for path in finished.benchmarks()}
    comments = " ".join(job["Comment"] for _, job in finished.submitted())
    rules = {name.removesuffix(".tsv") for name in ran}
    assert {rule for rule in rules - in_a_job if rule not in comments} == local


def test_everything_is_there_and_a_second_run_does_nothing(finished):
    table = pd.read_csv(finished.folder / "results/tables/scores.csv")
    assert table.groupby(["structure", "method"]).size().unstack().to_dict("list") == {
        "dps": [2, 2],
        "ml": [2, 2],
        "prior": [2, 2],
        "truth": [1, 1],
    }
    assert table.drop(columns="rotation_deg").notna().all(axis=None)
    assert "Nothing to be done" in finished.run("all")


def test_cluster_listens_on_loopback_only(finished):
    assert finished.cluster.sockets() == {"127.0.0.1"}


def test_two_nodes_train_what_one_does(finished, cluster, tmp_path):
    """`training.nodes: 2`: a process on each node, and the weights of one alone to rounding (they are float16)."""
    place = copied(finished, tmp_path)
    place.config["priors"]["tiny"]["training"] = place.config["priors"]["tiny"]["training"] | {"nodes": 2}
    # there is one GPU, in name, on one of them
    place.config["execution"] = place.config["execution"] | {"device": "cpu"}
    place.site = {"POINTPRIOR_PARTITION": "cpu"}
    place.run("results/priors/tiny/trained/weights.safetensors", timeout=900)
    job = place.latest("train_prior")
    assert (job["JobState"], job["NumNodes"], job["NumTasks"]) == ("COMPLETED", "2", "2")
    weights = [load_file(p.folder / "results/priors/tiny/trained/weights.safetensors") for p in (finished, place)]
    for name, value in weights[0].items():
        np.testing.assert_allclose(value.astype(float), weights[1][name].astype(float), atol=2e-3)
    assert "clouds/s" in (place.folder / "results/logs/train_prior/tiny.log").read_text()


# ---- what goes wrong, and how it is said


def test_failed_job_shows_its_log_and_where_it_stands(place):
    place.write_entry("2tst", residues=20)
    output = place.run("results/2tst/cloud.npz", "--retries", "0", fails=True)
    assert "20 atoms are too few for 64" in output
    assert "results/logs/coarse_grain_structure/2tst.log" in output
    kept = re.search(r"log: (\S*results/logs/slurm/\S+\.log)", output)
    assert kept, output
    assert Path(kept[1]).exists()


@pytest.mark.parametrize(
    ("variable", "there"),
    [("PARTITION", "cpu, gpu"), ("GPU_PARTITION", "cpu, gpu"), ("GPU_MODEL", "gpu:toy:1"), ("GPU_CONSTRAINT", "large")],
)
def test_name_that_the_cluster_does_not_have_is_answered(place, variable, there):
    place.site[f"POINTPRIOR_{variable}"] = "nowhere"
    output = place.run("results/1tst/cloud.npz", fails=True)
    assert re.search(f"POINTPRIOR_{variable}='nowhere' is not known to this cluster; there are .*{there}", output)


def demand(place: SlurmPlace, rule: str, mem_mb: int, runtime: int) -> None:
    """Let a rule of the checkout ask for so much at its first attempt."""
    path = place.folder / "workflow/benchmark/requests.py"
    text, replaced = re.subn(rf'"{rule}": \(\d+, \d+\)', f'"{rule}": ({mem_mb}, {runtime})', path.read_text())
    assert replaced == 1
    path.write_text(text)


def test_jobs_beyond_the_limits_of_their_partition_are_named_before_the_first(place):
    demand(place, "coarse_grain_structure", mem_mb=100_000, runtime=10 * 24 * 60)
    output = place.run("results/1tst/cloud.npz", fails=True)
    assert "SLURM would refuse jobs" in output
    lacks = r"14,400 minutes \(there are 7,200\), 100,000 MB of memory \(there are 96,000\)"
    assert re.search(rf"coarse_grain_structure: partition cpu does not give {lacks}", output), output
    assert place.submitted() == []


def test_refusal_of_a_group_is_shown_in_slurms_words(place):
    demand(place, "coarse_grain_structure", mem_mb=100_000, runtime=120)
    output = place.run("results/1tst/cloud.npz", "--no-hooks", "--retries", "0", fails=True)
    assert re.search(r"Group \S+ \(coarse_grain_structure\): SLURM sbatch failed", output), output
    assert "sbatch: error: Memory specification can not be satisfied" in output
    assert not place.unfinished()


def test_checkout_and_environment_below_a_path_with_a_space(tmp_path, cluster):
    (tmp_path / "a b").mkdir()
    place = settle(tmp_path / "a b", cluster)
    place.python = environment_below(tmp_path / "a b/environment")
    place.run("results/1tst/cloud.npz")
    assert (place.folder / "results/1tst/cloud.npz").exists()


# ---- disturbances


def test_whatever_happens_the_same_command_completes_it(finished, cluster, tmp_path):
    """One run to which everything happens, and the same command after each halt: equal results, nothing twice.

    Ctrl-C; a cancelled job; a controller that is restarted; a training job at its time limit; a killed snakemake
    whose jobs go on; a dead node.
    """
    place = copied(finished, tmp_path)
    rules = place.folder / "workflow/rules/priors.smk"
    limit = "runtime=lambda wildcards, attempt: 1 if attempt == 1 else 30"
    rules.write_text(rules.read_text().replace("runtime=1440", limit))
    targets = [f"{pair}/scores.csv" for pair in PAIRS]

    interrupt(place, targets)
    kill_in_the_middle(place, targets)
    lose_a_node(place, targets)

    states = {}
    for name, job in place.submitted():
        states.setdefault(name, []).append(job["JobState"])
    assert all(seen.count("COMPLETED") == 1 for seen in states.values()), states
    assert states["train_prior"] == ["TIMEOUT", "COMPLETED"]
    assert states["measure"][0] == states["structure"][0] == "CANCELLED"
    assert states["posterior"] == ["CANCELLED", "COMPLETED"]
    assert states["score"] == ["NODE_FAIL", "COMPLETED"]
    said = place.slurm_log("train_prior/tiny", "TIMEOUT")
    assert "TrainingStopped: stopped after step" in said  # SIGTERM came through to it, and left time for a checkpoint
    assert "Trying to restart" not in said  # attempts are counted by snakemake outside alone
    memory = [asked(job)[1] for name, job in place.submitted() if name == "measure"]
    assert memory[1] == 2 * memory[0]
    steps = pd.read_csv(place.folder / CURVE)["step"].tolist()
    assert steps == list(range(1, len(steps) + 1))  # went on where it was stopped
    assert "Nothing to be done" in place.run(*targets)
    assert results(place) == results(finished)


def interrupt(place: SlurmPlace, targets: list[str]) -> None:
    """Ctrl-C while jobs run: snakemake cancels them."""
    with in_terminal(place, *targets) as process:
        place.wait_for(process, "structure", "RUNNING")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) != 0
    place.cluster.wait_until(lambda: not place.unfinished(), "Ctrl-C has cancelled all jobs")


def kill_in_the_middle(place: SlurmPlace, targets: list[str]) -> None:
    """A cancelled job, a controller that is away, a training at its time limit; then snakemake is killed."""
    cluster = place.cluster
    with in_terminal(place, *targets) as process:
        place.wait_for(process, "measure", "RUNNING")
        cluster.call("scancel", place.latest("measure")["JobId"])
        stuck = place.stop_training(process)
        cluster.stop_controller()
        time.sleep(5)
        cluster.start_controller()
        place.wait_for(process, "train_prior", "TIMEOUT", seconds=150)
        assert not Path(f"/proc/{stuck}").exists()
        place.wait_for(process, "posterior", "RUNNING", seconds=900)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    # its jobs go on without it: end them, or the next snakemake would submit the same ones beside them
    assert place.unfinished()
    cluster.call("scancel", "--name", place.latest("posterior")["JobName"])
    cluster.wait_until(lambda: not place.unfinished(), "leftover jobs are cancelled")
    place.run("--unlock")


def lose_a_node(place: SlurmPlace, targets: list[str]) -> None:
    """A node dies while a job computes on it, and another takes over."""
    cluster = place.cluster
    with in_terminal(place, *targets) as process:
        place.wait_for(process, "score", "RUNNING", seconds=900)
        cluster.wait_until(lambda: cluster.running("score_reconstruction.py"), "scores are computed", seconds=300)
        cluster.kill_node(NODES[0])
        cluster.call("scontrol", "update", f"NodeName={NODES[0]}", "State=DOWN", "Reason=test")
        assert process.wait(timeout=900) == 0, place.printed()
    cluster.start_node(NODES[0])
    cluster.wait_until(lambda: cluster.nodes()[NODES[0]] == "idle", "the node is back")


# ---- helpers


def asked(job: dict[str, str]) -> tuple[int, int, int, int]:
    """Cores, memory (MB), minutes and GPUs on SLURM's record of a job."""
    tres = dict(part.split("=") for part in job["TRES"].split(","))
    gpus = int(job.get("TresPerJob", ":0").rsplit(":", 1)[1])
    days, _, clock = job["TimeLimit"].rpartition("-")
    hours, minutes, _ = clock.split(":")
    return int(tres["cpu"]), megabytes(tres["mem"]), int(days or 0) * 1440 + int(hours) * 60 + int(minutes), gpus


def megabytes(text: str) -> int:
    """'1500M' or '12G' in MB."""
    return round(float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]])


def copied(place: SlurmPlace, folder: Path) -> SlurmPlace:
    """The same checkout elsewhere, without what was computed; compiled code comes along."""
    ignored = shutil.ignore_patterns("results", ".snakemake", "*.log")
    shutil.copytree(place.folder, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    return SlurmPlace(folder, folder, deepcopy(place.config), place.cluster)


def results(place: SlurmPlace) -> dict[str, str]:
    """What was computed, without the seconds that it took: arrays, weights and scores by their hashes."""
    hashes = {}
    for pair in PAIRS:
        for method in ("dps", "ml"):
            with np.load(place.folder / pair / f"{method}.npz") as data:
                hashes[f"{pair}/{method}"] = digest(data["points"].tobytes() + data["energy"].tobytes())
        scores = pd.read_csv(place.folder / pair / "scores.csv").drop(columns=["seconds", "key"])
        hashes[f"{pair}/scores.csv"] = digest(scores.to_csv().encode())
    for name in ("results/1tst/cloud.npz", "results/2tst/cloud.npz"):
        with np.load(place.folder / name) as data:
            hashes[name] = digest(b"".join(data[key].tobytes() for key in sorted(data)))
    weights = "results/priors/tiny/trained/weights.safetensors"
    hashes[weights] = digest((place.folder / weights).read_bytes())
    return hashes


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
