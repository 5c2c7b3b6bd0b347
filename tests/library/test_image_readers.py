"""Files of images and poses: every dialect, written as its program does or by the field's libraries."""

import gzip
import shutil

import numpy as np
import pytest
from image_files import (
    ANGLES,
    blobs,
    cistem_columns,
    loop,
    relion31,
    relion_columns,
    relion_matrices,
    write_cs,
    write_stack,
)
from PIL import Image
from scipy.spatial.transform import Rotation

from pointprior.images.errors import ImageError
from pointprior.images.poses import from_euler, to_euler
from pointprior.images.reading import read_images
from pointprior.images.selection import chosen_rows, different_views

IMAGES = blobs()


@pytest.fixture
def folder(tmp_path):
    write_stack(tmp_path / "stack.mrcs", IMAGES)
    return tmp_path


def test_angles_are_those_of_relions_source():
    # p = A x for columns, so x @ rotation for rows has the rotation A transposed
    assert np.allclose(from_euler(*ANGLES.T), relion_matrices().transpose(0, 2, 1))
    assert np.allclose(from_euler(*to_euler(from_euler(*ANGLES.T)).T), from_euler(*ANGLES.T))


def test_relion_31(folder):
    columns = relion_columns() | {"rlnOriginXAngst": [3.0, 0, 0], "rlnOriginYAngst": [-1.0, 0, 0]}
    found = read_images(relion31(folder / "run_data.star", columns))
    assert np.array_equal(found.pixels, IMAGES)
    assert np.allclose(found.rotations, relion_matrices().transpose(0, 2, 1))
    assert found.shifts.tolist() == [[-3.0, 1.0], [0, 0], [0, 0]]
    assert (found.pixel_size, found.numbers, found.remarks) == (2.0, (1, 2, 3), ())
    assert found.names == ("1@stack.mrcs", "2@stack.mrcs", "3@stack.mrcs")


def test_relion_30_has_one_table_and_pixels(folder):
    pixels = {"rlnDetectorPixelSize": [5.0] * 3, "rlnMagnification": [20000.0] * 3}
    columns = relion_columns() | pixels | {"rlnOriginX": [3.0, 0, 0], "rlnOriginY": [-1.0, 0, 0]}
    (folder / "old.star").write_text(loop("", columns))
    found = read_images(folder / "old.star")
    assert found.pixel_size == 2.5
    assert found.shifts[0].tolist() == [-7.5, 2.5]


def test_rows_may_be_in_any_order_of_several_stacks(folder):
    write_stack(folder / "other.mrcs", 2 * IMAGES)
    columns = relion_columns() | {"rlnImageName": ["2@other.mrcs", "3@stack.mrcs", "1@other.mrcs"]}
    found = read_images(relion31(folder / "mixed.star", columns))
    assert np.array_equal(found.pixels, np.stack([2 * IMAGES[1], IMAGES[2], 2 * IMAGES[0]]))


def test_stacks_are_found_from_the_project_folder_and_beside_the_file(folder):
    job = folder / "Refine3D/job007"
    job.mkdir(parents=True)
    assert len(read_images(relion31(job / "run_data.star")).pixels) == 3  # named from the project
    write_stack(job / "moved.mrcs", IMAGES)
    star = relion31(job / "moved.star", relion_columns("Extract/job001/moved.mrcs"))
    assert len(read_images(star).pixels) == 3
    assert len(read_images(star, stack=folder / "stack.mrcs").pixels) == 3


def test_files_without_angles_have_no_poses(folder):
    found = read_images(relion31(folder / "plain.star", {"rlnImageName": ["2@stack.mrcs"]}))
    assert found.rotations is None
    assert np.array_equal(found.pixels, IMAGES[1:2])


def test_round_trip_through_starfile(folder):
    starfile = pytest.importorskip("starfile", reason="starfile is not installed")
    pandas = pytest.importorskip("pandas")
    columns = relion_columns() | {"rlnOpticsGroup": 1, "rlnOriginXAngst": 1.5, "rlnOriginYAngst": -0.25}
    optics = pandas.DataFrame({"rlnOpticsGroup": [1], "rlnImagePixelSize": [2.0]})
    starfile.write({"optics": optics, "particles": pandas.DataFrame(columns)}, folder / "written.star")
    found = read_images(folder / "written.star")
    assert np.array_equal(found.pixels, IMAGES)
    assert np.allclose(found.rotations, relion_matrices().transpose(0, 2, 1), atol=1e-6)
    assert np.allclose(found.shifts, [-1.5, 0.25])


def test_cistem_shifts_say_where_the_particle_is(folder):
    columns = cistem_columns("stack.mrcs", shifts=np.array([[3.0, -1], [0, 0], [0, 0]]))
    (folder / "cistem.star").write_text(loop("", columns))
    found = read_images(folder / "cistem.star")
    # cisTEM's own export to RELION keeps phi, theta, psi and negates the shifts
    origins = {"rlnOriginXAngst": [-3.0, 0, 0], "rlnOriginYAngst": [1.0, 0, 0]}
    same = read_images(relion31(folder / "exported.star", relion_columns() | origins))
    assert np.allclose(found.rotations, same.rotations)
    assert np.allclose(found.shifts, same.shifts)
    assert np.array_equal(found.pixels, IMAGES)


def test_cistem_needs_a_stack_from_somewhere(folder):
    (folder / "cistem.star").write_text(loop("", cistem_columns(None)))
    with pytest.raises(ImageError, match="names no file of images"):
        read_images(folder / "cistem.star")
    assert np.array_equal(read_images(folder / "cistem.star", stack=folder / "stack.mrcs").pixels, IMAGES)


@pytest.mark.parametrize("prefix", ["alignments3D", "alignments_class_0"])
def test_cryosparc_of_a_refinement_and_of_an_ab_initio_job(folder, prefix):
    # its rotation vectors give RELION's matrix transposed (cryoDRGN and pyem convert them so)
    poses = Rotation.from_matrix(relion_matrices().transpose(0, 2, 1)).as_rotvec()
    shifts = np.array([[1.0, -2], [0, 0], [0, 0]])
    path = write_cs(folder / "particles.cs", ">stack.mrcs", poses, shifts, prefix=prefix, alignment_pixel=4.0)
    found = read_images(path)
    assert np.allclose(found.rotations, from_euler(*ANGLES.T), atol=1e-6)
    assert found.shifts[0].tolist() == [-4.0, 8.0]  # of the alignment's pixels
    assert np.array_equal(found.pixels, IMAGES)


def test_cryosparc_without_poses(folder):
    found = read_images(write_cs(folder / "imported.cs", "stack.mrcs", None, np.zeros((3, 2))))
    assert found.rotations is None
    assert found.pixel_size == 2.0


def test_images_alone(folder):
    found = read_images(folder / "stack.mrcs", select="3,1")
    assert np.array_equal(found.pixels, IMAGES[[2, 0]])
    assert found.rotations is None
    assert "header" in found.remarks[0]
    with gzip.open(folder / "packed.mrcs.gz", "wb") as file, open(folder / "stack.mrcs", "rb") as plain:
        shutil.copyfileobj(plain, file)
    assert np.array_equal(read_images(folder / "packed.mrcs.gz").pixels, IMAGES)


@pytest.mark.parametrize("name", ["image.tif", "image.png", "image.spi"])
def test_pictures_keep_their_rows_in_order(folder, name):
    grey = np.round(255 * IMAGES[0] / IMAGES[0].max()).astype(np.uint8)
    picture = Image.fromarray(grey.astype(np.float32) if name.endswith("spi") else grey)
    picture.save(folder / name, format="SPIDER" if name.endswith("spi") else None)
    found = read_images(folder / name, pixel_size=3.0)
    assert np.array_equal(found.pixels[0], grey.astype(np.float32))
    assert found.pixel_size == 3.0


def test_tiff_stacks_have_all_their_pages(folder):
    pages = [Image.fromarray(image) for image in IMAGES]
    pages[0].save(folder / "stack.tif", save_all=True, append_images=pages[1:])
    assert np.array_equal(read_images(folder / "stack.tif", pixel_size=3.0, select="2-3").pixels, IMAGES[1:])


def test_selection_by_number_keeps_the_order_given():
    assert chosen_rows("all", None, 4, "f").tolist() == [0, 1, 2, 3]
    assert chosen_rows("3, 1-2,1", None, 4, "f").tolist() == [2, 0, 1]
    for wrong in ("0", "5", "2-9", "3-2", "one", "", "1,,2"):
        with pytest.raises(ImageError):
            chosen_rows(wrong, None, 4, "f")


def test_different_views_are_far_apart():
    axes = np.array([[0, 0, 1.0], [0.1, 0, 1], [0, -0.1, -1], [1, 0, 0], [1, 0.1, 0], [0, 1, 0]])
    rotations = np.stack([np.linalg.qr(np.column_stack([axis, np.eye(3)]))[0][:, ::-1] for axis in axes])
    chosen = different_views(rotations, 3)
    cosines = np.abs(rotations[chosen][:, :, 2] @ rotations[chosen][:, :, 2].T)[np.triu_indices(3, 1)]
    assert cosines.max() < 0.15
    assert chosen_rows("3 views", rotations, 6, "f").tolist() == sorted(chosen.tolist())
    with pytest.raises(ImageError, match="no poses"):
        chosen_rows("3 views", None, 6, "f")


def test_images_in_files_of_their_own_are_read_by_a_pattern(tmp_path):
    for place, image in enumerate(blobs(3)):
        write_stack(tmp_path / f"average_{place}.mrcs", image[None])
    found = read_images(tmp_path / "average_*.mrcs", select="2-3")
    assert found.names == ("1@average_1.mrcs", "1@average_2.mrcs")
    np.testing.assert_array_equal(found.pixels, blobs(3)[1:])
    write_stack(tmp_path / "average_3.mrcs", blobs(1, size=16))
    with pytest.raises(ImageError, match=r"image 4 \(average_3\.mrcs\): the image has 16 × 16 pixels, that of image 1"):
        read_images(tmp_path / "average_*.mrcs")
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_images(tmp_path / "none_*.mrcs")
    relion31(tmp_path / "run.star")
    with pytest.raises(ImageError, match="of files with poses, name one"):
        read_images(tmp_path / "*.star")


def test_images_in_several_folders_keep_their_names_apart(tmp_path):
    for place, image in enumerate(blobs(2)):
        (tmp_path / f"class_{place}").mkdir()
        write_stack(tmp_path / f"class_{place}/average.mrcs", image[None])
    found = read_images(tmp_path / "class_*/average.mrcs")
    assert found.names == ("1@class_0/average.mrcs", "1@class_1/average.mrcs")
    np.testing.assert_array_equal(found.pixels, blobs(2))


def test_of_images_alone_those_that_are_not_chosen_are_not_read(folder):
    """Neither to be refused for what is wrong with them, nor to be counted."""
    images = np.concatenate([IMAGES] * 100)
    images[1], images[2] = 0.0, np.nan
    write_stack(folder / "many.mrcs", images)
    with gzip.open(folder / "many.mrcs.gz", "wb") as file, open(folder / "many.mrcs", "rb") as plain:
        shutil.copyfileobj(plain, file)
    pages = [Image.fromarray(image) for image in images]
    pages[0].save(folder / "many.tif", save_all=True, append_images=pages[1:])
    for name in ("many.mrcs", "many.mrcs.gz", "many.tif"):
        found = read_images(folder / name, select="1,4-5,300", pixel_size=2.0)
        assert np.array_equal(found.pixels, images[[0, 3, 4, 299]])
        assert (found.numbers[-1], found.names[-1]) == (300, f"300@{name}")
        with pytest.raises(ImageError, match=r"image 2: .*is empty.*leave it out \(`select`\)"):
            read_images(folder / name, select="1-2", pixel_size=2.0)


def test_a_pixel_size_that_contradicts_the_header_is_said(folder):
    assert "3 Å as given, not 2 Å" in read_images(folder / "stack.mrcs", pixel_size=3.0).remarks[0]
    assert read_images(folder / "stack.mrcs", pixel_size=2.0).remarks == ()


def test_a_stack_that_has_moved_stands_for_the_one_that_is_named(folder):
    columns = relion_columns() | {"rlnImageName": ["1@a.mrcs", "2@a.mrcs", "1@b.mrcs"]}
    star = relion31(folder / "two.star", columns)
    assert np.array_equal(read_images(star, stack=folder / "stack.mrcs", select="1-2").pixels, IMAGES[:2])
    with pytest.raises(ImageError, match=r"names 2 stacks \(a\.mrcs, b\.mrcs\).*select rows of one"):
        read_images(star, stack=folder / "stack.mrcs")
    with pytest.raises(ImageError, match="holds the images itself"):
        read_images(folder / "stack.mrcs", stack=folder / "stack.mrcs")
