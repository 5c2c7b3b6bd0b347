"""Points that stand for the density of images and maps: closed forms, invariances, simulated images."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from image_files import blobs, write_map
from scipy.ndimage import zoom
from scipy.spatial.transform import Rotation

from pointprior.images.maps import points_of_map, read_density
from pointprior.images.points import points_of_image
from pointprior.images.projection import agreement, doubts, project_map
from pointprior.images.quantisation import CELLS, _cells, represent
from pointprior.images.simulation import simulate_images
from pointprior.measurements.matching import match

BODY = np.random.default_rng(3).uniform([-30, -20, -10], [30, 20, 10], (6000, 3))
BODY = BODY[(BODY[:, 0] > 0) | (BODY[:, 1] > 0)]  # unlike its mirror images and half turns


def turns(n: int) -> np.ndarray:
    return Rotation.random(n, rng=np.random.default_rng(1)).as_matrix()


def simulated(rotations, **options):
    given = {"size": 64, "pixel_size": 2.0, "resolution": 10.0, "generator": np.random.default_rng(0)}
    return simulate_images(BODY, rotations, **given | options)


@pytest.mark.parametrize("points", [1, 2, 7, 64, 500])
def test_every_point_stands_for_the_same_mass(points):
    """Of a constant density, cells have equal areas; their middles average to that of the whole."""
    found, deviation = represent(np.ones((40, 20)), points)
    assert len(found) == points
    assert np.allclose(found.mean(axis=0), [19.5, 9.5], atol=1e-6)
    if points == 1:
        assert deviation == pytest.approx(np.sqrt((40**2 + 20**2) / 24), rel=0.01)
    if points >= 64:  # cells between squares and rectangles twice as long as wide
        assert 0.99 < deviation / np.sqrt(800 / points / 12) < np.sqrt(5 / 4) + 0.01


def test_points_are_as_dense_as_the_density():
    """Half the mass within a fifth of the length has half of the points: k-means would put a third there."""
    density = np.full((50, 10), 1.0)
    density[:10] = 4.0
    found, _ = represent(density, 400)
    assert np.mean(found[:, 0] < 9.5) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_an_empty_box_about_the_specimen_changes_nothing_and_takes_no_memory(dimensions):
    """Cells are cut where the specimen is: the whole box, cut as finely, would be gigabytes."""
    box, place = ((2500, 2000), (1900, 120)) if dimensions == 2 else ((70, 60, 50), (50, 40, 7))
    few = np.random.default_rng(1).uniform(1, 2, [2] * dimensions)
    large = np.zeros(box)
    large[tuple(slice(start, start + 2) for start in place)] = few
    points = {2: 64, 3: 200}[dimensions]  # cells are cut into 16 and 8 along each axis: no rounding breaks ties
    small, deviation = represent(np.pad(few, 1), points)
    tracemalloc.start()
    found, same = represent(large, points)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    np.testing.assert_allclose(found - place, small - 1, atol=1e-9)
    assert same == pytest.approx(deviation)


def test_cells_are_those_of_the_whole_grid_enlarged():
    """Linear interpolation as scipy has it, also at the border, and cells in the order of the grid."""
    generator = np.random.default_rng(0)
    for shape, points in (((9, 14), 60), ((6, 5, 8), 100)):
        density = generator.random(shape) * (generator.random(shape) < 0.3)
        factor = int(np.ceil((CELLS * points / np.count_nonzero(density)) ** (1 / len(shape))))
        whole = zoom(density, factor, order=1, mode="nearest", grid_mode=True)
        fine = np.zeros(whole.shape)
        places, mass = _cells(density, points)
        index = np.rint((places + 0.5) * factor - 0.5).astype(int)
        fine[tuple(index.T)] = mass
        np.testing.assert_array_equal(fine, whole)
        assert np.argwhere(whole).tolist() == index.tolist()


def test_moments_are_kept():
    image = blobs(1, 48)[0].astype(np.float64)
    found, deviation = represent(image, 300)
    places = np.stack(np.indices(image.shape), axis=-1).reshape(-1, 2)
    mean = np.average(places, axis=0, weights=image.ravel())
    variance = np.average((places - mean) ** 2, axis=0, weights=image.ravel())
    assert np.allclose(found.mean(axis=0), mean, atol=0.02)
    # the variance of the points and that about them are the density's, but for the width of a pixel
    assert np.allclose(found.var(axis=0).sum() + 2 * deviation**2, variance.sum(), rtol=0.02)


def test_representation_in_three_dimensions():
    found, deviation = represent(np.ones((6, 6, 6)), 8)
    assert np.allclose(np.sort(np.unique(np.round(found, 6))), [1.0, 4.0])
    assert deviation == pytest.approx(np.sqrt(2 / 3))  # of three voxels along each axis


@pytest.mark.parametrize(("snr", "worst"), [(np.inf, 1.2), (3, 1.3), (1, 1.6), (0.3, 2.5)])
def test_points_of_an_image_are_near_the_projected_ones(snr, worst):
    rotations = turns(2)
    found = simulated(rotations, snr=snr)
    truth = BODY[np.random.default_rng(5).permutation(len(BODY))[:512]]
    chance = BODY[np.random.default_rng(6).permutation(len(BODY))[:512]]
    for image, rotation in zip(found.pixels, rotations, strict=True):
        measured = points_of_image(image, 2.0, points=512)

        def apart(points, seen=(truth @ rotation)[:, :2]):
            return np.sqrt(match(seen, points, np.ones(512, dtype=int)).cost / 1024)

        # two draws of points from the body are no nearer to each other
        assert apart(measured.points) < worst * apart((chance @ rotation)[:, :2])


def test_shifts_pixels_and_scale_drop_out():
    rotation = turns(1)
    one = simulated(rotation)
    moved = simulated(rotation, shifts=np.array([[12.0, -8.0]]))
    here = points_of_image(one.pixels[0], 2.0, points=100)
    there = points_of_image(5 + 3 * moved.pixels[0], 2.0, points=100, shift=moved.shifts[0])
    assert np.abs(here.points - there.points).max() < 0.05
    finer = simulated(rotation, size=128, pixel_size=1.0)
    fine = points_of_image(finer.pixels[0], 1.0, points=100, resolution=6.0)
    assert np.sqrt(match(here.points, fine.points, np.ones(100, dtype=int)).cost / 200) < here.cell / 2


def test_turning_an_image_turns_its_points():
    image = simulated(turns(1), size=65).pixels[0]
    here, there = (points_of_image(each, 2.0, points=256).points for each in (image, np.rot90(image, -1)))
    turned = here @ np.array([[0.0, 1], [-1, 0]])  # rows run downwards: -1 turns x to y
    assert np.sqrt(match(turned, there, np.ones(256, dtype=int)).cost / 512) < 0.5


def test_what_was_taken_can_be_drawn():
    measured = points_of_image(simulated(turns(1)).pixels[0], 2.0, points=200)
    assert measured.covers(measured.points).mean() > 0.95
    corner = measured.origin + measured.size * np.array([0.0, 0.0])
    assert not measured.covers(np.array([corner, corner - 1e6])).any()
    row, column = np.argwhere(measured.inside)[0]
    assert measured.covers(measured.origin + measured.size * np.array([[column, row]], dtype=float)).all()


def test_a_given_threshold_is_in_the_units_of_the_file():
    image = 100 + 50 * simulated(turns(1)).pixels[0] / simulated(turns(1)).pixels[0].max()
    low, high = (points_of_image(image, 2.0, points=50, threshold=value) for value in (105.0, 125.0))
    assert low.inside.sum() > high.inside.sum() > 0
    black = points_of_image(-image, 2.0, points=50, threshold=-125.0, contrast="black")
    assert np.array_equal(black.inside, high.inside)


def test_a_specimen_at_the_border_is_said():
    found = simulated(turns(1), shifts=np.array([[60.0, 0.0]]))
    assert any("border" in remark for remark in points_of_image(found.pixels[0], 2.0, points=20).remarks)


@pytest.fixture
def body_map(tmp_path):
    counts, _ = np.histogramdd(BODY[:, ::-1], bins=32, range=[[-66, 62]] * 3)  # sections, rows, columns of 4 Å
    return write_map(tmp_path / "body.mrc", counts, voxel=4.0)


def test_points_of_a_map(body_map):
    measured = points_of_map(read_density(body_map), points=64, resolution=8.0)
    assert np.allclose(measured.points.mean(axis=0), BODY.mean(axis=0), atol=0.5)
    assert np.allclose(measured.points.std(axis=0), BODY.std(axis=0), rtol=0.1)
    assert 20 <= len(points_of_map(read_density(body_map)).points) <= 256


def test_frames_of_a_map(tmp_path):
    values = np.zeros((12, 12, 12))
    values[7, 6, 4] = values[7, 6, 5] = 1.0  # z, y, x
    density = read_density(write_map(tmp_path / "moved.mrc", values, 2.0, origin=(100.0, 0.0, -50.0)))
    box = points_of_map(density, points=1, level=0.1, resolution=2.0).points[0]
    header = points_of_map(density, points=1, level=0.1, resolution=2.0, centre="header").points[0]
    assert np.allclose(box, [-3.0, 0.0, 2.0], atol=0.01)
    assert np.allclose(header, [109.0, 12.0, -36.0], atol=0.01)
    assert np.allclose(header - box, density.centre())


def test_axes_and_starts_of_ccp4_maps(tmp_path):
    """A map stored with other axes, its origin in NSTART, is read as gemmi sets it up."""
    gemmi = pytest.importorskip("gemmi")
    generator = np.random.default_rng(0)
    values = generator.uniform(size=(6, 8, 10)).astype(np.float32)  # x, y, z
    grid = gemmi.FloatGrid(values)
    grid.set_unit_cell(gemmi.UnitCell(12, 16, 20, 90, 90, 90))
    ccp4 = gemmi.Ccp4Map()
    ccp4.grid = grid
    ccp4.update_ccp4_header()
    ccp4.write_ccp4_map(str(tmp_path / "plain.ccp4"))
    found = read_density(tmp_path / "plain.ccp4")
    assert np.array_equal(found.values, values.transpose(2, 1, 0))
    assert np.allclose(found.voxel, 2.0)
    header = bytearray((tmp_path / "plain.ccp4").read_bytes())
    data = np.ascontiguousarray(values.transpose(1, 0, 2)[:, :, :].transpose(0, 1, 2))  # sections y, rows x, columns z
    words = np.frombuffer(bytes(header[:1024]), dtype="<i4").copy()
    words[0:3], words[4:7], words[16:19] = (10, 6, 8), (5, 3, 4), (3, 1, 2)  # columns z, rows x, sections y
    (tmp_path / "turned.ccp4").write_bytes(words.tobytes() + data.tobytes())
    turned = read_density(tmp_path / "turned.ccp4")
    assert np.array_equal(turned.values, found.values)
    assert turned.origin.tolist() == [6.0, 8.0, 10.0]  # NSTART of x, y, z is 3, 4, 5


def test_projections_of_a_map_are_those_of_its_atoms(body_map):
    """Along an axis the sum of voxels; along any direction the simulated image of the same atoms."""
    density = read_density(body_map)
    along = project_map(density, np.eye(3)[None], shape=(32, 32), pixel_size=4.0)[0]
    assert np.allclose(along, density.values.sum(axis=0) * 4.0, atol=1e-3)
    rotations, shifts = turns(3), np.array([[0.0, 0], [8.0, 4.0], [-4.0, 8.0]])
    images = simulate_images(
        BODY, rotations, size=32, pixel_size=4.0, resolution=12.0, shifts=shifts, generator=np.random.default_rng(0)
    )
    seen = project_map(density, rotations, shape=(32, 32), pixel_size=4.0, shifts=shifts)
    for image, other in zip(images.pixels, seen, strict=True):
        assert np.corrcoef(image.ravel(), other.ravel())[0, 1] > 0.97


def test_a_map_may_count_from_the_centre_already(tmp_path):
    """A map cut out of its box: only its header says where the centre of the images is."""
    counts, _ = np.histogramdd(BODY[:, ::-1], bins=[12, 16, 20], range=[[-26, 22], [-34, 30], [-42, 38]])
    density = read_density(write_map(tmp_path / "cut.mrc", counts, voxel=4.0, origin=(-40.0, -32.0, -24.0)))
    images = simulated(turns(2), resolution=12.0)
    assert agreement(images, density, centre="header").min() > 0.97
    assert doubts(images, density, centre="header") == ()
    moved = replace(density, origin=density.origin + 30.0)
    assert agreement(images, moved, centre="header").max() < 0.8
    measured = points_of_map(density, points=64, resolution=8.0, centre="header")
    assert np.allclose(measured.points.mean(axis=0), BODY.mean(axis=0), atol=0.5)


def test_a_map_outside_of_the_images_is_said_and_one_image_beside_it_silences_nothing(body_map):
    density, images = read_density(body_map), simulated(turns(3), resolution=12.0)
    outside = replace(density, origin=density.origin + 500.0)
    assert agreement(images, outside, centre="header").tolist() == [0.0] * 3
    (said,) = doubts(images, outside, centre="header")
    assert "do not look like the map" in said
    shifts = np.concatenate([images.shifts[:2], [[1e4, 0.0]]])  # the last image sees nothing
    assert doubts(replace(images, shifts=shifts), density, contrast="black")
    assert doubts(images, density) == ()


def test_projections_of_a_map_far_from_the_centre_are_whole(body_map):
    """Along the ray, too: the header may put the map anywhere."""
    density, rotations, away = read_density(body_map), turns(3), np.array([300.0, -200.0, 400.0])
    moved = replace(density, origin=density.origin - density.centre() + away)
    here = project_map(density, rotations, shape=(32, 32), pixel_size=4.0)
    shifts = -(away @ rotations)[:, :2]
    there = project_map(moved, rotations, shape=(32, 32), pixel_size=4.0, shifts=shifts, centre="header")
    assert np.allclose(here, there, atol=1e-3 * here.max())
