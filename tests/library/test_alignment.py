"""Superposition without correspondences: undo what is known, refuse mirror images, agree with another program."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from mirror import MIRRORS, needs_mirror
from protein_clouds import angle_between, dihedral_cloud, protein_cloud, random_motion
from pycpd import RigidRegistration
from scipy.spatial.distance import cdist, pdist
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.scoring.alignment import RELAXATION, Alignment, _turns, align, scale_to_gyration
from pointprior.scoring.coherent_point_drift import register
from pointprior.scoring.metrics import rmsd_matched
from pointprior.scoring.superposition import superpose
from pointprior.structures.archive import locate
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture
from pointprior.structures.recipes import MixtureFit

ROOT = Path(__file__).parents[2]
CLOUDS = {path.stem: PointCloud.load(path).to_angstrom() for path in sorted((ROOT / "resources/clouds").glob("*.npz"))}
HELD_OUT = [line for line in (ROOT / "config/lists/mini.txt").read_text().split("\n") if line and line[0] != "#"]


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


@pytest.mark.parametrize("seed", range(50))
def test_undoes_a_random_motion_of_a_shipped_complex(seed):
    """A nucleosome, a 20S proteasome and a light-harvesting complex take turns (the means have no symmetry)."""
    entries = sorted(CLOUDS)
    check_undone(CLOUDS[entries[seed % len(entries)]], seed)


@pytest.mark.parametrize("hand", [1, -1], ids=["as is", "mirrored"])
def test_ends_at_a_maximum_of_the_kernel_correlation(hand):
    """No small motion away from the pose raises the correlation, computed from all distances."""
    truth = CLOUDS["1aoi"]
    blurred = truth + np.random.default_rng(0).normal(scale=6, size=truth.shape)
    model, _ = scale_to_gyration(blurred * [hand, 1, 1], truth)
    pose = align(model, truth)
    placed, centre = pose.apply(model), truth.mean(axis=0)
    nearest = cdist(truth, truth) + np.diag(np.full(len(truth), np.inf))
    sigma = np.median(nearest.min(axis=1))

    def correlation(turn, move):
        moved = Rotation.from_rotvec(turn).apply(placed - centre) + centre + move
        return np.exp(-cdist(truth, moved, "sqeuclidean") / (4 * sigma**2)).sum()

    top = correlation(np.zeros(3), np.zeros(3))
    for axis in np.concatenate([np.eye(3), -np.eye(3)]):
        assert correlation(axis * np.radians(0.02), np.zeros(3)) < top
        assert correlation(np.zeros(3), axis * 0.02) < top


@needs_mirror
@pytest.mark.parametrize("entry", HELD_OUT)
def test_undoes_a_random_motion_of_a_real_structure(entry):
    atoms = read_atoms(locate(entry, MIRRORS)).xyz
    atoms = atoms[:: max(1, len(atoms) // 12_000)]  # enough for 512 means
    truth = fit_mixture(
        atoms, components=512, fit=MixtureFit(engine="neighbours", tolerance=0.01, max_iterations=10)
    ).means
    for seed in range(2):
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


@pytest.mark.parametrize("entry", sorted(CLOUDS))
def test_jitter_of_two_angstrom_on_a_shipped_complex(entry):
    """Without the jitter, the pose that was found is off by a tenth of it: what unknown correspondences cost."""
    truth = CLOUDS[entry]
    for seed in range(4):
        rotation, shift = random_motion(seed)
        noise = np.random.default_rng(seed).normal(scale=2 / np.sqrt(3), size=truth.shape)
        pose = align((truth + noise) @ rotation.T + shift, truth)
        assert angle_between(pose.rotation, rotation.T) < 0.5
        assert rmsd(pose.apply(truth @ rotation.T + shift), truth) < 0.3


@pytest.mark.parametrize("blur", [2.0, 8.0, 30.0])
@pytest.mark.parametrize("starts", [1, 24])
def test_a_model_in_pose_is_never_made_worse(blur, starts):
    """However good or bad the model: its correlation as given bounds what is found from below."""
    for seed, truth in enumerate(CLOUDS.values()):
        model = truth + np.random.default_rng(seed).normal(scale=blur, size=truth.shape)
        centred = model - model.mean(axis=0) + truth.mean(axis=0)
        given = kernel_overlap(truth, centred, truth) / kernel_overlap(truth, truth, truth)
        assert align(model, truth, starts=starts).correlation >= given * (1 - 1e-5)  # of the compiled exponential


def test_no_other_pose_replaces_a_better_one_as_given():
    """Crossed pairs of points that a wide kernel pulls together, away from where a narrow one sees them best."""
    generator = np.random.default_rng(5)
    for _ in range(20):
        truth = generator.uniform(-20, 20, size=(12, 3))
        model = np.where(generator.random(12)[:, None] < 0.4, truth, generator.uniform(-40, 40, size=(12, 3)))
        centred = model - model.mean(axis=0) + truth.mean(axis=0)
        given = kernel_overlap(truth, centred, truth) / kernel_overlap(truth, truth, truth)
        assert align(model, truth, starts=1).correlation >= given * (1 - 1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_a_mirror_image_is_not_matched_by_reflecting(seed):
    truth = protein_cloud(seed)
    rotation, _ = random_motion(seed)
    mirrored = truth * np.array([1, 1, -1]) @ rotation.T
    pose = align(mirrored, truth)
    assert np.linalg.det(pose.rotation) == pytest.approx(1, abs=1e-9)
    assert pose.correlation < 0.97
    assert rmsd_matched(truth, pose.apply(mirrored)) > 3


@pytest.mark.parametrize("entry", sorted(CLOUDS))
def test_a_mirrored_complex_is_not_matched_by_reflecting(entry):
    truth = CLOUDS[entry]
    for axis in range(3):
        rotation, _ = random_motion(axis)
        mirrored = (truth - truth.mean(axis=0)) * np.where(np.arange(3) == axis, -1, 1) @ rotation.T
        pose = align(mirrored, truth)
        assert np.linalg.det(pose.rotation) == pytest.approx(1, abs=1e-9)
        assert pose.correlation < 0.995  # of a barrel, both hands look alike
        assert rmsd_matched(truth, pose.apply(mirrored)) > 4


def test_rotations_are_proper_whatever_the_model():
    """det +1 also where the best orthogonal map is a reflection, where points lie in a plane, and for nonsense."""
    generator = np.random.default_rng(2)
    truth = protein_cloud(2, points=100)
    for model in (-truth, truth * [1, 1, 0], truth[:, ::-1], generator.normal(size=(100, 3)) * 20):
        rotation = align(model, truth).rotation
        assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-9)
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)


def test_a_symmetric_cloud_ends_in_an_equivalent_pose():
    turned_away = 0
    for seed in range(4):
        truth = dihedral_cloud(seed)
        rotation, shift = random_motion(seed)
        pose = align(truth @ rotation.T + shift, truth)
        assert rmsd_matched(truth, pose.apply(truth @ rotation.T + shift)) < 0.1
        turned_away += angle_between(pose.rotation, rotation.T) > 1
    assert turned_away > 0  # or the cloud was not symmetric


def test_a_real_20s_proteasome_ends_in_an_equivalent_pose():
    """3j9i has D7 symmetry: half of its points on the other half, so that no single pose is marked by equal points."""
    turned_away = 0
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(CLOUDS["3j9i"])
        truth, half = order[::2], order[1::2]
        rotation, shift = random_motion(seed)
        pose = align(half @ rotation.T + shift, truth)
        placed = pose.apply(half @ rotation.T + shift)
        assert rmsd_matched(truth, placed) < rmsd_matched(truth, half) + 0.5
        turned_away += angle_between(pose.rotation, rotation.T) > 20
    assert turned_away > 0


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


def kernel_overlap(a: np.ndarray, b: np.ndarray, truth: np.ndarray) -> float:
    """The kernel correlation per pair at the truth's point spacing, written down as it is defined."""
    between = cdist(truth, truth) + np.diag(np.full(len(truth), np.inf))
    sigma = np.median(between.min(axis=1))
    return float(np.exp(-cdist(a, b, "sqeuclidean") / (4 * sigma**2)).mean())


def test_correlation_is_the_sum_that_it_says():
    truth, model = protein_cloud(0, points=60), protein_cloud(1, points=50)
    pose = align(model, truth)

    def overlap(a: np.ndarray, b: np.ndarray) -> float:
        return kernel_overlap(a, b, truth)

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


@pytest.mark.parametrize("seed", range(4))
def test_coherent_point_drift_undoes_a_random_motion(seed):
    truth = protein_cloud(seed, points=150)
    rotation, shift = random_motion(seed)
    moved = truth @ rotation.T + shift
    pose = superpose(np.random.default_rng(seed).permutation(moved), truth, "cpd")
    assert angle_between(pose.rotation, rotation.T) < 0.1
    assert rmsd(pose.apply(moved), truth) < 0.1
    assert pose.correlation == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("entry", sorted(CLOUDS))
def test_both_superpositions_agree_on_a_real_complex(entry):
    truth = CLOUDS[entry][::4]
    rotation, shift = random_motion(1)
    model = (truth + np.random.default_rng(0).normal(scale=2, size=truth.shape)) @ rotation.T + shift
    poses = [superpose(model, truth, method) for method in ("kernel_correlation", "cpd")]
    assert rmsd(poses[0].apply(model), poses[1].apply(model)) < 2
    assert poses[1].correlation == pytest.approx(poses[0].correlation, abs=0.02)


def test_coherent_point_drift_neither_scales_nor_reflects():
    """pycpd alone would scale: a model a tenth too large stays so. A mirror image is turned, not reflected."""
    truth = protein_cloud(0, points=120)
    pose = register(truth * 1.1, truth)
    np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(pdist(pose.apply(truth * 1.1)), 1.1 * pdist(truth), rtol=1e-9)
    for model in (-truth, truth * [1, 1, 0], truth[:40]):
        assert np.linalg.det(register(model, truth).rotation) == pytest.approx(1, abs=1e-9)


def test_coherent_point_drift_leaves_the_truth_where_it_is():
    truth = protein_cloud(3, points=120) + 300
    pose = register(truth, truth)
    assert rmsd(pose.apply(truth), truth) < 1e-3
    symmetric = dihedral_cloud(0)
    assert angle_between(register(symmetric, symmetric).rotation, np.eye(3)) < 0.1


def test_superpositions_that_cannot_be():
    truth = protein_cloud(0, points=60)
    with pytest.raises(ValueError, match="choose one of kernel_correlation, cpd"):
        superpose.__wrapped__(truth, truth, "procrustes")
    with pytest.raises(ValueError, match="has no extent"):
        register(np.zeros((5, 3)), truth)
    with pytest.raises(ValueError, match="at least one start"):
        register(truth, truth, starts=0)


@pytest.mark.parametrize("flat", [False, True])
def test_a_step_turns_further_than_the_best_rotation_of_weighted_pairs(flat):
    generator = np.random.default_rng(5)
    a, b = generator.normal(size=(2, 40, 3)) * np.array([1, 1, 0.0 if flat else 1])
    weights = generator.uniform(size=40)
    best, _ = Rotation.align_vectors(a, b, weights=weights)  # takes b to a, as the covariance Σ w a bᵀ asks
    expected = Rotation.from_rotvec(RELAXATION * best.as_rotvec()).as_matrix()
    found = _turns(np.einsum("n,ni,nj->ij", weights, a, b)[None])[0]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert np.linalg.det(found) == pytest.approx(1.0)
