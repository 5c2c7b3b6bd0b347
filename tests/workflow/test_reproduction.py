"""The paper's figures of shapes and the reproduction page, from targets by the paper's names."""

import json
import re
import subprocess

import pytest
from benchmark.config.paper import PAPER_SHOWCASES
from conftest import ROOT, Workplace, furnish
from kept_page import assert_follows
from matplotlib.image import imread
from shape_archives import CHAIR, SPLITS, write_folder
from test_datasets import NAME, with_shapes

from pointprior.output.publication import check_published

KEPT = ROOT / "docs/reproduction"


def as_in_the_paper(place: Workplace) -> Workplace:
    """Chairs of 256 points in row 1 of Table 1."""
    row1 = {"projections": 5, "points": 200, "alpha": 10000, "beta": "1/t above 0.15, else 0"}
    with_shapes(place, points=256, tasks={"p5x200": row1}, categories=["Chair"])
    place.config["integrators"]["task"] = f"{NAME}/p5x200"
    place.config["time_steps"]["tasks"] = [f"{NAME}/p5x200"]
    place.config["methods"] = ["dps", "ml"]
    return place


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Workplace:
    """A workplace in which everything that its configuration has of the paper is computed."""
    place = as_in_the_paper(furnish(tmp_path_factory.mktemp("paper")))
    write_folder(place.folder / "archive", SPLITS | {"val": [f"{CHAIR}/c3"]})
    place.run("reproduction", "figure1", "figure3", "figure5", "figure6")
    return place


def test_figures_are_files_by_the_papers_numbers(computed):
    for number in (1, 3, 5, 6):
        picture = imread(computed.folder / f"results/figures/figure{number}.png")
        assert picture.std() > 0.01, number
        assert (computed.folder / f"results/figures/figure{number}.pdf").read_bytes().startswith(b"%PDF")


def test_the_page_has_what_this_run_has_of_the_paper(computed):
    page = (computed.folder / "results/reproduction.md").read_text()
    states = dict(re.findall(r"\| ([^|]+) \| `snakemake \w+` \| (computed|missing) \|", page))
    done = {"Figure 1", "Figure 3", "Figure 5", "Figure 6", "Table 1", "Table 2", "Table 3", "Table 4"}
    assert {title for title, state in states.items() if state == "computed"} == done
    assert "![Figure 1](figures/figure1.png)" in page
    assert re.search(r"\| row 1 \| Chair, 200 × 5 \| ML \| 2 × 2 \| 13\.30 ± 2\.00 \| \d", page)
    assert re.search(r"\| A: Euler ODE \| 7 \| 2 × 2 \|", page)
    assert re.search(r"\| Chair \| prior \| \d+ / \d+ \| 78\.34 \| \d", page)
    assert "| 1 (row 1) | Chair | 200 | 5 | 5 |" in page
    html = (computed.folder / "results/reproduction.html").read_text()
    assert html.count("data:image/png;base64,") == 4


def test_the_page_says_how_dps_and_the_priors_sampled(computed):
    page = (computed.folder / "results/reproduction.md").read_text()
    sections = {part.split("\n")[0]: part for part in page.split("\n## ")}
    said = {title for title, part in sections.items() if "DPS took 4 time steps; the paper's takes 40." in part}
    assert said == {"Figure 1", "Table 1"}
    limited = {title for title, part in sections.items() if "`dps.guidance_clip: 5`" in part}
    assert limited == said | {"Table 2", "Figure 6"}
    assert "Samples without measurements took 16 time steps from t = 80" in sections["Figure 5"]
    assert "\n\nThese numbers are of `--configfile config.yaml`, which the commands below take, too." in page


def test_the_kept_page_has_its_sources_beside_it(computed):
    computed.run("publish_reproduction")
    folder = computed.folder / "docs/reproduction"
    tables = [f"{name}.csv" for name in ("summary", "table1", "table2", "table3", "table4", "time_steps")]
    pictures = [f"figure{number}.png" for number in (1, 3, 5, 6)]
    records = ["README.md", "config.json", "provenance.json"]
    names = {path.name for path in folder.iterdir()}
    assert names >= {*tables, *pictures, *records}
    check_published(folder)
    assert json.loads((folder / "provenance.json").read_text())["tables"].keys() == set(tables)
    assert json.loads((folder / "config.json").read_text())["datasets"][NAME]["archive"] is None  # a machine's own
    assert_follows(folder, ROOT)
    page = folder / "README.md"
    page.write_text(page.read_text().replace(" ML | 2 × 2 | 13.30 ± 2.00 | ", " ML | 2 × 2 | 13.30 ± 2.00 | 1"))
    with pytest.raises(AssertionError, match="Table 1 of the page"):
        assert_follows(folder, ROOT)


@pytest.mark.skipif(not (KEPT / "config.json").is_file(), reason="the kept page is of a version without its sources")
def test_the_page_kept_with_the_code_follows_from_its_tables():
    assert_follows(KEPT, ROOT)


def test_another_call_for_the_same_results_leaves_the_page(computed):
    """Which files said it does not count, only what they say."""
    command = computed.command("reproduction", "--dry-run")
    (computed.folder / "other.yaml").write_text((computed.folder / "config.yaml").read_text())
    command[command.index("config.yaml")] = "other.yaml"
    done = subprocess.run(
        command, cwd=computed.folder, env=computed.environment(), capture_output=True, text=True, check=True
    )
    assert "Nothing to be done" in done.stdout + done.stderr


def test_heavy_atoms_are_read_of_the_papers_structures_alone(workplace):
    for entry in PAPER_SHOWCASES:
        workplace.write_entry(entry)
    assert workplace.planned("heavy_atoms") == {"fetch_structure", "coarse_grain_structure", "heavy_atoms"}


def test_a_finished_page_is_not_made_again(computed):
    assert not computed.planned("reproduction")


def test_missing_things_are_said_to_be_missing(workplace):
    """Without shapes: their figures are refused, and the page is planned without them."""
    assert "write_reproduction" in workplace.planned("reproduction")
    assert "table1" not in " ".join(workplace.planned("reproduction"))
    assert "figure1: no data set" in workplace.run("figure1", "--dry-run", fails=True)
    assert "figure4: no prior" in workplace.run("figure4", "--dry-run", fails=True)
