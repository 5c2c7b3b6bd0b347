"""Bad input of every kind: a clear message, nothing half-written."""

import gzip
import re
import subprocess

import pytest
import yaml
from benchmark import config as configuration
from benchmark import paths
from benchmark.config import schema
from benchmark.config.methods import SECTIONS
from benchmark.config.root import RESERVED
from conftest import ROOT
from matplotlib.figure import Figure
from snakemake.exceptions import WorkflowError

from pointprior.methods import METHODS

TASK = "p2x48_lr8"
TINY = {TASK: {"projections": 2, "points": 48, "alpha": 1}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sample": 3}, "unknown key 'sample'; did you mean 'samples'?"),
        (
            {"tasks": {"a": {"projection": 3, "alpha": 1}}},
            "tasks.a: unknown key 'projection'; did you mean 'projections'?",
        ),
        (
            {"tasks": {"a": {"projections": -3, "alpha": 1}}},
            "tasks.a.projections: should be from 0 to 1000 (views of one structure, each matched at every step), but",
        ),
        ({"tasks": {"a": {"projections": 3}}}, "tasks.a.alpha: is required"),
        ({"tasks": {"a": {"alpha": 1}}}, "tasks.a: measures nothing"),
        (
            {"tasks": {"a": {"projections": 1, "points": 2000, "alpha": 1}}},
            "tasks.a.points: 2000 points of a cloud",
        ),
        ({"tasks": {"a": {"subunit": {"chains": ["A"], "clusters": 3}, "alpha": 1}}}, "exactly one of entity, chains"),
        ({"tasks": {"a": {"projections": 2, "weights": [1], "alpha": 1}}}, "1 weights for 2 measurements"),
        ({"tasks": {"showcase": {"projections": 1, "alpha": 1}}}, "tasks.showcase: this name belongs to `showcases`"),
        (
            {"coarse_grain": {"components": 64}, "showcases": {"1tst": {"projections": 1, "alpha": 1}}, "tasks": TINY},
            "showcases.1tst.points: 1024 points of a cloud of 64",
        ),
        ({"density": {"resolution": 0}}, "density.resolution: should be from 2 to 200 (in Å: pseudo-atoms lie 5"),
        ({"dps": {"t_min": 0.5, "t_max": 0.5}}, "dps: time runs down from t_max to t_min, but t_min 0.5 is no less"),
        ({"pnp": {"t_min": 0.3}}, "pnp: time runs down from t_max to t_min, but t_min 0.3 is no less than 0.2"),
        ({"tasks": {"a": {"projections": 2, "weights": [0, 0], "alpha": 1}}}, "tasks.a: all weights are zero"),
        (
            {"tasks": {"a": {"subunit": {"entity": "alpha(("}, "alpha": 1}}},
            "'alpha((' is no regular expression: missing )",
        ),
        (
            {"tasks": {"a": {"subunit": {"chains": []}, "alpha": 1}}},
            "tasks.a.subunit.chains: needs at least 1, but has 0",
        ),
        ({"tasks": {"a": {"low_resolution": 1, "alpha": 1}}}, "tasks.a.low_resolution: one point tells no spacing"),
        ({"tasks": {"a": {"projections": 1, "points": 1, "alpha": 1}}}, "tasks.a.points: one point tells no spacing"),
        (
            {"tasks": {"a": {"low_resolution": 1025, "alpha": 1}}},
            "tasks.a.low_resolution: 1025 points of a cloud of 1024",
        ),
        ({"tasks": {"a": {"subunit": {"clusters": 1025}, "alpha": 1}}}, "tasks.a.subunit.clusters: 1025 clusters of a"),
        (
            {"tasks": {"a": {"projections": 1, "alpha": 1, "title": "$x^$"}}},
            "figures read what stands between $ as math",
        ),
        ({"tasks": {"a": {"projections": 1, "alpha": 1, "title": "two\nlines"}}}, "'two\\nlines' is no line of text"),
        (
            {"tasks": {"a": {"projections": 1, "alpha": 1, "title": "x" * 121}}},
            "tasks.a.title: string should have at most 120",
        ),
        ({"tasks": {"noise": {"projections": 1, "alpha": 1}}}, "tasks.noise: this name belongs to the figures of all"),
        ({"tasks": {"x" * 65: {"projections": 1, "alpha": 1}}}, "string should have at most 64 characters"),
        ({"structures": {"entries": []}}, "structures.entries: needs at least 1, but has 0"),
        ({"priors": {"cryostruct": {"training": {"validation_one_in": 1}}}}, "trains on none"),
        ({"methods": ["dps"] * 40 + ["dsp" * 100]}, "methods.40: input should be 'dps', 'pnp'"),
        ({"prior": "cryo"}, "'cryo' is none of the priors; did you mean 'cryostruct'?"),
        ({"priors": {"cryostruct": {"network": {"width": 100}}}}, "must be a multiple of twice the number of heads"),
        ({"priors": {"cryostruct": {"source": "download"}}}, "priors.cryostruct.source: input should be"),
    ],
)
def test_configuration(config, message):
    with pytest.raises(WorkflowError) as problem:
        configuration.load(config)
    assert message in str(problem.value)


def test_configuration_mistake_is_no_wall_of_text(workplace):
    workplace.config["tasks"][TASK]["projections"] = -1
    output = workplace.run("all", "--dry-run", fails=True)
    assert f"tasks.{TASK}.projections: should be from 0 to 1000" in output
    assert_said_without_a_stack(output)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("results/1TST/rmsd.csv", "PDB ids are written '1tst' in file names"),
        ("results/pdb_00001tst/rmsd.csv", "PDB ids are written '1tst' in file names"),
        ("results/hello/cloud.npz", "'hello' is no PDB entry id"),
        ("results/1tst/p2x48/rmsd.csv", f"unknown method 'rmsd'; there are {', '.join(METHODS)}"),
        ("results/1tst/p2x48_lr9/dps.csv", "unknown task 'p2x48_lr9'; did you mean 'p2x48_lr8'?"),
        (f"results/1tst/{TASK}/dsp.csv", "unknown method 'dsp'; did you mean 'dps'?"),
        ("results/priors/tinny/released/card.json", "unknown prior 'tinny'; did you mean 'tiny'?"),
        ("results/1tst/showcase/dps.npz", "unknown showcase '1tst'; there are none"),
        ("results/figures/p2x48_lr9.png", "unknown task 'p2x48_lr9'; did you mean 'p2x48_lr8'?"),
        ("results/figures/figure2.png", "none of the `showcases` is a structure that `structures.entries` lists"),
        ("demo", "`demo` has its own configuration"),
    ],
)
def test_target(workplace, target, message):
    assert message in workplace.run(target, "--dry-run", fails=True)


def assert_said_without_a_stack(output: str) -> None:
    """A line or two of a message, and nothing of the files that it came from."""
    assert "Traceback" not in output
    assert not re.search(r"File \"|\.py|\.smk", output), output
    assert len(output.splitlines()) < 6


def test_scores_of_no_structure_in_no_task(workplace):
    """A joining job without tables would say that there are no objects to concatenate."""
    workplace.config["tasks"][TASK]["entries"] = ["2xyz"]
    output = workplace.run("results/tables/scores.csv", "--dry-run", fails=True)
    assert "no structure (structures.entries) takes part in any task" in output


@pytest.mark.parametrize("entry", ["hello", "\N{KELVIN SIGN}abc", "1\N{KELVIN SIGN}bc"])
def test_malformed_id_in_the_configuration(workplace, entry):
    workplace.config["structures"]["entries"] = ["1tst", entry]
    output = workplace.run("all", "--dry-run", fails=True)
    assert f"structures.entries: '{entry}': '{entry}' is no PDB entry id" in output
    assert_said_without_a_stack(output)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"# none\n\n", "lists no entry"),
        ("other.tsv", b"id\tcluster\n1tst\tx\n", "lists no entry (a .tsv file has them in its column `entry`)"),
        ("latin.txt", b"1tst caf\xe9\n", "is no text in UTF-8"),
    ],
)
def test_list_that_lists_nothing(workplace, name, content, message):
    (workplace.folder / name).write_bytes(content)
    workplace.config["structures"]["entries"] = name
    output = workplace.run("all", "--dry-run", fails=True)
    assert f"structures.entries: '{name}' {message}" in output
    assert_said_without_a_stack(output)


def test_folder_of_shipped_clouds_that_is_not_there(workplace):
    workplace.config["structures"]["bundled"] = "cluods"
    output = workplace.run("all", "--dry-run", fails=True)
    assert "structures.bundled: there is no folder 'cluods'" in output


def test_titles_with_one_dollar_are_drawn_as_they_are():
    task = {"projections": 1, "alpha": 1, "title": "costs $5 ^_{ \\frac"}
    title = configuration.load({"tasks": {"a": task}}).tasks["a"].title
    text = Figure().text(0, 0, title)
    assert text._preprocess_math(title) == (title, False)


def test_task_names_that_results_already_have():
    """Whatever stands beside the folders and figures of tasks, by the rules' outputs."""
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    templates = "\n".join(f"{value}." for value in vars(paths).values() if isinstance(value, str))
    taken = re.findall(r"results/(?:figures|\{structure\})/(\w+)[./]", rules + templates)
    assert len(set(taken)) > 4
    assert set(taken) <= set(RESERVED)


def test_malformed_id_of_a_showcase(workplace):
    workplace.config["showcases"] = {"hello": {"projections": 1, "points": 48, "alpha": 1}}
    assert "showcases: 'hello': 'hello' is no PDB entry id" in workplace.run("all", "--dry-run", fails=True)


def test_malformed_id_of_what_is_shown(workplace):
    workplace.config["shown"] = [f"hello/{TASK}"]
    output = workplace.run("all", "--dry-run", fails=True)
    assert "shown: 'hello': 'hello' is no PDB entry id" in output
    assert_said_without_a_stack(output)


def test_results_that_are_a_file(workplace):
    (workplace.folder / "results").touch()
    output = workplace.run("all", "--dry-run", fails=True)
    assert "'results' is a file; results go into a folder of that name" in output
    assert_said_without_a_stack(output)


def test_missing_list_in_the_configuration(workplace):
    workplace.config["structures"]["entries"] = "lists/absent.txt"
    assert "structures.entries: there is no list 'lists/absent.txt'" in workplace.run("all", "--dry-run", fails=True)


def test_upper_case_id_in_the_configuration_is_the_same_entry(finished):
    finished.config["structures"]["entries"] = ["1TST"]
    try:
        assert "Nothing to be done" in finished.run("all", "--dry-run")
    finally:
        finished.config["structures"]["entries"] = ["1tst"]


def test_entry_that_every_task_leaves_out(workplace):
    """It has no scores: tables of all do without it, its own is answered."""
    workplace.config["structures"]["entries"] = ["1tst", "2tst"]
    for task in workplace.config["tasks"].values():
        task["entries"] = ["1tst"]
    output = workplace.run("results/tables/scores.csv", "--dry-run")
    assert f"results/1tst/{TASK}/scores.csv" in output
    assert "2tst" not in output
    assert "2tst takes part in no task" in workplace.run("results/2tst/rmsd.csv", "--dry-run", fails=True)


def test_entry_that_no_configuration_names(workplace):
    workplace.write_entry("2xyz")
    assert "coarse_grain_structure" in workplace.planned("results/2xyz/rmsd.csv")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[: len(content) // 2], "1bad"),
        (lambda content: gzip.compress(b"<!DOCTYPE html><html><body>Not found</body></html>"), "HTML"),
        (lambda content: b"<!DOCTYPE html><html><body>Not found</body></html>", "HTML"),
        (None, "in no mirror, and downloads are switched off"),
    ],
    ids=["truncated", "gzipped page", "page", "absent"],
)
def test_deposit(workplace, damage, message):
    if damage is not None:
        path = workplace.write_entry("1bad")
        path.write_bytes(damage(path.read_bytes()))
    output = workplace.run("results/1bad/atoms.npz", fails=True)
    line = next(line for line in output.splitlines() if line.startswith("ArchiveError: "))
    assert message in line
    assert "Traceback" not in output
    assert "Traceback" in (workplace.folder / "results/logs/fetch_structure/1bad.log").read_text()
    assert not list((workplace.folder / "results").glob("deposits/*"))


def test_structure_with_too_few_atoms(workplace):
    workplace.write_entry("1few", residues=500)
    workplace.config["coarse_grain"]["components"] = 1024
    output = workplace.run("results/1few/cloud.npz", fails=True)
    assert "TooFewAtomsError: 1few: 500 atoms are too few for 1024 mixture components" in output
    assert not list((workplace.folder / "results/1few").glob("*.npz"))  # atoms without a cloud are of no use


def test_results_folder_that_cannot_be_written(workplace):
    """A folder on a read-only file system (root may write into any other)."""
    (workplace.folder / "results").mkdir()
    bind = 'mount --bind results results && mount -o remount,ro,bind results && exec "$@"'
    isolated = ["unshare", "--mount", "sh", "-c", bind, "sh"]
    if subprocess.run([*isolated, "true"], cwd=workplace.folder, capture_output=True, check=False).returncode:
        (workplace.folder / "results").rmdir()
        (workplace.folder / "results").write_text("a file where the folder should be")
        isolated = []
    done = subprocess.run(
        [*isolated, *workplace.command("all")],
        cwd=workplace.folder,
        env=workplace.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "nothing can be written into 'results'" in done.stderr


def test_task_that_needs_entities_of_a_shipped_cloud(finished, workplace):
    (workplace.folder / "clouds").mkdir()
    cloud = (finished.folder / "results/1tst/cloud.npz").read_bytes()
    (workplace.folder / "clouds/1tst.npz").write_bytes(cloud)
    workplace.config["structures"] |= {"bundled": "clouds", "mirrors": []}
    workplace.config["tasks"] = {"sub": {"projections": 1, "points": 48, "subunit": {"entity": "alpha"}, "alpha": 1}}
    output = workplace.run("results/1tst/sub/observations.npz", "--dry-run", fails=True)
    assert "only its bundled cloud is at hand" in output


def test_schema_is_that_of_the_models():
    assert schema.SCHEMA.read_text(encoding="utf-8") == schema.schema(), "run `make schema`"


def test_config_file_spells_out_every_default():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    # data sets of shapes and their priors are no defaults: see test_datasets.py
    shapes = {name: config["datasets"][name]["prior"] for name in config["datasets"]}
    molecules = {name: prior for name, prior in config["priors"].items() if name not in shapes.values()}
    assert configuration.load(config | {"datasets": {}, "priors": molecules}) == configuration.Configuration()
    defaults = configuration.Configuration().model_dump()
    assert config.keys() == defaults.keys()
    for section in ("structures", "coarse_grain", "execution", "unconditional", *SECTIONS):
        assert config[section].keys() == defaults[section].keys()
    for section in ("network", "training"):
        assert config["priors"]["cryostruct"][section].keys() == defaults["priors"]["cryostruct"][section].keys()


@pytest.mark.parametrize("name", ["mini", "demo"])
def test_shipped_configurations_are_valid(name):
    settings = configuration.load(yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8")))
    assert settings.priors[settings.prior].source == "released"


def test_printed_configuration_differs_from_the_default_in_guidance_and_methods_only():
    printed = configuration.load(yaml.safe_load((ROOT / "config/printed.yaml").read_text(encoding="utf-8")))
    default = configuration.Configuration()
    assert printed.model_dump(exclude={"methods", "dps"}) == default.model_dump(exclude={"methods", "dps"})
    assert printed.dps.model_dump(exclude={"guidance_clip"}) == default.dps.model_dump(exclude={"guidance_clip"})
