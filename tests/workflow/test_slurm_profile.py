"""What the slurm profile plans and how it answers mistakes, without a SLURM; tests/slurm runs it on one."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest
import yaml
import yte
from conftest import ROOT, all_rules

ENTRIES = [f"1{a}{b}c" for a in "abcd" for b in "abcd"]


def planned(folder) -> str:
    """A dry run of the paper's tasks on 16 structures, with a prior that is trained."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["structures"]["entries"] = ENTRIES
    config["shown"] = ["1aac/p3x1024"]
    (folder / "paper.yaml").write_text(yaml.safe_dump(config))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("POINTPRIOR_")}
    profile = ["--profile", str(ROOT / "slurm"), "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "all", "-n", *profile, "--configfile", "paper.yaml", "--nocolor"],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return done.stdout


def test_small_jobs_share_slurm_jobs(tmp_path):
    """7 tasks on 16 structures: 112 pairs of two posteriors and two baselines.

    A pair's scores and calibrations are one job; one pair has models besides.
    """
    output = planned(tmp_path)
    groups = Counter(re.findall(r"Group job (\w+) \(jobs in", output))
    assert groups == {"structure": 4, "measure": 7, "baseline": 42, "posterior": 56, "score": 15, "draw": 1}, output


@pytest.fixture
def profile(monkeypatch):
    """The profile as snakemake reads it, for an environment that names a site's things."""

    def read(arguments=("all", "-n"), programs=(), **site: str) -> dict:
        monkeypatch.setattr(shutil, "which", lambda program: "/" if program in programs else None)
        monkeypatch.setattr(sys, "argv", ["snakemake", *arguments])
        for name in [name for name in os.environ if name.startswith("POINTPRIOR_")]:
            monkeypatch.delenv(name)
        for name, value in site.items():
            monkeypatch.setenv(name, value)
        return yte.process_yaml((ROOT / "profiles/slurm/config.yaml").read_text(), require_use_yte=True)

    return read


@pytest.mark.parametrize(
    ("variable", "value", "answer"),
    [
        ("POINTPRIOR_PARTITON", "main", "POINTPRIOR_PARTITON is nothing that profiles/slurm knows; did you mean"),
        ("POINTPRIOR_ACCOUNT", "", "POINTPRIOR_ACCOUNT is empty; give it a value or unset it"),
        ("POINTPRIOR_PARTITION", "main queue", "POINTPRIOR_PARTITION='main queue' is not what SLURM could take"),
        ("POINTPRIOR_GPU_MODEL", "a100:2", r"\(a model such as a100, without a count\)"),
    ],
)
def test_mistaken_variable_is_named(profile, variable, value, answer):
    with pytest.raises(SystemExit, match=answer):
        profile(**{variable: value})


def test_missing_slurm_is_said_unless_nothing_is_submitted(profile):
    for plan in (["all", "-n"], ["-np"], ["--unlock"]):
        profile(plan)
    with pytest.raises(SystemExit, match="there is no sbatch here"):
        profile(["all", "--jobs", "3"])


def test_site_names_reach_the_jobs_that_they_are_for(profile):
    read = profile(
        POINTPRIOR_ACCOUNT="me",
        POINTPRIOR_PARTITION="main",
        POINTPRIOR_GPU_PARTITION="gpu",
        POINTPRIOR_GPU_MODEL="a100",
        POINTPRIOR_GPU_CONSTRAINT="a100_80gb&nvlink",
    )
    assert read["default-resources"].items() >= {"slurm_account": "me", "slurm_partition": "main"}.items()
    on_gpu = {"slurm_partition": "gpu", "gpu_model": "a100", "constraint": "a100_80gb&nvlink"}
    asking = {name for name, rule in all_rules().items() if rule["gpu"]}
    like_others = {name for name in asking if re.search("^sample_variants|^reconstruct_own_|_shapenet_", name)}
    assert read["set-resources"] == dict.fromkeys(asking - like_others, on_gpu)


def test_nothing_is_said_where_the_site_names_nothing(profile):
    read = profile()
    assert "set-resources" not in read
    assert read["default-resources"].keys() == {"mem_mb", "runtime"}


def test_groups_and_threads_are_of_rules_that_there_are(profile):
    read = profile()
    assert read["groups"].keys() | read["set-threads"].keys() <= all_rules().keys()
    assert set(read["groups"].values()) == read["group-components"].keys()


def test_seconds_of_work_do_not_wait_in_slurms_queue():
    """Tables of tables and their figures are made where snakemake runs; `use rule ... with` does not pass that on."""
    rules = all_rules()
    makers = {"scoring/join_tables.py", "scoring/tabulate.py", "output/plot_table.py", "output/write_reproduction.py"}
    made = {name for name, rule in rules.items() if rule["script"] in makers}
    assert len(made) > 15
    assert all(rules[name]["local"] for name in made)
    assert not rules["score_task"]["local"]
