"""The score table: what the truth scores, what a known error scores, and what is refused."""

import numpy as np
import pytest
from protein_clouds import angle_between, protein_cloud, random_motion

from pointprior.clouds import PointCloud
from pointprior.scoring.scores import ATOMIC, score
from pointprior.structures.atoms import Atoms

COLUMNS = [
    "sample",
    "rmsd_atomic",
    "rmsd_atomic_excess",
    "density_correlation",
    "density_resolution",
    "rmsd_cg",
    "rmsd_cg_unaligned",
    "rmsd_cg_mirrored",
    "chamfer",
    "emd",
    "scale_factor",
    "rotation_deg",
    "kernel_correlation",
    "spacing",
    "resolution",
    "atoms",
]


@pytest.fixture(scope="module")
def cloud() -> PointCloud:
    return PointCloud.from_coordinates(protein_cloud(0, points=256) + np.array([120, -40, 75]))


@pytest.fixture(scope="module")
def atoms(cloud) -> Atoms:
    """Eight atoms around each point, one ångström from it along every axis's diagonal."""
    corners = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1], indexing="ij"), axis=-1).reshape(8, 3) / np.sqrt(3)
    xyz = (cloud.to_angstrom()[:, None] + corners).reshape(-1, 3).astype(np.float32)
    return Atoms(xyz, *(np.full(len(xyz), text) for text in ("C", "A", "protein")))


def test_the_truth_scores_zero(cloud, atoms):
    table = score(np.stack([cloud.points, cloud.points[::-1]]), cloud, atoms)
    assert list(table.columns) == COLUMNS
    assert list(table["sample"]) == [0, 1]
    for column in ("rmsd_cg", "rmsd_cg_unaligned", "chamfer", "emd", "rotation_deg"):
        np.testing.assert_allclose(table[column], 0, atol=1e-4)
    np.testing.assert_allclose(table["scale_factor"], 1, atol=1e-6)
    np.testing.assert_allclose(table["kernel_correlation"], 1, atol=1e-6)
    np.testing.assert_allclose(table["spacing"], cloud.spacing())
    np.testing.assert_allclose(table["resolution"], 2 * cloud.spacing())
    assert table["atoms"].tolist() == [8 * 256] * 2
    assert (table["rmsd_cg_mirrored"] > 3).all()  # the cloud is chiral
    np.testing.assert_allclose(table["rmsd_atomic_excess"], 0, atol=1e-4)
    assert (table["density_correlation"] > 0.9).all()
    assert (table["density_resolution"] < table["resolution"]).all()
    # atoms lie 1 Å from their point; now and then another point is nearer
    assert np.all((table["rmsd_atomic"] > 0.9) & (table["rmsd_atomic"] <= 1 + 1e-4))


def test_a_moved_and_shrunk_truth(cloud, atoms):
    rotation, _ = random_motion(1)
    model = (0.8 * cloud.points @ rotation.T + [0.1, 0, -0.2]).astype(np.float32)
    row = score(model[None], cloud, atoms).iloc[0]
    assert row["rmsd_cg"] < 0.05
    assert row["rmsd_cg_unaligned"] > 5
    assert row["rmsd_atomic"] < 1.05
    assert row["scale_factor"] == pytest.approx(1 / 0.8, rel=1e-5)
    assert row["rotation_deg"] == pytest.approx(angle_between(np.eye(3), rotation), abs=0.1)
    assert row["kernel_correlation"] == pytest.approx(1, abs=1e-3)
    # of the models as they are: neither scaled nor moved
    assert row["chamfer"] > 0.1
    assert row["emd"] > 0.1


def test_cube_units_of_a_known_shift(cloud):
    shift = 1e-3  # of the cube; far less than half the spacing
    row = score(cloud.points[None] + np.float32([shift, 0, 0]), cloud).iloc[0]
    assert row["emd"] == pytest.approx(shift, rel=1e-3)
    assert row["chamfer"] == pytest.approx(2 * shift, rel=1e-3)
    assert row["rmsd_cg_unaligned"] < 1e-3


def test_the_wrong_hand_is_told(cloud):
    """A mirror image, turned at random: its own RMSD stays large, that of its mirror image is nothing."""
    rotation, _ = random_motion(2)
    model = (cloud.points * [1, 1, -1] @ rotation.T).astype(np.float32)
    row = score(model[None], cloud).iloc[0]
    assert row["rmsd_cg"] > 3
    assert row["rmsd_cg_mirrored"] < 0.05


def test_without_atoms(cloud):
    table = score(cloud.points[None], cloud)
    missing = [*ATOMIC, "atoms"]
    assert table[missing].isna().all(axis=None)
    assert table.drop(columns=missing).notna().all(axis=None)


def test_every_sample_is_scored_on_its_own(cloud):
    generator = np.random.default_rng(0)
    models = cloud.points + generator.normal(scale=0.05, size=(3, *cloud.points.shape)).astype(np.float32)
    together = score(models, cloud)
    assert together["rmsd_cg"].nunique() == 3
    for sample, model in enumerate(models):
        alone = score(model[None], cloud).iloc[0]
        np.testing.assert_array_equal(alone[COLUMNS[5:]], together.loc[sample, COLUMNS[5:]])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda model: model * 0 + 0.25, "sample 1: all 256 points of the model coincide"),
        (lambda model: np.where(np.arange(256)[:, None] < 3, np.float32(np.nan), model), "sample 1: .* 3 not finite"),
    ],
)
def test_degenerate_models_are_named(cloud, spoil, message):
    models = np.stack([cloud.points, spoil(cloud.points)])
    with pytest.raises(ValueError, match=message):
        score(models, cloud)


def test_models_of_another_size(cloud):
    with pytest.raises(ValueError, match=r"sample 0: .*equal counts: truth has 256 points, model 200"):
        score(cloud.points[None, :200], cloud)
