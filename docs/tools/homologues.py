"""What `benchmarks/homologue.py` found: reconstructions with a homologue beside the measurements, and without."""

from pathlib import Path

import markdown
import pandas as pd

RUNS = Path(__file__).parents[1] / "homologue.csv"  # of pairs that settings were chosen on, and of test entries
TASKS = {"realistic_3x1024": "3 × 1024", "realistic_1x1024_lr40": "1 × 1024 + 40"}
KNOWN = {"nothing": "without", "homologue, misfit": "its misfit", "homologue, 4 Å": "4 Å", "homologue, 8 Å": "8 Å"}
METHODS = ("ml_regularised", "pnp")


def table(part: str) -> str:
    """RMSDs (in Å) of the pairs of one part: "chosen" or "held out"."""
    runs = pd.read_csv(RUNS, keep_default_na=False)
    head = ["structure, relative", "task", "misses, times a fit", "floor", "relative alone"]
    head += [f"`{method}` {what}" for method in METHODS for what in KNOWN.values()]
    rows = []
    for (entry, relative, task), found in runs[runs["part"] == part].groupby(["entry", "relative", "task"], sort=False):
        errors = found.set_index(["method", "known"])["rmsd_cg"]
        asked = [("as it lies", "superposed"), *((method, what) for method in METHODS for what in KNOWN)]
        numbers = [found["floor"].iloc[0], *(errors[cell] for cell in asked)]
        cells = [f"{found['times'].iloc[0]:.1f}", *(f"{number:.1f}" for number in numbers)]
        rows.append([f"{entry}, {relative}", TASKS[task], *cells])
    return markdown.table(head, rows)
