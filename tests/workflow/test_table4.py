"""The configurations against the paper: Table 4 and Fig. 2, of tasks and showcases, as printed and as configured."""

from types import SimpleNamespace

import pytest
import yaml
from benchmark.config import load
from benchmark.plan import Plan
from conftest import ROOT
from snakemake.utils import update_config

# points of a projection, projections, low-resolution points: α, β; the CryoStruct rows
TABLE_4 = {
    (900, 2, 30): (4_000, "1/t"),
    (300, 1, 40): (4_000, "1/t"),
    (1024, 1, 40): (4_000, "1/t"),
    (1024, 3, 0): (40_000, "1/t"),
    (800, 4, 0): (40_000, "1/t"),
    (1024, 4, 0): (60_000, "1/t"),
    (1024, 5, 0): (80_000, "1/t"),
}
FIGURE_2 = {  # measurements; whether a subunit is known too, whose α is not printed: that of the projections alone
    "6ryr": ((1024, 5, 0), False),
    "6rdm": ((1024, 4, 0), False),
    "6vvy": ((1024, 3, 0), False),
    "6id1": ((1024, 1, 40), False),
    "6fvt": ((1024, 3, 0), True),
}
STAND_INS = dict(zip(("1aoi", "6rqf", "1sfo", "5cd4", "1fnt"), FIGURE_2.values(), strict=True))
TUNED = 300  # α under `dps.guidance_clip` where a low-resolution structure is known
PRINTED = {"printed": FIGURE_2, "mini+printed": FIGURE_2 | STAND_INS}
LIMITED = {"": FIGURE_2, "config": FIGURE_2, "mini": FIGURE_2 | STAND_INS}


def plan_of(names: str) -> Plan:
    """The plan of configuration files that are given together, as `--configfile` joins them."""
    config = {}
    for name in filter(None, names.split("+")):
        update_config(config, yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8")))
    return Plan(load(config), ROOT)


def measured(task) -> tuple[int, int, int]:
    return task.points, task.projections, task.low_resolution


@pytest.mark.parametrize("names", [*PRINTED, *LIMITED])
def test_every_row_of_table_4_is_a_task(names):
    tasks = [task for task in plan_of(names).settings.tasks.values() if not task.noise]
    assert sorted(map(measured, tasks)) == sorted(TABLE_4)
    assert all(task.subunit is None and task.weights is None and task.rotation == "SO3" for task in tasks)


@pytest.mark.parametrize(("names", "showcases"), [*PRINTED.items(), *LIMITED.items()])
def test_showcases_measure_what_figure_2_says(names, showcases):
    plan = plan_of(names)
    for entry, (measurements, subunit) in showcases.items():
        showcase = plan.showcases.all[entry]
        assert (measured(showcase), showcase.subunit is not None) == (measurements, subunit)
        assert plan.tasks.steps(SimpleNamespace(task="showcase", structure=entry)) == 80
    columns = STAND_INS if "mini" in names else FIGURE_2
    assert plan.showcases.entries == list(columns)


@pytest.mark.parametrize(("names", "showcases"), [*PRINTED.items(), *LIMITED.items()])
def test_guidance_is_that_of_table_4_without_a_limit_and_the_tuned_one_under_it(names, showcases):
    """Of every task and showcase: where another α was tuned, neither stands in for the other."""
    plan = plan_of(names)
    limited = names in LIMITED
    assert (plan.settings.dps.guidance_clip is None) != limited
    files = [(task, "6ryr") for task in plan.settings.tasks] + [("showcase", entry) for entry in showcases]
    for task, structure in files:
        wildcards = SimpleNamespace(task=task, structure=structure)
        alpha, beta = TABLE_4[measured(plan.tasks.task(wildcards))]
        tuned = limited and plan.tasks.task(wildcards).low_resolution
        assert plan.tasks.alpha(wildcards) == (TUNED if tuned else alpha), (task, structure)
        assert plan.tasks.task(wildcards).beta == beta


@pytest.mark.parametrize("names", PRINTED)
def test_the_rest_is_as_printed(names):
    """Algorithm 1: 40 steps from t = 1, ten samples; maximum likelihood: 100 steps of Adam; no method of our own."""
    settings = plan_of(names).settings
    dps, ml = settings.dps, settings.ml
    assert (dps.steps, dps.t_max, dps.rho, dps.integrator, dps.guidance_clip) == (40, 1, 3, "paper", None)
    assert (ml.steps, ml.learning_rate) == (100, 0.01)
    assert settings.samples == 10
    assert settings.methods == ["dps", "ml", "prior", "truth"]
    steps = {plan_of(names).tasks.steps(SimpleNamespace(task=task, structure="6ryr")) for task in settings.tasks}
    assert steps == {40}


def test_any_run_without_a_limit_has_the_papers_guidance():
    """Of the demo too, whose tasks are smaller: α = 300 without a limit leaves clouds where they were."""
    plan = plan_of("demo")
    unlimited = Plan(
        plan.settings.model_copy(update={"dps": plan.settings.dps.model_copy(update={"guidance_clip": None})}), ROOT
    )
    task = SimpleNamespace(task="p1x300_lr40", structure="3j9i")
    assert (plan.tasks.alpha(task), unlimited.tasks.alpha(task)) == (TUNED, 4_000)


def test_alpha_alone_holds_with_and_without_a_limit():
    tasks = {"p2": {"projections": 2, "points": 48, "alpha": 7}}
    for limit in (5, None):
        plan = Plan(load({"tasks": tasks, "dps": {"guidance_clip": limit}}), ROOT)
        assert plan.tasks.alpha(SimpleNamespace(task="p2", structure="1aoi")) == 7
