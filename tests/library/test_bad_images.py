"""What is wrong with files of images is said with the file, the row and what to do."""

import gzip

import mrcfile
import numpy as np
import pytest
from image_files import ANGLES, blobs, cistem_columns, loop, relion31, relion_columns, write_cs, write_map, write_stack

from pointprior.images.errors import ImageError
from pointprior.images.maps import points_of_map, read_density
from pointprior.images.points import points_of_image
from pointprior.images.reading import read_images

IMAGES = blobs()


@pytest.fixture
def folder(tmp_path):
    write_stack(tmp_path / "stack.mrcs", IMAGES)
    return tmp_path


def refused(path, *words, **options):
    with pytest.raises(ImageError) as problem:
        read_images(path, **options)
    for word in (path.name, *words):
        assert word in str(problem.value), (word, str(problem.value))


def test_a_table_of_cryosparc_without_rows(folder):
    for poses in (None, np.zeros((0, 3))):
        refused(write_cs(folder / "none.cs", "stack.mrcs", poses, np.zeros((0, 2))), "its table has no rows")


def test_images_alone_that_are_too_many_or_of_several_pixel_sizes(folder):
    """Both are in the headers: the images, which are all empty, are not read first."""
    write_stack(folder / "many.mrcs", np.zeros((201, 4, 4)))
    refused(folder / "many.mrcs", "201 images are asked for", "200 are the most")
    write_stack(folder / "stack_wide.mrcs", np.zeros((2, 32, 32)), 3.0)
    refused(folder / "stack*.mrcs", "pixels of image 4 are wider or narrower than those of image 1", "2 to 3 Å")
    assert len(read_images(folder / "stack*.mrcs", select="1-3")) == 3
    write_stack(folder / "unsized.mrcs", IMAGES, 0.0)
    refused(folder / "*s*.mrcs", "has no pixel size")


def test_a_volume_stack_is_no_stack_of_images(folder):
    with mrcfile.new(folder / "volumes.mrcs") as file:
        file.set_data(np.ones((2, 3, 4, 5), dtype=np.float32))
    refused(folder / "volumes.mrcs", "holds volumes, not images", pixel_size=1.0)


def test_more_rows_than_images(folder):
    angles = np.concatenate([ANGLES, ANGLES])
    refused(relion31(folder / "long.star", relion_columns(angles=angles)), "holds 3 images", "row 4:", "image 4")
    (folder / "cistem.star").write_text(loop("", cistem_columns("stack.mrcs", angles)))
    refused(folder / "cistem.star", "holds 3 images")


def test_a_file_that_is_not_there_or_a_folder(folder):
    with pytest.raises(FileNotFoundError, match=r"none.star: there is no such file"):
        read_images(folder / "none.star")
    refused(folder, "is a folder")


def test_a_stack_is_no_map(folder):
    with pytest.raises(ImageError, match="a stack of images by its name"):
        read_density(write_stack(folder / "images.mrcs", IMAGES))


def test_no_pixel_size(folder):
    path = folder / "plain.star"
    path.write_text(loop("particles", relion_columns()))
    refused(path, "row 1", "give `pixel_size`")
    assert read_images(path, pixel_size=2.0).pixel_size == 2.0
    write_stack(folder / "bare.mrcs", IMAGES, 0.0)
    refused(folder / "bare.mrcs", "give `pixel_size`")
    for senseless in (0.0, -1.0, float("nan")):
        with pytest.raises(ImageError, match="above 0"):
            read_images(folder / "stack.mrcs", pixel_size=senseless)


def test_several_pixel_sizes(folder):
    columns = relion_columns() | {"rlnOpticsGroup": [1, 1, 2]}
    path = relion31(folder / "mixed.star", columns, sizes=(2.0, 3.0))
    refused(path, "row 3", "2 to 3 Å")
    assert len(read_images(path, select="1-2")) == 2


def test_an_optics_group_that_is_not_there(folder):
    refused(relion31(folder / "run.star", relion_columns() | {"rlnOpticsGroup": [1, 7, 1]}), "row 2", "optics group 7")


def test_angles_in_radians(folder):
    path = relion31(folder / "radians.star", relion_columns(angles=np.radians(ANGLES)))
    refused(path, "look like radians", "write degrees", "row 2")
    (folder / "cistem.star").write_text(loop("", cistem_columns("stack.mrcs", np.radians(ANGLES))))
    refused(folder / "cistem.star", "radians")


def test_a_value_that_is_no_number(folder):
    columns = relion_columns() | {"rlnAngleTilt": [1.0, "<NA>", 70.0]}
    refused(relion31(folder / "run.star", columns), "row 2", "rlnAngleTilt", "'<NA>'")


def test_two_of_three_angles(folder):
    columns = relion_columns()
    del columns["rlnAngleTilt"]
    refused(relion31(folder / "run.star", columns), "no rlnAngleTilt")


def test_an_image_counted_from_nought(folder):
    columns = relion_columns() | {"rlnImageName": ["1@stack.mrcs", "0@stack.mrcs", "x@stack.mrcs"]}
    refused(relion31(folder / "run.star", columns), "row 2", "'0@'")


def test_an_empty_image_and_one_with_holes(folder):
    for value, word in ((0.5, "is empty"), (np.nan, "no numbers")):
        images = IMAGES.copy()
        images[1] = value
        write_stack(folder / "hole.mrcs", images)
        star = relion31(folder / "hole.star", relion_columns("hole.mrcs"))
        refused(star, "image 2", word, "hole.mrcs")
        assert len(read_images(star, select="1,3")) == 2


def test_images_of_two_sizes(folder):
    write_stack(folder / "large.mrcs", blobs(size=48))
    columns = relion_columns() | {"rlnImageName": ["1@stack.mrcs", "1@large.mrcs", "2@stack.mrcs"]}
    refused(relion31(folder / "run.star", columns), "row 2", "48 × 48")


def test_truncated_and_compressed_stacks(folder):
    content = (folder / "stack.mrcs").read_bytes()
    (folder / "cut.mrcs").write_bytes(content[:-100])
    refused(relion31(folder / "cut.star", relion_columns("cut.mrcs")), "cut.mrcs", "truncated")
    (folder / "short.mrcs").write_bytes(content[:500])
    refused(folder / "short.mrcs", "cannot be read")
    packed = gzip.compress(content)
    (folder / "hidden.mrcs").write_bytes(packed)  # compressed under a plain name
    refused(folder / "hidden.mrcs", "compressed")
    (folder / "cut.mrcs.gz").write_bytes(packed[:-30])
    refused(folder / "cut.mrcs.gz", "cannot be read")


def test_files_that_are_something_else(folder):
    (folder / "notes.star").write_text("data_\nloop_\n_a #1\n_b #2\n1 2 3\n")
    refused(folder / "notes.star", "not a STAR file")
    (folder / "model.star").write_text(loop("model_classes", {"rlnReferenceImage": ["a"]}))
    refused(folder / "model.star", "no table names images", "model_classes")
    (folder / "binary.star").write_bytes(b"\xff\xfe\x00")
    refused(folder / "binary.star", "no text")
    (folder / "empty.star").write_text("data_particles\nloop_\n_rlnImageName #1\n")
    with pytest.raises(ImageError):
        read_images(folder / "empty.star")
    (folder / "text.cs").write_text("uid")
    refused(folder / "text.cs", "not a .cs file")
    np.save(folder / "plain.npy", np.zeros(3))
    (folder / "plain.npy").rename(folder / "plain.cs")
    refused(folder / "plain.cs", "no table of cryoSPARC")
    (folder / "picture.png").write_text("no picture")
    refused(folder / "picture.png", "no image of a known format", pixel_size=1.0)


def test_cryosparc_with_poses_in_several_classes(folder):
    poses, shifts = np.full((3, 3), 0.3), np.zeros((3, 2))
    path = write_cs(folder / "one.cs", "stack.mrcs", poses, shifts, prefix="alignments_class_0")
    table = np.load(path)
    more = [("alignments_class_1/pose", "<f4", (3,))]
    both = np.zeros(3, dtype=table.dtype.descr + more)
    for name in table.dtype.names:
        both[name] = table[name]
    with open(folder / "both.cs", "wb") as file:
        np.save(file, both)
    refused(folder / "both.cs", "2 classes", "export the particles of one class")
    table["alignments_class_0/pose"][1] = np.nan
    with open(path, "wb") as file:
        np.save(file, table)
    refused(path, "row 2", "not finite")


def test_ten_thousand_images(folder):
    many = np.tile(ANGLES, (3334, 1))
    path = relion31(folder / "particles.star", relion_columns("absent.mrcs", many))
    refused(path, "10002 images are asked for", "12 views")  # before any of them is read


def test_images_in_which_nothing_is_seen():
    noise = np.random.default_rng(0).standard_normal((64, 64))
    found = points_of_image(noise, 2.0, points=16)
    assert any("nothing stands out" in remark for remark in found.remarks)
    with pytest.raises(ImageError, match=r"3@stack\.mrcs: no specimen is higher"):
        points_of_image(IMAGES[0], 2.0, points=16, threshold=99.0, name="3@stack.mrcs")
    with pytest.raises(ImageError, match="white or black"):
        points_of_image(IMAGES[0], 2.0, contrast="grey")
    with pytest.raises(ImageError, match="resolution"):
        points_of_image(IMAGES[0], 2.0, resolution=-1.0)


def said(image, contrast="white"):
    """Remarks on an image, or why it is refused: of inverted ones, sometimes nothing remains."""
    try:
        return " ".join(points_of_image(image, 2.0, points=16, contrast=contrast).remarks)
    except ImageError as problem:
        return str(problem)


def test_inverted_contrast_is_shouted():
    noise = np.random.default_rng(0).normal(scale=0.05, size=IMAGES[0].shape)
    for clean in IMAGES:
        for image in (clean, clean + noise):
            assert "INVERTED" not in said(image)
            assert "INVERTED" not in said(-image, "black")
            assert "INVERTED" in said(-image)
            assert "INVERTED" in said(image, "black")


def test_maps_that_are_none(folder):
    with pytest.raises(ImageError, match="no voxel size"):
        read_density(write_map(folder / "unsized.mrc", IMAGES, voxel=0.0))
    with pytest.raises(ImageError, match="empty"):
        read_density(write_map(folder / "flat.mrc", np.zeros((8, 8, 8))))
    with pytest.raises(ImageError, match="lower the contour level"):
        points_of_map(read_density(write_map(folder / "low.mrc", IMAGES)), level=1e3)
    (folder / "cut.mrc").write_bytes((folder / "low.mrc").read_bytes()[:-100])
    with pytest.raises(ImageError, match="truncated"):
        read_density(folder / "cut.mrc")
    with pytest.raises(ImageError, match="box or of its header"):
        points_of_map(read_density(folder / "low.mrc"), centre="corner")
