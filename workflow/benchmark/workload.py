"""How much work a training is, and whether a machine without a GPU should begin it."""

import os
import shutil
import subprocess

from benchmark.config.priors import PriorChoice

RATE = 5e10  # operations a second of one core in float32 products of matrices (AVX2; 30 to 80 thousand million)
LONGEST = 1.0  # days of training that a machine begins without being told to


def training_operations(prior: PriorChoice) -> float:
    """Floating-point operations of a training: six for every weight and token, attention's own products aside.

    Two of the six are of the forward pass and four of the backward pass (Kaplan et al. 2020, section 2.1). A block of
    the transformer has 12 width² weights; a token is a point, or the time.
    """
    weights = 12 * prior.network.layers * prior.network.width**2
    tokens = sum(stage.steps * stage.batch * (stage.points + 1) for stage in prior.training.stages)
    return 6.0 * weights * tokens


def days_on(cores: int, operations: float) -> float:
    """Days that so many operations take on so many cores."""
    return operations / (RATE * cores) / 86_400


def gpu_visible(device: str) -> bool:
    """Whether a GPU is there for jobs on `execution.device`, as its driver says: torch may live elsewhere (conda)."""
    if device == "cpu":
        return False
    return any(_answers(*command) for command in (("nvidia-smi", "-L"), ("rocm-smi", "--showid")))


def _answers(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return "GPU" in subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def oversized(name: str, prior: PriorChoice, structures: int) -> str | None:
    """Why this machine should not train a prior on its cores, and what to do instead; None if it may.

    Parameters
    ----------
    name, prior
        The prior.
    structures : int
        Training structures that are still to be coarse-grained for it.
    """
    cores = len(os.sched_getaffinity(0))
    operations = training_operations(prior)
    days = days_on(cores, operations)
    if prior.training.on_cpu or days <= LONGEST:
        return None
    first = f"{structures:,} structures are to be coarse-grained first, and " if structures else ""
    # a prior of a data set of shapes: the stand-in has bundled ones of the same kinds
    ready = "mini" if prior.training.dataset is None else "standin"
    return (
        f"the prior '{name}' would be trained on this machine, where no GPU is to be seen: {first}the training "
        f"takes some {operations:.0e} operations, about {_span(days)} on {cores} cores.\n"
        f"  with a bundled prior, nothing is trained:    snakemake TARGET --configfile config/{ready}.yaml\n"
        "  on a SLURM cluster:                          snakemake --profile slurm TARGET\n"
        f"  if it is what you want, say so:              priors.{name}.training.on_cpu: true"
    )


def _span(days: float) -> str:
    return f"{days / 365:,.0f} years" if days > 730 else f"{days:,.0f} days"
