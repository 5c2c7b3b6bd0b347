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
from pointprior.output.reproduction.differences import Sampler, Source, Unconditional, reasons
from pointprior.output.reproduction.findings import baseline_agrees, integrators_in_order, prior_pays, steps_help
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.printed import places_of, printed, table4
from pointprior.output.reproduction.results import Invocation, Results
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
            {
                "structure": f"{dataset}/{shape}",
                "task": task,
                "method": method,
                "sample": sample,
                "nfe": 39,
                "seconds": 2.5,
            }
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
    assert item_of(results, "Run time").rows == [["row 2", "79", "39", "10", "2", "72", "2.5"]]
    assert item_of(Results(), "Run time").rows == [["row 2", "79", "–", "10", "–", "72", "–"]]


def test_what_is_missing_is_said_with_its_command(tmp_path, results):
    write_page(tmp_path / "page.md", results)
    page = (tmp_path / "page.md").read_text()
    states = dict(re.findall(r"\| ([^|]+) \| `snakemake \w+` \| (computed|missing) \|", page))
    done = {"Figure 1", "Table 1", "Table 3", "Table 4", "Figure 2", "Heavy atoms", "Run time"}
    assert {title for title, state in states.items() if state == "computed"} == done
    assert {"Figure 3", "Figure 4", "Figure 5", "Figure 6", "Table 2", "Appendix A.4"} == set(states) - done
    for title in states:
        section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
        assert ("**Missing**: not in this run; with the default configuration" in section) == (title not in done)
        assert "`snakemake " in section


def test_a_figure_of_other_structures_is_not_called_missing(tmp_path, results):
    picture = results.figures["Figure 1"]
    elsewhere = replace(results, showcases=None, figures={"Figure 2": picture})
    write_page(tmp_path / "page.md", elsewhere)
    page = (tmp_path / "page.md").read_text()
    section = page.split("\n## Figure 2\n")[1].split("\n## ")[0]
    assert "**Of other structures only**: not in this run" in section
    assert "the command makes it from the deposits of the five structures." in section
    assert "**Missing**" not in section
    assert "| Figure 2 | `snakemake figure2` | of other structures only |" in page


def test_atoms_of_other_structures_are_no_check(results):
    item = item_of(replace(results, atoms={"1aoi": 12}), "Heavy atoms")
    assert (item.state, item.command) == ("missing", "heavy_atoms")


def test_the_page_says_how_its_numbers_were_configured(tmp_path, results):
    files, keys = ("config/standin.yaml", "config/reduced.yaml"), ("samples", "seed")
    for given, said in (
        (Invocation(), None),
        (Invocation(files), "`--configfile config/standin.yaml config/reduced.yaml`"),
        (Invocation(keys=keys), "`--config` with `samples`, `seed`"),
        (Invocation(files[:1], keys[:1]), "`--configfile config/standin.yaml` and `--config` with `samples`"),
    ):
        for name in ("page.md", "page.html"):
            write_page(tmp_path / name, replace(results, invocation=given))
        page, html = ((tmp_path / name).read_text() for name in ("page.md", "page.html"))
        assert ("These numbers are of" in page) == ("These numbers are of" in html) == (said is not None)
        if said is not None:
            assert f"\n\nThese numbers are of {said}, which the commands below take, too.\n\n" in page


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


def test_reasons_name_the_sampler():
    def said(sampler, **others):
        return reasons({}, None, kinds=(), sampler=sampler, **others)

    limited = "The guidance of DPS was limited (`dps.guidance_clip: 5`); the paper prints no limit."
    assert said(Sampler((40,), None)) == []
    assert said(Sampler((40, 40), 5.0)) == [limited]
    assert said(Sampler((20,), None)) == ["DPS took 20 time steps; the paper's takes 40."]
    assert said(Sampler((40, 20, 20), 5.0)) == ["DPS took 20 or 40 time steps; the paper's takes 40.", limited]
    assert said(Sampler((80,), None), steps=80) == []
    assert said(Sampler((20,), None), steps=80) == ["DPS took 20 time steps; the paper's takes 80."]
    assert said(Sampler((), 5.0)) == [limited]  # of an item that compares numbers of steps


def test_reasons_name_how_priors_were_sampled():
    assert reasons({}, None, kinds=(), unconditional=Unconditional(100, 80.0)) == []
    assert reasons({}, None, kinds=(), unconditional=Unconditional(40, 5.0)) == [
        "Samples without measurements took 40 time steps from t = 5; the paper's take 100 from t = 80."
    ]


def test_every_item_says_how_it_was_sampled(results):
    titles = {"Figure 1", "Table 1", "Table 2", "Figure 2", "Figure 6", "Appendix A.4"}
    sampled = replace(
        results, samplers=dict.fromkeys(titles, Sampler((80,), 5.0)), unconditional=Unconditional(40, 5.0)
    )
    notes = {item.title: " ".join(item.notes) for item in items(sampled)}
    assert {title for title, said in notes.items() if "The guidance of DPS was limited" in said} == titles
    assert {title for title, said in notes.items() if "DPS took 80" in said} == titles - {"Figure 2"}
    without = {"Figure 3", "Figure 4", "Figure 5", "Table 3"}
    assert {title for title, said in notes.items() if "without measurements took" in said} == without


def test_figure_1_rests_on_both_kinds_of_shapes(results):
    other = Source("generated", False, "large", parameters=4_000_000, training_clouds=300)
    notes = item_of(replace(results, sources=results.sources | {"Mixed": other}), "Figure 1").notes
    assert [note.split(":")[0] for note in notes] == ["Chair", "Chair", "Mixed", "Mixed"]


def test_figure_6_has_what_table_1_prints(results):
    rows = [
        {"experiment": f"mixed/{row}", "structure": "a", "steps": steps, "chamfer": 0.2, "emd": 0.1}
        for row in ("row8", "row3", "elsewhere")
        for steps in (20, 40)
    ]
    shown = {
        tuple(row[:2]): row[3:] for row in item_of(replace(results, time_steps=pd.DataFrame(rows)), "Figure 6").rows
    }
    assert shown["row 8", "20"] == shown["mixed/elsewhere", "40"] == ["plotted", "20.00", "plotted", "10.00"]
    assert shown["row 8", "40"] == ["11.11 (Table 1)", "20.00", "11.19 (Table 1)", "10.00"]
    assert shown["row 3", "40"] == ["10.56 (Table 1)", "20.00", "8.18 (Table 1)", "10.00"]


def test_a_dash_for_bundled_clouds_is_explained(results):
    row = {"task": "A.4.1", "method": "dps", "structures": 1, "samples": 2, "rmsd_cg_mean": 4.0, "rmsd_cg_sd": 1.0}
    for atomic, explained in ((3.0, False), (np.nan, True)):
        summary = pd.DataFrame([row | {"rmsd_atomic_mean": atomic, "rmsd_atomic_sd": atomic}])
        item = item_of(replace(results, summary=summary), "Appendix A.4")
        assert any("Bundled clouds come without atoms" in note for note in item.notes) == explained


def test_ml_is_measured_by_its_printed_errors():
    paper = printed("table1").query("method == 'ml'")
    assert baseline_agrees(None) == baseline_agrees(paper.query("method == 'dps'")) == []
    ours = paper.assign(chamfer_mean=paper["chamfer_mean"] * 0.9, emd_mean=paper["emd_mean"])
    ours.loc[ours["place"] == "row 4", ["chamfer_mean", "emd_mean"]] *= 1.5
    beyond = pd.DataFrame({"place": ["", "", np.nan, np.nan], "method": "ml", "chamfer_mean": 1e3, "emd_mean": 1e3})
    assert baseline_agrees(pd.concat([ours, beyond])) == [
        "ML's mean errors are 0.90 to 1.35 times the printed ones in CD and 1.00 to 1.50 times in EMD."
    ]


def test_findings_count_rows_and_follow_errors(results):
    (sentence,) = prior_pays(results.table1)
    assert "in CD in 9 of 9 rows and in EMD in 9 of 9 rows" in sentence
    assert prior_pays(results.table1.query("method != 'ml'")) == []
    beyond = pd.DataFrame({"place": [np.nan, np.nan], "method": "dps", "chamfer_mean": 1.0, "emd_mean": 1.0})
    assert prior_pays(pd.concat([results.table1, beyond])) == [sentence]
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
