"""Superposition without correspondences: undo what is known, refuse mirror images, agree with another program."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from protein_clouds import angle_between, dihedral_cloud, protein_cloud, random_motion
from pycpd import RigidRegistration
from scipy.spatial.transform import Rotation

from pointprior.alignment import Alignment, align, scale_to_gyration
from pointprior.coarse_grain import fit_mixture
from pointprior.metrics import rmsd_matched
from pointprior.structures import read_atoms

SHARED = next((parent / "shared" for parent in Path(__file__).parents if (parent / "shared/pdb").is_dir()), None)


def rmsd(first: np.ndarray, second: np.ndarray) -> float:
    """Root-mean-square distance of points in the same order."""
    return float(np.sqrt(((first - second) ** 2).sum(axis=1).mean()))


def check_undone(truth: np.ndarray, seed: int) -> None:
    """Move a cloud at random, shuffle it, and expect the motion undone to 0.1° and 0.1 Å."""
    rotation, shift = random_motion(seed)
    moved = truth @ rotation.T + shift
    pose = align(np.random.default_rng(seed).permutation(moved), truth)
    assert angle_between(pose.rotation, rotation.T) < 0.1
    assert rmsd(pose.apply(moved), truth) < 0.1
    assert np.linalg.norm(pose.apply(moved).mean(axis=0) - truth.mean(axis=0)) < 0.1
    assert pose.correlation == pytest.approx(1, abs=1e-4)
    assert np.linalg.det(pose.rotation) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("seed", range(24))
def test_undoes_a_random_motion(seed):
    check_undone(protein_cloud(seed), seed)


@pytest.mark.skipif(SHARED is None, reason="no mirror in ../shared beside the repository")
@pytest.mark.parametrize("entry", ["5a32", "6e3y", "7qpd"])
def test_undoes_a_random_motion_of_a_real_structure(entry):
    atoms = read_atoms(SHARED / f"pdb/data/structures/divided/mmCIF/{entry[1:3]}/{entry}.cif.gz")
    truth = fit_mixture(atoms.xyz, components=512, engine="neighbours", max_iterations=30, tolerance=0.01).means
    for seed in range(3):
        check_undone(truth, seed)


def test_the_truth_itself_stays_where_it_is():
    for truth in (protein_cloud(0), dihedral_cloud(0), protein_cloud(1, points=1024) + 300.0):
        pose = align(truth, truth)
        assert rmsd(pose.apply(truth), truth) < 1e-3
        np.testing.assert_allclose(pose.rotation, np.eye(3), atol=1e-6)
        assert pose.correlation == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_jitter_of_two_angstrom(seed):
    truth = protein_cloud(seed)
    rotation, shift = random_motion(seed)
    noise = np.random.default_rng(seed).normal(scale=2 / np.sqrt(3), size=truth.shape)
    moved = (truth + noise) @ rotation.T + shift
    pose = align(moved, truth)
    assert angle_between(pose.rotation, rotation.T) < 1
    assert rmsd(pose.apply(moved), truth) < 2.2  # the jitter itself is 2


@pytest.mark.parametrize("seed", range(4))
def test_a_mirror_image_is_not_matched_by_reflecting(seed):
    truth = protein_cloud(seed)
    rotation, _ = random_motion(seed)
    mirrored = truth * np.array([1, 1, -1]) @ rotation.T
    pose = align(mirrored, truth)
    assert np.linalg.det(pose.rotation) == pytest.approx(1, abs=1e-9)
    assert pose.correlation < 0.97
    assert rmsd_matched(truth, pose.apply(mirrored)) > 3


def test_a_symmetric_cloud_ends_in_an_equivalent_pose():
    turned_away = 0
    for seed in range(4):
        truth = dihedral_cloud(seed)
        rotation, shift = random_motion(seed)
        pose = align(truth @ rotation.T + shift, truth)
        assert rmsd_matched(truth, pose.apply(truth @ rotation.T + shift)) < 0.1
        turned_away += angle_between(pose.rotation, rotation.T) > 1
    assert turned_away > 0  # or the cloud was not symmetric


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_coherent_point_drift(seed):
    """pycpd maximises a likelihood rather than a correlation, and only nearby: start it 10° away, jitter small."""
    truth = protein_cloud(seed, points=200)
    generator = np.random.default_rng(seed)
    rotation = Rotation.from_rotvec(np.radians(10) * np.array([0.6, 0.0, 0.8])).as_matrix()
    model = (truth + generator.normal(scale=0.3, size=truth.shape)) @ rotation.T + np.array([2.0, -1.0, 3.0])
    theirs, _ = RigidRegistration(X=truth, Y=model, scale=False, max_iterations=200, tolerance=1e-8).register()
    pose = align(model, truth)
    assert rmsd(pose.apply(model), theirs) < 0.2


def test_closed_forms():
    # a right-angled triangle of points, moved by a quarter turn about z and a shift
    truth = np.array([[0.0, 0, 0], [30, 0, 0], [0, 40, 0], [0, 0, 50]])
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    pose = align(truth @ quarter.T + np.array([5.0, 6, 7]), truth)
    np.testing.assert_allclose(pose.rotation, quarter.T, atol=1e-3)
    np.testing.assert_allclose(pose.translation, -quarter.T @ [5.0, 6, 7], atol=1e-2)
    # the correlation is per pair: every point doubled changes nothing
    doubled = align(np.repeat(truth, 2, axis=0), truth)
    assert doubled.correlation == pytest.approx(1, abs=1e-6)


def test_correlation_is_the_sum_that_it_says():
    truth, model = protein_cloud(0, points=60), protein_cloud(1, points=50)
    pose = align(model, truth)

    def overlap(a: np.ndarray, b: np.ndarray) -> float:
        between = np.linalg.norm(truth[:, None] - truth[None], axis=2) + np.diag(np.full(60, np.inf))
        sigma = np.median(between.min(axis=1))
        return np.exp(-((a[:, None] - b[None]) ** 2).sum(axis=2) / (4 * sigma**2)).mean()

    assert pose.correlation == pytest.approx(overlap(truth, pose.apply(model)) / overlap(truth, truth), rel=1e-4)
    # a maximum: no small motion improves it
    best = overlap(truth, pose.apply(model))
    about = pose.apply(model).mean(axis=0)
    for axis, sign in itertools.product(np.eye(3), (-1, 1)):
        turn = Rotation.from_rotvec(sign * 0.02 * axis)
        assert overlap(truth, turn.apply(pose.apply(model) - about) + about) < best
        assert overlap(truth, pose.apply(model) + sign * 0.3 * axis) < best


def test_is_deterministic_and_finds_the_same_from_any_orientation():
    truth = protein_cloud(3)
    model = truth + np.random.default_rng(0).normal(scale=6, size=truth.shape)
    first, again = align(model, truth), align(model, truth)
    np.testing.assert_array_equal(first.rotation, again.rotation)
    rotation, shift = random_motion(5)
    turned = align(model @ rotation.T + shift, truth, seed=1)
    assert rmsd(turned.apply(model @ rotation.T + shift), first.apply(model)) < 0.05
    assert turned.correlation == pytest.approx(first.correlation, rel=1e-4)


def test_one_start_stays_near_identity():
    truth = protein_cloud(0)
    slightly = Rotation.from_rotvec([0, 0, 0.1]).as_matrix()
    assert angle_between(align(truth @ slightly.T, truth, starts=1).rotation, slightly.T) < 0.1


def test_scale_to_gyration():
    model, truth = protein_cloud(0) * 0.01 + 3, protein_cloud(1, points=300)
    scaled, factor = scale_to_gyration(model, truth)
    spread = [np.sqrt(points.var(axis=0).sum()) for points in (scaled, truth, model)]
    assert spread[0] == pytest.approx(spread[1], rel=1e-12)
    assert factor == pytest.approx(spread[1] / spread[2], rel=1e-12)
    np.testing.assert_allclose(scaled.mean(axis=0), truth.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(np.diff(scaled, axis=0), factor * np.diff(model, axis=0), atol=1e-9)


def test_apply_takes_batches():
    rotation, shift = random_motion(0)
    points = np.random.default_rng(0).normal(size=(2, 5, 3))
    moved = Alignment(rotation, shift, 1.0).apply(points)
    np.testing.assert_allclose(moved[1, 4], rotation @ points[1, 4] + shift)


def test_flat_and_straight_clouds():
    generator = np.random.default_rng(0)
    for kept in (2, 1):  # all points in a plane, on a line
        truth = np.zeros((40, 3))
        truth[:, :kept] = generator.uniform(-30, 30, size=(40, kept))
        rotation, shift = random_motion(1)
        pose = align(truth @ rotation.T + shift, truth)
        assert rmsd_matched(truth, pose.apply(truth @ rotation.T + shift)) < 0.1


def test_refusals():
    cloud = protein_cloud(0, points=50)
    for function in (align, scale_to_gyration):
        with pytest.raises(ValueError, match="all 50 points of the model coincide"):
            function(np.full((50, 3), 0.1), cloud)
        with pytest.raises(ValueError, match="all 1 points of the truth coincide"):
            function(cloud, cloud[:1])
        with pytest.raises(ValueError, match="model has 50 points, 1 not finite"):
            function(np.where(np.arange(50)[:, None] == 7, np.nan, cloud), cloud)
        with pytest.raises(ValueError, match="truth has 0 points"):
            function(cloud, cloud[:0])
    with pytest.raises(ValueError, match="at least one start"):
        align(cloud, cloud, starts=0)
