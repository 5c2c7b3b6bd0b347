"""Plans of the paper's size, profiles, and the environments that the rules name."""

import ast
import hashlib
import itertools
import os
import re
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from benchmark.completion import message
from benchmark.config import load
from benchmark.plan import Plan
from benchmark.requests import LARGER
from conftest import ROOT, Workplace, running_rules

from pointprior.methods import METHODS
from pointprior.runtime.provenance import reached

LAZY = {"seeding.py": {"torch"}, "schedule.py": {"torch"}}  # imported in a function that only torch's users call
# distributions of other names than their modules
PACKAGES = {"PIL": "pillow", "sklearn": "scikit-learn", "lazy_loader": "lazy-loader", "jinja2": "Jinja2"} | {
    "markupsafe": "Jinja2"  # which cannot do without it
}


@pytest.fixture
def large(tmp_path) -> Workplace:
    """The paper's configuration with lists of the paper's size."""
    letters = "".join(chr(ord("a") + k) for k in range(26))
    ids = (f"1{a}{b}{c}" for a, b, c in itertools.product(letters, repeat=3))
    (tmp_path / "test.txt").write_text("\n".join(itertools.islice(ids, 100)))
    rows = "\n".join(f"{entry}\t{entry}" for entry in itertools.islice(ids, 6629))
    (tmp_path / "train.tsv").write_text(f"entry\tcluster\n{rows}\n")
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["structures"] |= {"entries": "test.txt"}
    config["priors"]["cryostruct"]["training"]["entries"] = "train.tsv"
    config["shown"] = ["1aaa/p3x1024"]
    return Workplace(tmp_path, ROOT, config)


def test_paper_is_planned_within_a_minute_of_a_core(large):
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = large.run("all", "--dry-run", "--quiet", "rules", timeout=600)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime < 60
    counts = dict(re.findall(r"^([a-z_]+) +(\d+)$", output, flags=re.MULTILINE))
    assert counts["reconstruct_dps"] == "700"
    assert counts["coarse_grain_shard"] == "104"
    assert counts["train_prior"] == "1"


@pytest.mark.parametrize(("name", "structures"), [("config", 5), ("mini", 5), ("demo", 0)])
def test_showcases_of_the_shipped_configurations(name, structures):
    """Five columns with 80 steps, in the paper's order of measurements."""
    config = load(yaml.safe_load((ROOT / f"config/{name}.yaml").read_text()))
    plan = Plan(config, ROOT)
    entries = plan.showcases.entries
    assert len(entries) == structures
    showcases = [plan.tasks.task(SimpleNamespace(task="showcase", structure=entry)) for entry in entries]
    assert {showcase.steps for showcase in showcases} <= {80}
    measured = [(s.projections, s.low_resolution, s.subunit is not None) for s in showcases]
    assert measured == [(5, 0, False), (4, 0, False), (3, 0, False), (1, 40, False), (3, 0, True)][:structures]


@pytest.mark.parametrize(
    ("initial", "needed"), [("ml_regularised", ["results/{structure}/{task}/ml_regularised.npz"]), (None, [])]
)
def test_plug_and_play_begins_from_the_models_of_another_method_or_from_noise(initial, needed):
    plan = Plan(load({"structures": {"entries": "1aoi"}, "pnp": {"initial": initial}}), ROOT)
    assert plan.outputs.initial("pnp") == needed
    assert plan.outputs.initial("dps") == []


def test_what_others_begin_from_goes_first_then_what_takes_longest():
    said = {"structures": {"entries": "1aoi"}, "methods": ["dps", "pnp", "ml", "ml_regularised"]}
    urgency = {method: Plan(load(said), ROOT).outputs.urgency(method) for method in said["methods"]}
    assert urgency == {"ml_regularised": 3, "dps": 2, "pnp": 2, "ml": 1}
    alone = Plan(load(said | {"pnp": {"initial": None, "t_max": 1.0}}), ROOT)
    assert alone.outputs.urgency("ml_regularised") == 1


def test_slurm_profile_asks_for_gpus():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--profile", "slurm", "-n", "all", "--nocolor", "--nolock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    for said in ("Train a prior", "Reconstructing 6fvt given p3x1024 by DPS", "Sample a prior without any measurement"):
        lines = [line for line in done.stdout.splitlines() if said in line]
        assert lines
        assert all("gpu=1" in line for line in lines)


def test_no_gpu_is_asked_for_where_the_cpu_is_chosen(large):
    large.config["execution"] = {"device": "cpu"}
    output = large.run("results/1aaa/p3x1024/dps.npz", "--dry-run")
    assert "Reconstructing 1aaa given p3x1024 by DPS (gpu=0)" in output


def _lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def _environment(name: str) -> dict[str, str]:
    content = yaml.safe_load((ROOT / "envs" / name).read_text())
    packages = next(item["pip"] for item in content["dependencies"] if isinstance(item, dict))
    return dict(line.split("==") for line in packages)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "envs").glob("*.yaml")))
def test_environment_has_the_versions_of_the_lock(name):
    lock = _lock()
    for package, version in _environment(name).items():
        assert lock[package] == version


def test_image_is_of_the_environments():
    """envs/Dockerfile holds the hash that snakemake writes into it (all files in the order of their names)."""
    recipe = (ROOT / "envs/Dockerfile").read_text()
    files = sorted((ROOT / "envs").glob("*.yaml"))
    joined = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    assert f'conda_env_hash="{joined}"' in recipe, "run `make envs/Dockerfile`"
    assert re.findall(r"^COPY envs/(\S+)", recipe, re.MULTILINE) == [path.name for path in files]


APPTAINER = """#!/bin/sh
case "$*" in
*"conda info"*) echo '{"conda_prefix": "/opt/conda", "platform": "linux-64"}' ;;
*"conda --version"*) echo conda 25.3.1 ;;
*) echo apptainer version 1.3.6 ;;
esac
"""


def test_jobs_run_in_the_image_that_the_environment_names(workplace, monkeypatch):
    """A stand-in answers for apptainer and for the conda in the image."""
    programs = workplace.folder / "bin"
    programs.mkdir()
    (programs / "apptainer").write_text(APPTAINER)
    (programs / "apptainer").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    asked = ("results/1tst/p2x48_lr8/ml.npz", "--dry-run", "--sdm", "conda", "apptainer")
    monkeypatch.setenv("POINTPRIOR_CONTAINER", "docker://example.org/pointprior:0.2.0")
    assert "image docker://example.org/pointprior:0.2.0 will be pulled" in workplace.run(*asked)


def _scripts() -> dict[str, str]:
    """Environment of every script that a rule runs, by the script's place in scripts/."""
    return {rule["script"]: rule["environment"] for rule in running_rules().values()}


def test_environments_hold_what_their_rules_import():
    for script, environment in _scripts().items():
        modules = [method.module for method in METHODS.values() if method.module and script.endswith("reconstruct.py")]
        place = ROOT / "scripts" / script
        for path in {place, *reached(place, *modules)}:
            missing = _third_party(path) - set(_environment(environment)) - LAZY.get(path.name, set())
            assert not missing, f"{script}: {path.name} imports {missing}, which {environment} does not have"


def _third_party(path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    names -= set(sys.stdlib_module_names) | {"pointprior", "joblog"}
    return {PACKAGES.get(name, name) for name in names}


def test_every_script_has_its_rule():
    assert set(_scripts()) == {str(path.relative_to(ROOT / "scripts")) for path in (ROOT / "scripts").glob("*/*.py")}


def test_every_rule_has_what_none_needs_to_say():
    for name, rule in running_rules().items():
        assert rule["log"], name
        assert rule["benchmark"], name
        assert rule["message"], name
        assert (ROOT / "envs" / rule["environment"]).is_file(), name
        assert "code" in rule["params"], name
        assert {"mem_mb", "runtime"} <= set(rule["resources"]), name


def test_larger_requests_are_of_rules_that_there_are():
    assert set(LARGER) <= set(running_rules())


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("Fit a structure: to its atoms, or to its cloud.", "Fit a structure"),
        ("Draw errors against time steps (Fig. 6).", "Draw errors against time steps (Fig. 6)"),
        ("Train a prior; stopped it goes on.\n\nMore.", "Train a prior"),
    ],
)
def test_messages_say_what_scripts_are_for(tmp_path, docstring, said):
    (tmp_path / "script.py").write_text(f'"""{docstring}"""')
    assert message(tmp_path / "script.py", []) == said
    whole = f"{said} ({{wildcards.structure}}, {{wildcards.task}}, gpu={{resources.gpu}})"
    assert message(tmp_path / "script.py", ["structure", "task"], ["gpu"]) == whole
