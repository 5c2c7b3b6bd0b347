"""From a deposit that the test writes to tables, figures and models."""

import gzip
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import gemmi
import numpy as np
import pandas as pd
import pytest
import yaml
from benchmark.config import load
from benchmark.plan import Plan
from conftest import ROOT, compact_chain, furnish, tiny_config
from mirror import MIRRORS, needs_mirror

from pointprior.measurements.observations import Observations
from pointprior.output.densities import read_map
from pointprior.reconstruction.result import Reconstruction

SCORES = ["rmsd_atomic", "rmsd_atomic_excess", "density_correlation", "density_resolution"]
SCORES += ["rmsd_cg", "rmsd_cg_unaligned", "rmsd_cg_mirrored", "chamfer", "emd", "energy", "energy_truth"]
DIAGNOSTICS = ["scale_factor", "rotation_deg", "kernel_correlation", "spacing", "resolution"]
DIAGNOSTICS += ["atoms", "nfe", "seconds"]
COLUMNS = ["structure", "task", "method", "sample", *SCORES, *DIAGNOSTICS]
TASK = "p2x48_lr8"
SAMPLED = ("dps", "pnp", "ml", "ml_regularised", "prior")


def test_table_has_every_method_and_sample(finished):
    table = pd.read_csv(finished.folder / "results/1tst/rmsd.csv")
    assert sorted(table.columns) == sorted(COLUMNS)
    assert table.groupby("method").size().to_dict() == {
        "dps": 2,
        "pnp": 2,
        "ml": 2,
        "ml_regularised": 2,
        "prior": 2,
        "common_lines": 2,
        "second_fit": 1,
        "truth": 1,
    }
    assert table.notna().all(axis=None)


def test_regularised_likelihood_takes_as_many_gradients_as_dps(finished):
    table = pd.read_csv(finished.folder / "results/1tst/rmsd.csv").set_index("method")
    assert set(table.loc["dps", "nfe"]) == set(table.loc["ml_regularised", "nfe"]) == {2 * 4 - 1}
    assert set(table.loc["ml", "nfe"]) == {4}
    assert set(table.loc["pnp", "nfe"]) == {3}


def test_plug_and_play_counts_the_time_of_the_models_it_begins_from(finished):
    begun = Reconstruction.load(finished.folder / f"results/1tst/{TASK}/ml_regularised.npz")
    assert Reconstruction.load(finished.folder / f"results/1tst/{TASK}/pnp.npz").seconds > begun.seconds


def test_truth_scores_zero(finished):
    table = pd.read_csv(finished.folder / f"results/1tst/{TASK}/scores.csv").query("method == 'truth'")
    assert np.allclose(table[["rmsd_cg", "rmsd_cg_unaligned", "chamfer", "emd"]], 0, atol=1e-4)
    assert np.allclose(table["energy"], table["energy_truth"])


def test_a_second_fit_is_the_floor_of_every_entry(finished):
    scores = pd.read_csv(finished.folder / f"results/1tst/{TASK}/scores.csv").query("method == 'second_fit'")
    entries = pd.read_csv(finished.folder / "results/tables/entries.csv")
    assert 0 < scores["rmsd_cg"].item() < 2 * scores["spacing"].item()
    assert entries["rmsd_cg_floor"].tolist() == pytest.approx([scores["rmsd_cg"].item()] * len(entries))


def test_calibration_and_entries(finished):
    tables = finished.folder / "results/tables"
    coverage = pd.read_csv(tables / "coverage.csv")
    assert coverage.groupby(["structure", "task", "method"]).ngroups == 5  # truth has no spread
    assert coverage["coverage"].between(0, 1).all()
    assert coverage.groupby("method")["coverage"].apply(lambda c: c.is_monotonic_increasing).all()
    assert pd.read_csv(tables / "calibration.csv")["method"].tolist() == ["dps", "pnp", "ml", "ml_regularised", "prior"]
    entries = pd.read_csv(tables / "entries.csv").set_index("method")
    assert entries["atoms"].tolist() == [96] * 8
    scores = pd.read_csv(tables / "scores.csv").set_index(["method", "sample"])
    for method in ("dps", "ml"):
        lowest = entries.loc[method, "lowest_energy"]
        assert scores.loc[method, "energy"].idxmin() == lowest
        assert entries.loc[method, "rmsd_cg_lowest_energy"] == scores.loc[(method, lowest), "rmsd_cg"]
        medoid = int(coverage.loc[coverage["method"] == method, "medoid"].iloc[0])
        assert entries.loc[method, "rmsd_cg_medoid"] == scores.loc[(method, medoid), "rmsd_cg"]


def test_one_sample_has_no_calibration(finished, workplace):
    workplace.config["samples"] = 1
    assert not {"collect_coverage", "plot_calibration"} & workplace.planned("all")
    assert "two samples or more" in workplace.run("results/figures/calibration.png", fails=True)


def test_report_of_coarse_graining(finished):
    report = json.loads((finished.folder / "results/1tst/cloud.json").read_text())
    assert report["atoms"] == 96
    assert {"iterations", "log_likelihood", "converged", "spacing_angstrom", "seconds"} <= set(report)


def test_figures_and_models(finished):
    for name in (
        f"figures/{TASK}",
        f"figures/atomic/{TASK}",
        "figures/calibration",
        f"figures/reconstructions/1tst_{TASK}",
    ):
        assert (finished.folder / f"results/{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (finished.folder / f"results/{name}.png").read_bytes().startswith(b"\x89PNG")
    folder = finished.folder / f"results/1tst/{TASK}"
    for name in ("dps.cif", "dps.pdb"):
        assert len(gemmi.read_structure(str(folder / name))) == 2


def test_maps_lie_around_the_models_in_the_deposits_frame(finished):
    folder = finished.folder / f"results/1tst/{TASK}"
    models = gemmi.read_structure(str(folder / "dps.cif"))
    places = np.array([cra.atom.pos.tolist() for model in models for cra in model.all()])
    spacing = json.loads((finished.folder / "results/1tst/cloud.json").read_text())["spacing_angstrom"]
    for kind in ("mean", "localisation"):
        density = read_map(folder / f"dps_{kind}.mrc")
        assert density.voxel == pytest.approx(2 * spacing / 3, rel=1e-3)
        index = np.rint((places - density.origin) / density.voxel).astype(int)
        held = density.values[tuple(index.T)]
        assert (held > 0).all()  # every point has matter at the voxel nearest to it
        assert held.mean() > 5 * density.values.mean()
    assert set(np.unique(density.values)) <= {0, 0.5, 1}  # of two samples


def test_views_name_files_that_are_there(finished):
    folder = finished.folder / f"results/1tst/{TASK}"
    for name in ("dps.cxc", "dps.pml"):
        files = re.findall(r"[\w./]+\.(?:cif\.gz|cif|mrc)", (folder / name).read_text())
        assert len(files) == 4
        for file in files:
            assert (folder / file).is_file()


def test_showcases_are_drawn_and_written_as_models(workplace):
    """Each with its own measurements and steps; a structure that is not configured is left out."""
    workplace.write_entry("1abc")
    measured = {"projections": 2, "points": 48, "alpha": 100, "steps": 3}
    workplace.config |= {
        "structures": workplace.config["structures"] | {"entries": ["1tst", "1abc"]},
        "methods": ["dps", "ml"],
        "shown": [],
        "showcases": {
            "1ABC": measured | {"name": "Chain", "subunit": {"chains": ["A"]}},
            "1tst": measured | {"low_resolution": 8},
            "9zzz": measured,
        },
    }
    plan = workplace.run("all", "--dry-run")
    assert "viewer scripts, in the frame of their deposit or archive (1tst, showcase, dps)" in plan
    assert "9zzz" not in plan  # `structures.entries` does not list it
    workplace.run("results/figures/figure2.png", "results/1abc/showcase/dps.pml")
    assert (workplace.folder / "results/figures/figure2.png").stat().st_size > 20_000
    kinds = [o.kind for o in Observations.load(workplace.folder / "results/1abc/showcase/observations.npz")]
    assert kinds == ["projection", "projection", "subunit"]
    reconstruction = Reconstruction.load(workplace.folder / "results/1tst/showcase/dps.npz")
    assert reconstruction.nfe == 2 * 3 - 1


def test_showcases_stand_in_tables_but_in_no_mean_over_structures(finished, workplace):
    shutil.copytree(finished.folder / "results", workplace.folder / "results", symlinks=True)
    shutil.copytree(finished.folder / ".snakemake", workplace.folder / ".snakemake")
    showcase = {"projections": 1, "points": 48, "alpha": 100, "steps": 3, "subunit": {"chains": ["A"]}}
    workplace.config["showcases"] = {"1tst": showcase}
    workplace.run("tables", "results/1tst/rmsd.csv", "results/figures/calibration.png")
    table = pd.read_csv(workplace.folder / "results/1tst/rmsd.csv")
    rows = table[table["task"] == "showcase"]
    assert rows.groupby("method").size().to_dict() == dict.fromkeys((*SAMPLED, "common_lines"), 2) | {
        "second_fit": 1,
        "truth": 1,
    }
    assert rows.notna().all(axis=None)
    of_tasks = pd.read_csv(finished.folder / "results/1tst/rmsd.csv")
    pd.testing.assert_frame_equal(table[table["task"] == TASK].reset_index(drop=True), of_tasks)
    for name in ("scores", "entries", "coverage"):
        assert set(pd.read_csv(workplace.folder / f"results/tables/{name}.csv")["task"]) == {TASK, "showcase"}
    for name in ("summary", "calibration"):
        tables = [pd.read_csv(place.folder / f"results/tables/{name}.csv") for place in (workplace, finished)]
        pd.testing.assert_frame_equal(*tables)
    entries = pd.read_csv(workplace.folder / "results/tables/entries.csv").query("task == 'showcase'")
    assert entries[entries["medoid"].isna()]["method"].tolist() == ["common_lines"]  # its draws are not calibrated
    pictures = [(place.folder / "results/figures/calibration.png").read_bytes() for place in (workplace, finished)]
    assert pictures[0] == pictures[1]


def test_structure_with_a_showcase_only_has_a_table(workplace):
    """Nothing is averaged then."""
    workplace.config["tasks"][TASK]["entries"] = ["9zzz"]
    workplace.config["showcases"] = {"1tst": {"projections": 1, "points": 48, "alpha": 100}}
    workplace.config["shown"] = []
    planned = workplace.planned("all")
    assert {"collect_scores", "collect_entries", "plot_showcases"} <= planned
    assert not {"summarise", "summarise_calibration", "plot_calibration", "plot_task", "plot_task_atomic"} & planned


@pytest.mark.parametrize("config", ["config", "mini", "demo"])
@pytest.mark.parametrize("entry", ["6ryr", "6fvt"])
def test_papers_structures_have_their_showcase_in_their_table(entry, config):
    plan = Plan(load(yaml.safe_load((ROOT / f"config/{config}.yaml").read_text(encoding="utf-8"))), ROOT)
    tables = plan.outputs.structure_scores(SimpleNamespace(structure=entry))
    assert f"results/{entry}/showcase/scores.csv" in tables
    assert (entry in plan.showcases.entries) == (config == "config")


def test_papers_showcase_is_made_where_the_configuration_has_others(workplace):
    """A 6fvt with a 20S particle and a regulatory one of 600 atoms each: the particle is known by its name."""
    workplace.write_entry("6fvt", gzip.compress(two_entities("6fvt").encode()))
    workplace.config["coarse_grain"] = {"components": 1024, "engine": "neighbours"}
    workplace.config["showcases"] = {"1tst": {"projections": 1, "points": 48, "alpha": 100}}
    workplace.run("results/6fvt/showcase/observations.npz")
    *images, subunit = Observations.load(workplace.folder / "results/6fvt/showcase/observations.npz")
    assert [(image.kind, len(image.targets)) for image in images] == [("projection", 1024)] * 3
    with np.load(workplace.folder / "results/6fvt/cloud.npz") as cloud:
        np.testing.assert_array_equal(subunit.targets, cloud["points"][cloud["chain"] == "A"])
    assert 400 < len(subunit.targets) < 624
    assert re.search(r"^score_task +2$", workplace.run("results/6fvt/rmsd.csv", "-n"), flags=re.MULTILINE)


def two_entities(entry: str) -> str:
    """mmCIF text of chain A, of a proteasome subunit, and chain B, of another protein."""
    block = gemmi.cif.read_string(compact_chain(entry, residues=1200)).sole_block()
    atoms = block.find("_atom_site.", ["label_asym_id", "auth_asym_id", "label_entity_id"])
    for number, row in enumerate(atoms):
        row[0], row[1], row[2] = ("A", "A", "1") if number < 600 else ("B", "B", "2")
    table = gemmi.cif.Block(entry)
    table.set_pair("_entry.id", entry.upper())
    entities = table.init_loop("_entity.", ["id", "type", "pdbx_description"])
    entities.add_row(["1", "polymer", "'Proteasome subunit alpha type-1'"])
    entities.add_row(["2", "polymer", "'26S proteasome regulatory subunit RPN1'"])
    table.add_item(block.find_loop_item("_atom_site.id"))
    return table.as_string()


def test_papers_showcases_are_left_out_where_clouds_are_smaller():
    tasks = {TASK: {"projections": 1, "points": 48, "alpha": 1}}
    config = {"coarse_grain": {"components": 64}, "tasks": tasks, "structures": {"entries": ["6fvt"]}}
    plan = Plan(load(config), ROOT)
    assert not plan.showcases.all
    assert not plan.showcases.entries
    known = {"6fvt": {"subunit": {"chains": ["A"]}, "alpha": 1}}  # of its `points` none are measured
    assert Plan(load(config | {"showcases": known}), ROOT).showcases.entries == ["6fvt"]
    assert {table.split("/")[2] for table in plan.outputs.structure_scores(SimpleNamespace(structure="6fvt"))} == {TASK}


def test_every_rule_has_a_log_and_a_benchmark(finished):
    for kind in ("logs", "benchmarks"):
        rules = {
            path.relative_to(finished.folder / "results" / kind).parts[0].split(".")[0]
            for path in (finished.folder / "results" / kind).rglob("*")
            if path.is_file()
        }
        assert {"coarse_grain_structure", "reconstruct_dps", "score_task", "summarise", "plot_task"} <= rules


def test_second_run_does_nothing(finished):
    assert "Nothing to be done" in finished.run("all")


def test_nothing_half_written_is_left(finished):
    assert not [path for path in (finished.folder / "results").rglob(".*") if path.is_file()]


def test_one_or_two_jobs_at_a_time_give_equal_numbers(finished, tmp_path):
    other = furnish(tmp_path)
    other.run("results/1tst/rmsd.csv", cores=1)
    tables = [
        pd.read_csv(place.folder / "results/1tst/rmsd.csv").drop(columns="seconds") for place in (finished, other)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-6)


def test_bundled_cloud_stands_in_for_a_deposit(finished, workplace):
    bundled = workplace.folder / "clouds"
    bundled.mkdir()
    shutil.copy(finished.folder / "results/1tst/cloud.npz", bundled / "1tst.npz")
    workplace.config["structures"] |= {"bundled": "clouds", "mirrors": []}
    workplace.config["methods"] = ["ml", "truth"]
    workplace.run("results/1tst/rmsd.csv")
    ours, theirs = (pd.read_csv(place.folder / "results/1tst/rmsd.csv") for place in (workplace, finished))
    assert ours["rmsd_atomic"].isna().all()
    assert np.allclose(ours["rmsd_cg"], theirs[theirs["method"].isin(["ml", "truth"])]["rmsd_cg"], atol=1e-5)


def test_deposit_at_hand_comes_before_shipped_cloud(finished, workplace):
    (workplace.folder / "clouds").mkdir()
    shutil.copy(finished.folder / "results/1tst/cloud.npz", workplace.folder / "clouds/1tst.npz")
    workplace.config["structures"]["bundled"] = "clouds"
    assert "coarse_grain_structure" in workplace.planned("results/1tst/cloud.npz")
    workplace.config["structures"]["mirrors"] = []
    assert "copy_bundled_cloud" in workplace.planned("results/1tst/cloud.npz")


def test_training_stops_on_a_signal_resumes_and_gives_a_prior(workplace):
    for entry in ("1aaa", "1aab", "1aac"):
        workplace.write_entry(entry)
    workplace.write_entry("1bad", residues=20)
    (workplace.folder / "train.tsv").write_text("entry\tcluster\n1aaa\tx\n1AAB\tx\n1aac\ty\n1bad\ty\n")
    stages = [{"steps": 200, "batch": 2, "points": 16, "noise_mean": -1.2, "noise_std": 1.2, "t_max": 80}]
    workplace.config["priors"]["tiny"] |= {
        "source": "train",
        "network": {"width": 16, "layers": 1, "heads": 2},
        "training": {"entries": "train.tsv", "shard": 3, "max_failed": 0.3, "stages": stages, "precision": "float32"},
    }
    workplace.config["priors"]["tiny"]["training"]["validation_one_in"] = 2  # by their names, y is held out and x not
    workplace.config["evaluation"] = {"samples": 3}
    target = "results/priors/tiny/trained/curve.csv"
    curve = workplace.folder / "results/checkpoints/tiny.csv"
    with workplace.started(target) as process:
        _wait_for(lambda: curve.exists() and len(curve.read_text().splitlines()) > 50, process)
        os.kill(_script(process.pid, "train_prior"), signal.SIGTERM)
        output, _ = process.communicate(timeout=180)
    # the rule's retries take the training up again
    assert process.returncode == 0, output
    assert "TrainingStopped: stopped after step" in output
    table = pd.read_csv(workplace.folder / target)
    assert table["step"].tolist() == list(range(1, 201))
    failures = pd.read_csv(workplace.folder / "results/priors/tiny/failures.csv")
    assert failures["entry"].tolist() == ["1bad"]
    assert "20 atoms are too few for 64" in failures["reason"][0]
    card = json.loads((workplace.folder / "results/priors/tiny/trained/card.json").read_text())
    assert card["data"]["clouds"] == 2
    assert card["data"]["validation_clouds"] == 1
    assert card["denoising_error"].keys() >= {"0.02", "0.2", "1.0"}
    workplace.run("results/priors/tiny/trained/curve.png", f"results/1tst/{TASK}/dps.npz", "table3", "galleries")
    table3 = pd.read_csv(workplace.folder / "results/tables/table3.csv")
    assert table3[["prior", "set", "references"]].values.tolist() == [["tiny", "prior", 1], ["tiny", "training set", 1]]
    nearest = pd.read_csv(workplace.folder / "results/priors/tiny/trained/nearest.csv")
    assert set(nearest["nearest"]) <= {"1aaa", "1aab"}
    assert (workplace.folder / "results/priors/tiny/trained/gallery.png").stat().st_size > 1000


def test_two_processes_train_a_prior_and_resume(workplace):
    """`gpus: 2` on a machine without any: two processes share each batch; a signal reaches both."""
    for entry in ("1aaa", "1aab"):
        workplace.write_entry(entry)
    (workplace.folder / "train.tsv").write_text("entry\tcluster\n1aaa\tx\n1aab\ty\n")
    stages = [{"steps": 2000, "batch": 2, "points": 16, "noise_mean": -1.2, "noise_std": 1.2, "t_max": 80}]
    workplace.config["priors"]["tiny"] |= {
        "source": "train",
        "network": {"width": 16, "layers": 1, "heads": 2},
        "training": {"entries": "train.tsv", "stages": stages, "precision": "float32", "gpus": 2},
    }
    target = "results/priors/tiny/trained/curve.csv"
    curve = workplace.folder / "results/checkpoints/tiny.csv"
    with workplace.started(target) as process:
        _wait_for(lambda: curve.exists() and len(curve.read_text().splitlines()) > 50, process)
        os.kill(_script(process.pid, "train_prior"), signal.SIGTERM)
        output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output
    assert re.search(r"WorkerError: .*TrainingStopped: stopped after step", output)
    for table in (target, curve):  # the record beside the checkpoint has no step twice: it went on, not anew
        assert pd.read_csv(workplace.folder / table)["step"].tolist() == list(range(1, 2001))


def test_interrupt_leaves_no_half_file_and_keeps_what_is_finished(workplace):
    workplace.config["dps"]["steps"] = 10_000
    target = f"results/1tst/{TASK}/dps.npz"
    log = workplace.folder / f"results/logs/reconstruct_dps/1tst/{TASK}.log"
    with workplace.started(target) as process:
        _wait_for(lambda: log.exists() and "step" in log.read_text(), process)
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        output, _ = process.communicate(timeout=60)
    assert process.returncode != 0, output
    folder = workplace.folder / f"results/1tst/{TASK}"
    assert [path.name for path in folder.iterdir()] == ["observations.npz"]
    workplace.config["dps"]["steps"] = 4
    assert workplace.planned(target) == {"reconstruct_dps"}
    workplace.run(target)


@needs_mirror
def test_real_entry_from_a_mirror(workplace):
    workplace.config = tiny_config("8owk") | {"methods": ["ml", "truth"]}
    workplace.config["structures"]["mirrors"] = list(map(str, MIRRORS))
    workplace.run("results/8owk/rmsd.csv")
    assert json.loads((workplace.folder / "results/8owk/cloud.json").read_text())["atoms"] == 3050
    table = pd.read_csv(workplace.folder / "results/8owk/rmsd.csv").set_index("method")
    assert table.loc["truth", "rmsd_cg"] == pytest.approx(0, abs=1e-3)
    assert table.loc["truth", "rmsd_atomic"] > 1


def _wait_for(condition, process, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


def _script(parent: int, name: str) -> int:
    """Process id of the script that a snakemake process runs."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(int(text.rsplit(")", 1)[1].split()[1]), []).append(int(stat.parent.name))
    waiting = [parent]
    while waiting:
        pid = waiting.pop()
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        if "python" in words[0] and words[-2].endswith(f"{name}.py"):
            return pid
        waiting += children.get(pid, [])
    raise AssertionError(f"{name} does not run")
