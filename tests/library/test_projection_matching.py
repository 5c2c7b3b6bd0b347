"""Poses of images from a reference, against those that they were made in."""

from dataclasses import replace

import numpy as np
import pytest
from image_files import REAL
from scipy.spatial.transform import Rotation

from pointprior.images.errors import ImageError
from pointprior.images.maps import Map, map_of_atoms, read_density
from pointprior.images.projection_matching import match_poses
from pointprior.images.reading import read_images
from pointprior.images.simulation import simulate_images

GENERATOR = np.random.default_rng(4)
ARMS = np.array([[0.0, 0, 0], [34, 0, 0], [0, 48, 0], [0, 0, 26], [34, 20, 0], [-20, 30, 12]])
BODY = (ARMS[:, None] + 9 * GENERATOR.standard_normal((6, 400, 3))).reshape(-1, 3)
BODY -= BODY.mean(axis=0)
ROTATIONS = Rotation.random(3, rng=np.random.default_rng(1)).as_matrix()
SHIFTS = np.array([[0.0, 0], [9.0, -6], [-6.0, 12]])


def simulated(snr):
    given = {"size": 64, "pixel_size": 3.0, "resolution": 12.0, "generator": np.random.default_rng(0)}
    return simulate_images(BODY, ROTATIONS, shifts=SHIFTS, snr=snr, **given)


def angles(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.degrees(Rotation.from_matrix(found.transpose(0, 2, 1) @ true).magnitude())


@pytest.mark.parametrize(("snr", "degrees", "angstrom"), [(np.inf, 3.0, 0.5), (3, 6.0, 1.5)])
def test_poses_are_found_again(snr, degrees, angstrom):
    images = simulated(snr)
    forgotten = replace(images, rotations=None, shifts=np.zeros((3, 2)))
    found = match_poses(forgotten, map_of_atoms(BODY, resolution=12.0), resolution=20.0)
    assert angles(found.images.rotations, ROTATIONS).max() < degrees
    assert np.abs(found.images.shifts - SHIFTS).max() < angstrom
    assert found.unsure == [] or snr < 10
    assert np.array_equal(found.images.pixels, images.pixels)
    assert np.linalg.det(found.images.rotations) == pytest.approx(1.0)


def test_dark_particles():
    images = simulated(np.inf)
    dark = replace(images, pixels=-images.pixels)
    found = match_poses(dark, map_of_atoms(BODY, resolution=12.0), resolution=20.0, contrast="black")
    assert angles(found.images.rotations, ROTATIONS).max() < 3.0


def test_a_sphere_leaves_every_direction_open():
    ball = 25 * np.random.default_rng(0).standard_normal((20000, 3))
    found = match_poses(simulated(1), map_of_atoms(ball, resolution=12.0), resolution=20.0)
    assert found.unsure == [0, 1, 2]


def test_maps_of_atoms_lie_where_the_atoms_do():
    density = map_of_atoms(BODY + np.array([100.0, 0, 0]), resolution=24.0)
    axes = np.meshgrid(*(np.arange(n) for n in density.values.shape), indexing="ij")
    middle = [float((axis * density.values).sum() / density.values.sum()) for axis in axes[::-1]]
    assert np.allclose(density.origin + density.voxel * middle, [100.0, 0, 0], atol=0.2)
    assert np.allclose(density.centre(), [100.0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("resolution", [70.0, 192.0, 300.0, 1000.0])
def test_a_resolution_that_leaves_no_image_is_refused(resolution):
    with pytest.raises(ImageError, match=rf"{resolution:g} Å, images 192 Å wide .*give 60 Å or less"):
        match_poses(simulated(np.inf), map_of_atoms(BODY, resolution=12.0), resolution=resolution)


def off_middle(*away: float) -> Map:
    """The body in a wide box, away from its middle."""
    edges = [np.linspace(-240, 240, 81) - 3] * 3
    counts, _ = np.histogramdd((BODY + np.array(away))[:, ::-1], bins=edges)
    return Map(counts.astype(np.float32), np.full(3, 6.0), np.full(3, -240.0), "wide.mrc")


def test_a_reference_that_is_not_where_the_images_look_is_refused():
    with pytest.raises(ImageError, match=r"wide\.mrc: nothing of it lies within 96 Å of its middle"):
        match_poses(simulated(np.inf), off_middle(-170.0, 0.0, 0.0), resolution=20.0)


def test_directions_in_which_the_reference_is_beside_the_image_are_no_candidates():
    found = match_poses(simulated(np.inf), off_middle(120.0, 120.0, 120.0), resolution=20.0)
    assert np.isfinite(found.correlation).all()


@pytest.mark.skipif(REAL is None, reason="no ../shared/real beside the repository")
def test_relions_projections_in_their_map():
    """Images and angles by another program: the answer is not ours."""
    images = read_images(REAL / "relion/rln_proj_64_centered.star", pixel_size=4.0)
    density = read_density(REAL / "relion/ribosome70s_65.mrc", voxel_size=4.0)
    found = match_poses(replace(images, rotations=None), density, resolution=40.0)
    assert angles(found.images.rotations, images.rotations).max() < 2.0
    assert np.abs(found.images.shifts - images.shifts).max() < 2.0
    assert found.correlation.min() > 0.97
