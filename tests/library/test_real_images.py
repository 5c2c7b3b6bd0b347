"""Files that other programs wrote: poses are right if the map, projected by them, looks like the images."""

from dataclasses import replace

import numpy as np
import pytest
from image_files import REAL, cistem_columns, loop, write_cs
from scipy.spatial.transform import Rotation

from pointprior.images.maps import points_of_map, read_density
from pointprior.images.points import points_of_image
from pointprior.images.poses import to_euler
from pointprior.images.projection import MIRROR, agreement, doubts
from pointprior.images.reading import read_images, read_poses
from pointprior.measurements.own import combine

pytestmark = pytest.mark.skipif(REAL is None, reason="no ../shared/real beside the repository")
PIXEL = 4.0  # the files say none, or 1
# Linear interpolation, and the crop to 64 pixels, cost less than a hundredth. Images whose shifts wrap the specimen
# around the border of its box have lost some of it.
LEAST = {
    "rln_proj_65": 0.998,
    "rln_proj_65_centered": 0.998,
    "rln_proj_64_centered": 0.99,
    "rln_proj_65_shifted": 0.98,
}


def ribosome():
    return read_density(REAL / "relion/ribosome70s_65.mrc", voxel_size=PIXEL)


def relion(name: str):
    return read_images(REAL / f"relion/{name}.star", pixel_size=PIXEL)


@pytest.mark.parametrize("name", LEAST)
def test_relions_projections_look_like_the_map(name):
    assert agreement(relion(name), ribosome()).min() > LEAST[name]


def test_an_odd_box_is_centred_a_pixel_on():
    """Without that pixel, the projections of 65 pixels correlate 0.83 to 0.90."""
    found = relion("rln_proj_65")
    assert "odd size" in found.remarks[0]
    assert agreement(replace(found, shifts=found.shifts - PIXEL), ribosome()).max() < 0.91


def test_another_convention_is_noticed():
    found, density = relion("rln_proj_64_centered"), ribosome()
    assert doubts(found, density) == ()
    inverse = replace(found, rotations=found.rotations.transpose(0, 2, 1))
    assert "another convention" in doubts(inverse, density)[0]
    assert "other hand" in doubts(replace(found, rotations=MIRROR @ found.rotations), density)[0]
    wrong = replace(found, rotations=np.roll(found.rotations, 1, axis=0))
    assert "do not look like the map" in doubts(wrong, density)[0]


def test_the_same_poses_from_cryosparc_and_cistem(tmp_path):
    found, stack = relion("rln_proj_65_shifted"), str(REAL / "relion/rln_proj_65_shifted.mrcs")
    vectors = Rotation.from_matrix(found.rotations).as_rotvec()
    write_cs(tmp_path / "same.cs", stack, vectors, -found.shifts / PIXEL, alignment_pixel=PIXEL)
    columns = cistem_columns(stack, to_euler(found.rotations), found.shifts)
    (tmp_path / "same.star").write_text(loop("", columns))
    for name in ("same.cs", "same.star"):
        assert agreement(read_images(tmp_path / name, pixel_size=PIXEL), ribosome()).min() > 0.98


@pytest.mark.parametrize(
    ("name", "rows", "pixel", "poses"),
    [
        ("FinalRefinement-OriginalParticles-PfCRT.star", 5, 1.035, True),
        ("empiar_10076_7.star", 7, 1.31, False),
        ("relion31.star", 5, 2.806, True),
        ("relion5.star", 17, 0.89, True),
        ("toy_projections_13.star", 13, 1.035, False),
        ("empiar_10076_7.cs", 7, 1.31, False),
        ("cryosparc_P12_J24_001_particles.cs", 2019, 2.95, True),
    ],
)
def test_dialects(name, rows, pixel, poses):
    table = read_poses(REAL / "dialects" / name)
    assert len(table) == rows
    assert table.one_pixel_size(None) == pytest.approx(pixel, rel=1e-3)
    assert (table.rotations is not None) == poses
    if poses:
        assert np.allclose(table.rotations @ table.rotations.transpose(0, 2, 1), np.eye(3), atol=1e-9)
        assert table.shifts.any()
    with pytest.raises(FileNotFoundError, match="put it beside the file, or give `stack`"):
        read_images(REAL / "dialects" / name, select="1")


def test_the_same_table_in_two_dialects():
    star, table = (read_poses(REAL / f"dialects/empiar_10076_7.{suffix}") for suffix in ("star", "cs"))
    assert star.stacks == table.stacks
    assert np.array_equal(star.index, table.index)


def test_class_averages_in_spider_format():
    paths = sorted((REAL / "class-averages").glob("*.spi"))
    assert len(paths) == 23
    for path in paths:
        found = read_images(path, pixel_size=3.23)
        assert found.pixels.shape == (1, 112, 112)
        measured = points_of_image(found.pixels[0], 3.23, points=256, name=path.name)
        assert not any("INVERTED" in remark for remark in measured.remarks)
        assert 0.02 < measured.inside.mean() < 0.5
        dark = points_of_image(found.pixels[0], 3.23, points=16, contrast="black", name=path.name)
        assert any("INVERTED" in remark for remark in dark.remarks)


def test_the_ribosomes_images_and_map_are_in_one_frame():
    found, density = relion("rln_proj_65"), ribosome()
    images = [points_of_image(p, PIXEL, shift=s) for p, s in zip(found.pixels, found.shifts, strict=True)]
    coarse = points_of_map(density)
    own = combine(images, found.rotations, low_resolution=coarse)
    together = combine([], low_resolution=coarse).frame
    assert np.linalg.norm(own.frame.center - together.center) < PIXEL
    assert own.frame.scale == pytest.approx(together.scale, rel=0.1)
    # the map has lost its low frequencies, so that its projections have holes: a few points fall into those
    right = [i.covers(coarse.points @ r[:, :2]).mean() for i, r in zip(images, found.rotations, strict=True)]
    wrong = [i.covers(coarse.points @ r.T[:, :2]).mean() for i, r in zip(images, found.rotations, strict=True)]
    assert min(right) > 0.8
    assert np.mean(right) > np.mean(wrong) + 0.15
    assert not any("miss each other" in remark for remark in own.remarks)
