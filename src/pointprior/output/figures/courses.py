"""Energy and error of what a sampler's denoiser expects, from its first time to its last."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pointprior.methods import METHODS
from pointprior.output.figures.style import GRID, styled


@styled
def plot_courses(
    found: Mapping[str, tuple[Float[np.ndarray, " K"], Float[np.ndarray, " K"], Float[np.ndarray, " K"]]],
    *,
    unit: str = "Å",
) -> Figure:
    """Energy and error over t, one panel each and one line per method; t falls from left to right.

    Parameters
    ----------
    found : mapping of str to (ndarray, ndarray, ndarray)
        Times t > 0, energies and errors of a sample, by method.
    unit : str
        Of the errors.
    """
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True)
    for name, (times, *values) in found.items():
        method = METHODS[name]
        for axes, value in zip(panels, values, strict=True):
            axes.plot(times, value, color=method.colour, marker=method.marker, ms=4, lw=1.2, label=method.label)
    for axes, label in zip(panels, ("energy (cube units²)", f"RMSD, not superposed ({unit})"), strict=True):
        axes.set(xscale="log", ylabel=label)
        axes.grid(True, color=GRID, lw=0.6)
        axes.set_axisbelow(True)
    panels[0].set(yscale="log")
    for axes in panels:
        axes.minorticks_off()
    for axis in (panels[0].xaxis, panels[1].xaxis, panels[0].yaxis):  # plain numbers: powers are slow to typeset
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panels[1].set(ylim=(0, None))
    panels[0].invert_xaxis()
    panels[1].legend(fontsize=7)
    figure.supxlabel("noise level t (cube units)", fontsize=8.5)
    return figure
