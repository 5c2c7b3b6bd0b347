"""Compact blocks of points and their means, compiled: the small problems that `transport` begins with."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def compact_order(points):
    """An order of points (d, n) that makes blocks compact: halves, quarters, ... across their longest sides."""
    d, n = points.shape
    order = np.arange(n)
    blocks = 1
    while 2 * blocks <= n:
        for b in range(blocks):
            start, middle, end = b * n // blocks, (2 * b + 1) * n // (2 * blocks), (b + 1) * n // blocks
            longest, extent = 0, -1.0
            for axis in range(d):
                low, high = np.inf, -np.inf
                for k in range(start, end):
                    low, high = min(low, points[axis, order[k]]), max(high, points[axis, order[k]])
                if high - low > extent:
                    longest, extent = axis, high - low
            _partition(points[longest], order[start:end], middle - start)
        blocks *= 2
    return order


@njit(cache=True, nogil=True)
def _partition(values, order, middle):
    """Reorder so that none of the first `middle` values is larger than any of the others (Hoare's selection)."""
    low, high = 0, len(order) - 1
    while low < high:
        pivot = values[order[(low + high) // 2]]
        i, j = low, high
        while i <= j:
            while values[order[i]] < pivot:
                i += 1
            while values[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            return


@njit(cache=True, nogil=True)
def block_means(points, weight, order, blocks):
    """Weighted mean (d, blocks) and weight of every block of consecutive points in that order."""
    d, n = points.shape
    mean, total = np.zeros((d, blocks)), np.zeros(blocks)
    for b in range(blocks):
        for k in range(b * n // blocks, (b + 1) * n // blocks):
            total[b] += weight[order[k]]
            for axis in range(d):
                mean[axis, b] += weight[order[k]] * points[axis, order[k]]
        for axis in range(d):
            mean[axis, b] /= total[b]
    return mean, total
