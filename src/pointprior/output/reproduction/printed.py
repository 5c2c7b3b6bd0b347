"""Numbers that the paper prints, and the places of configured experiments among them.

They stand in the tables of the folder `printed`: `table1` to `table4` and `figure2` as they are called, `measurements`
what is measured in each place ("row 1" of Table 1, section "A.4.1"), which is how a configured task finds its place.
Table 4 has Table 1's rows 3 and 4 the other way round, and two projections in its row 9, where Table 1 has one.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

MEASURED = ("kind", "projections", "points", "low_resolution", "subunit")
CHOSEN = ("beta", "alpha")  # of posterior sampling


@cache
def _read(name: str) -> pd.DataFrame:
    with (files("pointprior.output.reproduction") / "printed" / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def printed(name: str) -> pd.DataFrame:
    """A table of printed numbers: table1, table2, table3, table4, figure2 or measurements."""
    return _read(name).copy()


def places_of(experiments: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Places in the paper by experiment; those that measure something else have none.

    Parameters
    ----------
    experiments : sequence of dict
        With the keys experiment (`dataset/task`, or a task of molecules), kind ("Chair", "Mixed" or "CryoStruct"),
        projections, points, low_resolution and subunit (numbers of points; 0: not measured).
    """
    known = {tuple(row[name] for name in MEASURED): row["place"] for row in printed("measurements").to_dict("records")}
    found = {e["experiment"]: known.get(tuple(e[name] for name in MEASURED)) for e in experiments}
    return {experiment: place for experiment, place in found.items() if place is not None}


def table4(experiments: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Parameters of posterior sampling as printed and as configured.

    Parameters
    ----------
    experiments : sequence of dict
        As for `places_of`, with the keys beta (its name), alpha, and, where it differs, alpha_unclipped.

    Returns
    -------
    DataFrame
        The printed lines in their order with the columns line, place, kind, those measured, beta, alpha; and the
        configured experiment with its `configured_projections`, `configured_beta`, `configured_alpha` and
        `configured_alpha_unclipped`, empty where there is none.
    """
    places = places_of(experiments)
    ours = pd.DataFrame(
        [
            {"place": places[e["experiment"]], "experiment": e["experiment"]}
            | {f"configured_{name}": e.get(name) for name in ("projections", *CHOSEN, "alpha_unclipped")}
            for e in experiments
            if e["experiment"] in places
        ],
        columns=["place", "experiment", *(f"configured_{n}" for n in ("projections", *CHOSEN, "alpha_unclipped"))],
    )
    return printed("table4").merge(ours, on="place", how="left")
