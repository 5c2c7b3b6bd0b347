"""What `benchmarks/homologue.py` found: reconstructions with a homologue beside the measurements, and without.

And with priors that have seen relatives, beside those that have not.
"""

from pathlib import Path

import markdown
import pandas as pd

RUNS = Path(__file__).parents[1] / "homologue.csv"  # of pairs that settings were chosen on, and of test entries
TASKS = {"realistic_3x1024": "3 × 1024", "realistic_1x1024_lr40": "1 × 1024 + 40"}
KNOWN = {
    "nothing": "no homologue",
    "homologue, misfit": "deviation = misfit",
    "homologue, 4 Å": "deviation 4 Å",
    "homologue, 8 Å": "deviation 8 Å",
}
METHODS = ("ml_regularised", "pnp")
LEARNT = Path(__file__).parents[1] / "relatives.csv"  # of one pair, by prior


def table(part: str) -> str:
    """RMSDs (in Å) of the pairs of one part, "chosen" or "held out", or those by priors: "learnt"."""
    if part == "learnt":
        return _learnt()
    runs = pd.read_csv(RUNS, keep_default_na=False)
    head = ["structure, relative", "task", "misfit ratio", "floor", "relative alone"]
    head += [f"`{method}`, {what}" for method in METHODS for what in KNOWN.values()]
    rows = []
    for (entry, relative, task), found in runs[runs["part"] == part].groupby(["entry", "relative", "task"], sort=False):
        errors = found.set_index(["method", "known"])["rmsd_cg"]
        asked = [("as it lies", "superposed"), *((method, what) for method in METHODS for what in KNOWN)]
        numbers = [found["floor"].iloc[0], *(errors[cell] for cell in asked)]
        cells = [f"{found['times'].iloc[0]:.1f}", *(f"{number:.1f}" for number in numbers)]
        rows.append([f"{entry}, {relative}", TASKS[task], *cells])
    return markdown.table(head, rows)


def _learnt() -> str:
    """RMSDs (in Å) by method and by what its prior has seen, without the homologue as a measurement → with it."""
    runs = pd.read_csv(LEARNT, keep_default_na=False)
    errors = runs.set_index(["prior", "method", "task", "known"])["rmsd_cg"]
    alone = pd.read_csv(RUNS).query("entry == '3j9i' and known == 'superposed'").set_index("task")["rmsd_cg"]
    rows = [
        ["", "a second fit: the floor", *(f"{runs['floor'].iloc[0]:.1f}" for _ in TASKS)],
        ["", "the relative alone, superposed", *(f"{alone[task]:.1f}" for task in TASKS)],
    ]
    for prior, method in dict.fromkeys(zip(runs["prior"], runs["method"], strict=True)):
        both = [[errors[prior, method, task, known] for known in ("nothing", "homologue, misfit")] for task in TASKS]
        rows.append([prior, f"`{method}`", *(f"{without:.1f} → {beside:.1f}" for without, beside in both)])
    return markdown.table(["prior", "method", *TASKS.values()], rows)
