"""Realistic projections: points of their own, missing and false ones, directions that are a little wrong."""

import numpy as np
import pytest
from protein_clouds import protein_cloud
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud, median_spacing
from pointprior.measurements.imaging import Imaging
from pointprior.measurements.synthesis import synthesise
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.metrics import rmsd_matched
from pointprior.structures.mixtures import refit, second_fit

COVARIANCE = np.diag([4.0, 1.0, 0.25])


@pytest.fixture(scope="module")
def cloud():
    return PointCloud.from_coordinates(protein_cloud(0, points=400), covariance=COVARIANCE)


def measured(cloud, **settings):
    return list(synthesise(cloud, key=(0, "a", "t"), **{"projections": 3, "points": 400} | settings))


def rotation_of(observation):
    return np.column_stack([observation.view, np.cross(*observation.view.T)]).astype(np.float64)


def test_a_draw_has_the_mixtures_moments(cloud):
    draws = np.stack([cloud.draw(numpy_generator("draw", k)) for k in range(200)])
    errors = (draws - cloud.points) * cloud.scale
    assert np.abs(errors.mean(axis=(0, 1))).max() < 0.03  # 80,000 errors of 2 Å: 0.007
    np.testing.assert_allclose(np.cov(errors.reshape(-1, 3).T), COVARIANCE, atol=0.05)
    pairs = errors[:, 0, 0], errors[:, 1, 0]
    assert abs(np.corrcoef(*pairs)[0, 1]) < 0.3  # components move on their own


def test_projections_of_the_density_share_no_points(cloud):
    exact, drawn = measured(cloud), measured(cloud, draw="density")
    for a, b in zip(exact, drawn, strict=True):
        np.testing.assert_array_equal(a.view, b.view)
        np.testing.assert_array_equal(a.capacity, b.capacity)
        errors = (b.targets - a.targets) * cloud.scale
        np.testing.assert_allclose(np.cov(errors.T), b.view.T @ COVARIANCE @ b.view, atol=0.6)
    first, second = ((b.targets - a.targets).ravel() for a, b in list(zip(exact, drawn, strict=True))[:2])
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2


def test_other_measurements_have_draws_of_their_own(cloud):
    settings = {"projections": 0, "low_resolution": 20, "subunit": np.arange(400) < 150}
    (coarse, part), (own_coarse, own_part) = (measured(cloud, **settings, draw=draw) for draw in ("means", "density"))
    assert own_coarse.targets.shape == coarse.targets.shape == (20, 3)
    assert own_part.targets.shape == part.targets.shape == (150, 3)
    np.testing.assert_array_equal(part.targets, cloud.points[:150])
    for one, other in ((coarse, own_coarse), (part, own_part)):
        assert not np.isin(one.targets, other.targets).any()
        assert rmsd_matched(one.targets, other.targets) < 1.2 * median_spacing(one.targets)


def test_missing_points_are_absent_and_the_others_as_before(cloud):
    exact, fewer, fewest = (measured(cloud, missing=share) for share in (0, 0.1, 0.25))
    for a, b, c in zip(exact, fewer, fewest, strict=True):
        assert [len(o.targets) for o in (a, b, c)] == [400, 360, 300]
        np.testing.assert_array_equal(a.targets[:360], b.targets)
        np.testing.assert_array_equal(a.targets[:300], c.targets)
        assert b.capacity.sum() == c.capacity.sum() == 400


def test_false_points_lie_evenly_over_the_image(cloud):
    exact = measured(cloud)
    for a, b in zip(exact, measured(cloud, missing=0.25, spurious=0.25), strict=True):
        assert len(b.targets) == 400
        np.testing.assert_array_equal(b.targets[:300], a.targets[:300])
        low, high = a.targets.min(axis=0), a.targets.max(axis=0)
        places = (b.targets[300:] - low) / (high - low)
        assert (places >= 0).all()
        assert (places <= 1).all()
        np.testing.assert_allclose(places.mean(axis=0), 0.5, atol=0.12)  # of 100: 0.03
    few, many = (measured(cloud, missing=0.25, spurious=share)[0].targets for share in (0.1, 0.25))
    np.testing.assert_array_equal(few, many[:340])


def test_told_directions_are_off_by_their_angle(cloud):
    settings = {"projections": 200, "points": 10}
    exact, off, farther = (measured(cloud, **settings, pose_error=degrees) for degrees in (0, 2, 5))
    turns = []
    for a, b, c in zip(exact, off, farther, strict=True):
        np.testing.assert_array_equal(a.targets, b.targets)
        small, large = (Rotation.from_matrix(rotation_of(a).T @ rotation_of(o)).as_rotvec() for o in (b, c))
        np.testing.assert_allclose(large, 2.5 * small, atol=1e-5)
        turns.append(np.degrees(small))
    turns = np.array(turns)
    assert np.sqrt((turns**2).sum(axis=1).mean()) == pytest.approx(2, rel=0.15)
    np.testing.assert_allclose(np.cov(turns.T), 4 / 3 * np.eye(3), atol=0.5)


def test_noise_is_the_same_whatever_else_is_wrong(cloud):
    plain, noisy = measured(cloud), measured(cloud, noise=3)
    errors = [b.targets - a.targets for a, b in zip(plain, noisy, strict=True)]
    others = {"draw": "density", "missing": 0.1, "pose_error": 4}
    for a, b, error in zip(measured(cloud, **others), measured(cloud, noise=3, **others), errors, strict=True):
        np.testing.assert_allclose(b.targets - a.targets, error[:360], atol=1e-6)
        assert b.noise == pytest.approx(3 / cloud.scale)


def test_a_second_fit_is_as_near_as_fits_are():
    generator = np.random.default_rng(0)
    atoms = (protein_cloud(0, points=200)[:, None] + 1.5 * generator.normal(size=(200, 20, 3))).reshape(-1, 3)
    first = PointCloud.from_coordinates(protein_cloud(0, points=200), covariance=1.5**2 * np.eye(3))
    for fit in (second_fit(first, generator, atoms), second_fit(first, generator)):
        assert (fit.scale, fit.points.shape) == (first.scale, (200, 3))
        np.testing.assert_array_equal(fit.center, first.center)
        apart = first.scale * rmsd_matched(first.points, fit.points)
        assert 0.1 * first.spacing() < apart < 1.3 * first.spacing()
    part = refit(first, generator, np.arange(200) < 50)
    assert first.scale * rmsd_matched(first.points[:50], part) < 1.3 * first.spacing()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"draw": "atoms"}, "unknown draw 'atoms'; choose one of means, density"),
        ({"missing": 1.0}, "missing is a share"),
        ({"spurious": -0.1}, "spurious is a share"),
        ({"pose_error": 200}, "an angle from 0 to 180"),
        ({"noise": float("nan")}, "not negative and finite"),
    ],
)
def test_impossible_errors_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Imaging(**settings)


def test_what_is_no_mixture_has_no_density():
    shape = PointCloud.from_coordinates(protein_cloud(0, points=60))
    with pytest.raises(ValueError, match="no density to draw from"):
        synthesise(shape, key=(0,), projections=1, points=60, draw="density")


def test_of_false_points_beyond_the_models_some_are_drawn(cloud):
    for item in measured(cloud, spurious=0.1):
        assert len(item.targets) == 440
        assert item.capacity.sum() == 400
        assert item.capacity.max() == 1
