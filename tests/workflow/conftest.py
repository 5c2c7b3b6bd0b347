"""A workflow small enough to test: a chain of 96 pseudo-residues, clouds of 64 points, an untrained prior."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import gemmi
import numpy as np
import pytest
import torch
import yaml
from filelock import FileLock

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec

ROOT = Path(__file__).parents[2]
# snakemake's plugin asks the machine's SLURM at every start; one whose controller is down takes ten seconds to answer
os.environ["SLURM_CONF"] = os.devnull
sys.path.insert(0, str(ROOT / "workflow"))


def compact_chain(entry: str, residues: int = 96) -> str:
    """mmCIF text of an entry with one compact random chain of alpha carbons."""
    generator = np.random.default_rng(sum(entry.encode()))
    steps = generator.normal(size=(residues, 3))
    walk = np.cumsum(3.8 * steps / np.linalg.norm(steps, axis=1, keepdims=True), axis=0)
    structure = gemmi.Structure()
    structure.name = entry.upper()
    structure.add_model(gemmi.Model(1))
    chain = structure[0].add_chain("A")
    for number, position in enumerate(walk * 0.6, start=1):
        residue = gemmi.Residue()
        residue.name, residue.seqid = "ALA", gemmi.SeqId(number, " ")
        atom = gemmi.Atom()
        atom.name, atom.element, atom.pos, atom.occ = "CA", gemmi.Element("C"), gemmi.Position(*position), 1.0
        residue.add_atom(atom)
        chain.add_residue(residue)
    structure.setup_entities()
    document = structure.make_mmcif_document()
    document[0].set_pair("_entry.id", entry.upper())
    return document.as_string()


@dataclass
class Workplace:
    """A folder with a mirror, a prior and a configuration, and how to run snakemake there."""

    folder: Path
    root: Path = ROOT
    config: dict = field(default_factory=dict)
    python: str = field(default=sys.executable, kw_only=True)

    def write_entry(self, entry: str, content: bytes | None = None, **chain) -> Path:
        """Put an entry into the mirror."""
        path = self.folder / f"mirror/structures/divided/mmCIF/{entry[1:3]}/{entry}.cif.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(compact_chain(entry, **chain).encode()) if content is None else content)
        return path

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        """The snakemake call, its configuration written."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.config))
        options = ["--configfile", "config.yaml", "--cores", str(cores), "--nocolor"]
        places = ["--snakefile", str(self.root / "Snakefile"), "--directory", str(self.folder)]
        profile = ["--workflow-profile", str(self.root / "profiles/default")]
        return [self.python, "-m", "snakemake", *arguments, *places, *profile, *options]

    def environment(self) -> dict[str, str]:
        """The caller's environment without mirrors, caches kept inside the folder."""
        kept = {key: value for key, value in os.environ.items() if key not in ("PDB_DIR", "PYTHONPATH")}
        return kept | {"XDG_CACHE_HOME": str(self.folder / ".cache")}

    def run(self, *arguments: str, cores: int = 2, fails: bool = False, timeout: float = 900) -> str:
        """Run snakemake and give what it printed."""
        done = subprocess.run(
            self.command(*arguments, cores=cores),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def planned(self, *targets: str) -> set[str]:
        """Rules that a dry run would run, `all` and the like left out."""
        text = self.run(*targets, "--dry-run")
        rows = re.findall(r"^([a-z_0-9]+) +\d+$", text.partition("Job stats:")[2], flags=re.MULTILINE)
        return set(rows) - {"total", "all"}

    @contextmanager
    def started(self, *arguments: str, cores: int = 1) -> Iterator[subprocess.Popen]:
        """Snakemake in a session of its own, as in a terminal; whatever is left of it ends with the block."""
        process = subprocess.Popen(
            self.command(*arguments, cores=cores),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        with process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def tiny_config(*entries: str) -> dict:
    """One task, every method, seconds of work."""
    return {
        "structures": {"entries": list(entries), "mirrors": ["mirror"], "download": False},
        "coarse_grain": {"components": 64},
        "tasks": {"p2x48_lr8": {"projections": 2, "points": 48, "low_resolution": 8, "alpha": 100}},
        "samples": 2,
        "execution": {"batch": 2, "device": "cpu"},
        "dps": {"steps": 4},
        "pnp": {"steps": 3},
        "unconditional": {"steps": 16},
        "ml": {"steps": 4},
        "prior": "tiny",
        "priors": {"tiny": {"source": "released", "released": "prior"}},
        "shown": "all",
    }


def furnish(folder: Path, root: Path = ROOT) -> Workplace:
    """A workplace with one entry, 1tst."""
    place = Workplace(folder, root, tiny_config("1tst"))
    place.write_entry("1tst")
    torch.manual_seed(0)
    Denoiser(NetworkSpec(width=16, layers=1, heads=2)).save(folder / "prior", {"name": "untrained"})
    return place


def environment_below(folder: Path) -> str:
    """The Python of an environment in a folder, with all that this one has."""
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(packages) / "shared.pth").write_text(sysconfig.get_path("purelib"))
    return str(folder / "bin/python")


@cache
def all_rules() -> dict[str, dict]:
    """Every rule of the default configuration, as `list_rules` describes it."""
    program = Path(__file__).with_name("list_rules.py")
    done = subprocess.run(
        [sys.executable, program, "Snakefile"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    return json.loads(done.stdout)


def running_rules() -> dict[str, dict]:
    """Those that run a script."""
    return {name: rule for name, rule in all_rules().items() if rule["script"] is not None}


@pytest.fixture
def workplace(tmp_path) -> Workplace:
    """A fresh workplace."""
    return furnish(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Workplace:
    """A workplace in which everything has been computed; tests must leave it as they find it.

    Where several processes run tests, the first that needs it computes, and each has a copy.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _computed(tmp_path_factory.mktemp("finished"))
    first, own = tmp_path_factory.getbasetemp().parent / "finished", tmp_path_factory.getbasetemp() / "finished"
    with FileLock(f"{first}.lock"):
        if not (first / "whole").exists():
            shutil.rmtree(first, ignore_errors=True)
            first.mkdir()
            _computed(first)
            (first / "whole").touch()
    shutil.copytree(first, own, symlinks=True)
    return Workplace(own, ROOT, tiny_config("1tst"))


def _computed(folder: Path) -> Workplace:
    place = furnish(folder)
    place.run("all", "results/1tst/rmsd.csv")
    return place


@pytest.fixture
def checkout(tmp_path) -> Workplace:
    """A workplace with its own copy of the repository, whose code a test may edit."""
    return check_out(tmp_path)


def check_out(folder: Path) -> Workplace:
    """Copy the repository into a folder, and furnish a workplace beside it."""
    copy = folder / "repository"
    ignored = shutil.ignore_patterns("*.pyc")  # compiled kernels come along
    for name in ("src", "scripts", "workflow", "config", "envs", "profiles"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", copy / "Snakefile")
    (folder / "work").mkdir()
    return furnish(folder / "work", copy)
