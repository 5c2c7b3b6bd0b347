"""Score tables condensed to one row per task and method, or one per entry; the first also as text for a terminal."""

import os
import textwrap
import zipfile
from collections.abc import Collection

import numpy as np
import pandas as pd

from pointprior.methods import names
from pointprior.runtime.tables import read_table

MEASURES = (
    "rmsd_atomic",
    "rmsd_atomic_excess",
    "rmsd_cg",
    "chamfer",
    "emd",
    "energy",
    "density_correlation",
    "density_resolution",
)
COMPARED = ("rmsd_atomic", "rmsd_cg", "chamfer", "emd")  # against each baseline, structure by structure
FLOOR = "second_fit"  # the control that no model can be expected to be nearer to the truth than
CHOSEN = ("rmsd_atomic", "rmsd_cg")  # of the one model that stands for all samples
CALIBRATED = ("spread", "error", "error_to_spread", "spearman")  # columns of `calibration.assess_calibration`
WIDEST = 100  # columns of the text
SHOWN = {"rmsd_cg": ("RMSD", 2, "Å"), "chamfer": ("CD", 3, ""), "emd": ("EMD", 3, "")}


def summarise(scores: pd.DataFrame, tasks: Collection[str] | None = None) -> pd.DataFrame:
    """Mean and standard deviation of every measure by task and method, and how often each beats the baselines.

    Parameters
    ----------
    scores : DataFrame
        One row per sample, with the columns structure, task, method and the measures.
    tasks : collection of str, optional
        Tasks to average over; by default all. (Not showcases: each of them measures something else.)

    Returns
    -------
    DataFrame
        One row per task and method: `{measure}_mean`, `{measure}_sd` over all samples of all structures;
        `{measure}_won`, the share of structures whose mean over samples is below that of `ml`, and `{measure}_p`, the
        two-sided Wilcoxon signed-rank p-value of those means (empty without that baseline, or for itself). The same
        against `ml_regularised` as `{measure}_won_regularised` and `{measure}_p_regularised`, and likewise against any
        other baseline of `pointprior.methods`.
        `energy_truth_mean` is the truth's energy; `mirrored` the share of samples whose mirror image is nearer to the
        truth; `seconds_mean` the time per sample; `resolution_mean` (Å) what may be claimed, mean over structures.
    """
    rows = []
    scores = scores if tasks is None else scores[scores["task"].isin(tasks)]
    for (task, method), part in scores.groupby(["task", "method"], sort=False):
        row = {"task": task, "method": method, "structures": part["structure"].nunique(), "samples": len(part)}
        for measure in MEASURES:
            row |= {f"{measure}_mean": part[measure].mean(), f"{measure}_sd": part[measure].std()}
        for name in names("baseline"):
            baseline = scores[(scores["task"] == task) & (scores["method"] == name)]
            for measure in COMPARED:
                won, p_value = compare(part, baseline, measure) if method != name else (np.nan, np.nan)
                row |= {f"{measure}_won{_ending(name)}": won, f"{measure}_p{_ending(name)}": p_value}
        row |= {f"{name}_mean": part[name].mean() for name in ("energy_truth", "seconds")}
        row |= {"mirrored": _mirrored(part)}
        row |= {"resolution_mean": part.groupby("structure")["resolution"].first().mean()}
        rows.append(row)
    return pd.DataFrame(rows)


def _ending(baseline: str) -> str:
    """Of the columns that compare with a baseline: none for the first, maximum likelihood itself."""
    first = names("baseline")[0]
    return "" if baseline == first else f"_{baseline.removeprefix(f'{first}_')}"


def tabulate_entries(scores: pd.DataFrame, calibration: pd.DataFrame | None = None) -> pd.DataFrame:
    """Scores by entry, task and method, with those of the one model that may stand for all samples.

    Parameters
    ----------
    scores : DataFrame
        One row per sample, with the columns structure, task, method, sample and all scores.
    calibration : DataFrame, optional
        Rows of `calibration.assess_calibration` with the columns structure, task and method: they name the medoid.

    Returns
    -------
    DataFrame
        Mean and standard deviation over the samples of every measure. For both RMSDs also `_best` (the lowest,
        which only the truth can pick), `_lowest_energy` and `_medoid`, with the numbers of the samples that these two
        pick (missing where energies or matchings are missing). `rmsd_cg_floor` is that of a second fit, where there is
        one. Then spread and error, if there is a calibration.
    """
    key = ["structure", "task", "method"]
    table = pd.DataFrame(
        [_entry(part) | dict(zip(key, names, strict=True)) for names, part in scores.groupby(key, sort=False)]
    )
    single = scores.groupby(key)["sample"].agg(["size", "first"])
    medoid = single["first"].where(single["size"] == 1).rename("medoid")
    if calibration is not None:
        each = calibration.drop_duplicates(key).set_index(key)
        medoid = medoid.fillna(each["medoid"].reindex(medoid.index))
        table = table.join(each[list(CALIBRATED)], on=key)
    table = table.join(medoid.astype("Int64"), on=key)
    fits = scores[scores["method"] == FLOOR]
    table = table.join(fits.groupby(key[:2])["rmsd_cg"].mean().rename("rmsd_cg_floor"), on=key[:2])
    values = scores.set_index([*key, "sample"])
    for choice in ("lowest_energy", "medoid"):
        rows = pd.MultiIndex.from_frame(table[[*key, choice]].rename(columns={choice: "sample"}))
        for measure in CHOSEN:
            table[f"{measure}_{choice}"] = values[measure].reindex(rows).to_numpy()
    first = [*key, "atoms", "spacing", "resolution", "samples", "lowest_energy", "medoid"]
    return table[first + [column for column in table.columns if column not in first]]


def _entry(part: pd.DataFrame) -> dict:
    """Scores of one entry's samples in one task by one method."""
    row = {name: part[name].iloc[0] for name in ("spacing", "resolution")}
    row["atoms"] = pd.NA if part["atoms"].isna().any() else int(part["atoms"].iloc[0])
    row["samples"] = len(part)
    energy = part.set_index("sample")["energy"].dropna()
    row["lowest_energy"] = energy.idxmin() if len(energy) else pd.NA
    for measure in MEASURES:
        row |= {f"{measure}_mean": part[measure].mean(), f"{measure}_sd": part[measure].std()}
    row["energy_truth"] = part["energy_truth"].iloc[0]
    row |= {f"{measure}_best": part[measure].min() for measure in CHOSEN}
    row |= {"rmsd_cg_mirrored_mean": part["rmsd_cg_mirrored"].mean(), "mirrored": _mirrored(part)}
    return row | {f"{name}_mean": part[name].mean() for name in ("scale_factor", "kernel_correlation", "seconds")}


def _mirrored(part: pd.DataFrame) -> float:
    """Share of samples whose mirror image is nearer to the truth than they are; if large, the hand is wrong."""
    return float((part["rmsd_cg_mirrored"] < part["rmsd_cg"]).mean())


def compare(part: pd.DataFrame, baseline: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Share of structures whose mean over samples is lower, and the two-sided Wilcoxon p-value of the differences.

    Both are missing where the two have no structure in common.
    """
    from scipy.stats import wilcoxon

    means = [table.groupby("structure")[measure].mean() for table in (part, baseline)]
    difference = (means[0] - means[1]).dropna()
    if difference.empty:
        return np.nan, np.nan
    # without a single difference there is nothing to rank
    p_value = float(wilcoxon(difference).pvalue) if difference.any() else 1.0
    return float((difference < 0).mean()), p_value


def load_summary(path: str | os.PathLike) -> pd.DataFrame:
    """Read a table that `summarise` made, for `as_text`.

    Raises
    ------
    ValueError
        If the file is not such a table.
    FileNotFoundError
        If there is no such file.
    """
    try:
        table = read_table(path)
    except (ValueError, zipfile.BadZipFile) as problem:  # pandas does not name the file
        raise ValueError(f"{os.fspath(path)}: not readable as a table ({problem})") from problem
    shown = [f"{measure}_{ending}" for measure in SHOWN for ending in ("mean", "sd")]
    absent = {"task", "method", "structures", "samples", "resolution_mean", *shown} - set(table)
    if absent:
        raise ValueError(f"{os.fspath(path)}: no summary of scores (tables/summary.csv): it lacks {sorted(absent)}")
    return table


def as_text(summary: pd.DataFrame) -> str:
    """The summary for a terminal: one block per task, the first sampler against the baselines, the prior's gain."""
    lines = []
    for task, part in summary.groupby("task", sort=False):
        resolution = part["resolution_mean"].mean()
        lines.append(f"{task} ({part['structures'].max()} structures; resolves {resolution:.0f} Å at best)")
        for row in part.to_dict("records"):
            values = (_value(row, measure) for measure in SHOWN)
            lines.append(f"  {row['method']:<14} {row['samples']:>4} samples   {'   '.join(values)}")
        lines += [line for sentence in _verdicts(part.set_index("method")) for line in _wrapped(sentence)]
        lines.append("")
    return "\n".join(lines)


def _wrapped(sentence: str) -> list[str]:
    """A sentence in lines that fit a terminal, indented."""
    return textwrap.wrap(sentence, WIDEST, initial_indent="  ", subsequent_indent="    ")


def _value(row: dict, measure: str) -> str:
    name, digits, unit = SHOWN[measure]
    spread = "" if np.isnan(row[f"{measure}_sd"]) else f" ± {row[f'{measure}_sd']:.{digits}f}"
    return f"{name} {row[f'{measure}_mean']:.{digits}f}{spread} {unit}".rstrip()


def _verdicts(means: pd.DataFrame) -> list[str]:
    """The first sampler against every baseline, and the best method with the prior against the best without."""
    samplers, baselines = names("sampler"), names("baseline")
    pairs = [(samplers[0], baseline) for baseline in baselines if {samplers[0], baseline} <= set(means.index)]
    ours, theirs = _best(means, samplers), _best(means, baselines)
    if ours is not None and theirs is not None:
        pairs = list(dict.fromkeys([*pairs, (ours, theirs)]))
    sentences = [_against(means, *pair) for pair in pairs]
    if len(pairs) > 1 and ours is not None and theirs is not None:
        sentences[pairs.index((ours, theirs))] += "; the best with and without the prior"
    return sentences or ["no comparison: it takes a method with the prior and one without"]


def _best(means: pd.DataFrame, methods: list[str]) -> str | None:
    """The one of these methods with the lowest RMSD."""
    there = means["rmsd_cg_mean"].reindex([method for method in methods if method in means.index])
    return None if there.empty else str(there.idxmin())


def _against(means: pd.DataFrame, ours: str, theirs: str) -> str:
    differences = []
    for measure, (name, _, _) in SHOWN.items():
        ratio = means.loc[ours, f"{measure}_mean"] / means.loc[theirs, f"{measure}_mean"]
        differences.append(f"{name} {abs(ratio - 1):.0%} {'less' if ratio < 1 else 'more'}")
    structures = means.loc[ours, "structures"]
    ahead = round(means.loc[ours, f"rmsd_cg_won{_ending(theirs)}"] * structures)
    return f"{ours} against {theirs}: {', '.join(differences)}; ahead in RMSD in {ahead} of {structures} structures"
