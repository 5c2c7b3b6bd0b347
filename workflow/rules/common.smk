import atexit
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace

# of this file, for the workflow may have been entered by workflow/Snakefile or as a module of another
ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from benchmark.environment import search_first

search_first(*(ROOT / folder for folder in ("src", "workflow", "scripts")))

from benchmark import paths
from benchmark.beginning import check_beginning, check_place, warn_of_dry_run
from benchmark.code import Code
from benchmark.completion import complete
from benchmark.config import load
from benchmark.invocation import invocation
from benchmark.plan import Plan
from benchmark.plan.experiments import SWEEP_COLUMNS
from benchmark.plan.paper import MOLECULES
from benchmark.plan.reproduction import DRAWN, GALLERIES, SUBJECTS
from benchmark.plan.shapes import VARIANT_COLUMNS
from benchmark.requests import growing
from benchmark.shown import figure, table
from benchmark.snakemake_patches import apply_patches
from benchmark.snakemake_patches.inheritance import run_like
from pointprior.methods import METHODS, names

settings = load(config)
plan, code = Plan(settings, ROOT), Code(ROOT / "scripts")
check_place()

apply_patches()
atexit.register(warn_of_dry_run, workflow, plan)

# the report shows every key
config.update(settings.model_dump(mode="json"))
config["structures"]["mirrors"] = plan.structures.mirrors

# What changes the time that results take, and not the results. Scripts are given it as parameters of a type that
# snakemake does not compare (it compares built-in types), so that nothing is stale when it changes.
execution = SimpleNamespace(**settings.execution.model_dump(exclude={"precision", "job"}))
sampling = {"energy": settings.energy, "execution": execution}
sources = SimpleNamespace(mirrors=plan.structures.mirrors, download=settings.structures.download)


def retried(times):
    """Attempts after the first. The snakemake within a cluster's job reads the rules too: it leaves them to the main one."""
    return times if workflow.is_main_process else 0


wildcard_constraints:
    structure=plan.datasets.structures,
    task=r"[^/]+",
    method=r"(?!(?:scores|coverage)\.)[^/.]+",  # these are tables of all methods
    alpha=r"[0-9][0-9.e+]*",
    variant=r"[^/]+",
    prior=r"[^/]+",
    points=r"\d+",
    folder=r"released|refined|trained",
    shard=r"\d{4}",
    name=plan.own.names,
