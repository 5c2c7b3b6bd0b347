"""A new method is one entry in the registry: tables and figures follow from it."""

import sys
from types import ModuleType

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from clipping import assert_nothing_is_cut
from matplotlib.colors import to_hex

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation
from pointprior.methods import METHODS, Method, front_to_back, names
from pointprior.output import figures
from pointprior.scoring.summary import as_text, summarise

LEVELS = {"dps": 4.0, "ml": 7.0, "ml_regularised": 6.0, "prior": 9.0, "truth": 0.0}
COLOUR = "#7b3294"


@pytest.fixture(params=["sampler", "baseline"])
def toy(request, monkeypatch):
    """A method that somebody added: a module, and one entry."""
    module = ModuleType("toy_method")
    monkeypatch.setitem(sys.modules, "toy_method", module)
    method = Method("toy", "toy method", "toy", COLOUR, (0, (6, 1)), "v", request.param, "toy_method")
    monkeypatch.setitem(METHODS, "toy", method)
    return method


def score_rows(levels):
    rows = [
        {"structure": f"{k}abc", "task": "p3", "method": method, "sample": sample, "noise": noise}
        | {"spacing": 5.0, "resolution": 10.0, "atoms": 9000 + k, "energy": 0.1, "energy_truth": 0.0, "seconds": 1.0}
        | dict.fromkeys(("rmsd_atomic", "rmsd_cg"), level + k + 0.1 * sample)
        | dict.fromkeys(("rmsd_atomic_excess", "density_correlation", "density_resolution"), level)
        | {"rmsd_cg_mirrored": 20.0, "chamfer": level / 100, "emd": level / 50}
        for k in range(3)
        for sample in range(4)
        for method, level in levels.items()
        for noise in (0.0, 2.0)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def scores(toy):
    return score_rows(LEVELS | {"toy": 2.0 if toy.role == "sampler" else 5.0})


def texts(figure):
    return {t.get_text() for t in figure.findobj(mpl.text.Text)}


def test_entry_loads_its_module_and_has_its_place(toy):
    assert toy.load().__name__ == "toy_method"
    assert names(toy.role)[-1] == "toy"
    assert toy.needs_prior == (toy.role == "sampler")
    assert sorted(front_to_back()) == sorted(METHODS)


def test_controls_have_no_module():
    with pytest.raises(ValueError, match="truth is a control"):
        METHODS["truth"].load()


def test_summary_has_its_row_and_comparisons(toy, scores):
    summary = summarise(scores)
    table = summary.set_index("method")
    assert table.loc["toy", "rmsd_cg_won"] == 1.0  # 2 or 5 Å against 7 Å
    text = as_text(summary)
    if toy.role == "sampler":
        assert "toy against ml_regularised" in text
        best = " ".join(text.split()).partition("; the best with and without the prior")[0].rpartition(" against ")[0]
        assert best.endswith("toy")
    else:
        assert table.loc["dps", "rmsd_cg_won_toy"] == 1.0  # 4 Å against 5 Å
        assert table.loc["ml", "rmsd_cg_won_toy"] == 0.0
        assert np.isnan(table.loc["toy", "rmsd_cg_won_toy"])
        assert "dps against toy: RMSD" in text


def test_columns_of_today_keep_their_names():
    columns = summarise(score_rows(LEVELS)).columns
    assert [c for c in columns if c.startswith("rmsd_cg_won")] == ["rmsd_cg_won", "rmsd_cg_won_regularised"]


def test_task_draws_it(toy, scores):
    figure = figures.plot_task(pd.concat([scores, scores[scores["method"] == "ml"].assign(method="pnp")]))
    (axes,) = figure.axes
    legend = {text.get_text() for text in axes.get_legend().get_texts()}
    mean = scores.loc[scores["method"] == "toy", "rmsd_cg"].mean()
    assert {"toy method samples", f"toy method mean {mean:.2f}"} <= legend
    assert COLOUR in {to_hex(patch.get_edgecolor()) for patch in axes.patches}
    assert_nothing_is_cut(figure)


def test_noise_figure_draws_it(toy, scores):
    scores["task"] = scores["noise"].map({0.0: "p3", 2.0: "p3_noise2"})
    (axes,) = figures.plot_noise(scores, noise={"p3": 0, "p3_noise2": 2}).axes
    drawn = {container.get_label(): container.lines[0] for container in axes.containers}
    line = drawn["toy method"]
    assert (line.get_color(), line.get_marker()) == (COLOUR, "v")
    assert line.get_ydata() == pytest.approx([scores.loc[scores["method"] == "toy", "rmsd_cg"].mean()] * 2)


def test_calibration_draws_it(toy):
    levels = np.linspace(0.1, 0.9, 9)
    table = pd.concat(
        pd.DataFrame({"level": levels, "coverage": levels**2, "loo_coverage": levels, "spearman": 0.3}).assign(
            structure="1abc", task="p3", method=method
        )
        for method in ("dps", "toy")
    )
    figure = figures.plot_calibration(table)
    assert "toy method" in texts(figure)
    assert COLOUR in {line.get_color() for line in figure.axes[0].lines}


def test_reconstruction_has_its_rmsd_below(toy, scores):
    """Five methods and more make the picture taller, so that nothing is cut."""
    cloud = PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32) * 20)
    view = np.eye(3, 2, dtype=np.float32)
    column = {
        "observations": [Observation("projection", cloud.points @ view, view, np.ones(60, np.int64), 0.5)],
        "points": cloud.points[None],
        "cloud": cloud,
        "scores": pd.concat([scores, scores[scores["method"] == "ml"].assign(method="pnp")]),
    }
    figure = figures.plot_reconstruction(**column)
    assert "toy" in texts(figure)
    assert_nothing_is_cut(figure)
    four = figures.plot_reconstruction(**column | {"scores": scores[scores["method"] != "toy"]})
    assert figure.get_figheight() == pytest.approx(four.get_figheight() + 0.13)
