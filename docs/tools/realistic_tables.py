"""What the run of the realistic tasks found, from the tables in docs/benchmark-realistic."""

from pathlib import Path

import benchmark_tables
import markdown
import pandas as pd
from scipy.stats import wilcoxon

from pointprior.runtime.tables import read_table

TABLE = Path(__file__).parents[1] / "benchmark-realistic/entries.csv"
TITLES = {f"realistic_{task.removeprefix('p')}": title for task, title in benchmark_tables.TITLES.items()}
OURS, WITHOUT, FLOOR = "pnp", "ml_regularised", "second_fit"
WANTED = 0.1  # of the error over the floor


def table(part: str) -> str:
    """One of the parts below, by its name."""
    return PARTS[part]()


def _errors(task: str) -> pd.DataFrame:
    """RMSD to the means by structure (in Å), a column per method."""
    rows = read_table(TABLE)
    return rows[rows["task"] == task].pivot_table(index="structure", columns="method", values="rmsd_cg_mean")


def _over_floor(task: str) -> pd.DataFrame:
    errors = _errors(task)
    return errors[[OURS, WITHOUT]].sub(errors[FLOOR], axis=0)


def _duels() -> str:
    rows = []
    for task, title in TITLES.items():
        errors, over = _errors(task), _over_floor(task)
        gains = 1 - over[OURS] / over[WITHOUT]
        means = [f"{errors[method].mean():.2f}" for method in (FLOOR, WITHOUT, OURS)]
        counts = [f"{int((gains > 0).sum())}", f"{int((gains >= WANTED).sum())}"]
        gain = f"{100 * (1 - over[OURS].mean() / over[WITHOUT].mean()):+.0f} %"
        rows.append([f"{title} ({len(over)})", *means, gain, *counts, f"{wilcoxon(*over.T.to_numpy()).pvalue:.1g}"])
    head = ["task (entries)", "floor", f"`{WITHOUT}`", f"`{OURS}`", "gain over the floor", "entries ahead"]
    return markdown.table([*head, "ahead by a tenth or more", "p"], rows)


def _counted(tasks: list[str]) -> tuple[str, int, int, int]:
    """The gains in some tasks, and in how many pairs of entry and task ours is ahead, and by a tenth; of how many."""
    overs = [_over_floor(task) for task in tasks]
    gains = [100 * (1 - over[OURS].mean() / over[WITHOUT].mean()) for over in overs]
    each = pd.concat([1 - over[OURS] / over[WITHOUT] for over in overs])
    return f"{min(gains):.0f}–{max(gains):.0f} %", int((each > 0).sum()), int((each >= WANTED).sum()), len(each)


def _claims() -> str:
    with_depth = [task for task in TITLES if "lr" in task]
    projections = [task for task in TITLES if "lr" not in task]
    lines = []
    for tasks, where in ((with_depth, "With a low-resolution structure"), (projections, "With projections alone")):
        gains, ahead, clearly, of = _counted(tasks)
        lines.append(f"* {where}, the prior gains {gains}: ahead in {ahead} of {of} pairs, by a tenth in {clearly}.")
    return "\n".join(lines)


def _calibration() -> str:
    """Error over spread, and the share of points in balls that should hold 90 %."""
    found = pd.read_csv(TABLE.with_name("calibration.csv")).set_index(["task", "method"])
    rows = []
    for task, title in TITLES.items():
        pairs = [found.loc[(task, method), ["error_to_spread", "coverage_90"]] for method in (OURS, WITHOUT)]
        rows.append([title, *(f"{ratio:.2f}, {100 * coverage:.0f} %" for ratio, coverage in pairs)])
    return markdown.table(["task", f"`{OURS}`", f"`{WITHOUT}`"], rows)


PARTS = {"duels": _duels, "claims": _claims, "calibration": _calibration}
