"""Colours, type sizes and files that all figures share."""

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from pointprior.runtime.files import atomic_write

INK = "#22262B"
FAINT = "#626972"  # dark enough to read on white
GRID = "#E6E8EB"

STYLE: dict[Any, Any] = {  # matplotlib's own type lists every key that its version knows
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "pdf.fonttype": 42,
}
styled = rc_context(STYLE)  # decorates the functions that make figures; leaves matplotlib's settings as they were

# No dates and no versions of programs, so that the same figure is the same file.
_METADATA = {
    ".pdf": {"CreationDate": None, "ModDate": None, "Creator": "pointprior", "Producer": None},
    ".png": {"Software": None},
}


def wrapped(text: str, *, inches: float | int, size: float | int) -> str:
    """Text in as many lines as a width (in inches) takes at a size (in points), even if it is bold."""
    return textwrap.fill(text, width=max(1, int(inches / (0.65 * size / 72))))


def check_formats(paths: Sequence[Path]) -> None:
    """See whether figures can be written to files of these names.

    Raises
    ------
    ValueError
        If one ends otherwise.
    """
    for target in paths:
        if target.suffix not in _METADATA:
            raise ValueError(f"{target}: figures are written as .pdf or .png")


def lay_out(figure: Figure) -> None:
    """Place what a figure holds, once: saving would draw it twice, into every file, to place it each time anew."""
    if layout := figure.get_layout_engine():
        with rc_context(STYLE):
            layout.execute(figure)
        figure.set_layout_engine(None)


def save(figure: Figure, path: str | os.PathLike | Sequence[str | os.PathLike], *, dpi: int = 250) -> list[Path]:
    """Write a figure as PDF and PNG (`path` has no suffix), or to the files of a list; return what was written.

    The same figure gives the same bytes, and each file is written whole or not at all.
    """
    if isinstance(path, str | os.PathLike):
        paths = [Path(f"{os.fspath(path)}{suffix}") for suffix in (".pdf", ".png")]
    else:
        paths = [Path(p) for p in path]
    check_formats(paths)
    lay_out(figure)
    for target in paths:
        with rc_context(STYLE), atomic_write(target) as temporary:
            figure.savefig(temporary, dpi=dpi, metadata=_METADATA[target.suffix], facecolor="white")
    return paths
