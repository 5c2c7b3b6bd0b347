"""The ways to superpose a model on the truth, by name."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from pointprior.scoring.alignment import Alignment, align

Superposition = Literal["kernel_correlation", "cpd"]


def superpose(
    model: Float[np.ndarray, "N 3"], truth: Float[np.ndarray, "M 3"], method: Superposition = "kernel_correlation"
) -> Alignment:
    """Find the proper rigid motion that superposes a model on the truth, by kernel correlation or coherent point drift.

    Raises
    ------
    ValueError
        If there is no such method, or either set is not finite or has no extent.
    """
    if method == "kernel_correlation":
        return align(model, truth)
    if method == "cpd":
        from pointprior.scoring.coherent_point_drift import register  # pycpd, only where it is asked for

        return register(model, truth)
    raise ValueError(f"unknown superposition {method!r}; choose one of {', '.join(get_args(Superposition))}")
