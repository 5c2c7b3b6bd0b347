"""The figure of categories: every object drawn once, by parts, from the side that it is seen from."""

import numpy as np
import pytest

from pointprior.cli import main
from pointprior.output.figures.categories import PARTS, _picture, plot_categories
from pointprior.output.figures.shading import upright_camera
from pointprior.shapes.categories import CATEGORIES
from pointprior.shapes.layout import RawShape
from pointprior.shapes.procedural import generate


def two_sheets(first: int, second: int) -> RawShape:
    """A sheet that faces the viewer and, above it, one that is turned away, with labels."""
    x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 1, 40), np.linspace(-1, 1, 40)))
    lower, upper = (np.stack([x, y + shift, 0 * x], axis=1) for shift in (0, 2.5))
    normals = np.repeat([(0, 0, 1.0), (0, 0, -1.0)], len(x), axis=0)
    labels = np.repeat([first, second], len(x))
    return RawShape(np.concatenate([lower, upper]).astype(np.float32), normals.astype(np.float32), labels)


def hue(rgb: np.ndarray) -> np.ndarray:
    return rgb / np.linalg.norm(rgb, axis=-1, keepdims=True)


def test_only_the_side_towards_the_viewer_is_drawn():
    shape = two_sheets(3, 4)
    picture = _picture(upright_camera(shape.points), shape) / 255
    drawn = picture.min(axis=-1) < 0.95
    assert drawn[120:].mean() > 0.1
    assert not drawn[:100].any()


def test_parts_have_their_colours():
    """The nearest colour of a part to what is drawn is the part's own."""
    shape = two_sheets(30, 31)
    shape = RawShape(shape.points, np.abs(shape.normals), shape.labels)  # both to the viewer
    picture = _picture(upright_camera(shape.points), shape) / 255
    for rows, part in ((slice(150, 200), 0), (slice(40, 90), 1)):
        colours = picture[rows, 110:130].reshape(-1, 3)
        assert np.argmax(hue(np.median(colours, axis=0)) @ hue(PARTS).T) == part


def test_every_category_has_its_name_and_its_objects():
    shapes = {name: [generate(name, ("figure", number), points=300) for number in range(2)] for name in CATEGORIES}
    figure = plot_categories(shapes)
    assert [text.get_text() for text in figure.texts] == list(CATEGORIES)
    assert len(figure.axes) == 2 * len(CATEGORIES)
    corners = {tuple(np.round(axes.get_position().p0, 6)) for axes in figure.axes}
    assert len(corners) == 2 * len(CATEGORIES)
    boxes = [axes.get_position() for axes in figure.axes]
    assert min(box.y0 for box in boxes) == pytest.approx(0, abs=1e-9)
    assert max(box.x1 for box in boxes) == pytest.approx(1)


def test_command(tmp_path):
    assert main(["shapes", "gallery", str(tmp_path / "gallery.png"), "--examples", "1"]) == 0
    assert (tmp_path / "gallery.png").read_bytes().startswith(b"\x89PNG")
