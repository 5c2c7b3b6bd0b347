"""What `benchmarks/knowledge.py` found: samplers with oracles of the density, and the two bundled priors."""

from pathlib import Path

import markdown
import pandas as pd

RUNS = Path(__file__).parents[1] / "knowledge.csv"  # of each run: its clouds, tasks, samplers and denoisers
TASKS = {
    "p3x1024": "3 × 1024",
    "p1x1024_lr40": "1 × 1024 + 40",
    "realistic_3x1024": "realistic 3 × 1024",
    "realistic_1x1024_lr40": "realistic 1 × 1024 + 40",
}
ERRORS = Path(__file__).parents[1] / "known_fold.csv"  # denoising errors by t, means over eight deposits
NO_PRIOR, PRIOR, EXACT = "regularised ML", "cryostruct-neighbours", "oracle, 0 Å"


def table(part: str) -> str:
    """One of the parts below, by its name."""
    return PARTS[part]()


def _run(name: str) -> pd.DataFrame:
    runs = pd.read_csv(RUNS, keep_default_na=False)
    return runs[runs["run"] == name]


def _means(runs: pd.DataFrame, *index: str) -> pd.DataFrame:
    return runs.pivot_table(index=list(index), columns="task", values="rmsd_cg", sort=False)


def _cells(values: pd.Series) -> list[str]:
    return [f"{values[task]:.2f}" if values.get(task) == values.get(task) else "–" for task in TASKS]


def _samplers(run: str) -> str:
    """Samplers with each prior, means over the clouds of a run."""
    runs = _run(run)
    floor = ["the floor: a second fit", "", *[f"{runs.groupby('cloud')['floor'].first().mean():.2f}"] * len(TASKS)]
    rows = [
        [f"`{sampler}`" if sampler else denoiser, denoiser if sampler else "none", *_cells(values)]
        for (sampler, denoiser), values in _means(runs, "sampler", "denoiser").iterrows()
    ]
    return markdown.table(["sampler", "prior", *TASKS.values()], [floor, *rows])


def _gains() -> str:
    """What samplers gain over no prior, of what that has over the floor."""
    runs = _run("oracles")
    floor, means = runs.groupby("cloud")["floor"].first().mean(), _means(runs, "sampler", "denoiser")
    none, lines = means.loc[("", NO_PRIOR)] - floor, []
    for denoiser, said in ((PRIOR, "the bundled prior"), (EXACT, "the exact density")):
        shares = [
            f"`{sampler}` {100 * (1 - (means.loc[(sampler, denoiser), task] - floor) / none[task]):.0f} %"
            for task in ("realistic_3x1024", "realistic_1x1024_lr40")
            for sampler in ("dps", "daps", "pnp")
        ]
        first, second = ", ".join(shares[:3]), ", ".join(shares[3:])
        lines.append(
            f"* With {said}: {first} with three realistic views; {second} with one and a low-resolution structure."
        )
    return "\n".join(lines)


def _priors() -> str:
    runs = _run("priors")
    rows = [
        [cloud, f"`{denoiser}`", f"`{sampler}`", *_cells(values)]
        for (cloud, sampler, denoiser), values in _means(runs, "cloud", "sampler", "denoiser").iterrows()
        if sampler
    ]
    return markdown.table(["cloud", "prior", "sampler", *TASKS.values()], rows)


def _errors() -> str:
    errors = pd.read_csv(ERRORS, index_col="denoiser")
    rows = [[name, *(f"{error:.3f}" for error in row)] for name, row in errors.iterrows()]
    return markdown.table(["", *(f"t = {level}" for level in errors.columns)], rows)


def _fold_gains() -> str:
    """What knowing the fold is worth, of what regularised ML has over the floor."""
    runs = _run("fold")
    floor, means = runs.groupby("cloud")["floor"].first().mean(), _means(runs, "sampler", "denoiser")
    shares = 1 - (means - floor) / (means.loc[("", NO_PRIOR)] - floor)
    asked = [("dps", "p3x1024"), ("pnp", "realistic_3x1024")]
    trained, bundled = (
        [f"{100 * shares.loc[(sampler, denoiser), task]:.0f} %" for sampler, task in asked]
        for denoiser in ("overfitted", PRIOR)
    )
    return (
        f"Of what regularised ML has over the floor, `dps` gains {trained[0]} with three printed views and `pnp` "
        f"{trained[1]} with three realistic ones; with the bundled prior {bundled[0]} and {bundled[1]}."
    )


PARTS = {
    "fold gains": _fold_gains,
    "errors": _errors,
    "oracles": lambda: _samplers("oracles"),
    "fold": lambda: _samplers("fold"),
    "gains": _gains,
    "priors": _priors,
}
