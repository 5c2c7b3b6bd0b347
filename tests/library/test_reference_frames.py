"""Images found in a reference, beside a map, a part and a homologue: all of them lie in one frame."""

from dataclasses import replace

import numpy as np
import pytest
from image_files import write_map
from own_specimen import PIXEL, SIZE, smeared, specimen, write_specimen

from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure

PLACE = np.array([120.0, -35.0, 60.0])  # of the molecule, in the frame of all files
OFF = np.array([24.0, -12.0, 8.0])  # of the map's middle from it


def write_structure(path, atoms):
    lines = [
        f"ATOM  {k:5d}  CA  ALA A{k:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00           C"
        for k, (x, y, z) in enumerate(atoms, 1)
    ]
    path.write_text("\n".join([*lines, "END", ""]))


def write_density(path, body, middle, *, size=SIZE, origin=None):
    """The body in a box about `middle`; its header says where that is, unless an origin is given."""
    origin = middle - PIXEL * (size // 2) if origin is None else origin
    write_map(path, smeared((body - middle) / PIXEL, size, 3), voxel=PIXEL, origin=origin)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("frames")
    write_specimen(path, images=2, seed=0, shift=(5.0, -10.0))
    body = specimen() + PLACE
    write_structure(path / "known.pdb", body)
    write_density(path / "moved.mrc", body, PLACE + OFF, size=48)
    write_density(path / "wide.mrc", body, PLACE, size=56)
    for name, size in (("unplaced.mrc", 48), ("unplaced_wide.mrc", 56)):
        write_density(path / name, specimen(), np.zeros(3), size=size, origin=np.zeros(3))
    return path


def measured(folder, **files):
    paths = {name: str(folder / value) for name, value in files.items() if name != "map_centre"}
    known = {"pixel_size": PIXEL, "image_points": 96, "points": 96, "reference_resolution": 25.0}
    options = {name: value for name, value in files.items() if name == "map_centre"}
    return measure(OwnFiles(images=str(folder / "classes.mrcs"), **paths, **known, **options), key=(0, "a"))


def missed(data) -> float:
    """Largest distance (in Å) of the middle of an image's points from that of the map's, as the image sees it."""
    middle = data.low_resolution.points.mean(axis=0)
    return max(
        np.abs(seen.points.mean(axis=0) - (middle @ rotation)[:2]).max()
        for seen, rotation in zip(data.seen, data.images.rotations, strict=True)
    )


@pytest.mark.parametrize("centre", ["box", "header"])
@pytest.mark.parametrize("reference", ["known.pdb", "wide.mrc", "moved.mrc"])
def test_images_lie_where_the_map_does_that_has_its_middle_elsewhere(folder, reference, centre):
    data = measured(folder, reference=reference, map="moved.mrc", map_centre=centre)
    where = -OFF if centre == "box" else PLACE
    np.testing.assert_allclose(data.low_resolution.points.mean(axis=0), where, atol=1.0)
    assert missed(data) < 3.0  # of pixels of 5 Å
    np.testing.assert_allclose(data.frame.center, where, atol=2.0)
    assert not [said for said in data.warnings if "miss each other" in said or "the map" in said]
    assert any("from the middle of the reference" in note for note in data.notes) or (reference, centre) == (
        "moved.mrc",
        "box",
    )


def test_part_and_homologue_lie_where_images_and_map_do(folder):
    known = str(folder / "known.pdb")
    data = measured(folder, reference="wide.mrc", map="moved.mrc")
    files = replace(data.files, subunit=known, subunit_share=0.9, homologue=known, homologue_place="map")
    data = measure(files, key=(0, "a"))
    for seen, rotation in zip(data.seen, data.images.rotations, strict=True):
        assert seen.covers(data.part @ rotation[:, :2]).mean() > 0.9
    assert data.measurements.homologue.misfit < 8.0


def test_maps_whose_headers_give_no_place_have_their_middles_in_common(folder):
    """As programs for single particles write them: the box's corner is the origin, whatever its width."""
    data = measured(folder, reference="unplaced_wide.mrc", map="unplaced.mrc")
    assert missed(data) < 3.0
    assert any("neither header says where its map lies" in note for note in data.notes)


def test_without_a_map_the_reference_is_the_frame(folder):
    data = measured(folder, reference="known.pdb")
    np.testing.assert_allclose(data.map_centre, PLACE, atol=0.01)
    assert np.linalg.norm(data.frame.center) < 3.0
