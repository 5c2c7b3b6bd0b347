"""`pointprior example`: files of one's own data that fit together, and the command that goes on with them."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from pointprior.cli import main
from pointprior.clouds import PointCloud
from pointprior.images.maps import points_of_map, read_density
from pointprior.images.projection import agreement, doubts
from pointprior.images.reading import read_images
from pointprior.images.writing import write_images
from pointprior.measurements.parts import read_part
from pointprior.output.own.example import IMAGES, MAP, STRUCTURE, write_example

CLOUD = Path(__file__).parents[2] / "resources/clouds/3j9i.npz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("example")
    write_example(path, PointCloud.load(CLOUD), name="3j9i", images=3)
    return path


def test_images_map_and_structure_lie_in_one_frame(folder):
    images, density = read_images(folder / IMAGES), read_density(folder / MAP)
    assert len(images) == 3
    assert (agreement(images, density) > 0.8).all()
    assert doubts(images, density) == ()
    atoms = read_part(folder / STRUCTURE, centre=density.centre())
    assert len(atoms) == 1024
    assert points_of_map(density).covers(atoms).mean() > 0.95
    assert np.abs(atoms.mean(axis=0)).max() < 2


def test_chains_of_the_structure_can_be_the_known_part(folder):
    chain = PointCloud.load(CLOUD).chain
    assert len(read_part(folder / STRUCTURE, chains=["F"])) == (chain == "F").sum()


def test_the_same_seed_gives_the_same_files(folder, tmp_path):
    write_example(tmp_path, PointCloud.load(CLOUD), name="3j9i", images=3)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    write_example(tmp_path, PointCloud.load(CLOUD), name="3j9i", images=3, seed=1)
    assert (tmp_path / IMAGES).read_bytes() != (folder / IMAGES).read_bytes()


@pytest.mark.parametrize("name", ["again.star", "my classes #2.star", 'the user\'s "best".star', "me@home.star"])
def test_written_images_are_read_as_they_were(folder, tmp_path, name):
    images = read_images(folder / IMAGES)
    write_images(tmp_path / name, images)
    again = read_images(tmp_path / name)
    assert again.names[1] == f"2@{Path(name).stem}.mrcs"
    np.testing.assert_array_equal(again.pixels, images.pixels)
    np.testing.assert_allclose(again.rotations, images.rotations, atol=1e-7)
    np.testing.assert_allclose(again.shifts, images.shifts, atol=1e-5)


@pytest.mark.parametrize("wrong", [{"images": 0}, {"snr": 0.0}])
def test_nonsense_is_refused_before_anything_is_written(wrong, tmp_path):
    with pytest.raises(ValueError, match="one image or more"):
        write_example(tmp_path / "none", PointCloud.load(CLOUD), name="3j9i", **wrong)
    assert not (tmp_path / "none").exists()


def test_the_command_says_how_to_go_on(tmp_path, capsys):
    """Its last line can be pasted, whatever the folder is called."""
    folder = tmp_path / "my data"
    assert main(["example", str(folder), "--images", "2"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    command = shlex.split(last.removeprefix("Now: "))
    assert command[:3] == ["pointprior", "reconstruct", str(folder / IMAGES)]
    assert command[-1] == str(folder / "models")
