"""Processes on several nodes of a SLURM job, each with the environment of its rank, as `torchrun` would set it."""

import logging
import os
import pickle
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable

import torch

from pointprior.priors.distributed import WorkerError, free_port
from pointprior.runtime.signals import on_termination

FAILED = "failed: "  # what a process says before it ends with an error


def launch_on_nodes(worker: Callable[..., None], nodes: int, per_node: int, *arguments) -> None:
    """Run `worker(*arguments)` in `per_node` processes on each of a SLURM job's nodes, started by srun.

    The first node is this one. SIGTERM is passed on; what the processes log is logged here. `worker` must be
    importable and its arguments picklable. Every process gets as many threads as this one.

    Raises
    ------
    WorkerError
        If this is no SLURM job, or if one of the processes fails; the others are terminated.
    """
    job = os.environ.get("SLURM_JOB_ID")
    if job is None or shutil.which("srun") is None:
        raise WorkerError(
            f"{nodes} nodes are asked for, but this is no SLURM job: run it with --profile slurm, or on one node"
        )
    address = (socket.gethostname(), free_port())
    call = pickle.dumps((worker, torch.get_num_threads(), address, arguments))
    shape = [f"--nodes={nodes}", f"--ntasks={nodes * per_node}", f"--ntasks-per-node={per_node}"]
    srun = ["srun", f"--jobid={job}", *shape, f"--cpus-per-task={torch.get_num_threads()}", "--kill-on-bad-exit=1"]
    process = subprocess.Popen(  # what is read from here reaches every process
        [*srun, sys.executable, "-m", __spec__.name],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with on_termination(process.terminate):
        with process:
            assert process.stdin is not None  # both are pipes
            assert process.stdout is not None
            process.stdin.write(call)
            process.stdin.close()
            said = []
            for line in process.stdout:
                said.append(line.decode(errors="replace").rstrip())
                logging.info("%s", said[-1])
        if process.returncode:
            raise WorkerError(_cause(said) or f"srun ended with {process.returncode} and said nothing")


def _cause(lines: list[str]) -> str | None:
    """The first error that a process reported, or else the last line."""
    named = [line for line in lines if line.startswith(FAILED)]
    return named[0].removeprefix(FAILED) if named else next(reversed(lines), None)


def _as_rank() -> None:
    """One of the processes: what to do comes from standard input, who it is from SLURM."""
    worker, threads, (host, port), arguments = pickle.load(sys.stdin.buffer)
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    torch.set_num_threads(threads)
    names = {"RANK": "SLURM_PROCID", "LOCAL_RANK": "SLURM_LOCALID", "WORLD_SIZE": "SLURM_NTASKS"}
    os.environ |= {name: os.environ[source] for name, source in names.items()}
    os.environ |= {"MASTER_ADDR": host, "MASTER_PORT": str(port)}
    try:
        worker(*arguments)
    except Exception as problem:  # of any kind: it ends the job
        logging.exception("rank %s", os.environ["RANK"])
        print(f"{FAILED}{type(problem).__name__}: {problem}", flush=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    _as_rank()
