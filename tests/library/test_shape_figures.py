"""Figures of shapes: surfaces with their normals, reconstructions beside the truth, errors against time steps."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from clipping import assert_nothing_is_cut

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation
from pointprior.methods import METHODS
from pointprior.output import figures
from pointprior.output.figures.rendering import Camera
from pointprior.output.figures.shading import bead_radius, estimate_normals, render_shape, upright_camera


def ball(points, radius=1.0, seed=0):
    directions = np.random.default_rng(seed).normal(size=(points, 3))
    return radius * directions / np.linalg.norm(directions, axis=1, keepdims=True)


def texts(figure):
    return [t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_text()]


@pytest.fixture
def column():
    cloud = PointCloud.from_coordinates((ball(800) * [1, 1.5, 0.7]).astype(np.float32))
    view, identity = np.eye(3, 2, dtype=np.float32), np.eye(3, dtype=np.float32)
    ones = np.ones(800, dtype=np.int64)
    noise = np.random.default_rng(1).normal(size=(800, 3)).astype(np.float32)
    return figures.ShapeColumn(
        observations=[
            Observation("projection", cloud.points @ view, view, ones, 0.5),
            Observation("low_resolution", cloud.points[:20], identity, ones[:20] * 40, 0.25),
            Observation("subunit", cloud.points[:200], identity, ones[:200], 0.25),
        ],
        cloud=cloud,
        models={"ml": cloud.points + 0.1 * noise, "dps": cloud.points + 0.02 * noise},
        errors=pd.DataFrame({"method": ["ml", "dps"], "chamfer": [0.2, 0.1], "emd": 0.15, "energy": 0.003}),
        title="row 9",
    )


def test_normals_of_a_ball_are_radial_on_the_viewers_side():
    points, towards = ball(4000), np.array([0.0, 0.6, 0.8])
    normals = estimate_normals(points, towards)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-9)
    assert (normals @ towards >= 0).all()
    seen = points @ towards > 0.2
    assert np.median((normals[seen] * points[seen]).sum(axis=1)) > 0.99


def test_normals_turn_with_the_points_and_few_points_have_some():
    points = np.random.default_rng(2).normal(size=(50, 3))
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    towards = np.array([0.0, 0.0, 1.0])
    turned = estimate_normals(points @ turn.T, turn @ towards)
    np.testing.assert_allclose(turned, estimate_normals(points, towards) @ turn.T, atol=1e-9)
    assert estimate_normals(points[:3], towards).shape == (3, 3)


def test_a_surface_is_nearly_closed_and_brightest_towards_the_light():
    points = ball(3000)
    camera = Camera(np.zeros(3), np.eye(3), 1.2)
    picture = render_shape(camera, points, pixels=120).astype(int).sum(axis=2)
    rows, columns = np.indices(picture.shape)
    inside = np.hypot(rows - 59.5, columns - 59.5) < 0.7 * 50
    assert (picture[inside] < 3 * 250).mean() > 0.97
    assert (picture[0] == 3 * 255).all()
    left_above, right_below = picture[30:50, 30:50].mean(), picture[70:90, 70:90].mean()
    assert left_above > 1.1 * right_below


def test_beads_grow_with_the_distance_between_points():
    assert bead_radius(ball(500, radius=3)) == pytest.approx(3 * bead_radius(ball(500)))
    assert bead_radius(ball(2000)) == pytest.approx(bead_radius(ball(500)) / 2, rel=0.1)


def test_the_upright_camera_sees_y_as_up_and_holds_what_is_near():
    points = ball(200) * [0.3, 1, 0.3]
    camera = upright_camera(points, points * 1.1, bead=0.05)
    np.testing.assert_allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-12)
    up = camera.axes @ [0.0, 1.0, 0.0]
    assert up[0] == pytest.approx(0)
    assert up[1] > 0.9
    assert camera.holds(points * 1.1, radius=0.05).all()
    assert upright_camera(points, points * 100).half_width < 1.5 * upright_camera(points).half_width


def test_reconstructions_have_rows_and_errors(column):
    figure = figures.plot_shapes([column, column])
    shown = texts(figure)
    assert {"data", "truth", "ML", "DPS", "row 9"} <= set(shown)
    assert shown.count("CD 20.00   EMD 15.00   E 3.00") == shown.count("CD 10.00   EMD 15.00   E 3.00") == 2
    assert "1 projection of 800 points\n+ low-resolution structure of 20 points\n+ subunit of 200 points" in shown
    heights = [t.get_position()[1] for name in ("data", "truth", "ML", "DPS") for t in figure.texts if t._text == name]
    assert (np.diff(heights) < 0).all()
    pictures = [axes for axes in figure.axes if axes.images]
    assert len(pictures) == 2 * 3
    assert len({tuple(np.round(axes.get_xlim(), 6)) for axes in pictures}) == 1
    assert_nothing_is_cut(figure)


def test_headings_of_columns_keep_apart(column):
    """Those of Fig. 1, and names as ShapeNet's; the gap between columns stays empty."""
    few = [replace(o, targets=o.targets[:30], capacity=o.capacity[:30]) for o in column.observations]
    for title in ("Table 1, row 9", "0123456789abcdef" * 2):
        figure = figures.plot_shapes([replace(column, observations=few, title=title)] * 2)
        figure.set_dpi(250)  # as it is saved: at fewer, glyphs stand on whole pixels
        figure.canvas.draw()
        left, right = (axes for axes in figure.axes if any(t.get_text() == title for t in axes.texts))
        ends = [text.get_window_extent().x1 for text in left.texts if text.get_text()]
        assert len(ends) == 2
        room = 0.08 * figure.dpi  # inches
        assert max(ends) <= min(text.get_window_extent().x0 for text in right.texts if text.get_text()) - room


def test_long_names_of_shapes_fit_above_their_column(column):
    name = "0123456789abcdef" * 2  # as ShapeNet's
    figure = figures.plot_shapes([replace(column, title=name)])
    assert name in texts(figure)
    assert_nothing_is_cut(figure)


def test_errors_of_runaway_models_fit_below_their_picture(column):
    errors = column.errors.assign(chamfer=94.0551, emd=87.8687, energy=3681.046)
    figure = figures.plot_shapes([replace(column, errors=errors)])
    assert "CD 9e+03   EMD 9e+03   E 4e+06" in texts(figure)
    assert_nothing_is_cut(figure)


def test_a_method_without_scores_or_models_leaves_its_place(column):
    bare = figures.ShapeColumn(column.observations, column.cloud, {"dps": column.models["dps"]}, column.errors.iloc[:1])
    shown = texts(figures.plot_shapes([column, bare]))
    assert "not scored" in shown
    assert shown.count("CD 20.00   EMD 15.00   E 3.00") == 1
    with pytest.raises(ValueError, match="no reconstruction"):
        figures.plot_shapes([])


def test_a_model_that_ran_away_is_said_to_lie_farther_out(column):
    away = figures.ShapeColumn(column.observations, column.cloud, {"dps": 50 * column.models["dps"]}, column.errors)
    (note,) = [text for text in texts(figures.plot_shapes([away])) if "farther out" in text]
    assert int(note.split(" of ")[0]) > 700


def test_a_gallery_of_surfaces_has_every_cloud():
    clouds = np.stack([ball(500, seed=seed) for seed in range(3)])
    figure = figures.plot_clouds(clouds, columns=2, title="chairs", surfaces=True)
    assert len([axes for axes in figure.axes if axes.images]) == 3
    assert "chairs" in texts(figure)
    assert_nothing_is_cut(figure)


def steps_table(experiments=("m/p4", "m/p2")):
    rows = [
        {"experiment": e, "structure": f"m/{s}", "steps": steps, "chamfer": 1 / steps + s / 100, "emd": 2 / steps}
        for e in experiments
        for s in range(3)
        for steps in (10, 20, 40, 80)
    ]
    return pd.DataFrame(rows)


def test_steps_have_means_over_instances_and_lines_of_the_baseline():
    table = steps_table()
    baseline = table[["experiment", "structure"]].assign(chamfer=0.3, emd=0.25).query("experiment == 'm/p4'")
    figure = figures.plot_time_steps(table, baseline, titles={"m/p4": "four projections"})
    first, second = figure.axes
    lines = {container.get_label(): container.lines[0] for container in first.containers}
    assert lines.keys() == {"DPS, CD", "DPS, EMD"}
    steps = (10, 20, 40, 80)
    assert list(lines["DPS, CD"].get_ydata()) == pytest.approx([100 / n + 1 for n in steps])
    assert list(lines["DPS, EMD"].get_ydata()) == pytest.approx([200 / n for n in steps])
    assert lines["DPS, CD"].get_color() == METHODS["dps"].colour
    levels = {line.get_label(): line.get_ydata()[0] for line in first.lines if line.get_label().startswith("ML")}
    assert levels == {"ML, CD": pytest.approx(30), "ML, EMD": pytest.approx(25)}
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["10", "20", "40", "80"]
    assert first.get_title(loc="left") == "four projections"
    assert not [line for line in second.lines if line.get_label().startswith("ML")]
    assert "3 instances" in second.get_xlabel()
    assert_nothing_is_cut(figure)
    with pytest.raises(ValueError, match="no scores"):
        figures.plot_time_steps(table.iloc[:0], baseline)
