"""Score tables condensed to a line a task and method, and that as text for a terminal."""

import argparse

import numpy as np
import pandas as pd

MEASURES = ("rmsd_atomic", "rmsd_cg", "chamfer", "emd", "energy")
COMPARED = ("rmsd_cg", "chamfer", "emd")  # against the baseline, structure by structure
BASELINE = "ml"
SHOWN = {"rmsd_cg": ("RMSD", 2, "Å"), "chamfer": ("CD", 3, ""), "emd": ("EMD", 3, "")}


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation of every measure by task and method, and how often each beats the baseline.

    Parameters
    ----------
    scores : DataFrame
        A row a sample, with the columns structure, task, method and the measures.

    Returns
    -------
    DataFrame
        A row a task and method: `{measure}_mean`, `{measure}_sd` over all samples of all structures; `{measure}_won`,
        the share of structures whose mean over samples is below the baseline's, and `{measure}_p`, the two-sided
        Wilcoxon signed-rank probability of those means (empty without a baseline, or for the baseline itself).
    """
    rows = []
    for (task, method), part in scores.groupby(["task", "method"], sort=False):
        row = {"task": task, "method": method, "structures": part["structure"].nunique(), "samples": len(part)}
        for measure in MEASURES:
            row |= {f"{measure}_mean": part[measure].mean(), f"{measure}_sd": part[measure].std()}
        baseline = scores[(scores["task"] == task) & (scores["method"] == BASELINE)]
        for measure in COMPARED:
            won, probability = _compare(part, baseline, measure) if method != BASELINE else (np.nan, np.nan)
            row |= {f"{measure}_won": won, f"{measure}_p": probability}
        rows.append(row)
    return pd.DataFrame(rows)


def _compare(part: pd.DataFrame, baseline: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Share of structures won, and the Wilcoxon probability of the differences."""
    from scipy.stats import wilcoxon

    means = [table.groupby("structure")[measure].mean() for table in (part, baseline)]
    difference = (means[0] - means[1]).dropna()
    if difference.empty:
        return np.nan, np.nan
    # without a single difference there is nothing to rank
    probability = float(wilcoxon(difference).pvalue) if difference.any() else 1.0
    return float((difference < 0).mean()), probability


def as_text(summary: pd.DataFrame) -> str:
    """The summary for a terminal: a block a task, and a sentence on who won and by how much."""
    lines = []
    for task, part in summary.groupby("task", sort=False):
        lines.append(f"{task} ({part['structures'].max()} structures)")
        for row in part.to_dict("records"):
            values = (_value(row, measure) for measure in SHOWN)
            lines.append(f"  {row['method']:<14} {row['samples']:>4} samples   {'   '.join(values)}")
        lines.append(f"  {_verdict(part)}\n")
    return "\n".join(lines)


def _value(row: dict, measure: str) -> str:
    name, digits, unit = SHOWN[measure]
    spread = "" if np.isnan(row[f"{measure}_sd"]) else f" ± {row[f'{measure}_sd']:.{digits}f}"
    return f"{name} {row[f'{measure}_mean']:.{digits}f}{spread} {unit}".rstrip()


def _verdict(part: pd.DataFrame) -> str:
    means = part.set_index("method")
    if not {"dps", BASELINE} <= set(means.index):
        return "no comparison: it takes dps and ml"
    sentences = []
    for measure, (name, _, _) in SHOWN.items():
        ours, theirs = means.loc["dps", f"{measure}_mean"], means.loc[BASELINE, f"{measure}_mean"]
        winner, share = ("dps", 1 - ours / theirs) if ours < theirs else ("ml", 1 - theirs / ours)
        sentences.append(f"{name}: {winner} by {share:.0%}")
    won = round(means.loc["dps", "rmsd_cg_won"] * means.loc["dps", "structures"])
    return f"won by  {', '.join(sentences)} (dps ahead in RMSD in {won} of {means.loc['dps', 'structures']} structures)"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print a summary table.")
    parser.add_argument("table", help="results/tables/summary.csv")
    print(as_text(pd.read_csv(parser.parse_args().table)))
