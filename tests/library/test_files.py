"""A file is whole or absent, whatever happens to its writer."""

import numpy as np
import pytest

from pointprior.runtime.arrays import load_arrays
from pointprior.runtime.files import atomic_write, check_file, check_folder


def test_writes_and_makes_the_folder(tmp_path):
    target = tmp_path / "new" / "folder" / "a.txt"
    with atomic_write(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
        assert temporary.parent == target.parent  # a rename between file systems would copy
        assert temporary.suffix == target.suffix
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("before", [None, "old"])
def test_an_interrupted_writer_leaves_what_was_there(tmp_path, interruption, before):
    target = tmp_path / "a.txt"
    if before:
        target.write_text(before)

    def write():
        with atomic_write(target) as temporary:
            temporary.write_text("ha")
            raise interruption

    with pytest.raises(interruption):
        write()
    assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_a_writer_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "a.txt"):
        pass


def test_numpy_keeps_the_name(tmp_path):
    with atomic_write(tmp_path / "a.npz") as temporary:
        np.savez(temporary, x=np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_a_folder_in_the_way_is_said_before_the_file_is_written(tmp_path):
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(IsADirectoryError, match=r"a\.zip: is a folder"), atomic_write(tmp_path / "a.zip"):
        pytest.fail("nothing is to be done for it")


def test_folders_to_write_to_are_checked_and_not_made(tmp_path, monkeypatch):
    for folder in (tmp_path, tmp_path / "new", tmp_path / "new/deep"):
        check_folder(folder)
        check_file(folder / "a.txt")
    monkeypatch.chdir(tmp_path)
    check_file("a.txt")
    check_folder("new")
    assert list(tmp_path.iterdir()) == []


def test_places_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for folder in (tmp_path / "file", tmp_path / "file/within/deep", tmp_path / "link", tmp_path / ("x" * 300)):
        with pytest.raises(OSError, match=f"{folder}: no files can be written there"):
            check_folder(folder)
        with pytest.raises(OSError, match=str(folder)):
            check_file(folder / "a.txt")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        check_file(tmp_path)
    with pytest.raises(OSError, match="name too long"):
        check_file(tmp_path / ("x" * 300))


def test_arrays_of_a_file_and_what_is_none(tmp_path):
    np.savez(tmp_path / "whole.npz", a=np.arange(3), b=np.arange(4000.0))
    assert load_arrays(tmp_path / "whole.npz", "a")["b"].shape == (4000,)
    with pytest.raises(ValueError, match=r"whole\.npz: lacks c, d; it holds a, b"):
        load_arrays(tmp_path / "whole.npz", "a", "c", "d")
    content = (tmp_path / "whole.npz").read_bytes()
    damaged = bytearray(content)
    damaged[2000] ^= 255
    np.save(tmp_path / "one.npy", np.zeros(3))
    files = {
        "cut": content[:3000],
        "damaged": bytes(damaged),
        "text": b"points",
        "empty": b"",
        "one": (tmp_path / "one.npy").read_bytes(),
    }
    for name, bad in files.items():
        (tmp_path / f"{name}.npz").write_bytes(bad)
        with pytest.raises(ValueError, match=rf"{name}\.npz: (no \.npz file|holds one array)"):
            load_arrays(tmp_path / f"{name}.npz")
    with pytest.raises(FileNotFoundError):
        load_arrays(tmp_path / "absent.npz")
