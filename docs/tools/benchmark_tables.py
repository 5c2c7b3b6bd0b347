"""Tables and sentences about the published benchmark, from the tables in docs/benchmark."""

from functools import cache
from pathlib import Path

import markdown
import numpy as np
import pandas as pd

from pointprior.output.reproduction.printed import printed
from pointprior.runtime.tables import read_table

FOLDER = Path(__file__).parents[1] / "benchmark"
TITLES = {
    "p3x1024": "3 × 1024",
    "p4x1024": "4 × 1024",
    "p5x1024": "5 × 1024",
    "p4x800": "4 × 800",
    "p2x900_lr30": "2 × 900 + 30",
    "p1x1024_lr40": "1 × 1024 + 40",
    "p1x300_lr40": "1 × 300 + 40",
}
METHODS = ("dps", "pnp", "ml", "ml_regularised", "prior")
WITH_PRIOR, WITHOUT = ("dps", "pnp"), ("ml", "ml_regularised")


def table(part: str) -> str:
    """One of the parts below, by its name."""
    return PARTS[part]()


@cache
def read(name: str) -> pd.DataFrame:
    """A published table."""
    return read_table(FOLDER / f"{name}.csv")


def _summary(task: str, method: str) -> pd.Series:
    rows = read("summary")
    return rows[(rows["task"] == task) & (rows["method"] == method)].iloc[0]


def _means(task: str, method: str) -> pd.Series:
    """RMSD to the means by structure (in Å)."""
    rows = read("entries")
    chosen = rows[(rows["task"] == task) & (rows["method"] == method)]
    return chosen.set_index("structure")["rmsd_cg_mean"].sort_index()


def _label(task: str) -> str:
    return f"{TITLES[task]} ({len(_means(task, 'dps'))})"


def _errors(column: str, digits: int, factor: float = 1) -> str:
    """Mean ± standard deviation of one score by task and method, the best with a prior or without in bold."""
    rows = []
    for task in TITLES:
        found = [_summary(task, method) for method in METHODS]
        best = min(found, key=lambda row: row[f"{column}_mean"])["method"]
        cells = [
            f"{factor * row[f'{column}_mean']:.{digits}f} ± {factor * row[f'{column}_sd']:.{digits}f}" for row in found
        ]
        rows.append([_label(task), *(f"**{c}**" if m == best else c for m, c in zip(METHODS, cells, strict=True))])
    return markdown.table(["task", *(f"`{method}`" for method in METHODS)], rows)


def _short() -> str:
    """RMSD to the means of two tasks only, for the first page."""
    rows = [
        [_label(task), *(f"{_summary(task, method)['rmsd_cg_mean']:.1f}" for method in METHODS)]
        for task in ("p3x1024", "p1x1024_lr40")
    ]
    return markdown.table(["measured (entries)", *(f"`{method}`" for method in METHODS)], rows)


def _ahead(ours: str, theirs: str, task: str) -> str:
    """In how many structures ours is ahead, and Wilcoxon's signed-rank p."""
    from scipy.stats import wilcoxon

    difference = _means(task, ours) - _means(task, theirs)
    return f"{int((difference < 0).sum())} ({wilcoxon(difference).pvalue:.1g})"


def _gain(task: str) -> str:
    """What the better method with a prior gains over the better one without, in mean RMSD."""
    with_prior, without = (
        min(_summary(task, method)["rmsd_cg_mean"] for method in methods) for methods in (WITH_PRIOR, WITHOUT)
    )
    return f"{100 * (1 - with_prior / without):+.0f} %"


def _duels() -> str:
    pairs = [("dps", "ml"), ("dps", "ml_regularised"), ("pnp", "ml_regularised"), ("pnp", "dps")]
    rows = [[_label(task), *(_ahead(*pair, task) for pair in pairs), _gain(task)] for task in TITLES]
    head = ["task", *(f"`{ours}` ahead of `{theirs}`" for ours, theirs in pairs), "gain of the prior"]
    return markdown.table(head, rows)


def _calibration() -> str:
    rows, table = [], read("calibration")
    for task in TITLES:
        found = table[table["task"] == task].set_index("method")
        pairs = [found.loc[method, ["error_to_spread", "coverage_90"]] for method in METHODS[:-1]]
        cells = [f"{ratio:.2f}, {100 * coverage:.0f} %" for ratio, coverage in pairs]
        rows.append([_label(task), *cells])
    return markdown.table(["task", *(f"`{method}`" for method in METHODS[:-1])], rows)


def _truth() -> str:
    """The control, and what its atomic RMSD and energy are."""
    rows = [_summary(task, "truth") for task in TITLES]
    atomic, energy = ([row[name] for row in rows] for name in ("rmsd_atomic_mean", "energy_mean"))
    floor = "–".join(dict.fromkeys(f"{value:.1f}" for value in (min(atomic), max(atomic))))
    return (
        f"The control `truth` scores 0 in every measure of the 1024 points. Its atomic RMSD is {floor} Å, "
        "the floor of that column, since 1024 points stand for thousands of atoms; where fewer "
        f"points are measured than the model has, its energy is up to {1000 * max(energy):.1f} · 10⁻³.\n\n"
        f"The control `common_lines`, which [reads depth off the measurements](realistic.md#projections-of-the-same-"
        f"points-tell-everything) without prior or optimiser, has an RMSD to the means of {_listed('common_lines')}."
    )


def _listed(method: str) -> str:
    """Mean RMSDs of a method in all tasks, those of the same value together."""
    tasks: dict[str, list[str]] = {}
    for task, title in TITLES.items():
        tasks.setdefault(f"{_summary(task, method)['rmsd_cg_mean']:.1f} Å", []).append(title)
    return ", ".join(f"{value} ({', '.join(titles)})" for value, titles in tasks.items())


def _claims() -> str:
    """The main results, in words."""
    dps = {task: 1 - _summary(task, "dps")["rmsd_cg_mean"] / _summary(task, "ml")["rmsd_cg_mean"] for task in TITLES}
    without_depth = [task for task in TITLES if "lr" in task]
    projections = [task for task in TITLES if "lr" not in task]
    pairs = {task: _means(task, "dps") - _means(task, "ml") for task in TITLES}
    won, total = (sum(f(d) for d in pairs.values()) for f in (lambda d: int((d < 0).sum()), len))
    pays = {m: sum(int((_means(t, m) < _best_without(t)).sum()) for t in without_depth) for m in WITH_PRIOR}
    of = sum(len(_means(task, "dps")) for task in without_depth)
    return (
        f"* DPS is ahead of `ml`, the paper's baseline, in {won} of {total} pairs of structure and task: by "
        f"{_span(dps, projections)} in mean RMSD with projections alone, by {_span(dps, without_depth)} with a "
        "low-resolution structure.\n"
        f"* Where depth is known at low resolution only, the prior pays: `dps` is ahead of both methods without a "
        f"prior in {pays['dps']} and `pnp` in {pays['pnp']} of {of} pairs.\n"
        f"* With projections alone, `ml_regularised`, which needs no prior, has the lowest mean RMSD in "
        f"{_leads(projections)} of {len(projections)} tasks."
    )


def _leads(tasks: list[str]) -> int:
    """In how many tasks the regularised likelihood has the lowest mean RMSD."""
    found = {task: {method: _summary(task, method)["rmsd_cg_mean"] for method in METHODS} for task in tasks}
    return sum(min(errors, key=errors.get) == "ml_regularised" for errors in found.values())


def _best_without(task: str) -> pd.Series:
    return np.minimum(*(_means(task, method) for method in WITHOUT))


def _span(gains: dict[str, float], tasks: list[str]) -> str:
    low, high = (f"{100 * f(gains[task] for task in tasks):.0f}" for f in (min, max))
    return f"{low} %" if low == high else f"{low}–{high} %"


def _calibration_claim() -> str:
    rows = read("calibration")
    projections = rows[~rows["task"].str.contains("lr")]
    others = rows[rows["task"].str.contains("lr")]

    def span(table: pd.DataFrame, method: str) -> str:
        found = table[table["method"] == method]["error_to_spread"]
        return f"{found.min():.2f}–{found.max():.2f}"

    return (
        f"With projections alone the ratio is {span(projections, 'dps')} for `dps`, {span(projections, 'pnp')} for "
        f"`pnp` and {span(projections, 'ml_regularised')} for `ml_regularised`: random starts without a prior are "
        f"about as well calibrated there. (`ml`: {span(projections, 'ml')}.) With a low-resolution structure it is "
        f"{span(others, 'dps')} for `dps` and {span(others, 'pnp')} for `pnp`, while the models of `ml` and "
        f"`ml_regularised` all end in the same wrong place ({span(others, 'ml')} and "
        f"{span(others, 'ml_regularised')})."
    )


def _speed() -> str:
    """Seconds of pnp over those of dps, from the published table."""
    shares = [_summary(task, "pnp")["seconds_mean"] / _summary(task, "dps")["seconds_mean"] for task in TITLES]
    return (
        f"In the published run `pnp` took {100 * min(shares):.0f}–{100 * max(shares):.0f} % of the time of `dps` per "
        "model, its starting models included."
    )


def _resolution() -> str:
    """What may be claimed of the held-out entries."""
    rows = read("entries").groupby("structure")["resolution"].first()
    medium = read("entries").groupby("structure")[["resolution", "atoms"]].first()
    medium = medium[medium["atoms"].between(15_000, 50_000)]["resolution"]
    return (
        f"Twice the point spacing is {rows.min():.1f}–{rows.max():.1f} Å in the held-out entries, "
        f"{medium.min():.1f}–{medium.max():.1f} Å in those of 15,000–50,000 atoms."
    )


FIGURE2 = {"A": "p5x1024", "B": "p4x1024", "C": "p3x1024", "D": "p1x1024_lr40"}  # the same kinds of measurement


def _by_spacing() -> str:
    """RMSD to the means over the point spacing, as structures of different size can be compared: printed, and ours.

    The spacing of a printed structure is that of the held-out entries, scaled by the cube root of its atoms.
    """
    entries = read("entries")
    sizes = entries.groupby("structure")[["spacing", "atoms"]].first()
    per_atom = (sizes["spacing"] / np.cbrt(sizes["atoms"])).median()
    rows = []
    for panel in printed("figure2").itertuples():
        if (task := FIGURE2.get(panel.panel)) is None:
            continue
        found = entries[entries["task"] == task].assign(ratio=lambda rows: rows["rmsd_cg_mean"] / rows["spacing"])
        cells = [f"{found.loc[found['method'] == method, 'ratio'].mean():.2f}" for method in METHODS]
        theirs = panel.rmsd_cg_mean / (per_atom * np.cbrt(panel.atoms))
        rows.append([f"{panel.panel}: {panel.structure}, {panel.data}", f"{theirs:.2f}", *cells])
    return markdown.table(["panel of Fig. 2", "printed", *(f"`{method}`" for method in METHODS)], rows)


PARTS = {
    "by spacing": _by_spacing,
    "short": _short,
    "rmsd": lambda: _errors("rmsd_cg", 1),
    "atomic": lambda: _errors("rmsd_atomic", 1),
    "chamfer": lambda: _errors("chamfer", 1, 100),
    "emd": lambda: _errors("emd", 1, 100),
    "duels": _duels,
    "calibration": _calibration,
    "calibration claim": _calibration_claim,
    "truth": _truth,
    "claims": _claims,
    "speed": _speed,
    "resolution": _resolution,
}
