"""Data sets of shapes: from an archive that the test writes, or generated objects, to the paper's tables."""

import re
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import gemmi
import numpy as np
import pandas as pd
import pytest
import yaml
from benchmark import config as configuration
from benchmark.config import load
from benchmark.plan import Plan
from benchmark.plan.checks import known
from benchmark.snakemake_patches.inheritance import run_like
from conftest import ROOT, Workplace, furnish
from matplotlib.image import imread
from shape_archives import CHAIR, SPLITS, write_folder
from snakemake.exceptions import WorkflowError

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.output.densities import read_map
from pointprior.output.reproduction.printed import places_of, printed
from pointprior.priors.training_set import TrainingSet
from pointprior.reconstruction.result import Reconstruction
from pointprior.shapes.archive import ShapeArchive

TASK = "p2x48_lr8"
NAME, SHAPE = "shapenet_chair", f"shapenet_chair/{CHAIR}_c0"
ASIDE = f"{CHAIR}_{'0123456789abcdef' * 2}"  # of no table; names in the archive are so long
ARCHIVE = SPLITS | {"val": [ASIDE.replace("_", "/")]}
OPENED = ("dps.cif", "dps.pdb", "dps_mean.mrc", "dps_localisation.mrc", "dps.cxc", "dps.pml")
TABLES = ("table1", "table2", "table3", "table4", "results/tables/time_steps.csv")
PICTURE = f"results/figures/reconstructions/{NAME}/{ASIDE}_p2x48_sub.png"
PAPERS = {"chair": {}, "mixed": {}, "cryostruct": {}}


def with_shapes(place: Workplace, **dataset) -> Workplace:
    """A workplace that also has two chairs of an archive, in two tasks."""
    small = {"projections": 2, "points": 48, "alpha": 100}
    place.config |= {
        "methods": ["dps", "ml", "prior", "truth"],
        "datasets": {
            NAME: {
                "archive": "archive",
                "first": 2,
                "points": 64,
                "tasks": {"p2x48": small, "p2x48_sub": small | {"subunit": {"clusters": 4}}},
            }
            | dataset
        },
        "priors": place.config["priors"]
        | {"chair": {"source": "released", "released": "prior", "training": {"dataset": NAME}}},
        "evaluation": {"priors": ["chair"], "samples": 2},
        "integrators": {
            "task": f"{NAME}/p2x48",
            "variants": {"A": {"integrator": "euler", "beta": "0", "steps": 7}, "C": {}},
        },
        "time_steps": {"tasks": [f"{NAME}/p2x48"], "steps": [3, 4]},
    }
    return place


@pytest.fixture
def shapes(workplace) -> Workplace:
    """A workplace with an archive of shapes."""
    write_folder(workplace.folder / "archive", ARCHIVE)
    return with_shapes(workplace)


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Workplace:
    """A workplace in which all tables of shapes have been computed."""
    place = with_shapes(furnish(tmp_path_factory.mktemp("shapes")))
    write_folder(place.folder / "archive", ARCHIVE)
    single = (f"results/{SHAPE}/rmsd.csv", f"results/{SHAPE}/p2x48/prior.npz", PICTURE)
    place.run(*TABLES, *single, *(f"results/{NAME}/{ASIDE}/p2x48/{f}" for f in OPENED))
    return place


def result(place: Workplace, name: str) -> Path:
    return place.folder / "results" / name


# ---- from the archive to the tables


def test_clouds_are_points_of_the_archive_in_its_frame(computed):
    raw = np.loadtxt(computed.folder / f"archive/{CHAIR}/c0.txt")[:, :3]
    cloud = PointCloud.load(result(computed, f"{SHAPE}/cloud.npz"))
    assert cloud.points.shape == (64, 3)
    assert cloud.center == pytest.approx(raw.mean(axis=0), abs=1e-5)
    distance = np.linalg.norm(cloud.to_angstrom()[:, None] - raw[None], axis=-1).min(axis=1)
    assert distance.max() < 1e-5


def test_shapes_are_the_first_of_the_split_with_enough_points(computed):
    """c0, c9 and c5 are listed; c9 has enough points for clouds of 64."""
    table = pd.read_csv(result(computed, "tables/shapes.csv"))
    assert list(table["structure"].unique()) == [SHAPE, f"{NAME}/{CHAIR}_c9"]


def test_scores_of_all_shapes_stand_in_one_table_and_not_among_the_molecules(computed):
    table = pd.read_csv(result(computed, "tables/shapes.csv"))
    counts = table.groupby(["task", "method"]).size()
    assert counts.to_dict() == {
        (task, method): 2 * (1 if method == "truth" else 2)
        for task in ("p2x48", "p2x48_sub")
        for method in ("dps", "ml", "prior", "truth")
    }
    assert table["rmsd_atomic"].isna().all()
    assert np.allclose(table.loc[table["method"] == "truth", ["rmsd_cg", "chamfer", "emd"]], 0, atol=1e-4)
    own = pd.read_csv(result(computed, f"{SHAPE}/rmsd.csv"))
    pd.testing.assert_frame_equal(own, table[table["structure"] == SHAPE].reset_index(drop=True), check_dtype=False)
    assert not result(computed, "tables/scores.csv").exists()


def test_tasks_of_a_shape_have_their_own_measurements_and_models(computed):
    loaded = [
        Observations.load(result(computed, f"{SHAPE}/{task}/observations.npz")) for task in ("p2x48", "p2x48_sub")
    ]
    assert [len(list(observations)) for observations in loaded] == [2, 3]
    models = [Reconstruction.load(result(computed, f"{SHAPE}/{t}/dps.npz")).points for t in ("p2x48", "p2x48_sub")]
    assert not np.allclose(*models)


def test_prior_alone_is_the_data_sets_prior(computed):
    samples = Reconstruction.load(result(computed, "priors/chair/unconditional_64.npz"))
    copied = Reconstruction.load(result(computed, f"{SHAPE}/p2x48/prior.npz"))
    np.testing.assert_array_equal(copied.points, samples.points)
    assert np.isfinite(copied.energy).all()


def test_table_1_has_a_row_per_task_and_method(computed):
    table = pd.read_csv(result(computed, "tables/table1.csv"))
    assert len(table) == 2 * 4
    assert (table["instances"] == 2).all()
    scores = pd.read_csv(result(computed, "tables/shapes.csv"))
    row = table[(table["experiment"] == f"{NAME}/p2x48") & (table["method"] == "ml")].iloc[0]
    drawn = scores[(scores["task"] == "p2x48") & (scores["method"] == "ml")]
    assert row["chamfer_mean"] == pytest.approx(100 * drawn["chamfer"].mean())


def test_integrators_start_from_the_same_noise_and_the_papers_is_the_configured_one(computed):
    """Variant C names nothing, so it repeats the reconstruction; A takes as many evaluations as its steps."""
    table = pd.read_csv(result(computed, "tables/integrators.csv")).set_index(["structure", "variant"])
    scores = pd.read_csv(result(computed, "tables/shapes.csv"))
    configured = scores[(scores["structure"] == SHAPE) & (scores["task"] == "p2x48") & (scores["method"] == "dps")]
    assert np.allclose(table.loc[(SHAPE, "C"), "chamfer"], configured["chamfer"], rtol=1e-5)
    assert set(table.xs("A", level="variant")["nfe"]) == set(table.xs("C", level="variant")["nfe"]) == {7}
    assert pd.read_csv(result(computed, "tables/table2.csv"))["variant"].tolist() == ["A", "C"]


def test_time_steps_count_evaluations(computed):
    table = pd.read_csv(result(computed, "tables/time_steps.csv"))
    assert table.groupby("variant")["nfe"].unique().apply(list).to_dict() == {"steps3": [5], "steps4": [7]}


def test_table_3_compares_with_the_test_split(computed):
    references = TrainingSet.load(result(computed, "priors/chair/reference_clouds.npz"))
    assert references.entries.tolist() == ShapeArchive(computed.folder / "archive").listed("test", ["Chair"])
    assert references.held_out.all()
    table = pd.read_csv(result(computed, "tables/table3.csv"))
    assert table["set"].tolist() == ["prior", "training set"]
    assert (table[["clouds", "references"]] == 2).all(axis=None)  # as many of the three as there are samples
    assert (table["prior"] == "chair").all()


def test_finished_tables_are_not_made_again(computed):
    assert not computed.planned(*TABLES)


def test_models_of_a_shape_are_opened_over_its_surface(computed):
    """In hundredths of the archive's unit; nothing that is opened speaks of a deposit."""
    folder = result(computed, f"{NAME}/{ASIDE}")
    samples = Reconstruction.load(folder / "p2x48/dps.npz").points
    models = 100 * PointCloud.load(folder / "cloud.npz").to_angstrom(samples)
    for suffix in ("cif", "pdb"):
        written = gemmi.read_structure(str(folder / f"p2x48/dps.{suffix}"))
        xyz = np.array([[cra.atom.pos.tolist() for cra in model.all()] for model in written])
        np.testing.assert_allclose(np.sort(xyz, axis=1), np.sort(models, axis=1), atol=1e-3)
    for name in ("mean", "localisation"):
        density = read_map(folder / f"p2x48/dps_{name}.mrc")
        assert (density.origin < models.min(axis=(0, 1))).all()
        assert (density.origin + density.voxel * np.array(density.values.shape) > models.max(axis=(0, 1))).all()
    for suffix in ("cxc", "pml"):
        text = (folder / f"p2x48/dps.{suffix}").read_text()
        assert "dps.cif" in text
        assert "fetch" not in text
        assert "fromDatabase" not in text


def test_a_shape_is_drawn(computed):
    picture = imread(computed.folder / PICTURE)
    assert picture[..., :3].std() > 0.01


# ---- plans


def test_single_target_needs_only_its_own_jobs(shapes):
    assert shapes.planned(f"results/{SHAPE}/p2x48/dps.csv") == {
        "read_shape",
        "release_prior",
        f"synthesise_observations_{NAME}",
        f"reconstruct_dps_{NAME}",
        f"score_reconstruction_{NAME}",
    }


def test_one_job_scores_all_methods_of_a_shape_in_all_tasks(shapes):
    """A second fit is of molecules only."""
    shapes.config["methods"] = ["dps", "second_fit", "truth"]
    assert shapes.planned(f"results/{SHAPE}/rmsd.csv") == {
        "read_shape",
        "release_prior",
        f"synthesise_observations_{NAME}",
        f"reconstruct_dps_{NAME}",
        f"score_task_{NAME}",
        "collect_structure",
    }


def test_the_page_asks_for_no_second_fit_of_shapes(shapes):
    """Their clouds are no mixtures: there is nothing to fit again."""
    shapes.config |= {"methods": ["dps", "second_fit", "truth"], "shown": [f"{SHAPE}/p2x48"]}
    planned = shapes.planned("site")
    assert "write_site" in planned
    assert "fit_again" in planned  # of the molecule
    wanted = shapes.run("site", "--dry-run")
    assert "1tst/second_fit.npz" in wanted
    assert f"{SHAPE}/second_fit.npz" not in wanted


def test_models_and_pictures_of_a_shape_are_single_targets(shapes):
    planned = shapes.planned(
        f"results/{SHAPE}/p2x48_sub/dps.cif", f"results/figures/reconstructions/{SHAPE}_p2x48_sub.png"
    )
    assert {"export_models", "plot_shape", f"reconstruct_ml_{NAME}"} <= planned
    assert "fetch_structure" not in planned


def test_molecules_are_planned_as_without_data_sets(shapes):
    with_them = shapes.planned("all")
    del shapes.config["datasets"], shapes.config["priors"]["chair"], shapes.config["evaluation"]
    assert shapes.planned("all") == with_them


def test_generated_objects_are_planned_before_they_are_there(shapes):
    shapes.config["datasets"][NAME] |= {"archive": "standin"}
    assert {"generate_standin", "read_shape", "tabulate_table1"} <= shapes.planned("table1")


def test_a_prior_learns_from_the_archive(shapes):
    stage = {"steps": 2, "batch": 2, "points": 64, "noise_mean": -1, "noise_std": 1, "t_max": 80}
    training = {"dataset": NAME, "stages": [stage], "warmup": 0, "precision": "float32", "augmentation": "O3"}
    network = {"width": 16, "layers": 1, "heads": 2}
    shapes.config["priors"]["chair"] = {"source": "train", "training": training, "network": network}
    shapes.run("results/priors/chair/trained/weights.safetensors")
    data = TrainingSet.load(result(shapes, "priors/chair/training_clouds.npz"))
    archive = ShapeArchive(shapes.folder / "archive")
    assert data.entries[~data.held_out].tolist() == archive.listed("train", ["Chair"])
    assert (data.counts >= 1030).all()


def test_paper_with_its_shapes_is_planned_within_a_minute_of_a_core(tmp_path):
    """A hundred chairs in four tasks, a hundred objects in five, and the molecules of the configuration."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    for data in config["datasets"].values():
        data["archive"] = "standin"
    config["standin"]["test"] = 100
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = Workplace(tmp_path, ROOT, config).run("paper", "--dry-run", "--quiet", "rules", timeout=600)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = dict(re.findall(r"^([a-z_0-9]+) +(\d+)$", output, flags=re.MULTILINE))
    assert counts["reconstruct_dps_shapenet_chair"] == counts["reconstruct_dps_shapenet_mixed"] == "100"
    assert counts["train_prior"] == "3"
    assert ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime < 60


def test_a_profile_says_of_rules_of_shapes_what_it_says_of_the_molecules():
    """Threads and resources; what it says of the rule itself comes first."""
    resources = SimpleNamespace(
        _parsed_overwrite_threads={"reconstruct_dps": 8, "reconstruct_dps_b": 2},
        _parsed_overwrite_resources={"reconstruct_dps": "fast"},
    )
    for name in "ab":
        run_like(SimpleNamespace(resource_settings=resources), f"reconstruct_dps_{name}", "reconstruct_dps")
    assert resources._parsed_overwrite_threads == {"reconstruct_dps": 8, "reconstruct_dps_a": 8, "reconstruct_dps_b": 2}
    assert resources._parsed_overwrite_resources["reconstruct_dps_b"] == "fast"


def test_slurm_profile_groups_small_jobs_of_a_shape(shapes):
    (shapes.folder / "config.yaml").write_text(yaml.safe_dump(shapes.config))
    places = ["--snakefile", str(ROOT / "Snakefile"), "--directory", ".", "--profile", str(ROOT / "slurm")]
    places += ["--configfile", "config.yaml", "--nocolor"]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", f"results/{SHAPE}/rmsd.csv", "-n", *places],
        cwd=shapes.folder,
        env=shapes.environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert set(re.findall(r"Group job (\w+) \(jobs in", done.stdout)) == {"measure", "baseline", "score"}


# ---- the paper's numbers


@pytest.mark.parametrize("clip", [5.0, None])
def test_rows_of_table_1_have_the_parameters_of_table_4(clip):
    """Rows 3 and 4 stand the other way round in Table 4; row 9 has one projection, as in Table 1."""
    plan = Plan(
        load(
            {"datasets": {"shapenet_chair": {}, "shapenet_mixed": {}}, "priors": PAPERS, "dps": {"guidance_clip": clip}}
        ),
        ROOT,
    )
    shapes = [row for row in plan.paper.experiments() if "/" in row["experiment"]]
    places = places_of(shapes)
    assert sorted(places.values()) == [f"row {number}" for number in range(1, 10)]
    lines = printed("table4").set_index("place")
    for row in shapes:
        line = lines.loc[places[row["experiment"]]]
        dataset, _, task = row["experiment"].partition("/")
        unclipped = plan.tasks.problem(f"{dataset}/any", task, "dps")["alpha"] if clip is None else line["alpha"]
        assert unclipped == line["alpha"]
        assert row["beta"] == line["beta"]


def test_spelled_out_data_sets_are_those_of_the_papers_names():
    spelled = load(yaml.safe_load((ROOT / "config/config.yaml").read_text()))
    named = load({"datasets": {name: {} for name in spelled.datasets}, "priors": PAPERS})
    assert spelled.datasets == named.datasets
    assert (spelled.integrators, spelled.time_steps) == (named.integrators, named.time_steps)


def test_recipes_train_as_many_epochs_as_the_paper():
    """2,827 of 2,658 chairs and 998 of 10,693 objects, to a per mille; nine tenths of them in the first stage."""
    priors = load(yaml.safe_load((ROOT / "config/config.yaml").read_text())).priors
    for name, epochs, clouds in (("chair", 2827, 2658), ("mixed", 998, 10693)):
        first, second = ((stage.steps, stage.batch) for stage in priors[name].training.stages)
        seen = first[0] * first[1] + second[0] * second[1]
        assert seen == pytest.approx(epochs * clouds, rel=1e-3)
        assert first[0] * first[1] / seen == pytest.approx(0.9, abs=0.005)
        assert priors[name].training.augmentation == "O3"
    assert (priors["chair"].network.time_scale, priors["mixed"].network.time_scale) == (1, 80)


def test_demonstration_has_the_papers_rows_and_bundled_priors():
    config = load(yaml.safe_load((ROOT / "config/standin.yaml").read_text()))
    assert {data.archive for data in config.datasets.values()} == {"standin"}
    assert sum(len(data.tasks) for data in config.datasets.values()) == 9
    assert {choice.source for choice in config.priors.values()} == {"released"}


# ---- mistakes


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"datasets": {NAME: {"categories": ["Chiar"]}}},
            "'Chiar' is no category of the archive; did you mean 'Chair'",
        ),
        (
            {"datasets": {NAME: {"split": "testing"}}},
            f"datasets.{NAME}.split: input should be 'train', 'val'",
        ),
        (
            {"datasets": {NAME: {"prior": "chiar"}}},
            f"datasets.{NAME}.prior: 'chiar' is none of the priors; did",
        ),
        ({"datasets": {NAME: {"frist": 3}}}, f"datasets.{NAME}: unknown key 'frist'; did you mean 'first'?"),
        ({"datasets": {"chairs": {}}}, "datasets.chairs.tasks: is required"),
        ({"datasets": {"tables": {"categories": ["Mug"]}}}, "datasets.tables.prior: is required"),
        (
            {"datasets": {NAME: {"tasks": {"a": {"subunit": {"chains": ["A"]}, "alpha": 1}}}}},
            "shapes have neither entities nor chains: give the subunit `clusters`",
        ),
        (
            {"datasets": {NAME: {"points": 64}}},
            f"datasets.{NAME}.tasks.p5x200.points: 200 points of a cloud of 64 (datasets.{NAME}.points)",
        ),
        (
            {"datasets": {NAME: {"tasks": {"noise": {"projections": 1, "alpha": 1}}}}},
            f"datasets.{NAME}.tasks.noise: this name belongs to the figures of all levels",
        ),
        ({"priors": PAPERS | {"chair": {"training": {"dataset": "x"}}}}, "'x' is none of the datasets; there are none"),
        ({"evaluation": {"priors": ["chiar"]}}, "evaluation.priors.0: 'chiar' is none of the priors; did you mean"),
    ],
)
def test_mistake_is_named(config, message):
    with pytest.raises(WorkflowError, match=re.escape(message)):
        configuration.load({"priors": PAPERS} | config)


@pytest.mark.parametrize("name", ["tables", "cryostruct", "1abc", "variants"])
def test_names_of_other_folders_are_refused(name):
    dataset = {"categories": ["Mug"], "prior": "chair", "tasks": {"a": {"projections": 1, "alpha": 1}}}
    with pytest.raises(WorkflowError, match="the name of another folder of results"):
        configuration.load({"priors": PAPERS, "datasets": {name: dataset}})


def test_missing_archive_says_what_to_get(shapes, monkeypatch):
    monkeypatch.delenv("SHAPENET_DIR", raising=False)
    for archive in (None, "nowhere.zip"):
        shapes.config["datasets"][NAME]["archive"] = archive
        answer = shapes.run("table1", "--dry-run", fails=True)
        for part in (f"datasets.{NAME}.archive", "SHAPENET_DIR", "no redistribution", "stand-in"):
            assert part in answer
    assert "coarse_grain_structure" in shapes.planned("results/1tst/rmsd.csv")  # molecules need no archive


def plan_of(folder: Path, **changes) -> Plan:
    write_folder(folder / "archive", ARCHIVE)
    place = with_shapes(Workplace(folder, ROOT, {"priors": {"cryostruct": {}}}), archive=str(folder / "archive"))
    return Plan(load(place.config | changes), ROOT)


@pytest.mark.parametrize(
    ("shape", "answer"),
    [(f"{CHAIR}_c00", f"unknown shape of {NAME} '{CHAIR}_c00'; did you mean '{CHAIR}_c0'?"), (f"{CHAIR}_c1", None)],
)
def test_shapes_of_any_split_can_be_asked_for_and_others_are_answered(tmp_path, shape, answer):
    plan, asked = plan_of(tmp_path), SimpleNamespace(structure=f"{NAME}/{shape}")
    if answer is None:
        assert plan.checks.structure(asked) == []
        assert plan.datasets.shape(asked) == f"{CHAIR}/c1"
        return
    with pytest.raises(WorkflowError, match=re.escape(answer)):
        plan.checks.structure(asked)


def test_mistyped_data_set_is_answered(shapes):
    answer = shapes.run(f"results/{NAME[:-2]}ri/{CHAIR}_c0/rmsd.csv", "--dry-run", fails=True)
    assert f"did you mean the data set '{NAME}'?" in answer


def test_of_many_shapes_some_are_named():
    with pytest.raises(WorkflowError, match=r"unknown shape 'x'; there are a0, a1, .*, a11 and 88 more"):
        known("x", [f"a{k}" for k in range(100)], "shape")


def test_sizes_that_there_are_not_are_named(tmp_path):
    plan = plan_of(tmp_path, standin={"test": 1})
    plan.settings.datasets[NAME].__dict__["first"] = 9
    with pytest.raises(WorkflowError, match="9 shapes of the split test are asked for, but it has 3 of Chair"):
        plan.shapes.scores()
    plan.settings.datasets[NAME].__dict__["archive"] = "standin"
    with pytest.raises(WorkflowError, match=re.escape(f"datasets.{NAME}.first: 9 shapes of the split test, but")):
        plan.shapes.scores()


def test_experiments_on_unknown_tasks_are_named(tmp_path):
    plan = plan_of(tmp_path, integrators={"task": f"{NAME}/p2x84"}, time_steps={"tasks": ["shapenet_chiar/p2x48"]})
    with pytest.raises(WorkflowError, match=re.escape(f"integrators.task: 'p2x84' is no task of {NAME}; did you mean")):
        plan.shapes.integrator_scores()
    with pytest.raises(WorkflowError, match=r"time_steps\.tasks: 'shapenet_chiar' is none of the datasets; did you"):
        plan.shapes.time_step_scores()


def test_guidance_is_chosen_on_validation_shapes(tmp_path):
    write_folder(tmp_path / "more", {"train": [], "val": [f"{CHAIR}/v1", f"{CHAIR}/v2"], "test": [f"{CHAIR}/c0"]})
    sweep = {"dataset": NAME, "shapes": 1, "tasks": ["p2x48"], "alphas": [1, 10]}
    plan = plan_of(tmp_path, alpha_sweep=sweep)
    plan.settings.datasets[NAME].__dict__["archive"] = str(tmp_path / "more")
    assert plan.experiments.sweep_scores() == [
        f"results/alpha_sweep/{NAME}/{CHAIR}_v1/p2x48/{alpha}.csv" for alpha in (1, 10)
    ]
    assert plan.experiments.sweep_chosen() == {"p2x48": 100}
    plan.settings.datasets[NAME].__dict__["split"] = "val"
    with pytest.raises(WorkflowError, match="is tested on its validation split; α must not see it"):
        Plan(plan.settings, ROOT).experiments.sweep_scores()


def test_tables_of_shapes_need_data_sets(workplace):
    assert "config/standin.yaml generates objects" in workplace.run("table1", "--dry-run", fails=True)
