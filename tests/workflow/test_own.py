"""The target `own`: from a STAR file to models and a page, with nothing true anywhere; and mistakes in its section."""

import re

import mrcfile
import pytest
from benchmark import config as configuration
from benchmark import paths
from benchmark.plan import Plan
from conftest import ROOT, Workplace
from own_specimen import write_specimen
from snakemake.exceptions import WorkflowError

from pointprior.measurements.own_data import OwnData
from pointprior.reconstruction.result import Reconstruction

BLOB = {"images": "data/classes.star", "points": 64, "image_points": 64, "methods": ["pnp"], "samples": 2, "steps": 3}


@pytest.fixture
def own(workplace) -> Workplace:
    (workplace.folder / "data").mkdir()
    write_specimen(workplace.folder / "data")
    workplace.config["own"] = {"blob": BLOB | {"map": "data/map.mrc", "refine_angle": 2}}
    return workplace


def test_from_a_star_file_to_models_and_a_page(own):
    own.run("own")
    folder = own.folder / "results/own/blob"
    made = {path.name for path in folder.iterdir()}
    wanted = {path.format(name="blob", method="pnp").rpartition("/")[2] for path in paths.OWN_OUTPUTS}
    assert made >= wanted | {"report.html", "measurements.npz", "readings.csv", "pnp.npz", "ml_regularised.npz"}
    data, found = OwnData.load(folder / "measurements.npz"), Reconstruction.load(folder / "pnp.npz")
    assert [o.kind for o in data.observations] == ["image"] * 3 + ["low_resolution"]
    assert found.points.shape == (2, 64, 3)
    assert found.poses.turns[:, :3].any(axis=2).all()  # of every image in every model
    page = (folder / "report.html").read_text()
    assert "1@classes.mrcs" in page
    assert str(own.folder) not in page
    assert re.search("between samples of the prior", page)
    assert own.planned("own") == set()


def test_new_images_under_the_same_name_are_measured_anew(own):
    own.run("results/own/blob/measurements.npz")
    assert own.planned("results/own/blob/measurements.npz") == set()
    stack = own.folder / "data/classes.mrcs"
    with mrcfile.open(stack, mode="r+") as file:
        file.data[:] = file.data[:, ::-1]
    assert own.planned("results/own/blob/measurements.npz") == {"measure_own"}


def test_a_missing_stack_is_named_before_any_job(own):
    (own.folder / "data/classes.mrcs").unlink()
    assert re.search(r"own\.blob\.images: .*names the stack classes\.mrcs", own.run("own", "--dry-run", fails=True))


def test_other_pose_errors_leave_the_measurements(own):
    own.run("results/own/blob/measurements.npz")
    own.config["own"]["blob"]["refine_angle"] = 3
    planned = own.planned("own")
    assert "reconstruct_own_pnp" in planned
    assert "measure_own" not in planned


def plan_of(**own) -> Plan:
    return Plan(configuration.load({"own": {"blob": own}}), ROOT)


class Wildcards:
    name = "blob"


@pytest.mark.parametrize("given", [{}, {"homologue": "relative.cif"}])
def test_a_homologue_is_written_where_there_is_one(given):
    targets = plan_of(**BLOB, **given).own.targets(Wildcards)
    assert (paths.OWN_HOMOLOGUE.format(name="blob") in targets) == bool(given)


def test_models_of_a_start_are_made_and_shown_too():
    assert plan_of(images="a.star", methods=["pnp"]).own.methods(Wildcards) == ["pnp", "ml_regularised"]
    assert plan_of(images="a.star", methods=["ml"]).own.methods(Wildcards) == ["ml"]
    assert plan_of(images="a.star", methods=["ml"]).own.unconditional(Wildcards) == []


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"subunit": "part.cif"}, "nothing is measured: name images or a map"),
        ({"images": "a.star", "pixelsize": 2}, "unknown key 'pixelsize'; did you mean 'pixel_size'"),
        ({"images": "a.star", "contrast": "grey"}, "own.blob.contrast: "),
        ({"images": "a.star", "subunit": "part.cif"}, "subunit needs subunit_share"),
        ({"images": "a.star", "methods": ["truth"]}, "own.blob.methods.0: "),
        ({"images": "a.star", "pixel_size": 0}, "should be from 0.05 to 1000"),
    ],
)
def test_mistakes_are_answered(own, message):
    with pytest.raises(WorkflowError, match=re.escape(message)):
        plan_of(**own)


def test_missing_files_and_a_missing_section_are_answered():
    with pytest.raises(WorkflowError, match=re.escape("own.blob.images: there is no file 'a.star'")):
        plan_of(images="a.star").own.inputs(Wildcards)
    with pytest.raises(WorkflowError, match="needs a section `own`"):
        Plan(configuration.load({}), ROOT).own.targets(None)


def test_no_data_set_may_take_the_folder():
    task = {"projections": 2, "points": 8, "alpha": 1}
    data = {"categories": ["Chair"], "tasks": {"p2": task}, "prior": "cryostruct"}
    with pytest.raises(WorkflowError, match="name of another folder"):
        configuration.load({"datasets": {"own": data}})
