"""What the pages say holds: generated parts, links, commands, and numbers that have a source."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT, all_rules
from samplers import read, table_of

sys.path.insert(0, str(ROOT / "docs/tools"))

import benchmark_tables
import blocks
import config_tables
import jobs
import prior_card

PAGES = list(blocks.pages())
SAID = [page for page in PAGES if page.parts[-2] not in ("benchmarks", "benchmark") and page.name != "CHANGELOG.md"]
MEASURED = re.compile(r"\d[\d.,–]*\s(?:Å|%|GB|MB|kB|s|seconds|minutes|hours)(?=\W|$)")
GIVEN = {  # numbers with a unit that are no measurements of ours: page, number, whose they are
    ("docs/deviations.md", "10 Å"): "levels of noise of config.yaml",
    ("docs/realistic.md", "0.5 Å"): "noise of benchmarks/common_lines.py",
    ("docs/realistic.md", "5 Å"): "noise of config/realistic.yaml",
    ("docs/realistic.md", "10 Å"): "noise of config/realistic.yaml",
    ("docs/own-data.md", "10 Å"): "resolution of benchmarks/image_points.py and own_data.py",
    ("docs/own-data.md", "40 Å"): "resolution of benchmarks/projection_matching.py",
    ("docs/scaling.md", "1.2 minutes"): "printed in the paper",
    ("docs/priors.md", "30 %"): "a limit of `pointprior related`",
    ("docs/results.md", "90 %"): "the level of a column",
    ("docs/results.md", "5 Å"): "noise of config/realistic.yaml",
}


def name(page) -> str:
    return str(page.relative_to(ROOT))


def blocks_by_page():
    return [(page, block) for page in PAGES for block in blocks.names(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "block"), blocks_by_page(), ids=lambda value: getattr(value, "name", value))
def test_generated_parts_are_those_of_their_sources(page, block):
    text = page.read_text(encoding="utf-8")
    found = next(match[0] for match in blocks.BLOCK.finditer(text) if match["name"] == block)
    assert found == f"<!-- generated: {block} -->\n{blocks.content(block)}\n<!-- end -->", "run `make schema`"


def test_every_section_of_the_configuration_has_its_table():
    written = blocks.names((ROOT / "config/README.md").read_text())
    assert sorted(written) == sorted(f"keys {section}" for section in config_tables.sections())


def test_a_key_table_tells_kinds_ranges_and_defaults():
    lines = config_tables.keys("dps").splitlines()
    assert any(line.startswith("| `integrator` | `paper`, `heun`, `euler` | `paper` |") for line in lines)
    assert any(re.match(r"\| `steps` \| whole number ≥ \d+.* \| `40` \|", line) for line in lines)
    assert "| `stages.steps`" in config_tables.keys("priors").replace("training.stages", "stages")


@pytest.mark.parametrize("page", SAID, ids=name)
def test_measured_numbers_are_generated_or_given(page):
    plain = re.sub(r"```.*?```", "", blocks.BLOCK.sub("", page.read_text(encoding="utf-8")), flags=re.DOTALL)
    found = {match[0] for match in MEASURED.finditer(plain)}
    assert found <= {number for where, number in GIVEN if where == name(page)}


def test_given_numbers_are_still_there():
    for page, number in GIVEN:
        assert number in (ROOT / page).read_text(encoding="utf-8"), page


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) <= 6000


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_and_configurations_that_pages_name_exist(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([.a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([.a-z-]+(?: [a-z-]+)*)(?=`|\s*#|$)", text, re.MULTILINE)
    assert {target for group in named for target in group.split()} <= targets
    for path in re.findall(r"config/\w+\.yaml", text):
        assert (ROOT / path).is_file(), path


def test_cluster_page_names_the_rules_that_ask_for_a_gpu():
    asking = {name for name, rule in all_rules().items() if rule["gpu"]}
    asking -= {name for name in asking if name.startswith("sample_variants") or "_shapenet_" in name}
    row = next(line for line in (ROOT / "docs/cluster.md").read_text().splitlines() if "GPU_PARTITION" in line)
    assert set(re.findall(r"`([a-z_]+)`", row)) - {"gpu"} == asking


def test_relatives_of_named_entries_are_in_the_training_list_as_said():
    listed = (ROOT / "config/lists/train.tsv").read_text()
    for entry in ["1bmf", "1e1q", "1e1r", "1e79", "1efr", "1fx0", "1c17", "1a9n"]:
        said = entry in (ROOT / "docs/results.md").read_text()
        assert said == (re.search(rf"^{entry}\t", listed, re.MULTILINE) is not None)


def test_chance_of_two_equal_sets():
    """Two points each: the nearest of three others is one's own in one case of three."""
    assert prior_card._chance(2, 2) == pytest.approx(100 / 3)
    assert prior_card._chance(1, 9) == pytest.approx(80)


def test_pairs_of_the_configuration_are_counted():
    """The dry run's pairs are those that the configuration spells out."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    held_out = [line for line in (ROOT / "config/lists/mini.txt").read_text().split("\n") if line and line[0] != "#"]
    all_entries = len(config["structures"]["entries"]) - 1 + len(held_out)
    pairs = sum(len(held_out) if "entries" in task else all_entries for task in config["tasks"].values())
    assert jobs.planned(ROOT / "config/config.yaml")["reconstruct_dps"] == pairs + len(config["showcases"])


def test_tables_cover_every_published_task_and_method():
    table = benchmark_tables.read("summary")
    assert set(table["task"]) == set(benchmark_tables.TITLES)
    assert set(table["method"]) == {*benchmark_tables.METHODS, "common_lines", "truth"}


KEY = re.compile(r"`((?:[a-z]\w*)(?:\.\w+)+)(?:: [^`]*)?`")
FILES = re.compile(
    r"\.(csv|npz|npy|json|yaml|py|cif|pdb|pml|cxc|mrc|sif|pdf|png|txt|tsv|safetensors|html|md|star|mrcs|cs)$"
)


def test_keys_that_pages_name_are_in_the_configuration():
    """`training.x`, `network.x` and `evaluation.x` are said for short of a prior's; a name stands where names are."""
    known = {key for section in config_tables.sections() for key in _keys(section)}
    for page in [page for page in PAGES if name(page) not in ("CHANGELOG.md", "config/README.md")]:
        for key in KEY.findall(page.read_text(encoding="utf-8")):
            if not FILES.search(key) and not key.startswith("pointprior."):
                assert _spelled(key) in known, f"{name(page)}: {key}"


def _keys(section: str) -> set[str]:
    """The keys of a section's table and the sections within, names left out."""
    listed = re.findall(r"^\| `([\w.]+)`", config_tables.keys(section), re.MULTILINE)
    below = [key if section == config_tables.GENERAL else f"{section}.{key}" for key in listed]
    return {".".join(key.split(".")[:depth]) for key in below for depth in range(1, key.count(".") + 2)}


def _spelled(key: str) -> str:
    """A key without the names of data sets, tasks, showcases and priors, which are the user's."""
    parts = key.split(".")
    if parts[0] in ("training", "network"):
        parts.insert(0, "priors")
    return ".".join(part for part in parts if not (part.isupper() or part[0].isdigit()))


def test_page_on_samplers_has_the_table_of_its_runs():
    assert table_of(read(ROOT / "docs/samplers.csv")) in (ROOT / "docs/samplers.md").read_text(encoding="utf-8")


def test_the_pages_build_as_a_site_without_warnings(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site/index.html").exists()
