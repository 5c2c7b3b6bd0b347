"""A contributor's method: one module, one entry of the registry, and it is everywhere."""

import pandas as pd
import pytest

MODULE = '''
"""Toy: points drawn at random in a cube."""

from dataclasses import dataclass, field

import torch

from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime import settings
from pointprior.runtime.seeding import torch_generator
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Points drawn at random."""

    size: float = field(default=1.0, metadata=about("half-width", ge=0.1, le=10, why="clouds are of size 1"))


def reconstruct(problem, settings):
    drawn = [torch.rand(problem.points, 3, generator=torch_generator(*problem.key, s)) for s in range(problem.samples)]
    x = settings.size * (2 * torch.stack(drawn) - 1)
    return Reconstruction(x.numpy(), problem.energy.reported(x.double()).numpy(), 0, 0.0)
'''
ENTRY = 'Method("toy", "toy", "toy", "#123456", (0, (4, 4)), "P", "baseline", "pointprior.reconstruction.toy"),'


@pytest.fixture
def contributed(checkout):
    """A checkout with a method more."""
    (checkout.root / "src/pointprior/reconstruction/toy.py").write_text(MODULE)
    registry = checkout.root / "src/pointprior/methods.py"
    text = registry.read_text()
    controls = '    Method("prior", '
    assert text.count(controls) == 1
    registry.write_text(text.replace(controls, f"    {ENTRY}\n{controls}"))
    return checkout


def test_new_method_is_run_scored_and_drawn(contributed):
    contributed.config |= {"methods": ["toy", "ml", "truth"], "toy": {"size": 0.5}}
    contributed.run("tables", "results/figures/p2x48_lr8.png")
    summary = pd.read_csv(contributed.folder / "results/tables/summary.csv").set_index("method")
    assert {"toy", "ml", "truth"} == set(summary.index)
    assert summary.loc["toy", "rmsd_cg_won"] in (0, 1)
    assert summary.loc["toy", "rmsd_cg_mean"] > summary.loc["truth", "rmsd_cg_mean"]


def test_a_change_of_the_new_method_or_its_settings_concerns_no_other(contributed):
    contributed.config |= {"methods": ["toy", "ml", "truth"], "shown": []}
    contributed.run("results/1tst/rmsd.csv")
    contributed.config["toy"] = {"size": 2.0}
    assert contributed.planned("results/1tst/rmsd.csv") == {
        "reconstruct_toy",
        "score_task",
        "collect_structure",
    }
    contributed.config.pop("toy")
    module = contributed.root / "src/pointprior/reconstruction/toy.py"
    module.write_text(module.read_text().replace("2 * torch", "2.0 * torch"))
    assert "reconstruct_ml" not in contributed.planned("results/1tst/rmsd.csv")
    assert "reconstruct_toy" in contributed.planned("results/1tst/rmsd.csv")


def test_mistyped_settings_of_the_new_method_are_answered(contributed):
    contributed.config["toy"] = {"sise": 2.0}
    assert "did you mean 'size'" in contributed.run("all", fails=True)
    contributed.config["toy"] = {"size": 50.0}
    assert "clouds are of size 1" in contributed.run("all", fails=True)
