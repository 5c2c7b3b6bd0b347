"""Compiled loops over the features of tokens, for a CPU: what happens around a modulated branch in one pass each."""

from typing import no_type_check

import numpy as np
from numba import njit

_FAST = {"nnan", "ninf", "nsz", "contract", "reassoc", "arcp"}
_one, _epsilon = np.float32(1), np.float32(1e-5)  # torch adds the latter to variances


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _statistics(row):
    """Mean and inverse standard deviation."""
    total = square = np.float32(0)
    for c in range(len(row)):
        total += row[c]
    mean = total / np.float32(len(row))
    for c in range(len(row)):
        square += (row[c] - mean) * (row[c] - mean)
    return mean, _one / np.sqrt(square / np.float32(len(row)) + _epsilon)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
@no_type_check  # numba says that compiled functions take no arguments
def normalise(h, shift, scale, result):
    """Rows of `h` with mean 0 and variance 1, times 1 + scale, plus shift."""
    for token in range(len(h)):
        row, out = h[token], result[token]
        mean, inverse = _statistics(row)
        for c in range(len(row)):
            out[c] = (row[c] - mean) * inverse * (_one + scale[c]) + shift[c]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
@no_type_check
def normalise_backward(h, scale, gradient, of_h, of_shift, of_scale):
    """Add the gradients by `h`, shift and scale to what is there."""
    share = _one / np.float32(h.shape[1])
    for token in range(len(h)):
        row, g, out = h[token], gradient[token], of_h[token]
        mean, inverse = _statistics(row)
        total = along = np.float32(0)
        for c in range(len(row)):
            total += g[c] * (_one + scale[c])
            along += g[c] * (_one + scale[c]) * (row[c] - mean) * inverse
        total, along = total * share, along * share
        for c in range(len(row)):
            out[c] += inverse * (g[c] * (_one + scale[c]) - total - (row[c] - mean) * inverse * along)
        for c in range(len(row)):
            of_scale[c] += g[c] * (row[c] - mean) * inverse
        for c in range(len(row)):
            of_shift[c] += g[c]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
@no_type_check
def gate_backward(gate, branch, gradient, of_branch, of_gate):
    """Of h + gate branch: write the gradient by the branch, add that by the gate."""
    for token in range(len(branch)):
        b, g, out = branch[token], gradient[token], of_branch[token]
        for c in range(len(g)):
            out[c] = gate[c] * g[c]
        for c in range(len(g)):
            of_gate[c] += b[c] * g[c]
