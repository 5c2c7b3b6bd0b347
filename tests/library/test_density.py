"""Density maps: closed forms, and what other programs read from the files."""

import os

import gemmi
import mrcfile
import numpy as np
import pytest

from pointprior.output.densities import (
    DensityMap,
    contour_level,
    localisation_density,
    mean_density,
    read_map,
    write_map,
)

RESOLUTION = 12.0
SIGMA = RESOLUTION / (np.pi * np.sqrt(2))  # ChimeraX's molmap


def gaussian(squared):
    return np.exp(-squared / (2 * SIGMA**2)) / (2 * np.pi * SIGMA**2) ** 1.5


@pytest.fixture
def lopsided():
    """Three samples of a cross with arms of 40 Å along x, 25 Å along y and 10 Å along z, far from the origin."""
    arms = np.concatenate([np.outer(np.linspace(0, 1, 9), axis) for axis in np.diag([40.0, 25.0, 10.0])])
    return np.array([-130.0, 57.0, 212.0]) + arms + np.random.default_rng(0).normal(size=(3, 27, 3))


def grid_points(density):
    index = np.stack(np.meshgrid(*map(np.arange, density.values.shape), indexing="ij"), axis=-1)
    return density.origin + index * density.voxel


def test_density_is_a_sum_of_gaussians(lopsided):
    density = mean_density(lopsided, RESOLUTION)
    place = grid_points(density)[:, :, :, None]
    expected = np.mean([gaussian(((place - points) ** 2).sum(-1)).sum(-1) for points in lopsided], axis=0)
    np.testing.assert_allclose(density.values, expected, atol=1e-5 * expected.max(), rtol=0)


def test_one_point_on_the_grid_has_the_known_height():
    density = mean_density(np.full((1, 1, 3), 4.0 * 7), RESOLUTION)  # voxels of 4 Å
    peak = np.array(np.unravel_index(density.values.argmax(), density.values.shape))
    np.testing.assert_allclose(density.origin + peak * density.voxel, 28.0)
    assert density.values.max() == pytest.approx((2 * np.pi * SIGMA**2) ** -1.5, rel=1e-4)
    x, y, z = peak
    beside = density.values[x, y, z + 2]
    assert beside == pytest.approx(density.values.max() * np.exp(-(8.0**2) / (2 * SIGMA**2)), rel=1e-4)


def test_density_integrates_to_the_number_of_points_and_balances_in_their_mean(lopsided):
    density = mean_density(lopsided, RESOLUTION)
    mass = density.values.sum(dtype=np.float64)
    assert mass * density.voxel**3 == pytest.approx(27, rel=1e-4)
    balance = (grid_points(density) * density.values[..., None]).sum(axis=(0, 1, 2)) / mass
    np.testing.assert_allclose(balance, lopsided.mean(axis=(0, 1)), atol=0.01)


def test_mean_density_is_the_mean_of_the_samples_densities(lopsided):
    everything = mean_density(lopsided, RESOLUTION)
    ends = np.stack([lopsided.min(axis=(0, 1)), lopsided.max(axis=(0, 1))])
    middle = ends.mean(axis=0) + (grid_points(everything)[::3, ::3, ::3].reshape(-1, 3) - ends.mean(axis=0)) * 0.2
    alone = [mean_density(sample[None], RESOLUTION).at(middle) for sample in lopsided]
    # their grids differ by whole voxels, so that values between grid points are the same too
    np.testing.assert_allclose(everything.at(middle), np.mean(alone, axis=0), rtol=1e-4)


def test_grid_is_molmaps_and_leaves_room(lopsided):
    density = mean_density(lopsided, RESOLUTION)
    assert density.voxel == pytest.approx(RESOLUTION / 3)
    last = density.origin + density.voxel * (np.array(density.values.shape) - 1)
    for room in (lopsided.min(axis=(0, 1)) - density.origin, last - lopsided.max(axis=(0, 1))):
        assert (room >= 3 * RESOLUTION).all()
        assert (room < 3 * RESOLUTION + density.voxel).all()
    whole = density.origin / density.voxel
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-9)


def test_localisation_is_the_share_of_samples_that_occupy_a_voxel(lopsided):
    density = localisation_density(lopsided, RESOLUTION)
    place = grid_points(density)[:, :, :, None]
    distance = [np.sqrt(((place - points) ** 2).sum(-1)).min(-1) for points in lopsided]
    np.testing.assert_allclose(density.values, np.mean([d <= RESOLUTION / 2 for d in distance], axis=0), rtol=1e-6)
    assert density.values.max() == 1


def test_samples_that_agree_are_localised_everywhere_and_others_in_part():
    point = np.zeros((4, 1, 3))
    assert set(np.unique(localisation_density(point, RESOLUTION).values)) == {0, 1}
    point[0] += 100  # one of four is elsewhere
    density = localisation_density(point, RESOLUTION)
    assert density.at(np.array([[0.0, 0, 0], [100.0, 100, 100], [48.0, 48, 48]])).tolist() == [0.75, 0.25, 0]


@pytest.mark.parametrize("shift", [0.0, 400.0])
def test_a_file_comes_back(tmp_path, lopsided, shift):
    density = mean_density(lopsided + shift, RESOLUTION)
    write_map(tmp_path / "mean.mrc", density, ["one", "two"])
    back = read_map(tmp_path / "mean.mrc")
    assert np.array_equal(back.values, density.values)
    np.testing.assert_allclose(back.origin, density.origin, atol=1e-4)
    assert back.voxel == pytest.approx(density.voxel)
    assert os.listdir(tmp_path) == ["mean.mrc"]


def test_mrcfile_reads_axes_origin_and_labels(tmp_path, lopsided, capsys):
    density = mean_density(lopsided, RESOLUTION)
    write_map(tmp_path / "mean.mrc", density, ["Resolution 12.0 A", "second"])
    assert mrcfile.validate(tmp_path / "mean.mrc"), capsys.readouterr().out
    with mrcfile.open(tmp_path / "mean.mrc") as file:
        assert file.is_volume()
        assert file.data.shape == density.values.shape[::-1]  # sections along z, rows along x
        assert (int(file.header.mapc), int(file.header.mapr), int(file.header.maps)) == (1, 2, 3)
        np.testing.assert_allclose([file.voxel_size[a] for a in "xyz"], density.voxel, rtol=1e-6)
        np.testing.assert_allclose([file.header.origin[a] for a in "xyz"], density.origin, atol=1e-4)
        assert file.header.label[:3].tolist() == [b"Resolution 12.0 A", b"second", b""]
        assert file.header.nlabl == 2
        longest = np.ptp(np.argwhere(file.data > 0.3 * file.data.max()), axis=0)
        assert longest[2] > longest[1] > longest[0]  # x last


def test_gemmi_reads_the_density_where_the_points_are(tmp_path, lopsided):
    """An independent reader, which takes the place of the grid from NSTART."""
    density = mean_density(lopsided, RESOLUTION)
    write_map(tmp_path / "mean.mrc", density, [])
    read = gemmi.read_ccp4_map(os.fspath(tmp_path / "mean.mrc"))
    start = np.array([read.header_i32(word) for word in (5, 6, 7)])
    assert (read.header_i32(17), read.header_i32(18), read.header_i32(19)) == (1, 2, 3)
    assert np.array_equal(np.array(read.grid, copy=False).shape, density.values.shape)
    cell = np.array(read.grid.unit_cell.parameters[:3])
    np.testing.assert_allclose(cell, density.voxel * np.array(density.values.shape), rtol=1e-6)
    for point in lopsided[0, ::5]:
        index = np.rint(point / density.voxel).astype(int) - start
        at = (index + start) * density.voxel
        expected = np.mean([gaussian(((at - points) ** 2).sum(-1)).sum() for points in lopsided])
        assert read.grid.get_value(*index.tolist()) == pytest.approx(expected, rel=1e-3)


def test_surface_holds_the_stated_share_of_points(lopsided):
    density = mean_density(lopsided, RESOLUTION)
    points = lopsided.reshape(-1, 3)
    level = contour_level(density, points, share=0.75)
    assert (density.at(points) >= level).mean() == pytest.approx(0.75, abs=0.01)


def test_values_between_grid_points_are_linear_and_zero_outside():
    values = np.add.outer(np.add.outer(np.arange(4.0), 10 * np.arange(5.0)), 100 * np.arange(6.0)).astype(np.float32)
    density = DensityMap(values, np.array([10.0, 20.0, 30.0]), 2.0)
    points = np.array([[10.0, 20.0, 30.0], [13.0, 21.0, 33.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(density.at(points), [0.0, 1.5 + 5 + 150, 0.0])


def test_the_same_samples_give_the_same_file(tmp_path, lopsided):
    for name in ("a", "b"):
        write_map(tmp_path / f"{name}.mrc", mean_density(lopsided, RESOLUTION), ["label"])
    assert (tmp_path / "a.mrc").read_bytes() == (tmp_path / "b.mrc").read_bytes()


@pytest.mark.parametrize("resolution", [0.0, -3.0, np.nan, np.inf])
def test_impossible_resolutions_are_refused(lopsided, resolution):
    with pytest.raises(ValueError, match="resolution above 0"):
        mean_density(lopsided, resolution)


@pytest.mark.parametrize(
    ("spread", "resolution"), [(1e7, RESOLUTION), (1e30, RESOLUTION), (40.0, 1e-3), (40.0, 1e-300)]
)
def test_maps_that_no_memory_holds_are_refused_before_it_is_asked_for(spread, resolution):
    ends = np.array([[[0.0, 0.0, 0.0], [spread, spread, spread]]])
    for density in (mean_density, localisation_density):
        with pytest.raises(ValueError, match=r"points that span .* need .* voxels .*at most.*coarser resolution"):
            density(ends, resolution)


def test_points_that_are_not_finite_are_refused(lopsided):
    lopsided[1, 2, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        localisation_density(lopsided, RESOLUTION)


@pytest.mark.parametrize("labels", [["x" * 81], ["Å"], ["x"] * 11])
def test_labels_that_no_header_holds_are_refused(tmp_path, lopsided, labels):
    with pytest.raises(ValueError, match="MRC"):
        write_map(tmp_path / "mean.mrc", mean_density(lopsided, RESOLUTION), labels)
    assert os.listdir(tmp_path) == []
