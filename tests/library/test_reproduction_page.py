"""The reproduction page: every printed number once, computed ones beside it, and what is missing said to be so."""

import re
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pointprior.output.reproduction.comparison import items
from pointprior.output.reproduction.copies import keep
from pointprior.output.reproduction.differences import Source, reasons
from pointprior.output.reproduction.findings import integrators_in_order, prior_pays, steps_help
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.printed import places_of, printed, table4
from pointprior.output.reproduction.results import Results
from pointprior.scoring.paper_tables import table1

NOTES = Path(__file__).parents[3] / "shared" / "paper" / "NOTES.md"
PREFIX = {"Chair": "chairs/", "Mixed": "mixed/", "CryoStruct": ""}


@pytest.fixture
def experiments():
    """The paper's, as a configuration says them."""
    chosen = printed("table4").set_index("place")
    return [
        {key: value for key, value in row.items() if key != "place"}
        | {"experiment": f"{PREFIX[row['kind']]}{row['place'].replace(' ', '')}", "alpha_unclipped": None}
        | {"beta": chosen.loc[row["place"], "beta"], "alpha": int(chosen.loc[row["place"], "alpha"])}
        for row in printed("measurements").to_dict("records")
    ]


@pytest.fixture
def results(tmp_path, experiments):
    scores = pd.DataFrame(
        [
            {"structure": f"{dataset}/{shape}", "task": task, "method": method, "sample": sample, "seconds": 2.5}
            | {"chamfer": level, "emd": level / 2, "energy": level / 100}
            for dataset, task in (e["experiment"].split("/") for e in experiments if "/" in e["experiment"])
            for shape in "abc"
            for sample in range(2)
            for method, level in {"dps": 0.123, "pnp": 0.2, "ml": 0.3}.items()
        ]
    )
    picture = tmp_path / "figures" / "figure1.png"
    picture.parent.mkdir()
    matplotlib.image.imsave(picture, np.zeros((4, 4, 3)))
    return Results(
        sources={"Chair": Source("generated", False, "small", parameters=3_000_000, training_clouds=200)},
        experiments=experiments,
        table1=table1(scores, places_of(experiments)),
        table3=pd.DataFrame(
            [{"prior": "small", "set": "prior", "1-NNA (%)": 61.5, "COV (%)": 40, "MMD (1e-2)": 20, "clouds": 9}]
        ).assign(references=8),
        showcases=pd.DataFrame(
            {"structure": "6ryr", "method": "dps", "rmsd_atomic": [4.0, 6.0], "rmsd_cg": [3.0, 3.0]}
        ),
        atoms={"6ryr": 17821},
        figures={"Figure 1": picture},
    )


def item_of(results, title):
    (found,) = [item for item in items(results) if item.title == title]
    return found


def rows_of(page, title):
    """Cells of a section's table in a Markdown page."""
    section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def pair(row, name):
    return f"{row[f'{name}_mean']:.2f} ± {row[f'{name}_sd']:.2f}"


def expected():
    """Printed cells of every row, by section."""
    errors = ("chamfer", "emd", "energy")
    yield from (("Table 1", [pair(row, e) for e in errors]) for row in printed("table1").to_dict("records"))
    yield from (("Table 2", [pair(row, e) for e in errors]) for row in printed("table2").to_dict("records"))
    for row in printed("table3").to_dict("records"):
        yield "Table 3", [row["kind"], row["set"], *(f"{row[name]:.2f}" for name in list(row)[2:])]
    for row in printed("table4").to_dict("records"):
        yield "Table 4", [f"{row['line']} ({row['place']})", row["beta"], f"{row['alpha']:,}"]
    for row in printed("figure2").to_dict("records"):
        yield "Figure 2", [pair(row, "rmsd_atomic"), pair(row, "rmsd_cg")]
        yield "Heavy atoms", [row["structure"], f"{row['atoms']:,}"]


@pytest.mark.parametrize("given", ["nothing", "results"])
def test_every_printed_row_is_there_exactly_once(tmp_path, given, results):
    write_page(tmp_path / "page.md", Results() if given == "nothing" else results)
    page = (tmp_path / "page.md").read_text()
    wanted = list(expected())
    assert len(wanted) == 18 + 3 + 6 + 16 + 5 + 5
    for title, cells in wanted:
        found = [row for row in rows_of(page, title) if set(cells) <= set(row)]
        assert len(found) == 1, (title, cells)


def test_computed_numbers_stand_beside_the_printed_ones(results):
    first, rival, second, *_ = item_of(results, "Table 1").rows
    assert first[0] == "row 1"
    assert first[2:6] == ["DPS", "3 × 2", "9.98 ± 2.38", "12.30 ± 0.00"]
    assert rival[2:6] == ["plug-and-play", "3 × 2", "–", "20.00 ± 0.00"]
    assert second[2:6] == ["ML", "3 × 2", "13.30 ± 2.00", "30.00 ± 0.00"]
    quality = item_of(results, "Table 3").rows[0]
    assert quality[:3] == ["Chair", "prior", "9 / 8"]
    assert quality[3:] == ["78.34", "61.50", "44.89", "40.00", "27.11", "20.00"]
    panel = item_of(results, "Figure 2").rows[0]
    assert panel[2:] == ["2", "3.56 ± 0.04", "5.00 ± 1.41", "2.05 ± 0.09", "3.00 ± 0.00"]
    assert item_of(results, "Heavy atoms").rows[0] == ["6ryr", "17,820", "17,821", "+1"]
    assert item_of(results, "Run time").rows[0][-2:] == ["72", "2.5"]


def test_what_is_missing_is_said_with_its_command(tmp_path, results):
    write_page(tmp_path / "page.md", results)
    page = (tmp_path / "page.md").read_text()
    states = dict(re.findall(r"\| ([^|]+) \| `snakemake \w+` \| (computed|missing) \|", page))
    done = {"Figure 1", "Table 1", "Table 3", "Table 4", "Figure 2", "Heavy atoms", "Run time"}
    assert {title for title, state in states.items() if state == "computed"} == done
    assert {"Figure 3", "Figure 4", "Figure 5", "Figure 6", "Table 2", "Appendix A.4"} == set(states) - done
    for title in states:
        section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
        assert ("**Missing**" in section) == (title not in done)
        assert "`snakemake " in section


def test_a_figure_of_other_structures_is_not_called_missing(tmp_path, results):
    picture = results.figures["Figure 1"]
    elsewhere = replace(results, showcases=None, figures={"Figure 2": picture})
    write_page(tmp_path / "page.md", elsewhere)
    page = (tmp_path / "page.md").read_text()
    section = page.split("\n## Figure 2\n")[1].split("\n## ")[0]
    assert "**Of other structures**" in section
    assert "**Missing**" not in section
    assert "| Figure 2 | `snakemake figure2` | of other structures |" in page


def test_pictures_are_linked_in_markdown_and_inside_the_html(tmp_path, results):
    for name in ("page.md", "page.html"):
        write_page(tmp_path / "pages" / name, results)
    assert "![Figure 1](../figures/figure1.png)" in (tmp_path / "pages/page.md").read_text()
    page = (tmp_path / "pages/page.html").read_text()
    assert 'src="data:image/png;base64,iVBOR' in page
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page), "needs another file"
    assert page.count("9.98 ± 2.38") == 1
    assert "`" not in re.sub(r"<style>.*?</style>|src=\"[^\"]*\"", "", page, flags=re.DOTALL), "code is marked up"
    assert page.count("<table>") == page.count("</table>") == 2 + sum(bool(item.rows) for item in items(results))


def test_text_from_outside_is_escaped(tmp_path):
    results = Results(sources={"Chair": Source("a <b> | c", False, "p")})
    for name in ("page.md", "page.html"):
        write_page(tmp_path / name, results)
    assert "a <b> \\| c" in (tmp_path / "page.md").read_text()
    assert "a &lt;b&gt; | c" in (tmp_path / "page.html").read_text()


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.md or \.html"):
        write_page(tmp_path / "page.txt", Results())
    assert not list(tmp_path.iterdir())


def test_experiments_find_their_places_by_what_they_measure(experiments):
    places = places_of(experiments)
    assert places["mixed/row3"] == "row 3"
    assert places["A.4.7"] == "A.4.7"
    assert len(places) == 16
    other = experiments[0] | {"experiment": "chairs/other", "points": 123}
    assert places_of([other]) == {}


def test_table4_has_all_printed_lines_and_what_is_configured(experiments):
    changed = [e | {"alpha": 300, "alpha_unclipped": 4000} if e["experiment"] == "A.4.5" else e for e in experiments]
    table = table4(changed).set_index("place")
    assert table["line"].tolist() == list(range(1, 17))
    assert table.loc["row 9", ["projections", "configured_projections"]].tolist() == [2, 1]
    assert table.loc["A.4.5", ["alpha", "configured_alpha", "configured_alpha_unclipped"]].tolist() == [4000, 300, 4000]
    assert (table.loc["row 3", "points"], table.loc["row 3", "alpha"]) == (400, 5000)
    assert table4([])["experiment"].isna().all()
    cells = item_of(Results(experiments=changed), "Table 4").rows[9]
    assert cells[-2:] == ["4,000", "300 (4,000)"]


def test_reasons_name_data_prior_and_size():
    sources = {
        "Chair": Source("stand-ins", False, "small", parameters=3_000_000, training_clouds=200),
        "Mixed": Source("the archive", True, "full", parameters=77_762_563, training_clouds=10_693),
    }
    table = pd.DataFrame({"instances": [100, 10], "samples": [1000, 20]})
    data, prior, size = reasons(sources, table, kinds=("Chair", "Mixed"))
    assert "stand-ins" in data
    assert "3,000,000 parameters and learnt from 200 clouds" in prior
    assert "10 instances × 2 samples" in size
    controlled = pd.DataFrame({"method": ["dps", "truth"], "instances": [10, 10], "samples": [20, 10]})
    assert "10 instances × 2 samples" in reasons(sources, controlled, kinds=())[-1]
    assert reasons(sources, table.iloc[:1], kinds=("Mixed", "CryoStruct")) == []


def test_findings_count_rows_and_follow_errors(results):
    (sentence,) = prior_pays(results.table1)
    assert "in CD in 9 of 9 rows and in EMD in 9 of 9 rows" in sentence
    assert prior_pays(results.table1.query("method != 'ml'")) == []
    rival = results.table1.query("method == 'pnp'").assign(method="ml_regularised")
    behind = rival.place.isin(["row 1", "row 2"])
    rival.loc[behind, ["chamfer_mean", "emd_mean"]] = [[1.0, 100.0]] * behind.sum()
    assert prior_pays(pd.concat([results.table1, rival])) == [
        sentence,
        "DPS is ahead of regularised ML in CD in 7 of 9 rows and in EMD in 9 of 9 rows (the paper has no such method).",
    ]
    integrators = pd.DataFrame({"variant": list("CBA"), "chamfer_mean": [1, 2, 3], "emd_mean": [2, 1, 3]})
    assert integrators_in_order(integrators)[0].startswith(
        "From A to B to C, CD falls throughout and EMD falls, but not throughout"
    )
    assert integrators_in_order(integrators.iloc[:2]) == []
    steps = pd.DataFrame({"experiment": "m/p", "steps": [10, 20, 40], "chamfer": [3, 2, 1], "emd": [1, 2, 3]})
    assert steps_help(steps, {"m/p": "row 3"}) == [
        "row 3: from 10 to 40 time steps, CD falls throughout and EMD does not fall (the paper: both fall)."
    ]


@pytest.mark.skipif(not NOTES.is_file(), reason="the notes on the paper are not at hand")
def test_printed_numbers_are_those_of_the_notes():
    """The notes' table of results has means and deviations of CD and EMD, and means of E."""
    rows = re.findall(r"^\| (\d) \| (?:Chair|Mixed) \| [^|]+ \| (.+) \|$", NOTES.read_text(), re.MULTILINE)
    assert len(rows) == 9
    theirs = printed("table1").set_index(["place", "method"])
    for number, cells in rows:
        dps_cd, ml_cd, dps_emd, ml_emd, dps_e, ml_e = cells.split(" | ")
        for method, cd, emd, energy in (("dps", dps_cd, dps_emd, dps_e), ("ml", ml_cd, ml_emd, ml_e)):
            row = theirs.loc[(f"row {number}", method)]
            assert pair(row, "chamfer") == cd
            assert f"{row['emd_mean']:.2f}" == emd.split(" ")[0]
            assert row["energy_mean"] == float(energy)


def test_kept_pictures_are_small_and_look_the_same(tmp_path):
    generator = np.random.default_rng(0)
    colours = generator.integers(0, 256, size=(100, 3))
    smooth = np.kron(colours[generator.integers(0, 100, size=(30, 40))], np.ones((60, 60, 1))).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "large.png", compress_level=0)
    keep(tmp_path / "large.png", tmp_path / "kept/small.png")
    with Image.open(tmp_path / "kept/small.png") as kept:
        assert kept.size == (1400, 1050)
        back = np.asarray(kept.convert("RGB").resize((2400, 1800)), dtype=int)
    assert np.abs(back - smooth).mean() < 12
    assert (tmp_path / "kept/small.png").stat().st_size < (tmp_path / "large.png").stat().st_size / 6


def test_kept_tables_are_copies(tmp_path):
    (tmp_path / "table1.csv").write_text("a,b\n1,2\n")
    keep(tmp_path / "table1.csv", tmp_path / "kept/table1.csv")
    assert (tmp_path / "kept/table1.csv").read_text() == "a,b\n1,2\n"
