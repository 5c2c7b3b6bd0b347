"""Procedural shapes: on the surfaces they are made of, uniform, seeded by key."""

import numpy as np
import pytest

from pointprior.shapes.boxes import chair, on_boxes, table


@pytest.mark.parametrize("make", [chair, table])
def test_shapes_fill_the_cube_and_belong_to_their_key(make):
    one, again, other = make((0, "a")), make((0, "a")), make((0, "b"))
    assert one.points.shape == (1024, 3)
    assert np.abs(one.points).max() == pytest.approx(1)
    np.testing.assert_allclose(one.points.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_array_equal(one.points, again.points)
    assert (one.points != other.points).any()


def test_points_lie_on_the_boxes_in_proportion_to_area():
    """A flat 2 × 1 box of no height beside a 1 × 1 × 1 cube: faces hold points as their areas say."""
    flat, cube = ((0, 2), (0, 0), (0, 1)), ((5, 6), (5, 6), (5, 6))
    points = on_boxes(np.array([flat, cube], dtype=float), 60_000, np.random.default_rng(0))
    on_cube = points[:, 0] >= 5
    assert on_cube.mean() == pytest.approx(6 / (6 + 4), abs=0.01)  # the flat box has two sides
    inside = (points[on_cube] > 5) & (points[on_cube] < 6)
    assert (inside.sum(axis=1) <= 2).all()  # at least one coordinate lies on a face
    np.testing.assert_array_equal(points[~on_cube][:, 1], 0)
    assert points[~on_cube][:, 0].mean() == pytest.approx(1, abs=0.02)


def test_a_chair_is_higher_than_its_seat():
    """Most points of a chair lie on seat and back; legs reach the floor: the lowest tenth is sparse."""
    for number in range(5):
        height = chair((number,)).points[:, 1]
        share = (height < height.min() + 0.1 * np.ptp(height)).mean()
        assert 0.005 < share < 0.1
