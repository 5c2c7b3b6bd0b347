"""What comes of one's own data: re-projections, poses, readings, warnings, files and the page."""

import re
from dataclasses import replace

import mrcfile
import numpy as np
import pytest
from ellipsoid_set import ellipsoid_set
from own_specimen import PIXEL, SIZE, smeared, specimen, write_specimen
from scipy.spatial.transform import Rotation

from pointprior.images.reading import read_images
from pointprior.images.writing import write_poses
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure
from pointprior.measurements.own_poses import ImagePoses, image_poses
from pointprior.measurements.poses import Poses
from pointprior.output.own import SUFFIXES
from pointprior.output.own.expectation import OVERCONFIDENCE, expected_error
from pointprior.output.own.exports import write_method
from pointprior.output.own.from_prior import FromPrior, learnt_by, look_up
from pointprior.output.own.page import Report, write_page
from pointprior.output.own.results import OwnModels
from pointprior.output.own.warnings import warnings
from pointprior.reconstruction.own import problem_of, strength
from pointprior.reconstruction.readings import AS_GIVEN, Reading, better, compare_readings
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.scoring.nearest_training import NearestTraining, nearest_training
from pointprior.scoring.prior_distance import PriorDistance, prior_distance
from pointprior.scoring.reprojection import compare, reproject, ring_correlation


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("own")
    write_specimen(path, images=4, shift=(4.0, -6.0))
    return path


@pytest.fixture(scope="module")
def data(folder) -> OwnData:
    return measure(OwnFiles(images=str(folder / "classes.star"), points=96, image_points=96), key=(0, "blob"))


@pytest.fixture(scope="module")
def models(data) -> OwnModels:
    """The true points, and the same a little off."""
    generator = np.random.default_rng(5)
    true = data.frame.to_cube(specimen())
    points = np.stack([true, true + 0.02 * generator.normal(size=true.shape)]).astype(np.float32)
    return OwnModels(data, "ml", Reconstruction(points, np.array([1e-3, 2e-3]), 3, 0.5))


# ---- measurements


def test_images_alone_are_paired_entropically_unless_the_settings_say_otherwise(data, folder):
    known = {"images": str(folder / "classes.star"), "points": 96, "image_points": 96}
    beside_a_map = measure(OwnFiles(map=str(folder / "map.mrc"), map_resolution=20.0, **known), key=(0, "blob"))
    for measured, method, asked, expected in (
        (data, "pnp", None, "entropic"),
        (data, "dps", None, "exact"),
        (beside_a_map, "pnp", None, "exact"),
        (data, "pnp", "unbalanced", "unbalanced"),
        (beside_a_map, "dps", "entropic", "entropic"),
    ):
        problem = problem_of(measured, OwnReconstruction(pairing=asked), method=method, key=(0, "blob"))
        assert problem.energy.likelihood.pairing == expected
        assert problem.key == (0, "blob", method)


def test_outliers_stay_unmatched_by_methods_that_hold_points(data, folder):
    known = {"images": str(folder / "classes.star"), "points": 96, "image_points": 96}
    beside_a_map = measure(OwnFiles(map=str(folder / "map.mrc"), map_resolution=20.0, **known), key=(0, "blob"))
    for measured, method, expected in (
        (data, "pnp", ("mixed", 0.2)),
        (beside_a_map, "ml_regularised", ("mixed", 0.2)),
        (data, "dps", ("exact", 0.0)),
    ):
        problem = problem_of(measured, OwnReconstruction(outliers=0.2), method=method, key=(0, "blob"))
        assert (problem.energy.likelihood.pairing, problem.energy.likelihood.outliers) == expected
    with pytest.raises(ValueError, match="with pairing entropic or mixed, not exact; leave pairing out"):
        OwnReconstruction(outliers=0.1, pairing="exact")


def test_everything_measured_survives_its_file(data, tmp_path):
    data.save(tmp_path / "measurements.npz")
    again = OwnData.load(tmp_path / "measurements.npz")
    assert again.files == data.files
    assert again.images.names == data.images.names
    assert (again.warnings, again.notes) == (data.warnings, data.notes)
    np.testing.assert_array_equal(again.images.pixels, data.images.pixels)
    np.testing.assert_array_equal(again.seen[2].points, data.seen[2].points)
    assert again.seen[2].level == data.seen[2].level
    assert again.frame.scale == data.frame.scale
    for one, other in zip(again.observations, data.observations, strict=True):
        np.testing.assert_array_equal(one.targets, other.targets)


def test_a_map_of_the_other_hand_or_of_another_frame_is_said(folder, tmp_path):
    files = OwnFiles(images=str(folder / "classes.star"), map=str(folder / "map.mrc"), image_points=96, points=96)
    assert not [w for w in measure(files, key=(0, "a")).warnings if "the map" in w or "miss each other" in w]
    for name, body, message in (
        ("mirrored.mrc", specimen() * [1, 1, -1], "of the other hand"),
        ("elsewhere.mrc", specimen() + np.array([60.0, 0, 0]), "the centres of the images miss each other"),
    ):
        with mrcfile.new(tmp_path / name) as file:
            file.set_data(smeared(body / PIXEL, SIZE, 3))
            file.voxel_size = PIXEL
        found = measure(replace(files, map=str(tmp_path / name)), key=(0, "a")).warnings
        assert [w for w in found if message in w], (name, found)


def test_images_are_found_in_a_structure_whose_frame_counts(folder, tmp_path):
    """Where the structure lies is where a part would, and where models are to be moved to."""
    place = np.array([300.0, -40.0, 25.0])
    lines = [
        f"ATOM  {k:5d}  CA  ALA A{k:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00           C"
        for k, (x, y, z) in enumerate(specimen() + place, 1)
    ]
    (tmp_path / "known.pdb").write_text("\n".join([*lines, "END", ""]))
    files = OwnFiles(
        images=str(folder / "classes.mrcs"),
        pixel_size=PIXEL,
        select="1-2",
        reference=str(tmp_path / "known.pdb"),
        image_points=96,
        points=96,
    )
    found = measure(files, key=(0, "a"))
    np.testing.assert_allclose(found.map_centre, place, atol=0.01)
    assert any("models are moved by (300.0, -40.0, 25.0)" in note for note in found.notes)
    assert any("look most like known.pdb" in warning for warning in found.warnings)
    given = read_images(folder / "classes.star", select="1-2").rotations
    assert (ImagePoses(found.images.rotations[None], np.zeros((1, 2, 2))).turned(given) < 12).all()


def test_settings_that_measure_nothing_are_refused():
    with pytest.raises(ValueError, match="name images or a map"):
        OwnFiles()
    with pytest.raises(ValueError, match="subunit needs subunit_share"):
        OwnFiles(images="a.star", subunit="part.cif")
    with pytest.raises(ValueError, match="image_points must be at least 8"):
        OwnFiles(images="a.star", image_points=1)


# ---- re-projection


def test_a_point_is_projected_where_its_pose_puts_it():
    rotation = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    point, shift = np.array([[[10.0, 20.0, 5.0]]]), np.array([[4.0, -6.0]])
    image = reproject(point, rotation[None], shift, shape=(30, 40), pixel_size=2.0, resolution=8.0)
    x, y = (point[0, 0] @ rotation)[:2] + shift[0]
    row, column = np.unravel_index(image.argmax(), image.shape)
    np.testing.assert_allclose((column, row), (20 + x / 2, 15 + y / 2))
    assert image.sum() == pytest.approx(1, abs=1e-3)


def test_models_beside_an_image_explain_nothing_of_it():
    image, inside = np.random.default_rng(0).normal(size=(30, 40)), np.zeros((30, 40), dtype=bool)
    inside[10:20, 10:30] = True
    scales = {"pixel_size": 2.0, "resolution": 8.0}
    beside = reproject(np.full((1, 3, 3), 1e4), np.eye(3)[None], np.zeros((1, 2)), shape=(30, 40), **scales)
    assert compare(image, beside, inside, **scales).correlation == 0.0


def test_an_image_agrees_with_itself_and_not_with_another():
    generator = np.random.default_rng(0)
    one, other = (smeared(generator.normal(size=(60, 2)) * 6, 48, 2).astype(float) for _ in range(2))
    scales = {"pixel_size": 3.0, "resolution": 6.0}
    same, different = (compare(one, each, one > 0.1 * one.max(), **scales) for each in (one, other))
    assert same.correlation > 0.97  # the image is smoothed, the projection here is not
    assert same.resolved == pytest.approx(6.0)  # two pixels
    assert different.correlation < 0.7
    assert different.resolved > same.resolved


def test_ring_correlation_forgets_contrast_and_falls_with_noise():
    generator = np.random.default_rng(0)
    image = smeared(generator.normal(size=(60, 2)) * 6, 48, 2).astype(float)
    frequencies, rings = ring_correlation(image, 3 * image + 7, 2.0)
    np.testing.assert_allclose(rings, 1, atol=1e-6)
    assert frequencies[-1] == pytest.approx(0.25)
    noisy = image + 0.2 * image.max() * generator.normal(size=image.shape)
    _, rings = ring_correlation(image, noisy, 2.0)
    assert rings[:4].min() > 0.8
    assert np.abs(rings[-6:]).mean() < 0.4


def test_the_true_points_explain_the_images(models):
    table = models.image_table()
    assert list(table["image"]) == [f"{k}@classes.mrcs" for k in range(1, 5)]
    assert (table["correlation"] > 0.93).all()
    assert (table["turned"] < 1e-9).all()


# ---- poses


def test_poses_written_for_relion_are_read_as_they_were(data, tmp_path):
    generator = np.random.default_rng(2)
    rotations, shifts = Rotation.random(4, rng=generator).as_matrix(), generator.normal(size=(4, 2)) * 9
    (tmp_path / "classes.mrcs").symlink_to(data.files.images.replace(".star", ".mrcs"))
    write_poses(tmp_path / "refined.star", data.images, rotations, shifts)
    again = read_images(tmp_path / "refined.star")
    np.testing.assert_allclose(again.rotations, rotations, atol=1e-6)
    np.testing.assert_allclose(again.shifts, shifts, atol=1e-5)
    assert again.names == data.images.names
    assert again.pixel_size == PIXEL


def test_corrections_are_about_the_cubes_centre(data, models):
    """Seen in the image (Å) by a corrected pose = seen in the cube by the corrected view, scaled, in the given pose."""
    generator = np.random.default_rng(4)
    poses = Poses(0.1 * generator.normal(size=(2, 4, 3)), 0.02 * generator.normal(size=(2, 4, 3)))
    found = image_poses(data, poses, 2)
    scale, center, k = data.frame.scale, data.frame.center, 1
    observation = data.observations.items[k]
    for s in range(2):
        x = models.found.points[s].astype(float)
        in_cube = x @ poses.views(k, observation)[s] + poses.shifts[s, k, :2]
        expected = scale * in_cube + center @ observation.view + data.images.shifts[k]
        seen = (data.frame.to_angstrom(x) @ found.rotations[s, k])[:, :2] + found.shifts[s, k]
        np.testing.assert_allclose(seen, expected, atol=1e-4)


def test_angles_of_corrections():
    given = Rotation.random(3, rng=np.random.default_rng(0)).as_matrix()
    turned = given @ Rotation.from_euler("x", [[1], [2], [3]], degrees=True).as_matrix()
    np.testing.assert_allclose(ImagePoses(turned[None], np.zeros((1, 3, 2))).turned(given), [[1, 2, 3]])


# ---- readings


def test_poses_as_given_fit_best_and_another_convention_is_found(data):
    readings = compare_readings(data.observations, key=(0,))
    assert readings[0].name == AS_GIVEN == min(readings, key=lambda r: r.misfit).name
    assert better(readings) is None
    wrong = [replace(o, view=np.linalg.inv(full(o))[:, :2].astype(np.float32)) for o in data.observations]
    found = better(compare_readings(replace(data.observations, items=tuple(wrong)), key=(0,)))
    assert found.name == "rotations inverted"


def full(observation):
    from pointprior.measurements.poses import frame

    return frame(observation)


def test_one_image_alone_has_no_other_reading(data):
    single = replace(data.observations, items=data.observations.items[:1])
    assert compare_readings(single, key=(0,)) == []
    assert better([]) is None


# ---- warnings


def test_warnings_name_images_that_are_not_explained_or_turned_far(data, models):
    assert warnings(data, [models], [], {}, allowed_angle=0.0) == []
    corner = (0.8 + 0.05 * np.random.default_rng(0).normal(size=(2, 96, 3))).astype(np.float32)
    away = replace(models, found=replace(models.found, points=corner))
    poses = Poses(np.full((2, 4, 3), 0.1), np.zeros((2, 4, 3)))
    turned = replace(models, found=replace(models.found, poses=poses))
    assert "do not look like" in warnings(data, [away], [], {}, allowed_angle=0.0)[0]
    assert sum("turned image" in w for w in warnings(data, [turned], [], {}, allowed_angle=2.0)) == 4
    readings = [Reading(AS_GIVEN, 0.1), Reading("other hand", 0.05)]
    assert "agree much better with other hand" in warnings(data, [models], readings, {}, allowed_angle=0.0)[0]


def test_images_from_about_one_side_are_said(data, models):
    near = Rotation.from_euler("x", [[0], [5], [10], [12]], degrees=True).as_matrix()
    narrow = replace(data, images=replace(data.images, rotations=near))
    assert any("lie within 12°" in w for w in warnings(narrow, [], [], {}, allowed_angle=0.0))


# ---- the prior


def test_distances_to_the_prior():
    """Models that are samples of the prior themselves lie at no distance from it, whatever turn and scale."""
    generator = np.random.default_rng(1)
    clouds = generator.normal(size=(3, 60, 3)) * [4.0, 2.0, 1.0]
    turn = Rotation.random(rng=generator).as_matrix()
    found = prior_distance(np.stack([7 * clouds[0] @ turn, 7 * clouds[0] @ turn]), 0, clouds)
    assert found.among_models == pytest.approx(0, abs=1e-6)
    assert found.to_prior < 0.05 * found.among_prior
    with pytest.raises(ValueError, match="1 unconditional samples"):
        prior_distance(clouds, 0, clouds[:1])


@pytest.mark.parametrize(("kept", "suspicious"), [(3, True), (13, False)])
def test_a_copy_of_a_training_structure_is_found_and_said(data, kept, suspicious):
    """Of whatever size and turn; a structure that was held out is no nearer than held-out ones are."""
    learnt = ellipsoid_set()
    copy = 90 * learnt.points[kept] @ Rotation.random(rng=np.random.default_rng(1)).as_matrix() + 7
    found = nearest_training(copy, learnt)
    assert (found.clouds, len(found.held_out)) == (12, 4)
    assert found.suspicious is suspicious
    if suspicious:
        assert (found.entry, found.distance) == (learnt.entries[kept], pytest.approx(0, abs=1e-3))
    said = warnings(data, [], [], {"pnp": FromPrior(None, found)}, allowed_angle=0.0)
    assert any(f"nearer to {found.entry}" in sentence for sentence in said) is suspicious


def test_only_methods_with_a_prior_are_looked_up(models):
    learnt = ellipsoid_set()
    guided = replace(models, method="pnp")
    assert set(look_up([models, guided], None, learnt)) == {"pnp"}
    owed = look_up([guided], np.random.default_rng(0).normal(size=(2, 96, 3)), None)["pnp"]
    assert owed.nearest is None
    assert owed.distance.among_models > 0


def test_the_error_to_expect_follows_from_the_spread(data, models, tmp_path):
    """Two models a distance d apart: each fluctuates by d / 2 about their mean, from which a third is √3 d / 2 off."""
    images_alone, with_a_map = OVERCONFIDENCE["pnp"]
    apart = np.sqrt(((models.points[0] - models.points[1]) ** 2).sum(axis=1).mean())
    guided = replace(models, method="pnp")
    assert expected_error(guided) == pytest.approx(images_alone * np.sqrt(3) / 2 * apart, rel=1e-6)
    report = Report("blob", data, OwnReconstruction(samples=2), [guided, models], prior="small")
    write_page(tmp_path / "report.html", report)
    page = " ".join((tmp_path / "report.html").read_text().split())
    assert f"{images_alone} times what the spread predicts with plug-and-play." in page  # nothing is known of `ml`
    beside = replace(guided, data=replace(data, files=replace(data.files, map="low.mrc")))
    assert expected_error(beside) == pytest.approx(with_a_map / images_alone * expected_error(guided))


@pytest.mark.parametrize(
    "known",
    [
        {"subunit": "part.cif", "subunit_share": 0.3},
        {"homologue": "relative.cif"},
        {"images": None, "map": "low.mrc"},
    ],
)
def test_nothing_is_expected_where_the_benchmark_has_nothing_alike(data, models, known):
    guided = replace(models, method="pnp", data=replace(data, files=replace(data.files, **known)))
    assert expected_error(guided) is None
    alone = replace(models.found, points=models.found.points[:1], energy=models.found.energy[:1])
    assert expected_error(replace(models, method="pnp", found=alone)) is None


def test_the_page_says_what_is_only_the_prior(data, models, tmp_path):
    def page(owed):
        guided = replace(models, method="pnp")
        report = Report("blob", data, OwnReconstruction(samples=2), [guided], prior="small", owed=owed)
        write_page(tmp_path / "report.html", report)
        return " ".join((tmp_path / "report.html").read_text().split())

    assert "were drawn to compare the models with" in page({})
    assert "are not kept with it" in page({})
    near = NearestTraining("1abc", 12.34, np.array([11.0, 15.0]), 240)
    full = page({"pnp": FromPrior(PriorDistance(1.0, 20.0, 30.0), near)})
    assert '<td>1abc</td><td class="number">12.3</td><td class="number">11.0 to 15.0 (2)</td>' in full
    assert "the 240 training structures" in full
    assert "are not kept with it" not in full


def test_clouds_kept_in_half_precision_are_read_as_others(tmp_path):
    learnt = ellipsoid_set()
    (tmp_path / "prior").mkdir()
    assert learnt_by(tmp_path / "prior") is None
    replace(learnt, points=learnt.points.astype(np.float16)).save(tmp_path / "prior/replay.npz")
    again = learnt_by(tmp_path / "prior")
    assert again.points.dtype == np.float32
    np.testing.assert_allclose(again.points, learnt.points, rtol=1e-3)


def test_strength_follows_the_measurements(data):
    assert strength(data.observations) == 60_000
    assert strength(replace(data.observations, items=data.observations.items[:2])) == 40_000


# ---- files and page


def test_files_of_a_method_in_the_frame_of_the_images(models, tmp_path):
    written = write_method(tmp_path / "out", "blob", models)
    assert [path.name for path in written] == [f"ml{suffix}" for suffix in SUFFIXES]
    assert not list((tmp_path / "out").glob(".*"))
    import gemmi

    structure = gemmi.read_structure(str(tmp_path / "out/ml.cif"))
    assert len(structure) == 2
    written_points = np.array([a.pos.tolist() for c in structure[models.ensemble.medoid] for r in c for a in r])
    ours = models.points[models.ensemble.medoid]
    np.testing.assert_allclose(np.sort(written_points, axis=0), np.sort(ours, axis=0), atol=1e-3)
    with mrcfile.open(tmp_path / "out/ml_mean.mrc") as file:
        assert "images" in " ".join(label.decode() for label in file.header.label)


def test_the_page_needs_no_other_file_and_names_none_of_this_machine(data, models, folder, tmp_path):
    report = Report("blob", data, OwnReconstruction(samples=2), [models], [Reading(AS_GIVEN, 0.01)])
    write_page(tmp_path / "report.html", report)
    page = (tmp_path / "report.html").read_text()
    assert str(folder) not in page
    assert "classes.star" in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert page.count("data:image/png") == 1 + 1 + 4  # models, spread, images
    assert "Nothing: no method used a prior" in page
    write_page(tmp_path / "again.html", report)
    assert (tmp_path / "again.html").read_text() == page
