"""Random rotations, with and without mirror images."""

import numpy as np
import pytest

from pointprior.runtime.rotations import random_rotations


def test_rotations_keep_the_hand_and_o3_mirrors_half_of_them():
    generator = np.random.default_rng(0)
    rotations, mixed = (random_rotations(400, group, generator) for group in ("SO3", "O3"))
    for matrices in (rotations, mixed):
        np.testing.assert_allclose(matrices @ matrices.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (400, 3, 3)),
                                   atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(np.linalg.det(rotations), 1)
    assert abs((np.linalg.det(mixed) < 0).mean() - 0.5) < 0.1


def test_directions_are_uniform():
    """Haar measure: a rotated axis has mean 0 and covariance I/3."""
    axis = random_rotations(20000, "SO3", np.random.default_rng(1))[:, :, 0]
    np.testing.assert_allclose(axis.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(axis.T @ axis / 20000, np.eye(3) / 3, atol=0.02)


def test_one_at_a_time_or_all_at_once():
    """Measurements draw one matrix from a generator, a training batch many: the first is the same."""
    one, many = (random_rotations(n, "SO3", np.random.default_rng(2)) for n in (1, 5))
    np.testing.assert_array_equal(one[0], many[0])


def test_unknown_group():
    with pytest.raises(ValueError, match="unknown group of rotations 'E3'; choose one of none, SO3, O3"):
        random_rotations(1, "E3", np.random.default_rng(0))


def test_what_has_a_known_pose_stays_in_it():
    np.testing.assert_array_equal(random_rotations(3, "none", np.random.default_rng(0)), np.tile(np.eye(3), (3, 1, 1)))
