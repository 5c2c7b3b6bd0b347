"""The page of results: what it holds (`test_site_browser` opens it)."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from small_run import TASKS

from pointprior.measurements.energy import Energy
from pointprior.methods import METHODS
from pointprior.output.site import bundled, leaderboard, plots, terms, words
from pointprior.output.site.packing import pack, unpack
from pointprior.output.site.page import _counts, write_site
from pointprior.output.site.pointwise import assess_points
from pointprior.output.site.results import Results, Task, by_experiment
from pointprior.output.site.scenes import LARGEST, assess, scene
from pointprior.scoring.comparisons import compare_all, least_p
from pointprior.scoring.summary import MEASURES

LIMIT = 15e6  # bytes of the demo's page; this one has a sixth of its models


# ---- numbers


def test_what_is_packed_is_unpacked():
    content = {"a": np.arange(6, dtype=np.int16).reshape(2, 3), "b": [1, "é", None, {"c": np.array([0.5], np.float32)}]}
    found = unpack(pack(content))
    np.testing.assert_array_equal(found["a"], content["a"])
    np.testing.assert_array_equal(found["b"][3]["c"], content["b"][3]["c"])
    assert found["b"][:3] == [1, "é", None]


def test_an_array_that_pages_cannot_read_is_refused():
    with pytest.raises(TypeError, match="float64"):
        pack({"a": np.zeros(3)})


def test_points_are_assessed_as_by_hand():
    """Two samples around the truth, one shuffled: spread and error follow from the shifts."""
    generator = np.random.default_rng(0)
    truth = generator.uniform(-1, 1, (30, 3))
    shift = np.array([0.01, 0.0, 0.0])
    samples = np.stack([truth + shift, (truth + 3 * shift)[::-1]])
    without = np.stack([truth + 2 * shift, truth - 2 * shift])
    found = assess_points(samples, truth, without)
    np.testing.assert_allclose(found.spread, 0.01, rtol=1e-6)
    np.testing.assert_allclose(found.error, 0.02, rtol=1e-6)
    np.testing.assert_allclose(found.points[0], found.points[1] - 2 * shift, atol=1e-9)
    np.testing.assert_allclose(found.contraction, 0.75)  # half the spread, a quarter of the variance
    assert (assess_points(samples, truth, np.stack([truth, truth])).contraction == 0).all()
    assert assess_points(samples[:1], truth, without).contraction is None


def test_energy_and_error_follow_from_a_course(small_results):
    """Late in it every point is nearest to its own, √3 t from it, and the energy comes down to the truth's."""
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plots, "plot_courses", lambda courses, unit: found.update(courses) or Figure())
        assert len(plots.of_courses(small_results.exhibits[0])) == 1
    (times, energy, error), exhibit = found["dps"], small_results.exhibits[0]
    assert set(found) == {"dps"}
    assert (np.diff(error) < 0).all()
    assert error[-1] == pytest.approx(exhibit.scale * np.sqrt(3) * times[-1], rel=0.02)
    truth = torch.from_numpy(exhibit.cloud.points[None].astype(np.float64))
    assert (np.diff(energy) < 0).all()
    assert energy[-1] == pytest.approx(Energy(exhibit.observations).reported(truth).item(), rel=0.1)
    without = {name: replace(model, course=None) for name, model in exhibit.models.items()}
    assert plots.of_courses(replace(exhibit, models=without)) == []


def test_a_scene_holds_models_truth_and_measurements(small_results):
    exhibit = small_results.exhibits[0]
    drawn = scene(exhibit, assess(exhibit))
    assert [method["name"] for method in drawn["methods"]] == ["dps", "ml", "prior"]
    for method in drawn["methods"]:
        samples = method["points"] / LARGEST * method["reach"]
        matched = np.take(exhibit.cloud.points, method["partner"], axis=0)
        if method["name"] == "dps":  # so little noise that every point is matched to its own
            np.testing.assert_allclose(np.linalg.norm(samples - matched, axis=2).mean(), 0.05, atol=0.02)
        assert ("contraction" in method) == (method["name"] != "prior")
    flat = [item for item in drawn["measurements"] if item["kind"] == "projection"]
    for item, rotated in zip(flat, ([0, 1], [1, 2]), strict=True):
        seen = item["points"] / LARGEST * item["reach"]
        np.testing.assert_allclose(seen, exhibit.cloud.points[::2][:, rotated], atol=1e-3)
        placed = seen @ np.array(item["axes"])
        np.testing.assert_allclose(placed[:, rotated], seen, atol=1e-6)
    np.testing.assert_allclose(
        drawn["trace"]["points"] / LARGEST * drawn["trace"]["reach"], exhibit.cloud.points, atol=1e-3
    )


def test_a_surface_encloses_most_points(small_results):
    exhibit = small_results.exhibits[0]
    surface = scene(exhibit, assess(exhibit))["truth"]["surface"]
    place = np.rint((exhibit.cloud.points - surface["origin"]) / surface["voxel"]).astype(int)
    inside = surface["values"][tuple(place.T)] >= surface["level"]
    assert inside.mean() > 0.8
    assert 0 < (surface["values"] >= surface["level"]).mean() < 0.5


def test_comparisons_know_what_is_significant():
    """Ten structures, all of them a little better: Wilcoxon's least p; and none where the two are the same."""
    rows = [
        {"structure": f"s{i}", "task": "t", "method": method, "rmsd_cg": 10 + i + shift}
        for i in range(10)
        for method, shift in {"dps": 0.0, "ml": 1.0, "ml_regularised": 0.0, "prior": 30.0}.items()
    ]
    found = compare_all(pd.DataFrame(rows), "rmsd_cg").set_index(["method", "other"])
    assert len(found) == 3  # no control among them
    assert found.loc[("dps", "ml"), "p"] == pytest.approx(least_p(10))
    assert found.loc[("dps", "ml"), "difference"] == pytest.approx(-1)
    assert found.loc[("dps", "ml_regularised"), "p"] == 1
    assert found.loc[("dps", "ml"), "q"] == pytest.approx(1.5 * least_p(10))  # two of three are as small


def scores_of(task: str, errors: dict[str, list[float]], measure: str = "rmsd_cg") -> pd.DataFrame:
    """Scores of methods, one sample of each structure; without a number, a method was not run."""
    rows = [
        {"structure": f"s{place}", "task": task, "method": method, measure: error}
        for method, values in errors.items()
        for place, error in enumerate(values)
        if error is not None
    ]
    return pd.DataFrame(rows)


def test_ties_are_wins_of_neither():
    """Five structures: two ties, one where the method is ahead that is behind on average."""
    scores = scores_of("t", {"dps": [1.0, 1, 1, 5, 5], "ml": [1.0, 1, 2, 2, 2]})
    (row,) = leaderboard.comparison_rows(compare_all(scores, "rmsd_cg"), Task("t", "t"))
    assert (row["better"].name, row["other"].name, row["ahead"], row["of"]) == ("ml", "dps", 2, 5)
    scores = scores_of("t", {"dps": [1.0, 1, 1, 1, 1], "ml": [1.0, 1, 2, 2, 0]})
    (row,) = leaderboard.comparison_rows(compare_all(scores, "rmsd_cg"), Task("t", "t"))
    assert (row["better"].name, row["other"].name, row["ahead"], row["of"]) == ("dps", "ml", 2, 5)


def test_methods_without_a_common_structure_are_not_compared():
    scores = scores_of("t", {"dps": [1.0, None], "ml": [None, 2.0], "ml_regularised": [2.0, 1.0]})
    rows = leaderboard.comparison_rows(compare_all(scores, "rmsd_cg"), Task("t", "t"))
    assert {(row["better"].name, row["other"].name) for row in rows} == {
        ("dps", "ml_regularised"),
        ("ml_regularised", "ml"),
    }


def test_comparisons_of_molecules_and_of_shapes_are_adjusted_apart():
    """As the words for q say: further comparisons of shapes leave q of molecules as it is."""
    errors = {"dps": list(range(10)), "ml": [value + 1 for value in range(10)]}
    tasks = {"p3": Task("p3", "p3"), "chairs/p5": Task("chairs/p5", "p5", data="chairs")}
    scores = pd.concat([scores_of("p3", errors), scores_of("chairs/p5", {**errors, "pnp": errors["ml"]}, "emd")])
    found = leaderboard.comparisons(Results(tasks, scores))
    molecules, shapes = (found[found["task"] == name] for name in tasks)
    assert molecules["q"].tolist() == molecules["p"].tolist() == [least_p(10)]
    assert shapes["q"].max() > least_p(10)
    assert "molecules (RMSD)" in terms.TERMS["q"]
    assert "for all that use the same score (q < 0.05)" in words.home(Results(tasks, scores), {}, found)[1]


def test_the_leaderboard_is_in_the_order_of_errors(small_results):
    compared = leaderboard.comparisons(small_results)
    board = leaderboard.leaderboard(small_results, compared)
    for task, rows in board.items():
        assert [row["method"].name for row in rows] == ["dps", "ml", "truth", "prior"]
        assert rows[0]["bar"]["mean"] < rows[1]["bar"]["mean"] < rows[3]["bar"]["mean"] <= 100
        (pair,) = compared[compared["task"] == task].to_dict("records")
        count = 3 if task in TASKS else 1
        assert rows[0]["against"]["ml"] == {"ahead": count, "of": count, "share": 1.0, "q": pair["q"]}


def test_the_leaderboard_has_the_adjusted_p_of_what_a_pair_has_in_common():
    """Ten structures, of which the baseline lacks one; regularised ML against ML is the pair turned round."""
    errors = {"dps": list(range(10)), "ml": [*range(1, 10), None], "ml_regularised": list(range(2, 12))}
    scores = scores_of("t", errors).assign(**dict.fromkeys(("spacing", "resolution", "seconds", "energy_truth"), 1.0))
    scores = scores.assign(**dict.fromkeys({*MEASURES} - {"rmsd_cg"}, scores["rmsd_cg"]), rmsd_cg_mirrored=99.0)
    results = Results({"t": Task("t", "t")}, scores)
    compared = leaderboard.comparisons(results)
    found = {row["method"].name: row["against"] for row in leaderboard.leaderboard(results, compared)["t"]}
    assert (found["dps"]["ml"]["ahead"], found["dps"]["ml"]["of"]) == (9, 9)
    assert (found["ml_regularised"]["ml"]["ahead"], found["ml"]["ml_regularised"]["ahead"]) == (0, 9)
    smallest = compared.set_index(["method", "other"]).loc[("dps", "ml")]
    assert found["dps"]["ml"]["q"] == smallest["q"] >= smallest["p"]


def test_words_say_that_three_structures_decide_nothing(small_results):
    compared = leaderboard.comparisons(small_results)
    said = words.home(small_results, leaderboard.leaderboard(small_results, compared), compared)
    assert len(said) == 2
    assert "DPS in 4 of 4 tasks" in said[1]
    assert "none of the differences can be significant (p is 0.25 at least)" in said[1]


def test_tasks_of_shapes_are_called_by_their_data_set():
    table = pd.DataFrame({"structure": ["chairs/0_a", "1abc"], "task": ["p5", "p3"], "sample": 0})
    assert by_experiment(table)["task"].tolist() == ["chairs/p5", "p3"]


# ---- the file


class Addresses(HTMLParser):
    """Ids, and what refers to them or to elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "src", "xlink:href"):
                self.links.append(value)


def test_a_series_over_noise_has_no_tasks_with_other_errors():
    """Realistic tasks: three levels of noise, and two with other errors of the directions at the middle one."""
    levels = {"n2": (2.0, "2°"), "n5": (5.0, "2°"), "n10": (10.0, "2°"), "exact": (5.0, "0°"), "wrong": (5.0, "5°")}
    tasks = {
        name: Task(name, name, projections=3, points=40, noise=noise, besides=besides)
        for name, (noise, besides) in levels.items()
    }
    tasks["four"] = replace(tasks["n5"], name="four", projections=4)
    scores = pd.DataFrame([{"structure": "1abc", "task": name, "method": "dps", "rmsd_cg": 1.0} for name in tasks])
    results = Results(tasks=tasks, scores=scores, coverage=None, exhibits=[], facts={})
    names = [[task.name for task in series] for series in plots._series(results, "noise")]
    assert names == [["n2", "n5", "n10"]]
    assert [[task.name for task in series] for series in plots._series(results, "projections")] == [["n5", "four"]]


def test_links_resolve_and_ids_are_unique(small_page):
    found = Addresses(small_page.read_text())
    assert len(set(found.ids)) == len(found.ids)
    inner = [unquote(link[1:]) for link in found.links if link.startswith("#")]
    assert set(inner) <= set(found.ids)
    assert "entry/1abc/p2x40" in inner
    assert all(link.startswith(("#", "data:")) for link in found.links)


def test_the_page_is_small_and_the_same_every_time(small_page, small_results, tmp_path):
    assert small_page.stat().st_size < LIMIT / 3
    write_site(tmp_path / "again.html", small_results, processes=2)
    assert (tmp_path / "again.html").read_bytes() == small_page.read_bytes()


def test_a_page_without_models_does_without_the_viewer(small_results, small_page, tmp_path):
    write_site(tmp_path / "tables.html", replace(small_results, exhibits=[]))
    text = (tmp_path / "tables.html").read_text()
    assert 'id="library-viewer"' not in text
    assert len(text) < small_page.stat().st_size / 2


def test_pictures_and_plots_have_words(small_page):
    text = small_page.read_text()
    assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img[^>]*>", text))
    assert text.count('<figure class="plot">') == text.count('<p class="alt">')


def test_tasks_are_those_of_the_leaderboard_and_showcases_are_counted_apart():
    """As `home` counts them in words."""
    tasks = {name: Task(name, name, own=name == "showcase") for name in ("a", "b", "showcase")}
    scores = pd.DataFrame([{"structure": "1abc", "task": task, "method": "ml"} for task in tasks])
    assert _counts(Results(tasks, scores)) == [
        (1, "structure"),
        (2, "tasks"),
        (1, "showcase"),
        (1, "method"),
        (3, "models"),
    ]


def test_scores_must_be_there(small_results, tmp_path):
    with pytest.raises(ValueError, match="no scores"):
        write_site(tmp_path / "index.html", replace(small_results, scores=small_results.scores[:0]))
    assert not list(tmp_path.iterdir())


def test_every_method_has_words_for_its_role_and_its_meaning():
    assert {method.role for method in METHODS.values()} == set(leaderboard.ROLES)
    assert set(METHODS) == set(terms.METHODS)


def test_a_library_is_compressed_once_in_a_process(small_page):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bundled, "compressed", lambda content: pytest.fail("compressed again"))
        assert bundled.packed(*bundled.TABLES) is bundled.packed(*bundled.TABLES)
