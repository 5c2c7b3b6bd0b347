"""A checkout whose small workflow runs on a SLURM that the tests start (`make test-slurm`)."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from unittest.mock import patch

import cluster as slurm
import pytest
import yaml
import yte
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


@cache
def groups() -> dict[str, str]:
    """The group of every rule that the profile puts into one."""
    profile = (ROOT / "profiles/slurm/config.yaml").read_text()
    elsewhere = {key: value for key, value in os.environ.items() if not key.startswith("POINTPRIOR_")}
    with patch.dict(os.environ, elsewhere, clear=True), patch.object(sys, "argv", ["snakemake", "--dry-run"]):
        return yte.process_yaml(profile, require_use_yte=True)["groups"]


@dataclass
class SlurmPlace(Workplace):
    """A copy of the repository, entered as a user would, and the cluster that its jobs go to."""

    cluster: slurm.Cluster = None
    site: dict[str, str] = field(default_factory=SITE.copy)

    def command(self, *arguments: str, cores: int = 0) -> list[str]:
        """`snakemake --profile slurm TARGETS`, polling fast."""
        (self.folder / "test.yaml").write_text(yaml.safe_dump(self.config))
        options = [word for key, value in FAST.items() for word in (f"--{key}", value)]
        program = str(ROOT / "tests/slurm/impatient_snakemake.py")
        snakemake = [self.python, program, "--profile", "slurm", *arguments]
        return [*snakemake, "--configfile", "test.yaml", *options, "--nocolor"]

    def environment(self) -> dict[str, str]:
        """A user's environment on the cluster, with one thread a job."""
        kept = {key: value for key, value in self.cluster.environment.items() if key not in ("PDB_DIR", "PYTHONPATH")}
        # the nodes' cores exist in name only: eight threads on two cores would wait for each other
        threads = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
        return kept | self.site | threads | {"XDG_CACHE_HOME": str(self.folder / ".cache")}

    # ---- SLURM's records of this place's jobs

    def submitted(self) -> list[tuple[str, dict[str, str]]]:
        """Rule or group of every job that was submitted from here, with SLURM's record of it, in order."""
        jobs = [job for job in self.cluster.jobs() if job["WorkDir"] == str(self.folder)]
        return [(self._name(job["Comment"]), job) for job in jobs]

    def _name(self, comment: str) -> str:
        """Rule or group in the comment that the plugin gives a job: rule_NAME, _wildcards_... or the group's rules."""
        name = comment.removeprefix("rule_").partition("_wildcards_")[0]
        return next((group for group in self._groups if name.startswith(f"{group}_")), name)

    @cached_property
    def _groups(self) -> set[str]:
        return set(groups().values())

    def latest(self, name: str) -> dict[str, str]:
        """The record of the last job of a rule or group; an empty one if there is none."""
        return ([job for other, job in self.submitted() if other == name] or [{}])[-1]

    def unfinished(self) -> list[str]:
        """Names of jobs that wait, run or are being ended."""
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        return [name for name, job in self.submitted() if job["JobState"] not in over]

    def slurm_log(self, place: str, state: str) -> str:
        """What a rule's job printed that ended in a state; `place` is its rule and wildcards."""
        job = next(job for name, job in self.submitted() if place.startswith(name) and job["JobState"] == state)
        return (self.folder / f"results/logs/slurm/rule_{place}/{job['JobId']}.log").read_text()

    def benchmarks(self) -> list[Path]:
        """Benchmark files of all jobs."""
        return sorted((self.folder / "results/benchmarks").rglob("*.tsv"))

    # ---- a run in the background

    def printed(self) -> str:
        """What snakemake has printed."""
        return (self.folder / "snakemake.log").read_text()

    def wait_for(self, process: subprocess.Popen, name: str, state: str, seconds: float = 600) -> None:
        """Wait until the last job of a rule or group, or an earlier one, is in a state."""

        def there() -> bool:
            assert process.poll() is None, self.printed()
            return any(job["JobState"] == state for other, job in self.submitted() if other == name)

        self.cluster.wait_until(there, f"{name} is {state}\n{self.printed()[-2000:]}", seconds)

    def stop_training(self, process: subprocess.Popen) -> int:
        """Halt the training once it has done some steps (as if its node were stuck), and give its process id."""
        curve = self.folder / "results/checkpoints/tiny.csv"

        def begun() -> bool:
            assert process.poll() is None, self.printed()
            return curve.exists() and len(curve.read_text().splitlines()) > 20

        self.cluster.wait_until(begun, "training has begun", seconds=900)
        pid = self.cluster.running("train_prior.py")[0]
        os.kill(pid, signal.SIGSTOP)
        return pid


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[slurm.Cluster]:
    """The cluster of the whole session; whatever is left of it ends with it."""
    if problem := slurm.obstacle():
        pytest.skip(problem)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the cluster is to be stopped then, too
    with slurm.Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running
    assert running.leftovers() == []


def settle(folder: Path, cluster: slurm.Cluster) -> SlurmPlace:
    """Copy the repository into a folder and write two structures to reconstruct and three to train on."""
    for name in ("src", "scripts", "workflow", "config", "envs", "profiles"):
        shutil.copytree(ROOT / name, folder / name)  # compiled kernels come along
    shutil.copy(ROOT / "Snakefile", folder / "Snakefile")
    (folder / "slurm").symlink_to("profiles/slurm")
    place = SlurmPlace(folder, folder, tiny_config("1tst", "2tst"), cluster)
    for entry in ("1tst", "2tst", "1aaa", "1aab", "1aac"):
        place.write_entry(entry)
    (folder / "train.tsv").write_text("entry\tcluster\n1aaa\tx\n1aab\tx\n1aac\ty\n")
    stages = [{"steps": 400, "batch": 2, "points": 16, "noise_mean": -1.2, "noise_std": 1.2, "t_max": 80}]
    place.config["priors"]["tiny"] = {
        "source": "train",
        "network": {"width": 16, "layers": 1, "heads": 2},
        # by their names, y is held out and x is not
        "training": {"entries": "train.tsv", "stages": stages, "precision": "float32", "validation_one_in": 2},
    }
    place.config["evaluation"] = {"samples": 3}
    place.config["methods"] = ["dps", "ml", "prior", "truth"]
    place.config["shown"] = ["1tst/p2x48_lr8"]
    place.config["execution"]["device"] = "auto"  # asks SLURM for a GPU; without one it is the CPU
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
