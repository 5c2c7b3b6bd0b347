"""Compiled loops over the edges of a cloud, for a CPU: the neighbour search, and messages without a tensor of them.

A message is silu(z) with z = sent by the neighbour + received by the point + the edge's features times a matrix. What
is asked for are means over a point's neighbours, so that one point's messages fit into the fastest cache, and the
backward pass computes them again. All numbers are float32.
"""

from typing import no_type_check

import numpy as np
from numba import njit

from pointprior.runtime.signals import interruptible

_FAST = {"nnan", "ninf", "nsz", "contract", "reassoc", "arcp"}
_one, _half = np.float32(1), np.float32(0.5)
_log2_e, _ln_2 = np.float32(np.log2(np.e)), np.float32(np.log(2))
_c2, _c3, _c4, _c5, _c6 = (np.float32(1 / factorial) for factorial in (2, 6, 24, 120, 720))
_most = np.float32(80)  # exponent at which a sigmoid is 0 or 1 in float32
_bias, _mantissa = np.float32(127), np.int32(23)  # of a float32


@interruptible()
def nearest(points: np.ndarray, k: int) -> np.ndarray:
    """Indices of every point's `k` nearest others, shape (S, N, k), within each of the clouds (S, N, 3)."""
    found = np.zeros((*points.shape[:2], k), np.int64)  # stays so where distances are not finite
    for cloud, index in zip(points, found, strict=True):
        if k > 0:
            _nearest(np.ascontiguousarray(cloud.T), index)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest(x, index):
    """Write the nearest others of every column of `x` (3, N) into the rows of `index`, by insertion."""
    points, k = index.shape
    squared, least = np.empty(points, np.float32), np.empty(k, np.float32)
    for i in range(points):
        a, b, c = x[0, i], x[1, i], x[2, i]
        for j in range(points):
            squared[j] = (x[0, j] - a) * (x[0, j] - a) + (x[1, j] - b) * (x[1, j] - b) + (x[2, j] - c) * (x[2, j] - c)
        squared[i] = np.inf
        least[:] = np.inf
        for j in range(points):
            if squared[j] < least[k - 1]:
                place = k - 1
                while place > 0 and least[place - 1] > squared[j]:
                    least[place], index[i, place] = least[place - 1], index[i, place - 1]
                    place -= 1
                least[place], index[i, place] = squared[j], j


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _add_ends(sent, received, neighbours, z):
    """z (k, m) += what the neighbours send and the point receives."""
    for j in range(len(neighbours)):
        row, source = z[j], sent[neighbours[j]]
        for c in range(len(row)):
            row[c] += source[c] + received[c]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _sigmoid(z, bits, powers, s):
    """s = 1 / (1 + exp(-z)), with exp by powers of two and Taylor's series, which vectorises; `powers` views `bits`."""
    for c in range(len(z)):
        u = z[c] * _log2_e
        u = u if u < _most else _most
        u = u if u > -_most else -_most
        n = np.floor(u + _half)
        f = (u - n) * _ln_2
        s[c] = _one + f * (_one + f * (_c2 + f * (_c3 + f * (_c4 + f * (_c5 + f * _c6)))))
        bits[c] = np.int32(n + _bias) << _mantissa
    for c in range(len(z)):
        e = s[c] * powers[c]
        s[c] = e / (_one + e)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _add_means(messages, edges, means):
    """Means of the messages (k, m) times each of the first three features of their edges, and times one.

    Two messages at a time; after an odd number of them the last one counts once more, with the weight zero.
    """
    k, share = len(edges), _one / np.float32(len(edges))
    for j in range(0, k, 2):
        other = min(j + 1, k - 1)
        here, there, others_share = messages[j], messages[other], share if j + 1 < k else np.float32(0)
        for axis in range(4):
            total = means[axis]
            w = share * edges[j, axis] if axis < 3 else share
            v = others_share * edges[other, axis] if axis < 3 else others_share
            for c in range(len(total)):
                total[c] += w * here[c] + v * there[c]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
@no_type_check  # numba says that compiled functions take no arguments
def forward(sent, received, index, edges, z, means):
    """Add means of the messages to `means` (P, 4, m); `z` (P, k, m) begins as the edges' part, ends as the messages."""
    bits, s = np.empty(z[0].size, np.int32), np.empty(z[0].size, np.float32)
    powers = bits.view(np.float32)
    for n in range(len(index)):
        _add_ends(sent, received[n], index[n], z[n])
        flat = z[n].reshape(-1)
        _sigmoid(flat, bits, powers, s)
        for c in range(len(flat)):
            flat[c] *= s[c]
        _add_means(z[n], edges[n], means[n])


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _differentiate(z, s, edges, of_means, of_edges):
    """Replace z (k, m) by the gradient with respect to it, given that of the means; add that by the weights."""
    share = _one / np.float32(len(edges))
    g0, g1, g2, g3 = of_means[0], of_means[1], of_means[2], of_means[3]
    for j in range(len(edges)):
        zj, sj = z[j], s[j]
        w0, w1, w2 = share * edges[j, 0], share * edges[j, 1], share * edges[j, 2]
        a0 = a1 = a2 = np.float32(0)
        for c in range(len(zj)):
            message = zj[c] * sj[c]
            a0 += message * g0[c]
            a1 += message * g1[c]
            a2 += message * g2[c]
            slope = sj[c] * (_one + zj[c] - message)
            zj[c] = slope * (w0 * g0[c] + w1 * g1[c] + w2 * g2[c] + share * g3[c])
        of_edges[j, 0] += share * a0
        of_edges[j, 1] += share * a1
        of_edges[j, 2] += share * a2


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
@no_type_check
def backward(sent, received, index, edges, of_means, z, of_sent, of_received, of_edges):
    """Add gradients to `of_sent` and `of_received` (P, m), and as weights of the means to `of_edges` (P, k, edge).

    `z` (P, k, m) begins as the edges' part and ends as the gradient with respect to it.
    """
    bits, s = np.empty(z[0].size, np.int32), np.empty(z[0].shape, np.float32)
    powers, flat_s = bits.view(np.float32), s.reshape(-1)
    for n in range(len(index)):
        _add_ends(sent, received[n], index[n], z[n])
        _sigmoid(z[n].reshape(-1), bits, powers, flat_s)
        _differentiate(z[n], s, edges[n], of_means[n], of_edges[n])
        own = of_received[n]
        for j in range(index.shape[1]):
            row, source = z[n, j], of_sent[index[n, j]]
            for c in range(len(row)):
                source[c] += row[c]
                own[c] += row[c]
