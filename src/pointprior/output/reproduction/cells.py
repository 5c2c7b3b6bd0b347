"""Cells of the tables on the reproduction page."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from pointprior.output.reproduction.printed import MEASURED, printed


def by_key(table: pd.DataFrame | None, *keys: str) -> dict[Any, dict[str, Any]]:
    """Rows by one column, or by a tuple of several."""
    rows = [] if table is None else table.to_dict("records")
    return {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in rows}


def paired(names: Iterable[str]) -> list[str]:
    """Heads of columns with printed and computed values."""
    return [f"{name}{which}" for name in names for which in (", printed", ", ours")]


def spread(row: Mapping[str, Any] | None, name: str) -> str:
    """Mean ± standard deviation; a dash where there is none."""
    if row is None or pd.isna(row[f"{name}_mean"]):
        return "–"
    spread = row[f"{name}_sd"]
    return f"{row[f'{name}_mean']:.2f}" + ("" if pd.isna(spread) else f" ± {spread:.2f}")


def number(row: Mapping[str, Any] | None, name: str) -> str:
    """A number to two decimals; a dash where there is none."""
    return "–" if row is None else f"{row[name]:.2f}"


def text(value: Any) -> str:
    """What was configured; a dash where nothing was."""
    return "–" if value is None or pd.isna(value) else f"{value:g}" if isinstance(value, int | float) else str(value)


def strength(row: Mapping[str, Any]) -> str:
    """The configured α, and that without the limit to guidance where it is another."""
    if pd.isna(row["configured_alpha"]):
        return "–"
    other = row["configured_alpha_unclipped"]
    return f"{row['configured_alpha']:,.0f}" + ("" if other is None or pd.isna(other) else f" ({other:,.0f})")


def size(row: Mapping[str, Any] | None) -> str:
    """Instances, and samples of each."""
    return "–" if row is None else f"{row['instances']} × {row['samples'] // row['instances']}"


def measured(place: str) -> str:
    """What is measured in a place of the paper."""
    rows = printed("measurements").set_index("place")
    kind, projections, points, low_resolution, subunit = rows.loc[place, list(MEASURED)]
    parts = [f"{points} × {projections}"]
    parts += [f"{low_resolution} low-res"] * bool(low_resolution) + [f"~{subunit} subunit"] * bool(subunit)
    return f"{kind}, {' + '.join(parts)}"
