"""The archive of shapes: read as numpy reads it, from folders and zips, and faults told with their place."""

import logging
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from shape_archives import CHAIR, MUG, SHORT, SPLITS, TOP, write_folder, zip_folder

from pointprior.cli import main
from pointprior.clouds import DegenerateCloudError
from pointprior.shapes.archive import ShapeArchive, ShapeArchiveError, difference_to_paper, find_archive
from pointprior.shapes.categories import CATEGORIES
from pointprior.shapes.clouds import read_shapes, select, shape_cloud
from pointprior.shapes.layout import RawShape

LIST = "train_test_split/shuffled_train_file_list.json"


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_folder(tmp_path / "archive")


@pytest.fixture(params=["folder", "folder below", "zip", "zip without a top folder"])
def place(request, folder) -> Path:
    """The same archive in each of the forms that it comes in."""
    if request.param == "folder below":
        (folder.parent / "unpacked").mkdir()
        return folder.rename(folder.parent / "unpacked" / TOP).parent
    if request.param.startswith("zip"):
        return zip_folder(folder, folder.parent / "archive.zip", "" if "without" in request.param else TOP)
    return folder


def damage(folder: Path, line: int, row: str, shape: str = f"{CHAIR}/c1") -> str:
    """Replace a line of a shape's file; what the archive then says of that shape."""
    file = folder / f"{shape}.txt"
    lines = file.read_text().splitlines()
    lines[line - 1] = row
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(ShapeArchiveError) as caught:
        ShapeArchive(folder).read(shape)
    assert str(caught.value).startswith(str(file))
    return str(caught.value).removeprefix(str(file))


def test_lists_keep_their_order_and_their_split(place):
    archive = ShapeArchive(place)
    assert archive.listed("train", ["Chair"]) == [f"{CHAIR}/c2", f"{CHAIR}/c1"]
    assert archive.listed("train") == SPLITS["train"][:3]  # the lamp is no category of the paper
    assert archive.listed("val", ["Mug"]) == [f"{MUG}/m2"]
    assert archive.listed("test", ["Mug", "Chair"]) == SPLITS["test"]


def test_shapes_are_what_numpy_reads(place, tmp_path):
    archive = ShapeArchive(place)
    for shape in SPLITS["train"]:
        write_folder(tmp_path / f"copy of {shape[-2:]}", {"train": [shape]})
        expected = np.loadtxt(tmp_path / f"copy of {shape[-2:]}" / f"{shape}.txt")
        raw = archive.read(shape)
        np.testing.assert_array_equal(raw.points, expected[:, :3].astype(np.float32))
        np.testing.assert_array_equal(raw.normals, expected[:, 3:6].astype(np.float32))
        np.testing.assert_array_equal(raw.labels, expected[:, 6])
        assert archive.count(shape) == len(expected)


def test_white_space_and_line_ends_do_not_matter(folder):
    expected = ShapeArchive(folder).read(f"{MUG}/m1")
    file = folder / f"{MUG}/m1.txt"
    file.write_bytes(b"\r\n\r\n".join(b"\t" + line.replace(b" ", b" \t ") for line in file.read_bytes().splitlines()))
    np.testing.assert_array_equal(ShapeArchive(folder).read(f"{MUG}/m1").points, expected.points)
    assert ShapeArchive(folder).count(f"{MUG}/m1") == len(expected.points)


def test_a_cloud_is_drawn_from_the_normalised_shape(folder):
    """Every point is one of the shape's, none twice; the shape is centred and its largest coordinate is one."""
    raw = ShapeArchive(folder).read(f"{CHAIR}/c0")
    cloud = shape_cloud(raw, key=(0, "c0"))
    assert cloud.points.shape == (1024, 3)
    centred = raw.points - raw.points.mean(axis=0, dtype=np.float64)
    assert cloud.scale == np.abs(centred).max()
    rows = {tuple(row) for row in raw.points.round(5).tolist()}
    back = {tuple(row) for row in cloud.to_angstrom().astype(np.float32).round(5).tolist()}
    assert len(back) == 1024
    assert back <= rows
    whole = shape_cloud(raw, points=len(raw.points), key=(0, "c0"))
    np.testing.assert_allclose(whole.points.mean(axis=0), 0, atol=1e-6)
    assert np.abs(whole.points).max() == 1


def test_a_cloud_belongs_to_its_key(folder):
    raw = ShapeArchive(folder).read(f"{CHAIR}/c0")
    one, again, other = (shape_cloud(raw, key=(0, key)).points for key in "aab")
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_too_few_points_and_no_extent(folder):
    with pytest.raises(ValueError, match="has 1000 points, fewer than the 1024 of a cloud"):
        shape_cloud(ShapeArchive(folder).read(SHORT), key=(0,))
    one = np.zeros((1024, 3), dtype=np.float32)
    with pytest.raises(DegenerateCloudError):
        shape_cloud(RawShape(one, one, np.zeros(1024, dtype=int)), key=(0,))


def test_the_first_shapes_leave_out_the_short(place, caplog):
    archive = ShapeArchive(place)
    chosen = select(archive, "test", ["Chair"], first=2)
    assert (chosen.ids, chosen.short) == ([f"{CHAIR}/c0", f"{CHAIR}/c5"], [SHORT])
    assert "left out 1 of the split test, with fewer than 1,024 points: 03001627/c9" in caplog.text
    assert select(archive, "test", ["Chair"], first=1).short == []
    assert select(archive, "test", first=3).ids == [f"{MUG}/m3", f"{CHAIR}/c0", f"{CHAIR}/c5"]
    with pytest.raises(ValueError, match="3 shapes of the split test are asked for, but it has 2 of Chair with 1,024"):
        select(archive, "test", ["Chair"], first=3)


def test_a_split_is_read_whole_and_padded(place, caplog):
    archive = ShapeArchive(place)
    found = read_shapes(archive, "test", ["Chair", "Mug"])
    assert found.ids == [f"{MUG}/m3", f"{CHAIR}/c0", f"{CHAIR}/c5"]
    assert found.categories == ["Mug", "Chair", "Chair"]
    assert found.short == [SHORT]
    assert found.points.shape == (3, found.counts.max(), 3)
    for shape, points, count in zip(found.ids, found.points, found.counts, strict=True):
        raw = archive.read(shape).points.astype(np.float64)
        centred = raw - raw.mean(axis=0)
        np.testing.assert_allclose(points[:count], centred / np.abs(centred).max(), atol=1e-6)
        assert not points[count:].any()
    assert "paper" not in caplog.text  # it prints no number of test shapes


def test_a_difference_to_the_paper_is_a_warning(folder, caplog):
    with caplog.at_level(logging.WARNING):
        read_shapes(ShapeArchive(folder), "train", ["Chair"])
    assert caplog.messages == [f"{folder} lists 2 training shapes of Chair; the paper prints 2,658"]
    everything = difference_to_paper(ShapeArchive(folder), "train", CATEGORIES)
    assert everything == f"{folder} lists 3 training shapes of 13 categories; the paper prints 10,693"
    assert difference_to_paper(ShapeArchive(folder), "train", ["Mug"]) is None


def test_as_many_as_the_paper_prints_are_no_difference(tmp_path):
    folder = write_folder(tmp_path / "full", {"train": []})
    entries = ", ".join(f'"shape_data/{CHAIR}/{number}"' for number in range(2658))
    (folder / LIST).write_text(f"[{entries}]")
    assert difference_to_paper(ShapeArchive(folder), "train", ["Chair"]) is None


def test_a_split_without_shapes_is_an_error(folder):
    with pytest.raises(ValueError, match="no shape of Rocket in the split val with 1,024 points or more"):
        read_shapes(ShapeArchive(folder), "val", ["Rocket"])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("1 2 3 0 0 1", ", line 7: 6 columns instead of 7 (x y z nx ny nz label)"),
        ("1 2 3 0 0 1 12 12", ", line 7: 8 columns instead of 7 (x y z nx ny nz label)"),
        ("1 2 three 0 0 1 12", ", line 7: z is 'three', which is no number"),
        ("1 2 3 0 nan 1 12", ", line 7: ny is nan"),
        ("-inf 2 3 0 0 1 12", ", line 7: x is -inf"),
        ("1 2 3 0 0 1 1.5", ", line 7: label is 1.5"),
        ("1 2\0 3 0 0 1 12", ", line 7: y is '2\\x00', which is no number"),
        ('1 "2" 3 0 0 1 12', ", line 7: y is '\"2\"', which is no number"),
    ],
)
def test_broken_rows_are_named(folder, row, fault):
    assert damage(folder, 7, row) == fault


def test_a_broken_first_row_and_an_empty_file(folder):
    assert damage(folder, 1, "1 2 3 0 0 1") == ", line 1: 6 columns instead of 7 (x y z nx ny nz label)"
    assert damage(folder, 1, "x y z nx ny nz label") == ", line 1: x is 'x', which is no number"
    (folder / f"{CHAIR}/c1.txt").write_text("\n")
    with pytest.raises(ShapeArchiveError, match=re.escape("c1.txt: has no points")):
        ShapeArchive(folder).read(f"{CHAIR}/c1")


def test_a_missing_file_is_named(place):
    with pytest.raises(ShapeArchiveError, match=f"{CHAIR}/absent.txt: missing. Is the archive whole"):
        ShapeArchive(place).read(f"{CHAIR}/absent")


def test_a_missing_or_broken_list_is_named(folder):
    file = folder / LIST
    for text, fault in [
        ("{", "not readable as JSON"),
        ('{"a": 1}', "no list of shapes"),
        ("[1]", "entry 1, 1, is not shape_data/<synset>/<name>"),
        (f'["shape_data/{CHAIR}/a", "shape_data/../a"]', "entry 2, 'shape_data/../a', is not"),
        (f'["shape_data/{CHAIR}/a", "shape_data/{CHAIR}/a"]', "entry 2 repeats entry 1"),
    ]:
        file.write_text(text)
        with pytest.raises(ShapeArchiveError, match=re.escape(f"{file}: {fault}")):
            ShapeArchive(folder).listed("train")
    file.unlink()
    with pytest.raises(ShapeArchiveError, match=re.escape(f"{file}: missing")):
        ShapeArchive(folder).listed("train")
    assert ShapeArchive(folder).listed("val") == [f"{MUG}/m2"]


def test_what_is_no_archive(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ShapeArchiveError, match="empty: has no folder train_test_split, nor has a folder in it"):
        ShapeArchive(tmp_path / "empty")
    (tmp_path / "page.zip").write_text("<html>moved</html>")
    with pytest.raises(ShapeArchiveError, match=re.escape("page.zip: neither a folder nor a zip that can be read")):
        ShapeArchive(tmp_path / "page.zip")


def test_a_damaged_zip_is_named(folder, tmp_path):
    """One byte of a packed file is another: its checksum tells."""
    path = zip_folder(folder, tmp_path / "damaged.zip")
    with zipfile.ZipFile(path) as zipped:
        place = zipped.getinfo(f"{TOP}/{CHAIR}/c1.txt").header_offset + 2000
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ShapeArchiveError, match=re.escape(f"{path}/{TOP}/{CHAIR}/c1.txt: not readable")):
        ShapeArchive(path).read(f"{CHAIR}/c1")


def test_wrong_names_bring_the_nearest(folder):
    archive = ShapeArchive(folder)
    with pytest.raises(ValueError, match=re.escape("'Chiar' is no category of shapes; did you mean Chair?")):
        archive.listed("train", ["Chiar"])
    with pytest.raises(ValueError, match=re.escape("'motorbike' is no category of shapes; did you mean Motorbike?")):
        archive.listed("train", ["motorbike"])
    with pytest.raises(ValueError, match="'xyz' is no category of shapes; known: Airplane, Bag"):
        archive.listed("train", ["xyz"])
    with pytest.raises(ValueError, match="'trainval' is no split; known: train, val, test"):
        archive.listed("trainval")


def test_where_the_archive_is(folder):
    assert find_archive(folder, {}) == folder
    assert find_archive(None, {"SHAPENET_DIR": str(folder)}) == folder
    assert find_archive(folder, {"SHAPENET_DIR": "/elsewhere"}) == folder
    with pytest.raises(
        ShapeArchiveError, match=r"no archive of shapes is named\. Get shapenetcore.*SHAPENET_DIR"
    ) as said:
        find_archive(None, {})
    assert "`archive: standin` in the data set, or `--configfile config/standin.yaml`" in str(said.value)
    with pytest.raises(ShapeArchiveError, match=re.escape("/absent (SHAPENET_DIR): no such folder or zip. Get")):
        find_archive(None, {"SHAPENET_DIR": "/absent"})


def test_counts_on_the_command_line(place, capsys):
    assert main(["shapes", "list", str(place)]) == 0
    printed = capsys.readouterr()
    lines = {line.split()[0]: line.split()[1:] for line in printed.out.splitlines()}
    assert lines["train"] == ["val", "test"]
    assert lines["Chair"] == ["2", "0", "3"]
    assert lines["Mug"] == ["1", "1", "1"]
    assert lines["all"] == ["3", "1", "4"]
    assert len(lines) == len(CATEGORIES) + 2
    assert "lists 2 training shapes of Chair; the paper prints 2,658\n" in printed.err
    assert main(["shapes", "list", str(place / "absent")]) == 1
    assert "no such folder or zip" in capsys.readouterr().err
