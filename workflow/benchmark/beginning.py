"""What is checked when all jobs are known and none has begun: the folder of results, the machine, the cluster."""

import shutil
import sys
from os import W_OK, X_OK, access
from pathlib import Path

from benchmark import paths
from benchmark.errors import WorkflowError
from benchmark.limits import Request, ask_slurm, excesses
from benchmark.plan import Plan
from benchmark.workload import gpu_visible, oversized

RESULTS = Path(paths.RESULTS)


def check_place() -> None:
    """Say it before anything is planned if the folder of results is none."""
    if RESULTS.exists() and not RESULTS.is_dir():
        raise WorkflowError(f"'{RESULTS}' is a file; results go into a folder of that name")


def check_beginning(workflow, plan: Plan) -> None:
    """Stop a run that cannot or should not begin.

    Raises
    ------
    WorkflowError
        If results cannot be written, a training would take this machine's cores more than a day, or jobs ask SLURM
        for more than its partitions give.
    """
    check_writable(RESULTS)
    if workflow.touch or not workflow.is_main_process:
        return
    if workflow.local_exec:
        if problems := oversized_trainings(workflow, plan):
            raise WorkflowError("\n".join(problems))
    elif shutil.which("sinfo") and (problems := excesses(_requests(workflow), ask_slurm())):
        hint = "profiles/slurm says how to choose a partition, rules and set-resources what a job asks for"
        raise WorkflowError("\n  ".join([f"SLURM would refuse jobs ({hint}):", *problems]))


def warn_of_dry_run(workflow, plan: Plan) -> None:
    """Say on standard error, after all that a dry run prints, what would keep its run from beginning here."""
    remote = any(word.startswith(("--profile", "--executor", "-e")) for word in sys.argv)
    if workflow.dryrun and workflow._dag is not None and not remote:
        for problem in oversized_trainings(workflow, plan):
            print(f"A run would stop here: {problem}", file=sys.stderr)


def oversized_trainings(workflow, plan: Plan) -> list[str]:
    """Why trainings that are planned for this machine should not begin on it."""
    jobs = list(workflow.dag.needrun_jobs(exclude_finished=False))
    training = [job.wildcards.prior for job in jobs if job.rule.name == "train_prior"]
    if not training or gpu_visible(plan.settings.execution.device):
        return []
    shards = [job.wildcards for job in jobs if job.rule.name == "coarse_grain_shard"]
    structures = {
        prior: sum(len(plan.priors.shard_entries(shard)) for shard in shards if shard.prior == prior)
        for prior in training
    }
    problems = [oversized(prior, plan.settings.priors[prior], structures[prior]) for prior in training]
    return [problem for problem in problems if problem]


def _requests(workflow) -> list[Request]:
    """What the jobs and groups that are to be submitted ask for at their first attempt."""
    dag = workflow.dag
    units = dict.fromkeys(dag.get_job_group(job) or job for job in dag.needrun_jobs() if not job.is_local)
    return [_request(unit) for unit in units]


def _request(unit) -> Request:
    asked = unit.resources.get
    rules = sorted({job.rule.name for job in unit.jobs}) if unit.is_group() else [unit.rule.name]
    chosen = asked("slurm_partition") or ""
    nodes = asked("nodes") or 1
    return Request(
        " + ".join(rules),
        tuple(chosen.split(",")) if chosen else (),
        asked("runtime") or 0,
        unit.threads * (asked("tasks") or 1) // nodes,
        asked("mem_mb") or 0,
        (asked("gpu") or 0) / nodes,
    )


def check_writable(folder: Path) -> None:
    """Say it before the first job if nothing can be written."""
    place = folder if folder.exists() else folder.absolute().parent
    if not (place.is_dir() and access(place, W_OK | X_OK)):
        raise WorkflowError(f"nothing can be written into '{folder}': make '{place}' a folder that you may write")
