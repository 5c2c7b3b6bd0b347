"""What the paper's benchmark costs: operations and bytes from the sizes, seconds from the published tables."""

from functools import cache

import markdown
import torch
from benchmark.config import Configuration
from benchmark_tables import read

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction.course import KEPT

POINTS, SAMPLES, STEPS = 1024, 10, 40
TEST, TRAINING = 100, 6629  # the paper's structures
PAIRS = 7 * TEST  # seven tasks of Table 4
SLOW, FAST = 30e12, 120e12  # operations a second of an A100 in bfloat16: assumed
TASK = "p3x1024"


def table(part: str) -> str:
    """One of the parts below, by its name."""
    return PARTS[part]()


@cache
def _parameters() -> int:
    """Parameters of the paper's network."""
    with torch.device("meta"):
        return sum(p.numel() for p in Denoiser(NetworkSpec()).parameters())


def _operations(clouds: float, passes: int) -> float:
    """Of the network: a pass multiplies by every parameter, and every point with every other."""
    spec = NetworkSpec()
    per_point = 2 * _parameters() + 4 * POINTS * spec.width * spec.layers
    return passes * per_point * POINTS * clouds


def _gpu() -> str:
    training = Configuration().priors["cryostruct"].training
    clouds = sum(stage.steps * stage.batch for stage in training.stages)
    rows = []
    for what, how, operations in (
        ("training", f"{clouds:,} clouds forward and back", _operations(clouds, 3)),
        (
            "`dps`",
            f"{PAIRS} pairs × {SAMPLES} models × {2 * STEPS - 1} gradients with respect to the cloud",
            _operations(PAIRS * SAMPLES * (2 * STEPS - 1), 2),
        ),
    ):
        hours = [operations / rate / 3600 for rate in (FAST, SLOW)]
        rows.append([what, how, f"{operations:.0e}", f"{hours[0]:.0f}–{hours[1]:.0f}"])
    return markdown.table(["work", "how much", "operations", "GPU-hours"], rows)


def _cpu() -> str:
    rows = []
    for method in ("dps", "pnp", "ml", "ml_regularised"):
        found = read("summary").query("task == @TASK and method == @method").iloc[0]
        hours = found["seconds_mean"] * PAIRS * SAMPLES / 3600
        rows.append([f"`{method}`", f"{found['seconds_mean']:.0f}", f"{hours:.0f}"])
    return markdown.table(["method", "seconds per model", f"hours for {PAIRS} pairs × {SAMPLES} models"], rows)


def _storage() -> str:
    cloud = POINTS * 3 * 4
    parameters = _parameters()
    rows = [
        ["models of one pair and method", f"{SAMPLES} × {POINTS} × 3 float32", _bytes(SAMPLES * cloud)],
        ["the same for all pairs, five methods", f"{PAIRS} × 5", _bytes(5 * PAIRS * SAMPLES * cloud)],
        ["course of one sample by `dps`", f"{KEPT} × {POINTS} × 3 float16", _bytes(KEPT * cloud / 2)],
        ["training clouds", f"{TRAINING:,} × {POINTS} × 3 float32", _bytes(TRAINING * cloud)],
        ["weights", f"{parameters:,} float16", _bytes(2 * parameters)],
        ["checkpoint", "weights, their average and two moments, float32", _bytes(16 * parameters)],
    ]
    return markdown.table(["what", "how many", "size"], rows)


def _bytes(n: float) -> str:
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.0f} MB" if n >= 1e6 else f"{n / 1e3:.0f} kB"


PARTS = {"gpu": _gpu, "cpu": _cpu, "storage": _storage}
