"""Every table and figure of the paper as an item: its command, what is printed, what was computed, and what differs."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from pointprior.methods import METHODS
from pointprior.output.reproduction.cells import by_key, measured, number, paired, size, spread, strength, text
from pointprior.output.reproduction.differences import SAMPLES, SHOWCASE_TIME_STEPS, TIME_STEPS, reasons
from pointprior.output.reproduction.findings import baseline_agrees, integrators_in_order, prior_pays, steps_help
from pointprior.output.reproduction.printed import places_of, printed, table4
from pointprior.output.reproduction.results import Item, Results

ERRORS = {"chamfer": "CD", "emd": "EMD", "energy": "E"}
QUALITY = ("1-NNA (%)", "COV (%)", "MMD (1e-2)")
SECONDS = 72  # that the paper prints for a sample from six projections (row 2)
PLOTTED = "plotted"  # what stands for a number that the paper shows in a plot only
DEPOSITS = "the deposits of the five structures"  # that Fig. 2 shows


def items(results: Results) -> list[Item]:
    """All tables and figures of the paper in their order, then what its text states."""
    return [make(results) for make in _ITEMS]


def _table1(results: Results) -> Item:
    ours = by_key(results.table1, "place", "method")
    theirs = by_key(printed("table1"), "place", "method")
    rivals = [key for key in ours if key not in theirs and key[0] in set(printed("table1")["place"])]
    order = [*theirs, *rivals]
    order.sort(key=lambda key: (key[0], list(METHODS).index(key[1])))
    rows = []
    for place, method in order:
        key = (place, method)
        pairs = [cell for error in ERRORS for cell in (spread(theirs.get(key), error), spread(ours.get(key), error))]
        rows.append([place, measured(place), METHODS[method].label, size(ours.get(key)), *pairs])
    return Item(
        "Table 1",
        "Errors in nine tasks on shapes (CD and EMD in 1e-2, E in 1e-3)",
        "table1",
        ["row", "data", "method", "instances × samples", *paired(ERRORS.values())],
        rows,
        notes=reasons(
            results.sources, results.table1, kinds=("Chair", "Mixed"), sampler=results.samplers.get("Table 1")
        ),
        findings=prior_pays(results.table1) + baseline_agrees(results.table1),
        done=bool(ours),
    )


def _table2(results: Results) -> Item:
    ours, theirs = by_key(results.table2, "variant"), by_key(printed("table2"), "variant")
    rows = []
    for variant in dict.fromkeys([*theirs, *ours]):
        row, found = theirs.get(variant), ours.get(variant)
        pairs = [cell for error in ERRORS for cell in (spread(row, error), spread(found, error))]
        label = variant if row is None else f"{variant}: {row['label']}"
        rows.append([label, "–" if found is None else str(found["nfe"]), size(found), *pairs])
    return Item(
        "Table 2",
        "Integrators at 79 evaluations of the network, in row 8 of Table 1; other names are further integrators",
        "table2",
        ["integrator", "evaluations", "instances × samples", *paired(ERRORS.values())],
        rows,
        notes=reasons(results.sources, results.table2, kinds=("Mixed",), sampler=results.samplers.get("Table 2")),
        findings=integrators_in_order(results.table2),
        done=bool(ours),
    )


def _table3(results: Results) -> Item:
    kinds = {source.prior: kind for kind, source in results.sources.items()}
    ours = {(kinds.get(prior), row): cells for (prior, row), cells in by_key(results.table3, "prior", "set").items()}
    rows = []
    for key, row in by_key(printed("table3"), "kind", "set").items():
        found = ours.get(key)
        pairs = [number(cells, name) for name in QUALITY for cells in (row, found)]
        count = "–" if found is None else f"{found['clouds']} / {found['references']}"
        rows.append([*key, count, *pairs])
    return Item(
        "Table 3",
        "Samples of the priors against clouds that they have not seen, and the training set's own row",
        "table3",
        ["data", "set", "clouds / references", *paired(QUALITY)],
        rows,
        notes=reasons(
            results.sources,
            None,
            kinds=sorted({kind for kind, _ in ours if kind}),
            unconditional=results.unconditional,
        ),
        done=any(row[2] != "–" for row in rows),
    )


def _table4(results: Results) -> Item:
    rows = [
        [
            f"{row['line']} ({row['place']})",
            row["kind"],
            *(str(row[name]) for name in ("points", "projections")),
            text(row["configured_projections"]),
            *(str(row[name] or "–") for name in ("low_resolution", "subunit")),
            row["beta"],
            text(row["configured_beta"]),
            f"{row['alpha']:,}",
            strength(row),
        ]
        for row in table4(results.experiments).to_dict("records")
    ]
    head = ["line", "data", "points", *paired(["projections"]), "low-res points", "subunit points"]
    notes = [
        "α belongs to the Frobenius sum of the squared distances. Where guidance is limited (`dps.guidance_clip`), "
        "another α was chosen on validation clouds; the printed one is then that without the limit.",
        "Line 9 prints two projections where Table 1 has one; here it is one.",
    ]
    done = bool(places_of(results.experiments))
    return Item("Table 4", "Parameters", "table4", [*head, *paired(["β", "α"])], rows, notes=notes, done=done)


def _figure2(results: Results) -> Item:
    scores, rows = results.showcases, []
    for row in printed("figure2").to_dict("records"):
        found = _showcase(scores, row["structure"])
        cells = [cell for key in ("rmsd_atomic", "rmsd_cg") for cell in (spread(row, key), spread(found, key))]
        title = f"{row['panel']}: {row['structure']}, {row['name']}"
        rows.append([title, row["data"], "–" if found is None else str(found["samples"]), *cells])
    return Item(
        "Figure 2",
        "Five assemblies: RMSD of DPS to all heavy atoms and to the 1024 mixture means (in Å)",
        "figure2",
        ["panel", "data", "samples", *paired(["RMSD to atoms", "RMSD to means"])],
        rows,
        figures=_pictures(results, "Figure 2"),
        notes=reasons(
            results.sources,
            None,
            kinds=("CryoStruct",),
            sampler=results.samplers.get("Figure 2"),
            steps=SHOWCASE_TIME_STEPS,
        ),
        done=any(row[2] != "–" for row in rows),
        needs=DEPOSITS,
    )


def _figure6(results: Results) -> Item:
    rows, places = [], places_of(results.experiments)
    if results.time_steps is not None:
        means = results.time_steps.groupby(["experiment", "steps"], sort=False)[["chamfer", "emd"]].mean() * 100
        count = results.time_steps.groupby("experiment")["structure"].nunique()
        rows = [
            [places.get(name, name), str(steps), str(count[name]), *_plotted(places.get(name), steps, errors)]
            for (name, steps), errors in zip(means.index, means.to_numpy(), strict=True)
        ]
    return Item(
        "Figure 6",
        "CD and EMD (in 1e-2) against the number of time steps, in rows 8 and 3 of Table 1",
        "figure6",
        ["row", "time steps", "instances", *paired(["CD", "EMD"])],
        rows,
        figures=_pictures(results, "Figure 6"),
        notes=reasons(results.sources, None, kinds=("Mixed",), sampler=results.samplers.get("Figure 6")),
        findings=steps_help(results.time_steps, places),
        done=bool(rows),
    )


def _plotted(place: str | None, steps: int, errors: Iterable[float]) -> list[str]:
    """CD and EMD of a number of time steps, printed and ours: Table 1 prints those of the paper's own number."""
    row = by_key(printed("table1"), "place", "method").get((place, "dps")) if steps == TIME_STEPS else None
    theirs = [PLOTTED if row is None else f"{row[f'{name}_mean']:.2f} (Table 1)" for name in ("chamfer", "emd")]
    return [cell for known, error in zip(theirs, errors, strict=True) for cell in (known, f"{error:.2f}")]


def _appendix(results: Results) -> Item:
    tasks = {place: experiment for experiment, place in places_of(results.experiments).items()}
    ours, rows = by_key(results.summary, "task", "method"), []
    for place in printed("measurements").query("kind == 'CryoStruct'")["place"]:
        for method in ("dps", "ml"):
            found = ours.get((tasks.get(place, ""), method))
            count = "–" if found is None else f"{found['structures']} × {found['samples'] // found['structures']}"
            values = [cell for key in ("rmsd_atomic", "rmsd_cg") for cell in (PLOTTED, spread(found, key))]
            rows.append([place, measured(place), METHODS[method].label, count, *values])
    notes = reasons(results.sources, None, kinds=("CryoStruct",), sampler=results.samplers.get("Appendix A.4"))
    if results.summary is not None and results.summary["rmsd_atomic_mean"].isna().any():
        notes.append("Bundled clouds come without atoms: theirs is no RMSD to atoms.")
    return Item(
        "Appendix A.4",
        "Seven tasks on molecules: RMSD to all heavy atoms and to the mixture means (in Å); the paper has box plots",
        "appendix_a4",
        ["section", "data", "method", "entries × samples", *paired(["RMSD to atoms", "RMSD to means"])],
        rows,
        figures=_pictures(results, "A.4"),
        notes=notes,
        done=any(row[3] != "–" for row in rows),
    )


def _atoms(results: Results) -> Item:
    rows = []
    for row in printed("figure2").to_dict("records"):
        found = results.atoms.get(row["structure"])
        difference = "–" if found is None else f"{found - row['atoms']:+,}"
        rows.append([row["structure"], f"{row['atoms']:,}", "–" if found is None else f"{found:,}", difference])
    notes = ["Counted are non-hydrogen atoms without waters, first model and location, of the configured assembly."]
    head = ["structure", *paired(["heavy atoms"]), "difference"]
    title = "Heavy atoms of Fig. 2's structures, a check of the reader"
    done = any(row[2] != "–" for row in rows)
    return Item("Heavy atoms", title, "heavy_atoms", head, rows, notes=notes, done=done, needs=DEPOSITS)


def _run_time(results: Results) -> Item:
    found = by_key(results.table1, "place", "method").get(("row 2", "dps"))
    samples = evaluations = seconds = "–"
    if found is not None:
        samples, evaluations = str(found["samples"] // found["instances"]), str(found["nfe"])
        seconds = f"{found['seconds']:.1f}"
    return Item(
        "Run time",
        f"Seconds per sample of DPS from six projections; the paper's in {TIME_STEPS} time steps and a batch of ten",
        "table1",
        ["row", *paired(["evaluations of the network", "samples of an instance", "seconds"])],
        [["row 2", str(2 * TIME_STEPS - 1), evaluations, str(SAMPLES), samples, str(SECONDS), seconds]],
        notes=["The paper's time is that of one A100 beside a Xeon 8360Y; ours is that of the machine of this run."],
        done=found is not None,
    )


def _figure1(results: Results) -> Item:
    return _picture(
        results,
        "Figure 1",
        "Five reconstructions, of rows 9, 8, 1, 8 and 2 of Table 1",
        reasons(results.sources, None, kinds=("Chair", "Mixed"), sampler=results.samplers.get("Figure 1")),
    )


def _gallery(title: str, subject: str, kind: str) -> Callable[[Results], Item]:
    """An item that shows samples of a prior."""

    def make(results: Results) -> Item:
        notes = reasons(results.sources, None, kinds=(kind,), unconditional=results.unconditional)
        return _picture(results, title, subject, notes)

    return make


def _picture(results: Results, title: str, subject: str, notes: list[str]) -> Item:
    """An item that is a picture without numbers."""
    figures, command = _pictures(results, title), title.lower().replace(" ", "")
    return Item(title, subject, command, figures=figures, notes=notes, done=bool(figures))


_ITEMS: tuple[Callable[[Results], Item], ...] = (
    _figure1,
    _table1,
    _table2,
    _figure2,
    _gallery("Figure 3", "Samples of the prior of chairs", "Chair"),
    _gallery("Figure 4", "Samples of the prior of 13 categories", "Mixed"),
    _table3,
    _gallery("Figure 5", "Samples of the prior of molecules", "CryoStruct"),
    _figure6,
    _table4,
    _appendix,
    _atoms,
    _run_time,
)


def _showcase(scores: pd.DataFrame | None, structure: str) -> dict[str, Any] | None:
    """Errors of DPS in a structure's own experiment."""
    part = None if scores is None else scores[(scores["structure"] == structure) & (scores["method"] == "dps")]
    if part is None or part.empty:
        return None
    numbers = {f"{key}_mean": part[key].mean() for key in ("rmsd_atomic", "rmsd_cg")}
    numbers |= {f"{key}_sd": part[key].std() for key in ("rmsd_atomic", "rmsd_cg")}
    return numbers | {"samples": len(part)}


def _pictures(results: Results, prefix: str) -> dict[str, Path]:
    return {title: path for title, path in results.figures.items() if title.startswith(prefix)}
