"""Duals to start a matching from: small problems between block means, each continued into the next larger one."""

import numpy as np
from scipy.spatial import cKDTree

from pointprior.shortest_paths import extended_duals, solve


def coarse_to_fine_duals(x, y, limit):
    """Duals of targets `y` (d, M) with capacities `limit` (M + 1) for points `x` (N, d), "nothing" last."""
    n, m = len(x), y.shape[1]
    order_x, order_y = _compact_order(x), _compact_order(y.T)
    capacity = limit[:-1].astype(float)
    v, solved = np.zeros(m + 1), None
    for rows in _levels(n, m):
        block_x = _block_means(x, np.ones(n), order_x, rows)[0]
        room = capacity.sum() * rows / n
        columns = m if room >= m else 2 ** max(0, int(np.log2(room)))
        block_y, weight = _block_means(y.T, capacity, order_y, columns) if columns < m else (y.T, capacity)
        filled = np.rint(np.cumsum(weight) * rows / n).astype(np.int64)
        block_limit = np.diff(filled, prepend=0, append=rows)
        block_y = np.ascontiguousarray(block_y.T)
        v = extended_duals(*solved, block_y) if solved else np.zeros(columns + 1)
        target, _ = solve(block_x, block_y, block_limit, v, np.iinfo(np.int64).max)
        solved = block_x, block_y, target, v
    return extended_duals(*solved, y) if solved else v


def _levels(points, targets):
    """Numbers of blocks: 16, 64, ... up to a quarter of the points, and their half where targets are as many."""
    levels = [2**depth for depth in range(4, points.bit_length(), 2) if 4 * 2**depth <= points]
    return levels + [2 * level for level in levels[-1:] if 2 * level <= targets]


def _compact_order(points):
    """An order in which the blocks that halving it again and again gives are compact."""
    return cKDTree(points, leafsize=2).indices


def _block_means(points, weight, order, blocks):
    starts = (np.arange(blocks) * len(points)) // blocks
    total = np.add.reduceat(weight[order], starts)
    return np.add.reduceat(points[order] * weight[order, None], starts) / total[:, None], total
