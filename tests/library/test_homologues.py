"""A homologue as a measurement: its energy, the rigid fit that places it, and what people bring and see of it."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from own_specimen import specimen, write_specimen
from scipy.spatial.transform import Rotation

from pointprior.images.errors import ImageError
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure
from pointprior.measurements.rigid_fit import fit_rigidly
from pointprior.output.own.exports import write_method
from pointprior.output.own.homologue import write_homologue
from pointprior.output.own.page import Report, inputs
from pointprior.output.own.results import OwnModels
from pointprior.output.own.warnings import warnings
from pointprior.reconstruction import readings
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.own import problem_of, reconstruct_all
from pointprior.reconstruction.plug_and_play import fit_measurements
from pointprior.reconstruction.readings import Reading, better, compare_readings
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.structures.atoms import read_atoms

GENERATOR = np.random.default_rng(0)
BODY = specimen(200) / 60.0
TURNED = Rotation.from_euler("ZYZ", [70, 110, -40], degrees=True).as_matrix()


def seen(body=BODY, *, images=3, noise=0.0):
    """Projections of a body, of points in an order of their own."""
    rotations = Rotation.random(images, rng=np.random.default_rng(3)).as_matrix()
    draw = np.random.default_rng(4)
    items = []
    for rotation in rotations:
        shown = draw.permutation(body) @ rotation[:, :2]
        items.append(Observation.projection(shown + noise * draw.normal(size=shown.shape), rotation, noise=noise))
    return items


# ---- as a measurement


@pytest.mark.parametrize("pairing", ["exact", "unbalanced", "entropic"])
def test_its_energy_is_that_of_a_noisy_part_some_of_which_may_be_missing(pairing):
    x = torch.from_numpy(BODY + 0.1 * GENERATOR.normal(size=(2, 200, 3)))
    for size in (200, 50):
        part = replace(Observation.subunit(BODY[:size]), noise=0.1)
        forgiven = Energy(Observations.combine([part], points=200), likelihood=Likelihood("unbalanced"))
        relative = Observations.combine([Observation.homologue(BODY[:size], deviation=0.1)], points=200)
        np.testing.assert_allclose(Energy(relative, likelihood=Likelihood(pairing))(x), forgiven(x))


def test_what_only_the_homologue_has_pulls_nothing():
    """A domain of its own: the points of the cloud that are left over stay where they are."""
    elsewhere = BODY.copy()
    elsewhere[:40] += [2.0, 0, 0]
    energy = Energy(Observations.combine([Observation.homologue(elsewhere, deviation=0.05)], points=200))
    (paired,) = energy.matched(torch.from_numpy(BODY[None]))
    assert not paired.share[0, :40].any()
    assert paired.share[0, 40:].all()
    x = torch.from_numpy(BODY[None].copy()).requires_grad_()
    energy(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 0, atol=1e-6)


def test_what_is_reported_is_of_the_measurements_alone():
    cloud = torch.from_numpy(BODY[None] + 0.02)
    alone = Energy(Observations.combine(seen(), points=200)).reported(cloud)
    items = [*seen(), Observation.homologue(BODY + 1, deviation=0.1)]
    np.testing.assert_allclose(Energy(Observations.combine(items, points=200)).reported(cloud), alone)


def test_its_weight_by_precision_falls_with_its_deviation():
    """1 / (own + deviation²) beside 1 / own: closed form."""
    items = [*seen(images=1), Observation.homologue(BODY, deviation=0.2)]
    energy = Energy(Observations.combine(items, points=200), likelihood=Likelihood(weighting="precision"))
    own = energy.variance(energy.observations.items[0])
    expected = np.array([1 / own, 1 / (own + 0.2**2)])
    np.testing.assert_allclose(energy.weights(), expected / expected.sum())


def test_plug_and_play_weighs_it_against_the_denoised_cloud():
    """One observation, matched as it lies: the precision-weighted mean of denoised points and its points."""
    energy = Energy(Observations.combine([Observation.homologue(BODY, deviation=0.1)], points=200))
    near = BODY[None] + 1e-4 * GENERATOR.normal(size=(1, 200, 3))
    shifted = near + np.array([1e-3, 0, 0])  # less than any two points are apart
    fitted = fit_measurements(shifted, energy, uncertainty=0.05, sigma=0.02, rounds=1)
    told, denoised = 1 / (0.02**2 + 0.1**2), 1 / 0.05**2
    expected = (denoised * shifted + told * energy.observations.items[0].targets) / (denoised + told)
    np.testing.assert_allclose(fitted, expected, atol=1e-9)


@pytest.mark.parametrize("deviation", [0.0, -1.0, np.nan, np.inf])
def test_a_deviation_that_says_nothing_is_refused(deviation):
    with pytest.raises(ValueError, match=r"deviation|noise"):
        Observation.homologue(BODY, deviation=deviation)


def test_it_survives_a_file(tmp_path):
    Observations.combine([*seen(), Observation.homologue(BODY, deviation=0.1)], points=200).save(tmp_path / "a.npz")
    last = Observations.load(tmp_path / "a.npz").items[-1]
    assert (last.kind, last.noise) == ("homologue", 0.1)
    np.testing.assert_array_equal(last.targets, BODY.astype(np.float32))


# ---- the rigid fit


def placed_like(fit, body, truth):
    return np.sqrt(np.mean((fit.apply(body) - truth) ** 2))


@pytest.mark.parametrize("images", [1, 3])
def test_a_body_is_found_in_its_own_projections(images):
    moved = BODY @ TURNED + [0.3, -0.2, 0.5]
    fit = fit_rigidly(moved, Observations.combine(seen(images=images), points=200), key=(0,), starts=24)
    assert np.linalg.det(fit.rotation) == pytest.approx(1)
    apart = fit.apply(moved) - BODY
    if images == 1:  # its place along the view is open
        direction = np.cross(*seen(images=1)[0].view.T)
        apart -= np.outer(apart @ direction, direction)
    assert np.sqrt(np.mean(apart**2)) < 0.02
    assert fit.misfit < 0.03


def test_a_body_is_found_in_a_low_resolution_structure():
    groups = BODY[np.argsort(BODY[:, 0])].reshape(40, 5, 3).mean(axis=1)
    observations = Observations.combine([Observation.low_resolution(groups)], points=200)
    fit = fit_rigidly(BODY @ TURNED, observations, key=(0,), starts=24)
    assert placed_like(fit, BODY @ TURNED, BODY) < 0.05


def test_a_body_that_deviates_is_found_in_noise():
    bent = BODY + 0.05 * np.sin(4 * BODY[:, [1, 2, 0]])
    fit = fit_rigidly(bent @ TURNED, Observations.combine(seen(noise=0.05), points=200), key=(0,), starts=24)
    assert placed_like(fit, bent @ TURNED, BODY) < 1.5 * np.sqrt(np.mean((bent - BODY) ** 2)) + 0.02


def test_the_mirror_image_does_not_fit():
    observations = Observations.combine(seen(), points=200)
    right, mirrored = (fit_rigidly(BODY * [1, 1, z], observations, key=(0,), starts=24).misfit for z in (1, -1))
    assert mirrored > 1.5 * right


def test_another_number_of_points_is_refused():
    with pytest.raises(ValueError, match="a structure of 100 points cannot explain measurements of 200"):
        fit_rigidly(BODY[:100], Observations.combine(seen(), points=200), key=(0,))


# ---- a person's own


def as_read(body):
    """Points in the order of their chains, which take turns in the file."""
    return np.concatenate([body[::2], body[1::2]])


def write_structure(path, body):
    lines = [
        f"ATOM  {k:5d}  CA  ALA {'AB'[k % 2]}{k:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00           C"
        for k, (x, y, z) in enumerate(body, 1)
    ]
    path.write_text("\n".join([*lines, "END", ""]))
    return path


QUIETLY = {"key": (0, "a"), "prior": None, "execution": Execution(), "threads": 1, "progress": lambda *_: lambda _: 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("homologue")
    write_specimen(path, images=4)
    write_structure(
        path / "relative.pdb", (specimen() + 2 * np.sin(specimen()[:, [1, 2, 0]] / 8)) @ TURNED + [40, 10, -25]
    )
    return path


def files(folder, **more):
    usual = {"images": str(folder / "classes.star"), "image_points": 96, "points": 96}
    return OwnFiles(**usual | {"homologue": str(folder / "relative.pdb"), "homologue_deviation": 3.0} | more)


def test_one_that_nothing_is_said_of_deviates_by_what_it_misses(folder, data):
    placed = {"homologue_place": "map", "homologue_deviation": None, "map": str(folder / "map.mrc")}
    lies = write_structure(folder / "placed.pdb", specimen() + 2 * np.sin(specimen()[:, [1, 2, 0]] / 8) + 100)
    found = measure(files(folder, homologue=str(lies), **placed), key=(0, "a"))
    own = found.measurements.homologue
    cloud = torch.from_numpy(found.frame.to_cube(own.placed())[None])
    missed = found.frame.scale * Energy(found.observations).reported(cloud).sqrt().item()
    assert own.misfit == pytest.approx(missed)
    assert found.observations.items[-1].noise == pytest.approx(missed / found.frame.scale)
    assert data.observations.items[-1].noise == pytest.approx(3.0 / data.frame.scale)  # where something is


@pytest.fixture(scope="module")
def data(folder):
    return measure(files(folder), key=(0, "a"))


def test_a_homologue_is_brought_to_the_specimen(data, tmp_path):
    found = data.measurements.homologue
    assert np.sqrt(np.mean((found.placed() - as_read(specimen())) ** 2)) < 3.0  # Å; it was bent by 1.4
    assert [o.kind for o in data.observations] == ["image"] * 4 + ["homologue"]
    assert data.observations.items[-1].noise == pytest.approx(3.0 / data.frame.scale)
    np.testing.assert_allclose(data.observations.items[-1].targets, data.frame.to_cube(found.placed()), atol=1e-6)
    data.save(tmp_path / "measurements.npz")
    again = OwnData.load(tmp_path / "measurements.npz").measurements.homologue
    np.testing.assert_array_equal(again.rotation, found.rotation)
    assert (again.deviation, again.misfit) == (found.deviation, found.misfit)


def test_it_does_not_speak_for_the_poses_it_was_placed_under(data, folder, monkeypatch):
    """Readings are as without it, and its own misfit stands beside them."""
    monkeypatch.setattr(readings, "STEPS", 2)
    monkeypatch.setattr(readings, "FITTED", 2)
    alone = compare_readings(measure(files(folder, homologue=None), key=(0, "a")).observations, key=(0,))
    *beside, free, own = compare_readings(data.observations, key=(0,))
    assert beside == alone
    assert (free.name, own.name) == (readings.FREE, readings.HOMOLOGUE)
    assert own.misfit * data.frame.scale == pytest.approx(data.measurements.homologue.misfit, rel=1e-5)
    assert better([*alone, Reading(readings.HOMOLOGUE, 0.0)]) == better(alone)


def test_methods_weigh_it_by_its_deviation_and_refine_its_pose(data):
    problem = problem_of(data, OwnReconstruction(homologue_shift=2.0), method="pnp", key=(0, "a"))
    assert problem.energy.likelihood == Likelihood("entropic", "precision")
    assert problem.pose_errors.of("homologue") == (5.0, 2.0 / data.frame.scale)
    assert problem.pose_errors.of("image") == (0.0, 0.0)


def test_models_with_it_are_nearer_to_the_truth(folder):
    settings = OwnReconstruction(samples=1, steps=8)

    def error(data):
        models = reconstruct_all(data, settings, ["ml_regularised"], **QUIETLY)["ml_regularised"].points[0]
        cloud = torch.from_numpy(data.frame.to_cube(specimen())[None])
        truth = Energy(Observations.combine([Observation.subunit(models)], points=96))
        return truth.reported(cloud).sqrt().item() * data.frame.scale

    one_image = {"select": "1"}
    assert error(measure(files(folder, **one_image), key=(0, "a"))) < 0.7 * error(
        measure(files(folder, homologue=None, **one_image), key=(0, "a"))
    )


def test_a_homologue_of_a_part_lies_where_it_was_fitted(folder):
    with pytest.raises(ValueError, match="cannot be sought: fit it into the map"):
        files(folder, homologue_share=0.5)
    with pytest.raises(ValueError, match="say its `homologue_deviation`"):
        files(folder, homologue_share=0.5, homologue_place="map", homologue_deviation=None)
    placed = write_structure(folder / "half.pdb", specimen()[:48] + 100)  # the middle of the map
    said = {"homologue": str(placed), "homologue_share": 0.5, "homologue_place": "map", "map": str(folder / "map.mrc")}
    data = measure(files(folder, **said), key=(0, "a"))
    np.testing.assert_allclose(data.measurements.homologue.placed(), as_read(specimen()[:48]), atol=2e-3)
    assert len(data.observations.items[-1].targets) == 48
    chosen = measure(files(folder, **said | {"homologue_share": 0.25}, homologue_chains="B"), key=(0, "a"))
    np.testing.assert_allclose(chosen.measurements.homologue.points, specimen()[:48:2] + 100, atol=2e-3)


def test_one_of_too_few_atoms_is_refused(folder):
    small = write_structure(folder / "small.pdb", specimen()[:60])
    with pytest.raises(ImageError, match=r"small.pdb has 60 atoms, fewer .*Make models of fewer \(`points` 60\)"):
        measure(files(folder, homologue=str(small)), key=(0, "a"))


def test_one_that_is_nothing_like_the_specimen_is_said(data, folder):
    ball = np.random.default_rng(1).normal(size=(96, 3))
    write_structure(folder / "ball.pdb", 40 * ball / np.linalg.norm(ball, axis=1, keepdims=True))
    for measured, is_said in (
        (data, False),
        (measure(files(folder, homologue=str(folder / "ball.pdb")), key=(0, "a")), True),
    ):
        found = warnings(measured, [], compare_readings(measured.observations, key=(0,)), {}, allowed_angle=0.0)
        assert any("its shape is another" in warning for warning in found) == is_said, found


@pytest.mark.parametrize("measured", [{"select": "1"}, {"images": None, "map": "map.mrc"}])
def test_one_is_compared_with_a_fit_whatever_is_measured(folder, monkeypatch, measured):
    """Where nothing tells one reading of the poses from another, that is all there is to compare."""
    monkeypatch.setattr(readings, "FITTED", 2)
    given = {key: str(folder / value) if key == "map" else value for key, value in measured.items()}
    lies = write_structure(folder / "lies.pdb", specimen() + 100 * ("map" in measured))
    found = measure(files(folder, homologue=str(lies), homologue_place="map", **given), key=(0, "a"))
    names = [reading.name for reading in compare_readings(found.observations, key=(0,))]
    assert names == [readings.FREE, readings.HOMOLOGUE]


def test_it_is_shown_where_it_was_brought(data, tmp_path):
    found = reconstruct_all(data, OwnReconstruction(samples=2, steps=4), ["ml"], **QUIETLY)["ml"]
    models = OwnModels(data, "ml", found)
    write_method(tmp_path, "a", models)
    placed = data.measurements.homologue
    for script, begins in (("ml.cxc", "view matrix models #6,"), ("ml.pml", "cmd.transform_object('homologue', [")):
        (line,) = [line for line in (tmp_path / script).read_text().splitlines() if line.startswith(begins)]
        numbers = line.removeprefix(begins).split("]")[0].split(",")[:12]
        matrix = np.array(numbers, dtype=float).reshape(3, 4)
        np.testing.assert_allclose(matrix @ [*placed.points[7], 1], placed.placed()[7], atol=1e-2)
    rows = dict(inputs(Report("a", data, OwnReconstruction(), [models], [], None, {})))
    assert re.fullmatch(
        r"relative.pdb: 96 of 96 points, placed by a rigid fit, \d\.\d Å off what is measured; "
        r"taken to deviate by 3 Å; its pose is refined within about 5° and 3 Å",
        rows["homologue"],
    )


def test_it_is_written_where_it_was_brought(data, folder, tmp_path):
    write_homologue(tmp_path / "homologue.cif", data)
    written = read_atoms(tmp_path / "homologue.cif")
    np.testing.assert_allclose(written.xyz, data.measurements.homologue.placed(), atol=2e-3)
    assert set(written.chain) == {"A", "B"}
    one = measure(
        files(folder, homologue_chains="B", homologue_share=0.5, homologue_place="map", map=str(folder / "map.mrc")),
        key=(0, "a"),
        seed=0,
    )
    write_homologue(tmp_path / "one.cif", one)
    written = read_atoms(tmp_path / "one.cif")
    assert set(written.chain) == {"B"}
    np.testing.assert_allclose(written.xyz, one.measurements.homologue.placed(), atol=2e-3)


def test_none_is_written_where_there_is_none(folder, tmp_path):
    with pytest.raises(ValueError, match="there is no homologue"):
        write_homologue(tmp_path / "homologue.cif", measure(files(folder, homologue=None), key=(0, "a"), seed=0))
    assert not list(tmp_path.iterdir())
