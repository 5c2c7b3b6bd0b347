"""Everything worth knowing of a GPU in one call: seconds per sample, shares, training, memory, and checked results.

    python benchmarks/gpu.py --output gpu                       # gpu.md and gpu.json, in nine minutes at most
    python benchmarks/gpu.py --device cpu --small --output cpu  # all of it with a small network, in a minute

It runs from a checkout, installed or not, on a machine that reaches no network. The denoiser is the paper's (77.8
million parameters) with random weights. The problem is that of which the paper prints 72 s a sample: six projections of
1,024 points, 40 steps, batches of ten. Without numba, scipy solves the matchings, and the report says so. A section
that fails is reported, and the others go on. The exit status is 1 if one failed, or if results are not the CPU's.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]
NEEDED = ["torch", "numpy", "scipy", "pandas", "jaxtyping", "safetensors", "lazy_loader", "threadpoolctl", "tqdm"]
PRINTED = 72.0  # seconds per sample in the paper, on a node with an A100
VIEWS, PAPER_BATCH = 6, 160
BOUNDS = {"float32": 1e-3, "bfloat16": 0.05}  # root-mean-square difference of a coordinate after the check's steps


def unavailable(names):
    """Those of some packages that cannot be imported, each with the reason."""
    found = {}
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as problem:
            found[name] = str(problem)
    return found


def without_numba():
    """Let the library's modules be imported without numba: what it would compile is refused when called."""

    def refused(*_, **__):
        raise RuntimeError("compiled code is asked for, but there is no numba")

    stand_in = ModuleType("numba")
    stand_in.njit = lambda *_, **__: lambda function: refused
    stand_in.prange = range
    sys.modules["numba"] = stand_in


@dataclass
class Report:
    """What was found so far: printed as it comes, and written after every section."""

    output: Path | None
    deadline: float
    found: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)

    def say(self, text=""):
        self.lines.append(text)
        print(text, flush=True)

    def table(self, name, title, rows, note=""):
        """Rows, each a dictionary with the same keys, as a Markdown table."""
        self.found[name] = rows
        self.say(f"\n## {title}\n")
        if note:
            self.say(f"{note}\n")
        self.say("| " + " | ".join(rows[0]) + " |")
        self.say("|" + "---|" * len(rows[0]))
        for row in rows:
            self.say("| " + " | ".join(written(value) for value in row.values()) + " |")
        self.write()

    def section(self, name, title, rows, note=""):
        """The rows that a function gives as a table; None if time is spent, or if it fails."""
        if time.monotonic() > self.deadline:
            self.lack(name, "the time is spent")
            return None
        try:
            found = rows()
        except Exception:
            self.lack(name, traceback.format_exc())
            return None
        self.table(name, title, found, note)
        return found

    def lack(self, what, why):
        """Note what is not in the report."""
        self.found.setdefault("lacks", {})[what] = why
        self.say(f"\nWithout {what}: {why.strip()}")
        self.write()

    def write(self):
        if self.output is not None:
            self.output.with_suffix(".md").write_text("\n".join(self.lines) + "\n")
            self.output.with_suffix(".json").write_text(json.dumps(self.found, indent=1) + "\n")


def written(value):
    """A cell: numbers to three digits, none as a dash."""
    if value is None:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="a small network, few points and steps")
    parser.add_argument("--batches", type=int, nargs="+", help="samples at a time (1 4 10 32 64; small: 1 4)")
    parser.add_argument("--steps", type=int, help="time steps of a sample (40; small: 3)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of matchings and of the CPU")
    parser.add_argument("--minutes", type=float, default=8.5, help="no section begins later")
    parser.add_argument("--no-compile", action="store_true", help="leave out torch.compile (always left out if small)")
    parser.add_argument("--output", type=Path, help="where to write, without .md and .json")
    arguments = parser.parse_args()
    missing = unavailable(NEEDED)
    if missing:
        reasons = "\n".join(f"  {name}: {reason}" for name, reason in missing.items())
        raise SystemExit(f"This needs {', '.join(NEEDED)}. {sys.executable} lacks:\n{reasons}")
    no_numba = unavailable(["numba"]).get("numba")
    if no_numba:
        without_numba()
    import gpu_sections  # the library, which needs all of that

    report = Report(arguments.output, time.monotonic() + 60 * arguments.minutes)
    report.say("# What a GPU gives\n")
    if no_numba:
        report.say(f"No numba ({no_numba}): matchings are solved by scipy, far slower than the library's own.\n")
    report.found["matching"] = "scipy" if no_numba else "library"
    with gpu_sections.scipy_matching() if no_numba else contextlib.nullcontext():
        return gpu_sections.run(arguments, report, machine(arguments))


def machine(arguments):
    """What the numbers were measured on."""
    import torch

    device, facts = arguments.device, {}
    if device.startswith("cuda"):
        if not torch.cuda.is_available():
            raise SystemExit("torch finds no GPU; --device cpu --small runs the same sections on a CPU")
        about = torch.cuda.get_device_properties(device)
        facts = {"card": about.name, "GB": about.total_memory / 1e9, "CUDA": str(torch.version.cuda)}
    else:
        facts = {"card": "none: a CPU", "GB": None, "CUDA": None}
    facts |= {"cores": arguments.threads, "processor": platform.machine()}
    return facts | {"python": platform.python_version(), "torch": torch.__version__}


if __name__ == "__main__":
    sys.exit(main())
