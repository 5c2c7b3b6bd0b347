"""A file is whole or absent, whatever happens to its writer."""

import numpy as np
import pytest

from pointprior.runtime.files import atomic_write


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
