"""Scripts for ChimeraX and PyMOL: what they open, and that they find it wherever the folder is."""

import os
import re

import numpy as np
import pytest

from pointprior.output.models import b_factor
from pointprior.output.viewers import MapShown, write_view

both = pytest.mark.parametrize("suffix", [".cxc", ".pml"])


@pytest.fixture
def written(tmp_path):
    """Write a view of everything beside it; give its text."""

    def write(suffix, **changed):
        view = tmp_path / "3j9i" / "p3" / f"dps{suffix}"
        given = {"spacing": 8.0, "deposit": tmp_path / "deposits" / "3j9i.cif.gz", "level": 0.00123}
        given |= {"mean": view.with_name("dps_mean.mrc"), "localisation": view.with_name("dps_localisation.mrc")}
        write_view(view, view.with_name("dps.cif"), **given | changed)
        return view.read_text()

    return write


def opened(text):
    """Files that a script opens."""
    return re.findall(r'^(?:open|load) "?([^",\n]*\.[^",\n]*?)"?(?:,| id|$)', text, flags=re.MULTILINE)


@both
def test_views_open_models_maps_and_deposit_beside_them(tmp_path, written, suffix):
    text = written(suffix)
    files = ["dps.cif", "../../deposits/3j9i.cif.gz", "dps_mean.mrc", "dps_localisation.mrc"]
    assert opened(text) == files
    assert str(tmp_path) not in text  # relative, so that the folder can be moved
    assert "0.00123" in text
    largest = b_factor(np.array([8.0]))[0]
    assert f"0,{largest:.1f}" in text or f"maximum={largest:.1f}" in text


@both
def test_colours_end_where_asked(written, suffix):
    largest = b_factor(np.array([3.5]))[0]
    assert f"{largest:.1f}" in written(suffix, largest_rmsf=3.5)


@both
def test_spread_is_said_in_the_frames_unit(written, suffix):
    assert "RMSF of 3.5 unit/100 or more" in written(suffix, largest_rmsf=3.5, unit="unit/100")


@pytest.mark.parametrize(("suffix", "fetch"), [(".cxc", "open 3j9i fromDatabase pdb"), (".pml", "fetch 3j9i")])
def test_views_can_fetch_the_deposit_or_do_without(written, suffix, fetch):
    assert fetch in written(suffix, deposit="3j9i")
    assert "3j9i" not in written(suffix, deposit=None)


@both
def test_views_do_without_maps(written, suffix):
    assert "mrc" not in written(suffix, mean=None, localisation=None)


@pytest.mark.parametrize(("suffix", "build"), [(".cxc", "sym #2 assembly 2"), (".pml", "set assembly, 2")])
def test_assemblies_are_built_where_the_models_are_of_one(written, suffix, build):
    assert build in written(suffix, assembly="2").splitlines()
    assert "assembly" not in written(suffix)


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.cxc .* or \.pml"):
        write_view(tmp_path / "view.txt", tmp_path / "dps.cif", spacing=7.0)
    assert os.listdir(tmp_path) == []


@both
def test_a_map_without_a_level_is_refused(written, suffix):
    with pytest.raises(ValueError, match="contour level"):
        written(suffix, level=None)


@pytest.fixture
def own_view(written, tmp_path):
    """A view beside a map and a part of one's own, in a folder whose name has a space."""

    def write(suffix, *, stated=True, chains=("A", "B")):
        voxel, first, centre = np.full(3, 2.5), np.array([-50.0, -50.0, -40.0]), np.array([60.0, 60.0, 40.0])
        shown = MapShown(tmp_path / "my data/low.mrc", 0.02, voxel, stated, first, centre)
        part = tmp_path / "my data/part.cif"
        return written(suffix, deposit=part, deposit_centre=centre, chains=chains, measured=shown)

    return write


@both
def test_views_open_a_map_and_a_part_of_ones_own(own_view, suffix, tmp_path):
    text = own_view(suffix)
    assert {"../../my data/low.mrc", "../../my data/part.cif"} <= set(opened(text))
    assert str(tmp_path) not in text


def test_chimerax_lays_map_and_part_over_the_models(own_view):
    text = own_view(".cxc")
    assert "volume #5 voxelSize 2.5,2.5,2.5 originIndex 20,20,16" in text
    assert "view matrix models #2,1,0,0,-60.0000,0,1,0,-60.0000,0,0,1,-40.0000" in text
    assert "cartoon #2/A,B" in text


def test_pymol_lays_map_and_part_over_the_models(own_view):
    text = own_view(".pml")
    moved = re.findall(r"^cmd.transform_object\('(\w+)', \[([^]]*)\]\)$", text, flags=re.MULTILINE)
    assert [name for name, _ in moved] == ["deposit", "measured_map"]
    for _, numbers in moved:
        matrix = np.array(numbers.split(","), dtype=float).reshape(4, 4)
        np.testing.assert_array_equal(matrix @ [60, 60, 40, 1], [0, 0, 0, 1])
    assert "show cartoon, deposit and chain A+B" in text
    assert "low.mrc" not in own_view(".pml", stated=False)  # PyMOL would show it at the header's size
