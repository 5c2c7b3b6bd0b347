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
from benchmark.completion import complete
from benchmark.config import load
from benchmark.plan import Plan
from benchmark.plan.experiments import SWEEP_COLUMNS
from benchmark.plan.paper import MOLECULES
from benchmark.plan.reproduction import DRAWN, GALLERIES
from benchmark.plan.shapes import VARIANT_COLUMNS
from benchmark.snakemake_patches import apply_patches
from benchmark.snakemake_patches.inheritance import run_like
from pointprior.methods import METHODS, names
from pointprior.runtime.provenance import code_hash

settings = load(config)
plan = Plan(settings, ROOT)
check_place()

apply_patches()
atexit.register(warn_of_dry_run, workflow, plan)

# the report shows every key
config.update(settings.model_dump(mode="json"))
config["structures"]["mirrors"] = plan.structures.mirrors

# What changes the time that results take, and not the results. Scripts are given it as parameters of a type that
# snakemake does not compare (it compares built-in types), so that nothing is stale when it changes.
execution = SimpleNamespace(
    device=settings.execution.device, batch=settings.execution.batch
)
sources = SimpleNamespace(
    mirrors=plan.structures.mirrors, download=settings.structures.download
)


def settings_of(method):
    """Settings of a method that decide its results."""
    return getattr(settings, method).deciding()


def code_of(script, *modules):
    """Hash of the code that a script can reach: what a rule's results depend on besides their inputs.

    Rules need not say it (see workflow/benchmark/completion.py) unless their script imports modules by name.
    """
    return code_hash(ROOT / "scripts" / f"{script}.py", *modules)


def figure(stem, category, labels, caption):
    """A PDF, and a PNG that the report shows."""
    caption = f"../report/{caption}.rst"
    png = report(f"{stem}.png", category=category, labels=labels, caption=caption)
    return {"pdf": f"{stem}.pdf", "png": png}


def table(name, label, caption):
    """A table that the report shows."""
    path, caption = paths.TABLE.format(table=name), f"../report/{caption}.rst"
    return report(path, category="Tables", labels={"table": label}, caption=caption)


def growing(least):
    """A resource that the first attempt asks for; the second asks for twice as much, and so on."""
    return lambda wildcards, attempt: least * attempt


def least(**resources):
    """Resources that grow with every attempt."""
    return {name: growing(amount) for name, amount in resources.items()}


def retried(times):
    """Attempts after the first. The snakemake within a cluster's job reads the rules too: it leaves them to the main one."""
    return times if workflow.is_main_process else 0


wildcard_constraints:
    structure=plan.datasets.structures,
    task=r"[^/]+",
    method=r"[^/.]+",
    alpha=r"[0-9][0-9.e+]*",
    variant=r"[^/]+",
    prior=r"[^/]+",
    points=r"\d+",
    folder=r"released|trained",
    shard=r"\d{4}",
