import atexit
import sys
from pathlib import Path

# of this file, for the workflow may have been entered by workflow/Snakefile or as a module of another
ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
# scripts inherit these paths: the environments that conda or a container gives them do not have this package
sys.path[:0] = [str(ROOT / folder) for folder in ("src", "workflow", "scripts")]

from benchmark import paths
from benchmark.beginning import check_beginning, check_place, warn_of_dry_run
from benchmark.config import load
from benchmark.plan import Plan
from benchmark.snakemake_patches import apply_patches
from pointprior.runtime.provenance import code_hash

settings = load(config)
plan = Plan(settings, ROOT)
check_place()

apply_patches()
atexit.register(warn_of_dry_run, workflow, plan)

# scripts and the report see every key; mirrors reach scripts only this way, for as parameters they would make
# deposits stale whenever they change
config.update(settings.model_dump(mode="json"))
config["structures"]["mirrors"] = plan.structures.mirrors


def code_of(script):
    """Hash of the code that a script can reach: what a rule's results depend on besides their inputs."""
    return code_hash(ROOT / "scripts" / f"{script}.py")


def growing(least):
    """A resource that the first attempt asks for; the second asks for twice as much, and so on."""
    return lambda wildcards, attempt: least * attempt


def retried(times):
    """Attempts after the first. The snakemake within a cluster's job reads the rules too: it leaves them to the main one."""
    return times if workflow.is_main_process else 0


wildcard_constraints:
    # anything but the folders beside the structures, so that a mistyped id gets an answer from `plan.checks.structure`
    structure=r"(?!(?:tables|figures|priors|alpha_sweep|deposits|checkpoints|logs|benchmarks)/)[^/]+",
    task=r"[^/]+",
    method=r"[^/.]+",
    alpha=r"[0-9][0-9.e+]*",
    prior=r"[^/]+",
    folder=r"released|trained",
    shard=r"\d{4}",
