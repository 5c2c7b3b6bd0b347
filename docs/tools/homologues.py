"""What `benchmarks/homologue.py` found: reconstructions with a homologue beside the measurements, and without."""

from pathlib import Path

import markdown
import pandas as pd

RUNS = Path(__file__).parents[1] / "homologue.csv"  # those of validation first, then those of test entries
TASKS = {"realistic_3x1024": "3 × 1024", "realistic_1x1024_lr40": "1 × 1024 + 40"}
KNOWN = {"nothing": "without", "homologue, misfit": "its misfit", "homologue, 4 Å": "4 Å", "homologue, 8 Å": "8 Å"}
METHODS = ("ml_regularised", "pnp")


def table(part: str) -> str:
    """RMSDs (in Å) of the pairs of one part: "chosen" or "held out"."""
    runs = pd.read_csv(RUNS, keep_default_na=False)
    runs = runs[runs["part"] == part]
    head = ["structure, relative", "task", "floor", "relative alone", "its kernel correlation"]
    head += [f"`{method}` {what}" for method in METHODS for what in KNOWN.values()]
    rows = []
    for (entry, relative, task), found in runs.groupby(["entry", "relative", "task"], sort=False):
        errors = found.set_index(["method", "known"])["rmsd_cg"]
        cells = [errors["as it lies", "superposed"], *(errors[method, what] for method in METHODS for what in KNOWN)]
        alike = found.set_index(["method", "known"])["kernel_correlation"]["as it lies", "superposed"]
        numbers = [f"{found['floor'].iloc[0]:.1f}", *(f"{value:.1f}" for value in cells)]
        numbers.insert(2, f"{alike:.2f}")
        rows.append([f"{entry}, {relative}", TASKS[task], *numbers])
    return markdown.table(head, rows)
