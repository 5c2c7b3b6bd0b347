"""Figures: what is in them, and that their files are whole and the same twice."""

import itertools

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from clipping import assert_nothing_is_cut
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation
from pointprior.methods import METHODS
from pointprior.output import figures
from pointprior.output.figures.depth_buffer import depth_buffer
from pointprior.output.figures.measurements import describe, largest_angle
from pointprior.output.figures.rendering import Camera, render_beads, round_length


def score_table(structures, methods=("dps", "ml", "prior", "truth"), samples=4):
    generator = np.random.default_rng(0)
    level = {"dps": 4.0, "ml": 7.0, "prior": 40.0, "truth": 0.0}
    rows = [
        {
            "structure": f"{k + 1000:x}",
            "method": method,
            "sample": sample,
            "spacing": 12.0 - 0.05 * k,
            "resolution": 24.0 - 0.1 * k,
            "atoms": np.nan,
            "rmsd_cg": level[method] + 0.1 * generator.random(),
            "rmsd_atomic": np.nan,
        }
        for k in range(structures)
        for method in methods
        for sample in range(samples)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def cloud():
    xyz = np.random.default_rng(1).normal(size=(80, 3)).astype(np.float32) * [20, 30, 12]
    return PointCloud.from_coordinates(xyz.astype(np.float32), chain=np.repeat(["A", "B"], 40))


@pytest.fixture
def column(cloud):
    jitter = np.random.default_rng(2).normal(size=(3, 80, 3)) * 0.02
    view = np.eye(3, 2, dtype=np.float32)
    ones = np.ones(80, dtype=np.int64)
    return {
        "observations": [
            Observation("projection", cloud.points @ view, view, ones, 0.5),
            Observation("subunit", cloud.points[:30], np.eye(3, dtype=np.float32), ones[:30], 0.5),
        ],
        "points": (cloud.points + jitter).astype(np.float32),
        "cloud": cloud,
        "atoms_xyz": np.repeat(cloud.to_angstrom(), 4, axis=0).astype(np.float32),
        "scores": score_table(1).assign(rmsd_atomic=5.0),
        "title": "9xyz",
    }


def texts(figure):
    return [t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_text()]


@pytest.mark.parametrize("structures", [1, 3, 10, 15, 16, 20, 100])
def test_task_has_a_box_for_each_structure_and_method(structures):
    figure = figures.plot_task(score_table(structures), title="three projections")
    (axes,) = figure.axes
    boxes = [patch for patch in axes.patches if isinstance(patch, mpl.patches.PathPatch)]
    assert len(boxes) == 2 * structures
    assert axes.get_ylabel() == "RMSD to the mixture means (Å)"
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert labels == [f"{k + 1000:x}" for k in reversed(range(structures))]  # ascending with the spacing
    figure.canvas.draw()
    drawn = [tick.get_window_extent() for tick in axes.get_xticklabels()]
    assert all(a.x1 <= b.x0 for a, b in itertools.pairwise(drawn)), "labels overlap"
    named = axes.xaxis.get_tightbbox()
    assert 0 <= named.x0 < named.x1 <= figure.bbox.x1, "the axis' name is cut off"
    assert named.y0 >= 0, "the axis' name is cut off"
    legend = axes.get_legend()
    assert legend.get_window_extent().x0 >= axes.get_window_extent().x1
    assert {"DPS samples", "ML samples"} <= {t.get_text() for t in legend.get_texts()}


def test_task_shows_the_means_and_keeps_the_far_prior_from_squeezing_them():
    scores = score_table(5)
    (axes,) = figures.plot_task(scores).axes
    heights = {line.get_label()[:3].strip(): line.get_ydata() for line in axes.lines if " mean " in line.get_label()}
    means = scores.groupby("method")["rmsd_cg"].mean()
    assert heights["DPS"] == pytest.approx([means["dps"]] * 2)
    assert heights["ML"] == pytest.approx([means["ml"]] * 2)
    assert axes.get_ylim()[1] < 13  # 12 Å is the point spacing, the prior has 40


def test_task_takes_an_order_and_one_method():
    (axes,) = figures.plot_task(score_table(3, methods=("dps",)), order=["3e8", "3ea", "3e9"]).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["3e8", "3ea", "3e9"]


def test_task_is_sorted_by_atoms_where_all_are_known():
    scores = score_table(4)
    scores["atoms"] = scores["structure"].map({"3e8": 9000, "3e9": 3050, "3ea": 110541, "3eb": 17820})
    (axes,) = figures.plot_task(scores).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["3e9", "3e8", "3eb", "3ea"]
    label = axes.get_xlabel()
    assert "by heavy atoms (3,050 to 110,541)" in label
    assert "resolution 24 Å (twice the spacing)" in label
    (axes,) = figures.plot_task(scores.assign(atoms=scores["atoms"].where(scores["structure"] != "3e8"))).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["3eb", "3ea", "3e9", "3e8"]


def test_rmsds_stand_beside_the_point_spacing():
    for column, expected in (("rmsd_cg", True), ("chamfer", False)):
        (axes,) = figures.plot_task(score_table(3).assign(chamfer=0.1), column=column).axes
        labels = {t.get_text() for t in axes.get_legend().get_texts()}
        assert ("point spacing" in labels) == expected


def coverage_table(tasks=("p3", "p1_lr40"), structures=4, methods=("dps", "ml", "prior"), loo_coverage=True):
    generator = np.random.default_rng(0)
    levels = np.linspace(0.1, 0.9, 9)
    exponent = {"dps": 1.3, "ml": 4.0, "prior": 0.8}
    rows = []
    for task, k, method in itertools.product(tasks, range(structures), methods):
        coverage = levels ** (exponent[method] * generator.uniform(0.8, 1.2))
        said = {"structure": f"{k + 1000:x}", "task": task, "method": method, "spearman": 0.3}
        rows.append(pd.DataFrame({"level": levels, "coverage": coverage}).assign(**said))
        rows[-1]["loo_coverage"] = levels**1.1 if loo_coverage else np.nan
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("tasks", [1, 2, 8])
def test_calibration_has_a_panel_for_each_task(tasks):
    names = [f"p{k}" for k in range(tasks)]
    table = coverage_table(tasks=names)
    figure = figures.plot_calibration(table, titles={"p0": "4 projections × 800 points + 30 low-res points"})
    assert len(figure.axes) == tasks
    assert figure.axes[0].get_title(loc="left") == "4 projections × 800 points\n+ 30 low-res points"
    by_colour = {line.get_color(): line for line in figure.axes[0].lines if line.get_linewidth() == 1.8}
    dps = table[(table["task"] == "p0") & (table["method"] == "dps")].groupby("level")["coverage"].mean()
    drawn = by_colour[METHODS["dps"].colour]
    np.testing.assert_allclose(drawn.get_ydata(), dps)
    np.testing.assert_allclose(drawn.get_xdata(), dps.index)
    assert texts(figure).count("ρ 0.30") == 3 * tasks


def test_calibration_of_two_samples_and_of_nothing():
    figure = figures.plot_calibration(coverage_table(loo_coverage=False, methods=("ml",)).assign(spearman=np.nan))
    assert "ρ –" in texts(figure)
    with pytest.raises(ValueError, match="no calibration"):
        figures.plot_calibration(coverage_table().iloc[:0])


def test_task_without_values_says_so():
    with pytest.raises(ValueError, match="rmsd_atomic"):
        figures.plot_task(score_table(2), column="rmsd_atomic")


def test_reconstruction_has_four_rows_scale_bars_and_scores(column):
    figure = figures.plot_reconstruction(**column)
    shown = texts(figure)
    assert {"measurements", "3 samples", "80 mixture means", "heavy atoms", "9xyz", "DPS", "ML"} <= set(shown)
    assert "1 projection of 80 points\n+ subunit of 30 points" in shown
    assert "5.00 ± 0.00" in shown
    bars = [text for text in shown if text.endswith(" Å")]
    assert len(bars) == 4 + 1  # four rows, and what is resolved
    assert f"point spacing {column['cloud'].spacing():.1f} Å, resolution {column['cloud'].resolution():.0f} Å" in shown
    assert "RMSF (Å)" in " ".join(shown)


def test_reconstruction_names_every_rival(column):
    scores = score_table(1, methods=("dps", "ml")).assign(rmsd_atomic=5.0)
    rivals = [scores[scores["method"] == "ml"].assign(method=m) for m in ("pnp", "ml_regularised")]
    figure = figures.plot_reconstruction(**column | {"scores": pd.concat([scores, *rivals])})
    names = {t.get_text(): t.get_position()[1] for t in figure.findobj(mpl.text.Text) if t.get_weight() == "bold"}
    rows = [names[name] for name in ("DPS", "PnP", "ML", "reg. ML")]
    assert (np.diff(rows) < 0).all()
    assert_nothing_is_cut(figure)


def test_pictures_of_a_column_have_one_scale(column):
    figure = figures.plot_reconstructions([column, column | {"title": "second"}])
    pictures = [axes for axes in figure.axes if axes.images]
    limits = {tuple(np.round(axes.get_xlim(), 6)) for axes in pictures}
    assert len(pictures) == 6  # samples, means and atoms; the measurements' tiles lie inside other axes
    assert len(limits) == 1


def test_columns_share_bars_and_have_letters(column):
    """The second is three times as large, so its own bars would be longer."""
    large = PointCloud.from_coordinates((column["cloud"].to_angstrom() * 3).astype(np.float32))
    second = column | {"cloud": large, "atoms_xyz": None, "title": "large"}
    figure = figures.plot_reconstructions([column, second])
    shown = texts(figure)
    bars = [text for text in shown if text.endswith(" Å") and "spacing" not in text]
    assert len(bars) == 7  # the large one has no atoms
    assert len(set(bars)) == 1
    assert {"A", "B"} <= set(shown)
    assert "A" not in texts(figures.plot_reconstructions([column]))
    drawn = {}  # length of the bars (in Å) by the width that they are drawn at
    for axes in figure.axes:
        if axes.images:
            (bar,) = axes.lines
            drawn.setdefault(round(float(np.ptp(axes.get_xlim())), 3), set()).add(round(float(np.ptp(bar.get_xdata()))))
    assert len(drawn) == 2
    assert set().union(*drawn.values()) == {int(bars[0].removesuffix(" Å"))}


def test_all_measured_points_lie_in_their_tiles(column):
    figure = figures.plot_reconstruction(**column)
    tiles = [axes for cell in figure.axes for axes in cell.child_axes]
    assert len(tiles) == 2
    (points,) = tiles[0].collections
    offsets = np.abs(points.get_offsets())
    assert offsets.max() < tiles[0].get_xlim()[1]
    assert offsets.max() > 0.8 * tiles[0].get_xlim()[1]
    assert tiles[0].get_xlim() == pytest.approx(tiles[1].get_xlim())


def test_reconstruction_without_atoms_leaves_the_row_out(column):
    figure = figures.plot_reconstructions([column | {"atoms_xyz": None, "scores": None}])
    assert "heavy atoms" not in texts(figure)
    both = figures.plot_reconstructions([column, column | {"atoms_xyz": None}])
    assert {"heavy atoms", "no atoms at hand"} <= set(texts(both))


def test_one_sample_has_no_spread(column):
    shown = texts(figures.plot_reconstruction(**column | {"points": column["points"][:1]}))
    assert "one sample" in shown
    assert "RMSF" not in " ".join(shown)


def test_no_reconstruction_is_an_error():
    with pytest.raises(ValueError, match="no reconstruction"):
        figures.plot_reconstructions([])


def test_measurements_are_described(column):
    view = np.eye(3, 2, dtype=np.float32)
    images = [Observation("projection", np.zeros((n, 2), np.float32), view, np.ones(n, np.int64), 1.0) for n in (8, 9)]
    assert describe(images) == "2 projections of 8–9 points"
    assert describe([]) == "no measurements"


def test_angle_between_views_is_theirs():
    def image(degrees):
        view = Rotation.from_euler("x", degrees, degrees=True).as_matrix()[:, :2].astype(np.float32)
        return Observation("projection", np.zeros((1, 2), np.float32), view, np.ones(1, np.int64), 1.0)

    assert largest_angle([image(10), image(25), image(37)]) == pytest.approx(27, abs=0.1)
    assert largest_angle([image(0), image(170)]) == pytest.approx(10, abs=0.1)  # the same line but for 10 degrees
    assert largest_angle([image(0)]) is None


def test_samples_that_run_away_leave_the_truth_its_size_and_others_their_colours(column):
    wild = column | {"points": column["points"] * np.float32([1, 1, 40])}
    usual = figures.plot_reconstructions([column])
    figure = figures.plot_reconstructions([column, wild])
    widths = [[np.ptp(axes.get_xlim()) for axes in f.axes if axes.images] for f in (usual, figure)]
    assert max(widths[1]) <= 1.4 * 1.1 * max(widths[0])
    ends = [max(axes.get_ylim()[1] for axes in f.axes if "RMSF" in axes.get_ylabel()) for f in (usual, figure)]
    assert ends[1] == pytest.approx(1.25 * ends[0])  # not forty times as much


def test_points_that_are_too_far_off_are_left_out_and_counted(column):
    points = column["points"].copy()
    points[0, :7] *= 40
    figure = figures.plot_reconstructions([column | {"points": points}])
    assert "7 of 240 points\nlie farther out" in texts(figure)
    assert not [text for text in texts(figures.plot_reconstructions([column])) if "farther out" in text]
    assert_nothing_is_cut(figure)


def few_measurements(cloud):
    """A handful of points each: their beads and markers are large."""
    view, identity = np.eye(3, 2, dtype=np.float32), np.eye(3, dtype=np.float32)
    return [
        Observation("projection", cloud.points[:8] @ view, view, np.full(8, 10), 0.25),
        *(
            Observation("low_resolution", cloud.points[:n], identity, np.full(n, 80 // n), 0.25)
            for n in (10, 2, 1)  # one alone has no neighbour
        ),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"atoms_xyz": None, "scores": None},
        {"points": np.float32(1.3)},  # larger than the truth: the picture grows with them
        {"points": np.float32([1, 1, 40])},  # too large for that
        {"atoms_xyz": np.float32(1.15)},
        {"observations": few_measurements},
    ],
    ids=["usual", "bare", "wide samples", "runaway samples", "wide atoms", "few measurements"],
)
def test_reconstructions_cut_nothing(column, cloud, change):
    scaled = {key: column[key] * by for key, by in change.items() if isinstance(by, np.ndarray | np.float32)}
    made = {key: value(cloud) for key, value in change.items() if callable(value)}
    assert_nothing_is_cut(figures.plot_reconstructions([column, column | change | scaled | made | {"title": "2xyz"}]))


def test_samples_at_the_edge_of_a_real_picture_are_whole(cloud):
    """One point of a thousand at the edge used to be cut: it counted as one that may stick out."""
    points = np.repeat(cloud.points[None], 20, axis=0)
    points[0, 0] = cloud.points[:, :].min(axis=0) * 1.2
    observations = [Observation("subunit", cloud.points[:30], np.eye(3, dtype=np.float32), np.ones(30, np.int64), 1.0)]
    figure = figures.plot_reconstruction(observations=observations, points=points, cloud=cloud)
    assert not [text for text in texts(figure) if "farther out" in text]
    assert_nothing_is_cut(figure)


LONG = "1 projection × 1024 points + 40 low-res points and a very long remark of somebody who likes long titles"


@pytest.mark.parametrize("structures", [1, 3, 20, 100])
@pytest.mark.parametrize("column", ["rmsd_cg", "rmsd_atomic"])
def test_task_figures_cut_nothing(structures, column):
    table = score_table(structures)
    rivals = [table[table["method"] == "ml"].assign(method=method) for method in ("pnp", "ml_regularised")]
    table = pd.concat([table, *rivals], ignore_index=True).assign(atoms=lambda t: 20 * t["sample"] + 9000)
    assert_nothing_is_cut(figures.plot_task(table.assign(rmsd_atomic=table["rmsd_cg"]), column=column, title=LONG))


@pytest.mark.parametrize("tasks", [1, 8])
def test_calibration_cuts_nothing(tasks):
    table = coverage_table(tasks=[f"p{k}" for k in range(tasks)])
    assert_nothing_is_cut(
        figures.plot_calibration(table, titles={"p0": "4 projections × 800 points + 30 low-res points"})
    )
    at_the_edges = table.assign(coverage=(table["level"] > 0.4).astype(float))
    assert_nothing_is_cut(figures.plot_calibration(at_the_edges))


@pytest.mark.parametrize("clouds", [1, 7])
def test_galleries_cut_nothing(clouds):
    points = np.random.default_rng(3).normal(size=(clouds, 40, 3)) * 0.3
    assert_nothing_is_cut(figures.plot_clouds(points, columns=3, title="cryostruct (released), without measurements"))


def test_series_and_curves_cut_nothing():
    assert_nothing_is_cut(figures.plot_noise(noisy_table(0, 2, 5), noise=NOISE, title=LONG))
    assert_nothing_is_cut(figures.plot_noise(noisy_table(0), noise=NOISE, title="three"))
    sweep = series_table("alpha", [1000, 40000])
    sweep.loc[sweep["method"] != "dps", "alpha"] = np.nan
    for tasks in (["p3"], ["p3", "p4", "p5"]):
        table = pd.concat([sweep.assign(task=task) for task in tasks])
        assert_nothing_is_cut(figures.plot_alpha_sweep(table, chosen={"p3": 160_000}, titles={"p3": LONG}))
    assert_nothing_is_cut(figures.plot_training_curve(training_curve(), title=LONG))


def training_curve():
    step = np.arange(1, 41)
    curve = pd.DataFrame({"step": step, "clouds": 32 * step, "learning_rate": 1e-4, "loss": 1.0 / step})
    for band in ("low", "middle", "high"):
        curve[f"loss_{band}_noise"] = 1.0 / step
    curve.loc[3:9, "loss_high_noise"] = np.nan
    return curve


def test_the_check_finds_what_is_cut():
    """A picture that holds too little, a line beyond its axes, a title beyond the figure; and nothing else."""

    def diagonal(title="", *, top=1.1, picture=None):
        figure = mpl.figure.Figure(figsize=(3, 3))
        axes = figure.add_axes((0.2, 0.2, 0.6, 0.6))
        axes.plot([0, 1], [0, 1])
        axes.set(ylim=(-0.1, top), title=title)
        if picture is not None:
            figure.add_axes((0.3, 0.3, 0.2, 0.2)).imshow(picture)
        return figure

    picture = np.full((40, 40, 3), 255, dtype=np.uint8)
    picture[10:30, 10:30] = 100
    assert_nothing_is_cut(diagonal("short", picture=picture))
    picture[39, 20] = 100
    with pytest.raises(AssertionError, match=r"a picture in .* is cut off"):
        assert_nothing_is_cut(diagonal(picture=picture))
    with pytest.raises(AssertionError, match="beyond their axes"):
        assert_nothing_is_cut(diagonal(top=0.5))
    with pytest.raises(AssertionError, match="at the figure's edge"):
        assert_nothing_is_cut(diagonal("a title that is far too long for so small a figure"))


def test_gallery_and_training_curve():
    clouds = np.random.default_rng(3).normal(size=(5, 40, 3)).astype(np.float32) * 0.3
    assert len(figures.plot_clouds(clouds, columns=3).axes) == 5
    figure = figures.plot_training_curve(training_curve())
    assert len(figure.axes[0].lines) == 3
    assert figure.axes[1].get_xlabel() == "clouds seen"


def series_table(column, values, structures=3):
    rows = [
        {"structure": f"{s}abc", "task": "p3", "method": method, "sample": k, column: value, "rmsd_cg": level + s + k}
        for s in range(structures)
        for k in range(2)
        for method, level in {"dps": 4.0, "ml": 7.0, "ml_regularised": 6.0, "truth": 0.0}.items()
        for value in values
    ]
    return pd.DataFrame(rows).assign(chamfer=0.2, emd=0.1)


NOISE = {"p3": 0, "p3_noise2": 2, "p3_noise5": 5}


def noisy_table(*levels):
    tasks = {noise: task for task, noise in NOISE.items()}
    return series_table("task", [tasks[noise] for noise in levels])


def test_noise_figure_has_means_over_structures_and_their_errors():
    figure = figures.plot_noise(noisy_table(0, 2, 5), noise=NOISE, title="three projections")
    (axes,) = figure.axes
    lines = {container.get_label(): container.lines[0] for container in axes.containers}
    assert lines.keys() == {"DPS", "ML", "regularised ML"}
    assert lines["DPS"].get_ydata() == pytest.approx([4 + 1 + 0.5] * 3)
    _, _, (bars,) = axes.containers[0].lines
    (low, high) = bars.get_segments()[0][:, 1]
    assert high - low == pytest.approx(2 * 1 / 3**0.5)  # structures at 0, 1, 2: standard deviation 1
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0", "2", "5"]
    assert "3 structures" in axes.get_xlabel()
    with pytest.raises(ValueError, match=r"no row of dps, pnp, .*, ml_regularised, ml has a value"):
        figures.plot_noise(noisy_table(0).query("method == 'truth'"), noise=NOISE)


def test_sweep_figure_names_the_energy_and_the_chosen_alpha():
    scores = series_table("alpha", [1000, 40000]).query("method in ('dps', 'ml')")
    scores.loc[scores["method"] == "ml", "alpha"] = np.nan
    figure = figures.plot_alpha_sweep(scores, chosen={"p3": 40000}, titles={"p3": "three projections"})
    assert len(figure.axes) == 3
    shown = texts(figure)
    assert any("Frobenius sum" in text for text in shown)
    assert {"configured α = 40,000", "three projections", "ML", "DPS, mean over 3 structures"} <= set(shown)
    mean = next(line for line in figure.axes[0].lines if line.get_label().startswith("DPS"))
    assert mean.get_ydata() == pytest.approx([5.5, 5.5])
    with pytest.raises(ValueError, match="no row of dps"):
        figures.plot_alpha_sweep(scores.query("method == 'ml'"))


def test_task_with_three_methods_has_three_boxes_a_structure():
    (axes,) = figures.plot_task(score_table(2, methods=("dps", "ml"))).axes
    table = score_table(2)
    third = table[table["method"] == "ml"].assign(method="ml_regularised")
    (three,) = figures.plot_task(pd.concat([table, third])).axes
    boxes = [patch for patch in three.patches if isinstance(patch, mpl.patches.PathPatch)]
    assert len(boxes) == 6
    centres = sorted(box.get_path().get_extents().intervalx.mean() for box in boxes)
    assert np.diff(centres).min() > 0.1
    assert "regularised ML samples" in {t.get_text() for t in three.get_legend().get_texts()}
    assert "regularised ML samples" not in {t.get_text() for t in axes.get_legend().get_texts()}


def test_files_are_whole_and_the_same_twice(tmp_path, column):
    for name in ("a", "b"):
        written = figures.save(figures.plot_reconstruction(**column), tmp_path / f"p3.{name}", dpi=60)
        assert [path.name for path in written] == [f"p3.{name}.pdf", f"p3.{name}.png"]
        figures.save(figures.plot_task(score_table(2)), [tmp_path / f"task_{name}.pdf"], dpi=60)
    assert len(list(tmp_path.iterdir())) == 6
    for first, second in (("p3.a.pdf", "p3.b.pdf"), ("p3.a.png", "p3.b.png"), ("task_a.pdf", "task_b.pdf")):
        content = (tmp_path / first).read_bytes()
        assert content == (tmp_path / second).read_bytes()
        assert len(content) > 5000
        assert b"CreationDate" not in content


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.pdf or \.png"):
        figures.save(figures.plot_task(score_table(1)), [tmp_path / "task.jpg"])


def test_drawing_leaves_matplotlibs_settings_alone():
    before = dict(mpl.rcParams)
    figures.plot_task(score_table(1))
    assert dict(mpl.rcParams) == before


def test_near_beads_hide_far_ones():
    camera = Camera(np.zeros(3), np.eye(3), 1.0)
    colours = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    image = render_beads(camera, np.array([[0.0, 0, 0.5], [0.0, 0, -0.5]]), radius=0.3, colours=colours, pixels=40)
    assert image[20, 20, 0] > 2 * image[20, 20, 2]
    assert (image[0, 0] == 255).all()
    assert image.shape == (40, 40, 3)


def nearest_beads(seen, bead, size):
    """The integers of the depth buffer, and whose they are: one maximum per pixel of a bead."""
    row, column = (np.floor(size / 2 + side * seen[:, k]).astype(int) for side, k in ((-1, 1), (1, 0)))
    nearest, reach = np.full(size * size, -1), int(np.ceil(bead))
    for down, right in np.ndindex(2 * reach + 1, 2 * reach + 1):
        rest = bead**2 - (down - reach) ** 2 - (right - reach) ** 2
        r, c = row + down - reach, column + right - reach
        inside = (r >= 0) & (r < size) & (c >= 0) & (c < size) & (rest >= 0)
        steps = ((seen[inside, 2] - seen[:, 2].min() + np.sqrt(max(rest, 0))) * 16).astype(int)
        np.maximum.at(nearest, r[inside] * size + c[inside], (steps << 32) | np.flatnonzero(inside))
    return nearest.reshape(size, size)


@pytest.mark.parametrize(("count", "bead"), [(1, 1.0), (300, 2.5), (800, 7.3)])
def test_a_depth_buffer_holds_the_largest_integers(count, bead):
    seen = np.random.default_rng(count).normal(scale=25, size=(count, 3))  # some lie outside, or across an edge
    owner, depth, normal = depth_buffer(seen, bead, 100)
    expected = nearest_beads(seen, bead, 100)
    covered = expected >= 0
    np.testing.assert_array_equal(owner, np.where(covered, expected & 0xFFFFFFFF, -1))
    np.testing.assert_array_equal(depth, np.where(covered, (expected >> 32) / 16, 0))
    assert normal.shape == (covered.sum(), 3)


def test_a_depth_buffer_of_no_beads_is_empty():
    owner, depth, normal = depth_buffer(np.empty((0, 3)), 2.0, 8)
    assert (owner == -1).all()
    assert not depth.any()
    assert not len(normal)


def test_rendering_follows_the_camera():
    camera = Camera(np.array([10.0, 0, 0]), np.eye(3), 2.0)
    image = render_beads(camera, np.array([[11.0, 1.0, 0.0]]), radius=0.2, colours=np.zeros((1, 3)), pixels=40)
    dark = np.argwhere(image.sum(axis=2) < 600)
    np.testing.assert_allclose(dark.mean(axis=0), [9.5, 29.5], atol=1.0)  # up and to the right


def test_camera_is_proper_and_holds_all_points():
    points = np.random.default_rng(4).normal(size=(200, 3)) * [5, 1, 2]
    camera = Camera.on_principal_axes(points)
    np.testing.assert_allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera.axes) == pytest.approx(1)
    assert np.abs(camera.project(points)[:, :2]).max() <= camera.half_width


@pytest.mark.parametrize(("largest", "length"), [(0.37, 0.2), (1.0, 1.0), (9.9, 5.0), (64.0, 50.0)])
def test_bars_have_round_lengths(largest, length):
    assert round_length(largest) == pytest.approx(length)


def test_views_are_drawn_as_noise_is():
    tasks = {"p3": 3, "p4": 4, "p5": 5}
    scores = series_table("task", list(tasks))
    figure = figures.plot_views(scores, views=tasks)
    assert_nothing_is_cut(figure)
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["3", "4", "5"]
    (dps,) = [one for one in axes.containers if one.get_label() == METHODS["dps"].label]
    means = np.asarray(dps.lines[0].get_ydata(), dtype=float)
    np.testing.assert_allclose(means, 5.5)  # 4 + mean of 0, 1, 2 and of 0, 1


def calibrated_table(ratio):
    rows = [
        {"structure": f"{s}abc", "task": "p3", "method": method, "samples": 2, "spread": s + 1.0}
        | {"error": ratio * (s + 1.0) * np.sqrt(3)}
        for s in range(4)
        for method in ("dps", "ml", "prior")
    ]
    return pd.DataFrame(rows)


def test_calibrated_ensembles_lie_on_the_line():
    figure = figures.plot_error_against_spread(calibrated_table(1.0), addresses={("0abc", "p3"): "#here"})
    assert_nothing_is_cut(figure)
    (axes,) = figure.axes
    x, y = axes.lines[0].get_data()
    assert len(axes.collections) == 2  # the control is left out
    for points in axes.collections:
        np.testing.assert_allclose(points.get_offsets()[:, 1], np.interp(points.get_offsets()[:, 0], x, y))
        assert list(points.get_urls()) == ["#here", "", "", ""]
    with pytest.raises(ValueError, match="no ensemble has a spread"):
        figures.plot_error_against_spread(calibrated_table(1.0).assign(spread=0.0))


def test_errors_are_drawn_against_the_spacing():
    scores = series_table("spacing", [5.0])
    figure = figures.plot_rmsd_against_spacing(scores)
    assert_nothing_is_cut(figure)
    assert [len(points.get_offsets()) for points in figure.axes[0].collections] == [3, 3, 3]


def test_points_are_drawn_with_their_correlation():
    spread = np.linspace(1, 2, 50)
    figure = figures.plot_points({"dps": (spread, 2 * spread), "ml": (spread, 3 - spread)}, unit="cube units")
    for axes in figure.axes:  # rasterised, so that pixels move with what is drawn around them
        low, high = axes.get_xlim()
        inside = axes.collections[0].get_offsets()
        assert low < inside.min()
        assert inside.max() < high
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["DPS, ρ 1.00", "ML, ρ -1.00"]
