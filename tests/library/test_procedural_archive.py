"""The stand-in in the archive's layout: read back as written, splits that share nothing, whole or not at all."""

import json
import zipfile

import numpy as np
import pytest

from pointprior.cli import main
from pointprior.shapes.archive import ShapeArchive
from pointprior.shapes.categories import CATEGORIES
from pointprior.shapes.layout import SPLITS
from pointprior.shapes.procedural import generate, parameters_of, writer
from pointprior.shapes.procedural.writer import listed, write_archive

SIZES = {"train": 3, "validation": 1, "test": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The stand-in of all categories in a folder."""
    path = tmp_path_factory.mktemp("standin") / "archive"
    assert write_archive(path, seed=4, **SIZES) == 6 * len(CATEGORIES)
    return path


def test_a_file_holds_the_generated_object(folder):
    name = "03001627/standin4-test-00001"
    table, shape = np.loadtxt(folder / f"{name}.txt"), generate("Chair", (4, "test", 1))
    np.testing.assert_allclose(table[:, :3], shape.points, atol=6e-6)
    np.testing.assert_allclose(table[:, 3:6], shape.normals, atol=6e-5)
    np.testing.assert_array_equal(table[:, 6], shape.labels)
    read = ShapeArchive(folder).read(name)
    np.testing.assert_array_equal(read.points, table[:, :3].astype(np.float32))


def test_lists_name_every_file_once(folder):
    files = {f"shape_data/{path.parent.name}/{path.stem}" for path in folder.glob("0*/*.txt")}
    lists = [json.loads((folder / f"train_test_split/shuffled_{split}_file_list.json").read_text()) for split in SPLITS]
    assert [len(entries) for entries in lists] == [3 * 13, 13, 2 * 13]
    assert sorted(entry for entries in lists for entry in entries) == sorted(files)
    synsets = [entry.split("/")[1] for entry in lists[0]]
    assert synsets != sorted(synsets)  # the first hundred are of all categories


def test_a_zip_holds_the_same_files_whatever_the_processes(folder, tmp_path):
    for name, processes in (("one.zip", 1), ("two.zip", 2)):
        write_archive(tmp_path / name, seed=4, processes=processes, **SIZES)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert texts == {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}


def test_no_test_object_is_one_of_training():
    """Neither by its parameters nor by its points, across the splits and within them."""
    for category in CATEGORIES:
        keys = [(0, split, number) for split, count in (("train", 150), ("test", 50)) for number in range(count)]
        described = {tuple(vars(parameters_of(category, key)).values()) for key in keys}
        assert len(described) == len(keys)
        clouds = {generate(category, key, points=16).points.tobytes() for key in keys[::5]}
        assert len(clouds) == len(keys[::5])


def test_more_training_objects_leave_the_others_as_they_are():
    few, many = (listed("test", count, seed=0, categories=["Mug", "Cap"]) for count in (5, 20))
    assert [item for item in many if item.number < 5] == few
    assert {item.id for item in many}.isdisjoint(item.id for item in listed("train", 50, seed=0))
    assert [item.id for item in listed("test", 5, seed=1)] != [item.id for item in listed("test", 5, seed=0)]


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/note.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="remove it, or give another name"):
        write_archive(tmp_path / "mine", **SIZES)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "note.txt"]


@pytest.mark.parametrize("name", ["archive", "archive.zip"])
def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch, name):
    def fails(category, key):
        if key[2] == 1:
            raise RuntimeError("out of memory")
        return generate(category, key)

    monkeypatch.setattr(writer, "generate", fails)
    with pytest.raises(RuntimeError, match="out of memory"):
        write_archive(tmp_path / name, categories=["Mug"], **SIZES)
    assert list(tmp_path.iterdir()) == []


def test_unknown_categories_and_negative_numbers():
    with pytest.raises(ValueError, match="did you mean Chair"):
        listed("train", 1, seed=0, categories=["Chiar"])
    with pytest.raises(ValueError, match="train: -1 objects"):
        listed("train", -1, seed=0)


def test_command(tmp_path, capsys):
    path = tmp_path / "chairs.zip"
    arguments = ["--train", "2", "--validation", "0", "--test", "1", "--categories", "Chair", "--seed", "9"]
    assert main(["shapes", "generate", str(path), *arguments]) == 0
    assert capsys.readouterr().out == f"{path}: 3 objects\n"
    assert ShapeArchive(path).listed("test") == ["03001627/standin9-test-00000"]
    assert main(["shapes", "list", str(path)]) == 0
