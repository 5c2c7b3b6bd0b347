"""Point clouds keep the frame they came from."""

import numpy as np
import pytest

from pointprior.clouds import DegenerateCloudError, PointCloud, radius_of_gyration


@pytest.fixture
def coordinates() -> np.ndarray:
    """300 points (in Å), far from the origin as deposits often are."""
    return np.random.default_rng(1).normal(size=(300, 3)) * [40, 60, 110] + [412.5, -230.1, 187.9]


def test_points_fill_the_cube_centred(coordinates):
    cloud = PointCloud.from_coordinates(coordinates)
    assert cloud.points.dtype == np.float32
    assert np.abs(cloud.points).max() == 1
    np.testing.assert_allclose(cloud.points.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(cloud.center, coordinates.mean(axis=0))


def test_frame_restores_the_deposit(coordinates):
    cloud = PointCloud.from_coordinates(coordinates)
    np.testing.assert_allclose(cloud.to_angstrom(), coordinates, atol=1e-4)
    batch = np.stack([cloud.points, -cloud.points])
    np.testing.assert_allclose(cloud.to_angstrom(batch)[1], 2 * cloud.center - coordinates, atol=1e-4)


def test_motion_moves_the_frame_and_not_the_points(coordinates):
    cloud = PointCloud.from_coordinates(coordinates)
    moved = PointCloud.from_coordinates(3 * coordinates + np.array([5.0, 6.0, 7.0]))
    np.testing.assert_allclose(moved.points, cloud.points, atol=1e-6)
    assert moved.scale == pytest.approx(3 * cloud.scale)


def test_normalising_twice_changes_nothing(coordinates):
    cloud = PointCloud.from_coordinates(coordinates)
    again = PointCloud.from_coordinates(cloud.points)
    np.testing.assert_allclose(again.points, cloud.points, atol=1e-6)


def test_round_trip(coordinates, tmp_path):
    chain = np.array(["A", "BB", "long_name"])[np.arange(300) % 3]
    cloud = PointCloud.from_coordinates(coordinates, covariance=np.diag([1.0, 2.0, 3.0]), chain=chain)
    cloud.save(tmp_path / "cloud.npz")
    again = PointCloud.load(tmp_path / "cloud.npz")
    for field in ("points", "center", "covariance", "chain"):
        np.testing.assert_array_equal(getattr(cloud, field), getattr(again, field))
        assert getattr(cloud, field).dtype == getattr(again, field).dtype
    assert again.scale == cloud.scale


def test_saving_twice_gives_the_same_bytes(coordinates, tmp_path):
    cloud = PointCloud.from_coordinates(coordinates)
    for name in ("a.npz", "b.npz"):
        cloud.save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_spacing_of_a_grid_is_its_step():
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), axis=-1).reshape(-1, 3)
    assert PointCloud.from_coordinates(2.5 * grid).spacing() == pytest.approx(2.5, rel=1e-5)


@pytest.mark.parametrize("coordinates", [np.zeros((5, 3)), np.array([[0.0, 1.0, np.nan]]), np.ones((1, 3))])
def test_a_cloud_without_extent_is_refused(coordinates):
    with pytest.raises(DegenerateCloudError, match="cannot normalise a cloud"):
        PointCloud.from_coordinates(coordinates)


@pytest.mark.parametrize("distance", [0.0, 1e5, 1e30])
def test_clumps_are_refused(coordinates, distance):
    """Two clumps far apart, and points that all but coincide in two places."""
    clump = coordinates if distance else 1e-4 * coordinates
    both = np.concatenate([clump, clump + max(distance, 100.0)])
    with pytest.raises(DegenerateCloudError, match=r"half of the 600 points are within .* Å of another"):
        PointCloud.from_coordinates(both)


@pytest.mark.parametrize("number", [2, 3, 64, 1024])
def test_a_straight_rod_is_a_cloud(number):
    rod = np.arange(float(number))[:, None] * [3.4, 0.0, 0.0]
    assert PointCloud.from_coordinates(rod).spacing() == pytest.approx(3.4, rel=1e-3)


def test_radius_of_gyration():
    shell = np.array([[2.0, 0, 0], [-2, 0, 0], [0, 2, 0], [0, -2, 0]]) + 100
    np.testing.assert_allclose(radius_of_gyration(np.stack([shell, 3 * shell])), [2, 6])
