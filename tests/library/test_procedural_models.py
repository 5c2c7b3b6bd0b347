"""Procedural models: parameters in their ranges, sound surfaces, objects that belong to their keys and categories."""

from collections import Counter

import numpy as np
import pytest
from solids import components, is_watertight, winding_number

from pointprior.priors.set_metrics import chamfer_matrix
from pointprior.runtime.seeding import numpy_generator
from pointprior.shapes.categories import CATEGORIES
from pointprior.shapes.procedural import generate, generate_many, parameters_of
from pointprior.shapes.procedural.generation import POINTS, sample_surface
from pointprior.shapes.procedural.mesh import join
from pointprior.shapes.procedural.models import MODELS
from pointprior.shapes.procedural.parameters import Choice, Count, Real, draw

every_category = pytest.mark.parametrize("category", CATEGORIES)


def test_every_category_has_a_model():
    assert list(MODELS) == list(CATEGORIES)


def test_parts_of_all_categories_have_labels_of_their_own():
    """The archive's numbers: 0 to 49, without those of earphones, knives and lamps."""
    labels = [model.label(part) for model in MODELS.values() for part in model.parts]
    assert labels == [*range(16), *range(19, 22), *range(28, 50)]


@every_category
def test_parameters_are_described_and_stay_in_range(category):
    parameters = MODELS[category].parameters
    names = [parameter.name for parameter in parameters]
    assert len(set(names)) == len(names)
    assert sum(isinstance(parameter, Real) for parameter in parameters) >= 8
    assert all(parameter.meaning for parameter in parameters)
    drawn = [vars(parameters_of(category, (3, number))) for number in range(200)]
    for parameter in parameters:
        values = [one[parameter.name] for one in drawn]
        assert all(parameter.holds(value) for value in values)
        if isinstance(parameter, Real):
            assert np.ptp(values) > 0.5 * (parameter.high - parameter.low)


def test_a_value_out_of_range_is_noticed():
    assert not Real("length", 1.0, 2.0, "m").holds(2.001)
    assert not Count("legs", 3, 5, "legs").holds(6)
    assert not Choice("kind", {"a": 1.0}, "kind").holds("b")


def test_what_follows_is_correlated_as_strongly_as_said():
    """u' = (1 - s) v + s u with independent u, v: the correlation is s / sqrt(s² + (1 - s)²)."""
    parameters = (Real("first", 0.0, 1.0, "m"), Real("second", 10.0, 12.0, "m", follows="first", strength=0.6))
    generator = np.random.default_rng(0)
    drawn = np.array([list(vars(draw(parameters, generator)).values()) for _ in range(4000)])
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.6 / np.hypot(0.6, 0.4), abs=0.03)


def test_choices_have_their_weights_and_hang_on_earlier_ones():
    kind = Choice("kind", {"a": 3.0, "b": 1.0}, "kind")
    colour = Choice("colour", {"red": 1.0, "blue": 1.0}, "colour", given="kind", weights={"a": {"red": 1.0}})
    generator = np.random.default_rng(0)
    counts = Counter((drawn.kind, drawn.colour) for drawn in (draw((kind, colour), generator) for _ in range(4000)))
    assert counts["a", "blue"] == 0
    assert counts["a", "red"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert counts["b", "red"] == pytest.approx(counts["b", "blue"], rel=0.2)


@every_category
def test_surfaces_are_closed_and_turned_outwards(category):
    model, seen = MODELS[category], set()
    for number in range(12):
        for part, mesh in model.build(draw(model.parameters, numpy_generator(number, category))):
            seen.add(part)
            assert is_watertight(mesh)
            assert all(component.volume() > 0 for component in components(mesh))
    assert seen == set(model.parts)


@every_category
def test_the_side_that_normals_point_to_is_outside(category):
    """Of each closed surface by itself, by winding numbers; a few bends of tubes may cross themselves."""
    model = MODELS[category]
    mesh = join(mesh for _, mesh in model.build(draw(model.parameters, numpy_generator(category))))
    outside, inside = [], []
    for component in components(mesh):
        points, normals, _ = sample_surface(component, 8, np.random.default_rng(0))
        step = 1e-4 * np.ptp(component.vertices, axis=0).max()
        outside.append(winding_number(component, points + step * normals))
        inside.append(winding_number(component, points - step * normals))
    assert (np.abs(np.concatenate(outside)) < 1e-3).mean() > 0.98
    assert (np.abs(np.concatenate(inside) - 1) < 1e-3).mean() > 0.98


@every_category
def test_an_object_is_as_in_the_archive(category):
    shapes = list(generate_many(category, [(0, number) for number in range(8)]))
    for shape in shapes:
        assert POINTS[0] <= len(shape.points) == len(shape.normals) == len(shape.labels) <= POINTS[1]
        np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1, atol=1e-6)
        assert np.linalg.norm(shape.points, axis=1).max() <= 1
    first = MODELS[category].first_label
    found = set(np.concatenate([shape.labels for shape in shapes]))
    assert found <= set(range(first, first + len(MODELS[category].parts)))
    assert len(found) >= 2
    assert len({len(shape.points) for shape in shapes}) > 4


@every_category
def test_an_object_belongs_to_its_key(category):
    one, again = generate(category, (0, "train", 5)), generate(category, (0, "train", 5))
    other = generate(category, (0, "test", 5), points=len(one.points))
    np.testing.assert_array_equal(one.points, again.points)
    np.testing.assert_array_equal(one.normals, again.normals)
    np.testing.assert_array_equal(one.labels, again.labels)
    assert (one.points != other.points).any(axis=1).mean() > 0.99


ORDER = {  # parts from above to below, and from the front to the rear
    "Airplane": (("tail", "body"), ("body", "tail")),
    "Bag": (("handle", "body"), ()),
    "Cap": (("panels", "peak"), ("peak", "panels")),
    "Car": (("roof", "hood", "wheel"), ("hood", "roof")),
    "Chair": (("back", "seat", "leg"), ("seat", "back")),
    "Guitar": (("head", "neck", "body"), ()),
    "Laptop": (("screen", "keyboard"), ("keyboard", "screen")),
    "Motorbike": (("handle", "seat", "wheel"), ("gas tank", "seat")),
    "Mug": ((), ()),
    "Pistol": (("barrel", "trigger", "handle"), ("trigger", "handle")),
    "Rocket": (("nose", "body", "fin"), ()),
    "Skateboard": (("deck", "truck", "wheel"), ()),
    "Table": (("top", "support", "leg"), ()),
}


@every_category
def test_up_is_y_and_the_front_is_z(category):
    for number in range(6):
        shape = generate(category, ("order", number))
        for axis, parts in zip((1, 2), ORDER[category], strict=True):
            of = {part: shape.points[shape.labels == MODELS[category].label(part), axis] for part in parts}
            means = [places.mean() for places in of.values() if len(places)]
            assert means == sorted(means, reverse=True)


def test_categories_are_told_apart_by_their_nearest_neighbours():
    """Leave one out, on Chamfer distances of clouds in their own frame."""
    members = 10
    clouds = [
        generate(category, ("neighbours", number), points=256).points
        for category in CATEGORIES
        for number in range(members)
    ]
    distances = chamfer_matrix(np.stack(clouds), np.stack(clouds))
    np.fill_diagonal(distances, np.inf)
    category = np.repeat(np.arange(len(CATEGORIES)), members)
    assert (category[distances.argmin(axis=1)] == category).mean() >= 0.95
