"""Images, maps and parts of one specimen in one frame: the way back to Å, the scale, and what does not fit together."""

from functools import cache

import numpy as np
import pytest
import torch
from image_files import write_map
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation
from structure_files import mmcif

from pointprior.clouds import median_spacing
from pointprior.images.errors import ImageError
from pointprior.images.maps import points_of_map, read_density
from pointprior.images.points import points_of_image
from pointprior.images.simulation import simulate_images
from pointprior.measurements.energy import Energy
from pointprior.measurements.frame import common_center, estimated_scale
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.own import combine, largest_angle
from pointprior.measurements.parts import estimated_share, points_of_part, read_part
from pointprior.structures.mixtures import fit_mixture
from pointprior.structures.recipes import MixtureFit

BODY = np.random.default_rng(3).uniform([-40, -25, -10], [40, 25, 10], (8000, 3))
BODY = BODY[(BODY[:, 0] > 0) | (BODY[:, 1] > 0)] + [6.0, -4.0, 9.0]  # off the centre of the boxes
ROTATIONS = Rotation.random(4, rng=np.random.default_rng(1)).as_matrix()
SHIFTS = np.array([[0.0, 0], [8.0, -4], [-6.0, 6], [3.0, 3]])


def images(rotations=ROTATIONS, told=SHIFTS):
    return [points_of_image(p, 2.5, points=512, shift=s) for p, s in zip(seen(rotations.tobytes()), told, strict=True)]


@cache
def seen(rotations: bytes) -> np.ndarray:
    """Simulated class averages, specimens shifted."""
    given = {"size": 72, "pixel_size": 2.5, "resolution": 10.0, "snr": 10, "generator": np.random.default_rng(0)}
    return simulate_images(BODY, np.frombuffer(rotations).reshape(-1, 3, 3), shifts=SHIFTS, **given).pixels


@pytest.fixture(scope="module")
def body_map(tmp_path_factory):
    counts, _ = np.histogramdd(BODY[:, ::-1], bins=40, range=[[-82, 78]] * 3)  # middle voxel at the origin, 4 Å
    path = write_map(tmp_path_factory.mktemp("map") / "body.mrc", gaussian_filter(counts, 1.0), voxel=4.0)
    return read_density(path)


def test_the_centre_is_found_wherever_the_boxes_are():
    found = combine(images(), ROTATIONS)
    assert np.linalg.norm(found.frame.center - BODY.mean(axis=0)) < 1.0
    assert np.allclose(found.frame.to_angstrom(found.frame.to_cube(BODY)), BODY)


def test_the_scale_is_that_of_a_cloud_turned_at_random():
    largest = [np.abs((BODY - BODY.mean(axis=0)) @ turn).max() for turn in Rotation.random(200, rng=0).as_matrix()]
    scale = combine(images(), ROTATIONS).frame.scale
    assert np.median(largest) * 0.93 < scale < np.median(largest) * 1.07


def test_scale_and_centre_of_a_sphere():
    """Closed form: as far as it reaches everywhere."""
    directions = np.random.default_rng(0).standard_normal((20000, 3))
    ball = 30 * directions / np.linalg.norm(directions, axis=1, keepdims=True) + [1.0, 2.0, 3.0]
    seen = [(ball @ rotation[:, :2], rotation[:, :2]) for rotation in ROTATIONS[:2]]
    center, miss = common_center(seen)
    assert np.allclose(center, ball.mean(axis=0))
    assert miss == pytest.approx(0.0, abs=1e-9)
    assert estimated_scale(seen, center) == pytest.approx(30.0, rel=0.02)


def test_one_image_leaves_its_depth_at_the_middle_of_the_box():
    points = BODY @ ROTATIONS[0][:, :2]
    center, _ = common_center([(points, ROTATIONS[0][:, :2])])
    assert center @ ROTATIONS[0][:, 2] == pytest.approx(0.0, abs=1e-9)


def test_the_truth_fits_better_than_anything_moved(body_map):
    """Energy of the true points in the common frame, against the same mirrored, turned and shifted."""
    found = combine(images(), ROTATIONS, low_resolution=points_of_map(body_map, resolution=12.0), points=512)
    truth = found.frame.to_cube(BODY[:: len(BODY) // 512][:512])
    turned = (truth - truth.mean(0)) @ Rotation.from_euler("x", 20, degrees=True).as_matrix() + truth.mean(0)
    others = [truth * [-1, 1, 1.0], turned, truth + 0.1, truth * 1.1]
    energies = Energy(found.observations, reading="fixed")(torch.tensor(np.stack([truth, *others])))
    assert (energies[1:] > 1.3 * energies[0]).all()


def test_observations_of_images_weigh_by_resolution_and_cell():
    measured = images()
    found = combine(measured, ROTATIONS)
    energy = Energy(found.observations)
    for item, image in zip(found.observations, measured, strict=True):
        assert item.kind == "image"
        assert item.noise == pytest.approx(image.blur / found.frame.scale)
        assert item.spread() * found.frame.scale == pytest.approx(image.cell, rel=0.15)
        assert energy.variance(item) > item.noise**2


def test_images_tell_the_clouds_spacing():
    """Evenly spread points overstate it as projected ones would not: the kind accounts for that."""
    means = fit_mixture(BODY, components=512, seed=0, fit=MixtureFit(engine="neighbours")).means
    found = combine(images(), ROTATIONS, points=512)
    assert found.observations.cloud_spacing() * found.frame.scale == pytest.approx(median_spacing(means), rel=0.2)


def test_images_and_map_agree_about_the_frame(body_map):
    coarse = points_of_map(body_map, resolution=12.0)
    alone, both = combine(low_resolution=coarse).frame, combine(images(), ROTATIONS, low_resolution=coarse).frame
    assert np.linalg.norm(alone.center - both.center) < 2.0
    assert alone.scale == pytest.approx(both.scale, rel=0.12)  # few points reach less far


def test_shifts_that_are_wrong_are_said():
    assert not any("miss each other" in remark for remark in combine(images(), ROTATIONS).remarks)
    wrong = combine(images(told=-3 * SHIFTS), ROTATIONS)
    assert any("miss each other" in remark for remark in wrong.remarks)


def test_images_need_poses():
    with pytest.raises(ImageError, match=r"no poses.*3D refinement"):
        combine(images())
    with pytest.raises(ImageError, match="4 images have 3 poses"):
        combine(images(), ROTATIONS[:3])
    with pytest.raises(ImageError, match="nothing is measured"):
        combine()


def test_one_direction_is_refused_unless_a_map_shows_the_depth(body_map):
    turns = Rotation.from_euler(
        "z", [[0], [40], [80], [120]], degrees=True
    ).as_matrix()  # as a 2D classification has them
    flat = images(turns)
    assert largest_angle(turns) == pytest.approx(0.0, abs=1e-5)
    with pytest.raises(ImageError, match=r"one direction.*2D classification"):
        combine(flat, turns)
    assert len(combine(flat, turns, low_resolution=points_of_map(body_map)).observations) == 5
    assert len(combine(flat[:1], turns[:1]).observations) == 1


def test_opposite_directions_are_one():
    assert largest_angle(np.stack([np.eye(3), np.diag([1.0, -1, -1])])) == pytest.approx(0.0, abs=1e-5)
    sideways = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    assert largest_angle(np.stack([np.eye(3), sideways])) == pytest.approx(90.0)


def test_a_part_takes_its_share_of_the_points(body_map):
    half = BODY[BODY[:, 0] < np.median(BODY[:, 0])]
    share = estimated_share(half, body_map, resolution=12.0)
    assert share == pytest.approx(0.5, abs=0.06)
    points = points_of_part(half, share=0.25, key=(0, "half"), points=400)
    assert len(points) == 100
    assert np.abs(points.mean(axis=0) - half.mean(axis=0)).max() < 1.0
    few = half[:60]  # a Cα trace, say
    np.testing.assert_array_equal(points_of_part(few, share=0.25, key=(0, "half"), points=400), few)
    found = combine(images(), ROTATIONS, part=points, points=400)
    assert [o.kind for o in found.observations] == ["image"] * 4 + ["subunit"]
    assert np.allclose(found.frame.to_angstrom(found.observations.items[-1].targets), points, atol=1e-3)
    assert not any("outside" in remark for remark in found.remarks)
    assert len(points_of_part(half, share=1.0, key=(0, "half"), points=100)) == 100  # a homologue of all of it
    for share in (0.0, 1.1, 1e-4):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            points_of_part(half, share=share, key=(0,))


def test_a_part_outside_of_the_density_is_said_or_refused(body_map):
    part = BODY[BODY[:, 0] < np.median(BODY[:, 0])][::20]
    measured, coarse = images(), points_of_map(body_map, resolution=12.0)
    moved = combine(measured, ROTATIONS, low_resolution=coarse, part=part + np.array([0, 0, 14.0]))
    assert any("outside of the density" in remark for remark in moved.remarks)
    with pytest.raises(ImageError, match="not in the frame of the images"):
        combine(measured, ROTATIONS, low_resolution=coarse, part=part + 80.0)


def test_a_part_from_a_file(tmp_path):
    path = tmp_path / "part.cif"
    path.write_text(mmcif())
    atoms = read_part(path, chains=["X"], centre=np.array([1.0, 2.0, 3.0]))
    assert atoms[:, 1:].tolist() == [[0.0, 0.0]] * 7
    assert atoms[:2, 0].tolist() == [-1.0, 0.0]


def test_an_image_is_an_observation_like_a_projection():
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    image = Observation.image(points, ROTATIONS[0], weight=2.0, noise=0.1)
    other = Observation.projection(points, ROTATIONS[0], weight=2.0, noise=0.1)
    assert np.array_equal(image.view, other.view)
    assert image.targets_are_means
    assert not other.targets_are_means
    with pytest.raises(ValueError, match="orthonormal"):
        Observation.image(points, 2 * ROTATIONS[0])


def test_images_are_saved_and_read_again(tmp_path):
    found = combine(images(), ROTATIONS).observations
    found.save(tmp_path / "own.npz")
    for item, other in zip(found, Observations.load(tmp_path / "own.npz"), strict=True):
        assert item.kind == other.kind
        assert np.array_equal(item.targets, other.targets)
