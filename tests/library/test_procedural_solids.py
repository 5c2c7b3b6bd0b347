"""Solids against closed forms: volumes, areas, closed surfaces, and points spread evenly over them."""

import numpy as np
import pytest
from scipy import stats
from solids import area, components, is_watertight, winding_number

from pointprior.shapes.procedural.generation import normalised, sample_surface
from pointprior.shapes.procedural.mesh import Mesh, join, loft
from pointprior.shapes.procedural.primitives import (
    bar,
    block,
    box,
    cylinder,
    ellipsoid,
    hull,
    plate,
    polygon,
    revolve,
    slab,
    superellipse,
    torus,
    tube,
    wing,
)

ANNULUS = [(1, 0), (2, 0), (2, 3), (1, 3)]  # radius, height
# solid, its volume, its area (None: no simple one), relative error of the facets
SOLIDS = {
    "box": (box((0, 0, 0), (1, 2, 3)), 6, 22, 1e-12),
    "block": (block((5, 5, 5), (1, 2, 3)), 6, 22, 1e-12),
    "bar": (bar((0, 0, 0), (3, 0, 4), 2, depth=1), 10, 34, 1e-12),
    "square frustum": (bar((0, 0, 0), (0, 3, 0), 2, taper=0.5), 7, 5 + 4 * 1.5 * np.sqrt(9.25), 1e-12),
    "cylinder": (cylinder((0, 0, 0), (1, 2, 2), 1.5, sides=90), 27 * np.pi / 4, 27 * np.pi / 2, 2e-3),
    "cone": (cylinder((0, 0, 0), (0, 4, 0), 3, taper=0, sides=90), 12 * np.pi, 24 * np.pi, 2e-3),
    "tube around a corner": (tube([(0, 0, 0), (2, 0, 0), (4, 0, 0), (6, 0, 0)], 1, sides=90), 6 * np.pi, None, 2e-3),
    "sphere": (ellipsoid((1, 2, 3), (2, 2, 2), sides=90), 32 * np.pi / 3, 16 * np.pi, 5e-3),
    "ellipsoid": (ellipsoid((0, 0, 0), (1, 2, 3), sides=90), 8 * np.pi, None, 5e-3),
    "hollow cylinder": (revolve(ANNULUS, sides=90), 9 * np.pi, 24 * np.pi, 2e-3),
    "cone of revolution": (revolve([(0, 0), (3, 0), (0, 4)], sides=90), 12 * np.pi, 24 * np.pi, 2e-3),
    # Pappus: the section, here an octagon, times the way of its middle
    "torus": (torus(3, 1, sides=90), 6 * np.pi * 2 * np.sqrt(2), 6 * np.pi * 16 * np.sin(np.pi / 8), 2e-3),
    "elliptic plate": (plate(superellipse(4, 2, sides=90), 3), 6 * np.pi, None, 2e-3),
    "round slab": (slab(polygon(90, 2), 1, 0.5), 2 * np.pi, 10 * np.pi, 2e-3),
    "square hull": (hull([0.0, 1.0], [2.0, 2.0], 2.0, [0.0, 1.0], 200.0, sides=4), 4, None, 0.02),
    "wing": (wing((0, 0, 0), (6, 0, 0), (2, 2), 0.1), 6 * 4 * 0.1 * 0.6, None, 1e-12),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_volume_and_area_of_a_solid(name):
    solid, volume, surface, error = SOLIDS[name]
    assert is_watertight(solid)
    assert solid.volume() == pytest.approx(volume, rel=error)
    assert surface is None or area(solid) == pytest.approx(surface, rel=error)


@pytest.mark.parametrize("name", SOLIDS)
def test_normals_point_outwards(name):
    solid = SOLIDS[name][0]
    points, normals, _ = sample_surface(solid, 40, np.random.default_rng(0))
    step = 1e-5 * np.ptp(solid.vertices, axis=0).max()
    np.testing.assert_allclose(winding_number(solid, points + step * normals), 0, atol=1e-6)
    np.testing.assert_allclose(winding_number(solid, points - step * normals), 1, atol=1e-6)


def test_a_mesh_with_a_hole_or_a_turned_face_is_noticed():
    cube = box((0, 0, 0), (1, 1, 1))
    assert not is_watertight(Mesh(cube.vertices, cube.triangles[1:]))
    turned = cube.triangles.copy()
    turned[0] = turned[0, ::-1]
    assert not is_watertight(Mesh(cube.vertices, turned))


def test_rings_in_either_order_enclose_the_same_solid():
    rings = np.stack([np.insert(polygon(6), 2, z, axis=1) for z in (0.0, 1.0)])
    assert loft(rings).volume() == pytest.approx(loft(rings[::-1]).volume())
    assert loft(rings).volume() == pytest.approx(1.5 * np.sqrt(3))


def test_moving_turning_and_mirroring_keep_the_volume():
    solid = wing((0, 0, 0), (6, 1, -2), (2, 1), 0.1)
    for moved in (solid.moved((1, 2, 3)), solid.turned("x", 40, about=(0, 1, 0)), solid.stretched((-1, 1, 1))):
        assert moved.volume() == pytest.approx(solid.volume())
    pair = solid.with_mirror_image()
    assert pair.volume() == pytest.approx(2 * solid.volume())
    assert len(components(pair)) == 2
    np.testing.assert_allclose(pair.vertices[:, 0].sum(), 0, atol=1e-12)


@pytest.mark.parametrize(("axis", "start", "end"), [("x", "y", "z"), ("y", "z", "x"), ("z", "x", "y")])
def test_a_turn_is_counter_clockwise(axis, start, end):
    unit = dict(zip("xyz", np.eye(3), strict=True))
    turned = Mesh(unit[start][None], np.zeros((0, 3), dtype=int)).turned(axis, 90)
    np.testing.assert_allclose(turned.vertices[0], unit[end], atol=1e-15)


def test_superellipse_lies_on_its_curve():
    for exponent in (0.8, 2.0, 7.0):
        x, y = superellipse(4, 2, exponent).T
        np.testing.assert_allclose(np.abs(x / 2) ** exponent + np.abs(y) ** exponent, 1)


def test_points_on_a_box_are_as_many_as_its_faces_are_large():
    """Numbers on the six faces (chi-square), and places within one (Kolmogorov and Smirnov)."""
    points, normals, _ = sample_surface(box((0, 0, 0), (1, 2, 3)), 20_000, np.random.default_rng(1))
    face = np.argmax(normals @ np.vstack([np.eye(3), -np.eye(3)]).T, axis=1)
    share = np.array([6, 3, 2, 6, 3, 2]) / 22
    assert stats.chisquare(np.bincount(face, minlength=6), share * len(points)).pvalue > 1e-3
    on_top = points[face == 1]
    np.testing.assert_allclose(on_top[:, 1], 2)
    assert stats.kstest(on_top[:, 0], "uniform").pvalue > 1e-3
    assert stats.kstest(on_top[:, 2] / 3, "uniform").pvalue > 1e-3
    assert abs(stats.spearmanr(on_top[:, 0], on_top[:, 2]).statistic) < 0.05


def test_heights_on_a_sphere_are_uniform():
    """Archimedes' hat box: equal heights of a sphere have equal areas."""
    points, normals, _ = sample_surface(ellipsoid((0, 0, 0), (1, 1, 1), sides=240), 4000, np.random.default_rng(2))
    assert stats.kstest((points[:, 1] + 1) / 2, "uniform").pvalue > 1e-3
    np.testing.assert_allclose((points * normals).sum(axis=1), 1, atol=1e-3)


def test_two_solids_share_the_points_by_area():
    both = join([box((0, 0, 0), (1, 1, 1)), box((5, 0, 0), (7, 2, 2))])
    points, _, _ = sample_surface(both, 20_000, np.random.default_rng(3))
    on_large = (points[:, 0] > 3).sum()
    assert stats.binomtest(int(on_large), len(points), 24 / 30).pvalue > 1e-3


def test_a_normalised_solid_has_a_box_with_diagonal_two_around_the_origin():
    vertices = normalised(box((3, 4, 5), (4, 6, 8))).vertices
    np.testing.assert_allclose(vertices.min(axis=0), -vertices.max(axis=0))
    assert np.linalg.norm(np.ptp(vertices, axis=0)) == pytest.approx(2)
