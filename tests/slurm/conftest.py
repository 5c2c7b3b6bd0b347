"""A checkout whose small workflow runs on a SLURM that the tests start; `make test-slurm` runs them, `make test` not."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cluster as slurm
import pytest
import yaml
from workflow.conftest import ROOT, Workplace, tiny_config

# what a site's users export once
SITE = {
    "POINTPRIOR_PARTITION": "cpu",
    "POINTPRIOR_GPU_PARTITION": "gpu",
    "POINTPRIOR_GPU_MODEL": "toy",
    "POINTPRIOR_GPU_CONSTRAINT": "large",
}
# what differs from the profile: no long waiting, and few jobs at a time on two cores
FAST = {"slurm-init-seconds-before-status-checks": "1", "latency-wait": "5", "jobs": "3"}


@dataclass
class SlurmPlace(Workplace):
    """A copy of the repository, entered as a user would, and the cluster that its jobs go to."""

    cluster: slurm.Cluster = None

    def command(self, *arguments: str, cores: int = 0) -> list[str]:
        """`snakemake --profile slurm TARGETS`, polling fast."""
        (self.folder / "test.yaml").write_text(yaml.safe_dump(self.config))
        options = [word for key, value in FAST.items() for word in (f"--{key}", value)]
        program = str(ROOT / "tests/slurm/impatient_snakemake.py")
        snakemake = [sys.executable, program, "--profile", "slurm", *arguments]
        return [*snakemake, "--configfile", "test.yaml", *options, "--nocolor"]

    def environment(self) -> dict[str, str]:
        """A user's environment on the cluster, with few threads a job: the nodes' cores exist in name only."""
        kept = {key: value for key, value in self.cluster.environment.items() if key not in ("PDB_DIR", "PYTHONPATH")}
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        return kept | SITE | threads | {"XDG_CACHE_HOME": str(self.folder / ".cache")}

    def started_jobs(self) -> dict[str, dict[str, str]]:
        """SLURM's records of the jobs that this place has submitted, by id."""
        return {job["JobId"]: job for job in self.cluster.jobs() if job["WorkDir"] == str(self.folder)}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[slurm.Cluster]:
    """The cluster of the whole session; whatever is left of it ends with it."""
    if problem := slurm.obstacle():
        pytest.skip(problem)
    with slurm.Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running
    assert slurm.marked_processes(running) == []


def settle(folder: Path, cluster: slurm.Cluster) -> SlurmPlace:
    """Copy the repository into a folder and write two structures to reconstruct and three to train on."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("src", "scripts", "workflow", "config", "envs", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", folder / "Snakefile")
    (folder / "slurm").symlink_to("profiles/slurm")
    place = SlurmPlace(folder, folder, tiny_config("1tst", "2tst"), cluster)
    for entry in ("1tst", "2tst", "1aaa", "1aab", "1aac"):
        place.write_entry(entry)
    (folder / "train.tsv").write_text("entry\tcluster\n1aaa\tx\n1aab\tx\n1aac\ty\n")
    stages = [{"steps": 60, "batch": 2, "points": 16, "noise_mean": -1.2, "noise_std": 1.2, "t_max": 80}]
    place.config["priors"]["tiny"] = {
        "source": "train",
        "network": {"width": 16, "layers": 1, "heads": 2},
        # by their names, y is held out and x is not
        "training": {"entries": "train.tsv", "stages": stages, "precision": "float32", "validation_one_in": 2},
    }
    place.config["evaluation"] = {"samples": 3}
    place.config["dps"]["device"] = "auto"  # asks SLURM for a GPU; without one it is the CPU
    return place


@pytest.fixture
def place(tmp_path, cluster) -> SlurmPlace:
    """A fresh checkout."""
    return settle(tmp_path, cluster)


@contextmanager
def in_terminal(place: SlurmPlace, *targets: str) -> Iterator[subprocess.Popen]:
    """Snakemake in a session of its own, heeding Ctrl-C; what is left of it ends with the block."""
    with (place.folder / "snakemake.log").open("a") as log:
        process = subprocess.Popen(
            place.command(*targets),
            cwd=place.folder,
            env=place.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        with process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
