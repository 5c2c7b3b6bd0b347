"""Compiled search for an optimal transport between points and targets with integer capacities.

Successive shortest augmenting paths on reduced costs (Jonker and Volgenant 1987, with capacities). Every path
search is Dijkstra's over all targets at once: closing a target lowers the path lengths of the others in one
vectorised pass, which for a thousand targets is quicker than any heap. Up to a constant of the point, a squared
distance is linear in the point, |x_i - y_j|² ~ x_i·z_j + o_j with z_j = -2 y_j and o_j = |y_j|², so a pass is two
or three multiplications a target and needs no cost matrix. Closing a target that several points share relaxes with
their lower envelope, which does not depend on the duals and is kept until the points change.

The searches are short if the duals that they start from are good. `_coarse_to_fine` finds such duals from small
problems between means of blocks of points and of targets, each continued into the next larger one.

Numba's cache of compiled code does not see changes in other files. So compiled functions call only those of their own
file; what joins this file and `blocks`, `optimal` and `_coarse_to_fine`, is Python between them.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pointprior.measurements.blocks import block_means, compact_order
from pointprior.runtime.signals import interruptible

STRIDE = 64  # targets are padded to a multiple, so that minima are taken over whole blocks
_FAST = {"nnan", "nsz", "contract"}  # inputs are checked to be finite; lets loops vectorise
_POSITIVE = np.int64(0x7FFFFFFFFFFFFFFF)  # all bits but the sign


class _State(NamedTuple):
    """A partial matching, its duals, and the room that searches need. Targets are numbered j, points i."""

    points: np.ndarray  # (N, d) p_i
    z: np.ndarray  # (d, padded) z_j
    w: np.ndarray  # (padded,) o_j - v_j; infinite while a target is closed
    limit: np.ndarray  # (targets,) capacities
    first: np.ndarray  # (targets,) points of target j: member[first[j] : first[j] + count[j]]
    count: np.ndarray  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    member: np.ndarray  # as many as there is room for
    target: np.ndarray  # (N,) target of every point, -1 for none
    none: np.ndarray  # (padded,) zeros
    key: np.ndarray  # (padded,) path lengths
    envelope: np.ndarray  # (targets, padded) lower envelopes of shared targets
    stale: np.ndarray  # (targets,) whose points changed since their envelope was drawn
    closed: np.ndarray  # targets in the order of closing ...
    length: np.ndarray  # ... the path length to each
    base: np.ndarray  # ... that length before the costs of its points
    opened: np.ndarray  # ... and its w


@njit(cache=True, nogil=True, fastmath=_FAST)
def _relax(point, base, z, w, key):
    """key_j <- min(key_j, base + point·z_j + w_j) for all targets j."""
    d = z.shape[0]
    a, b = point[0], point[1]
    if d == 2:
        for j in range(len(key)):
            length = (base + w[j]) + (a * z[0, j] + b * z[1, j])
            key[j] = length if length < key[j] else key[j]
    elif d == 3:
        c = point[2]
        for j in range(len(key)):
            length = (base + w[j]) + (a * z[0, j] + b * z[1, j] + c * z[2, j])
            key[j] = length if length < key[j] else key[j]
    else:
        c, e = point[2], point[3]
        for j in range(len(key)):
            length = (base + w[j]) + (a * z[0, j] + b * z[1, j] + c * z[2, j] + e * z[3, j])
            key[j] = length if length < key[j] else key[j]


@njit(cache=True, nogil=True, fastmath=_FAST)
def _relax_shared(envelope, base, w, key):
    """key_j <- min(key_j, base + envelope_j + w_j) for all targets j."""
    for j in range(len(key)):
        length = (base + w[j]) + envelope[j]
        key[j] = length if length < key[j] else key[j]


@njit(cache=True, nogil=True)
def _lower_envelope(points, z, members, own, none, envelope):
    """min over the points i in target `own` of x_i·(z_j - z_own), for all targets j."""
    envelope[:] = np.inf
    for i in members:
        _relax(points[i], -_dot(points[i], z, own), z, none, envelope)


@njit(cache=True, nogil=True)
def _ordered(bits):
    """An integer that is ordered as the float of these bits is: compilers vectorise minima of integers only."""
    return bits ^ ((bits >> 63) & _POSITIVE)


@njit(cache=True, nogil=True)
def _least(bits):
    least = _POSITIVE
    for j in range(len(bits)):
        least = min(least, _ordered(bits[j]))
    return least


@njit(cache=True, nogil=True)
def _argmin(key):
    """Index of the least value; the length is a multiple of STRIDE."""
    bits = key.view(np.int64)
    least = _least(bits)
    start = 0
    while _least(bits[start : start + STRIDE]) != least:
        start += STRIDE
    while _ordered(bits[start]) != least:
        start += 1
    return start


@njit(cache=True, nogil=True)
def _dot(point, z, j):
    total = 0.0
    for axis in range(z.shape[0]):
        total += point[axis] * z[axis, j]
    return total


@njit(cache=True, nogil=True)
def _linear_form(x, y, limit, price):
    """Points p_i, targets z_j and offsets o_j with |x_i - y_j|² - |x_i|² = p_i·z_j + o_j; targets are padded.

    The target "nothing" costs `price`, that is price - |x_i|² in this form: one more coordinate |x_i|² says it.
    """
    n, d = x.shape
    m = y.shape[1]
    partial = limit[m] > 0
    targets = m + 1 if partial else m
    padded = (targets + STRIDE - 1) // STRIDE * STRIDE
    points = np.zeros((n, d + 1 if partial else d))
    z = np.zeros((points.shape[1], padded))
    offset = np.zeros(padded)
    for axis in range(d):
        for i in range(n):
            points[i, axis] = x[i, axis]
            if partial:
                points[i, d] += x[i, axis] * x[i, axis]
        for j in range(m):
            offset[j] += y[axis, j] * y[axis, j]
            z[axis, j] = -2 * y[axis, j]
    offset[m:] = np.inf  # padding is never reached
    if partial:
        offset[m] = price
        z[d, m] = -1.0
    return points, z, offset, targets


@interruptible()
def optimal_or_nothing(x, y, limit, price):
    """Optimal target of every point where "nothing" (index M, with room for all) costs `price`, and optimal duals.

    Targets may keep room. A target that does has the dual 0, and no dual is above it: true of duals that begin at 0
    and only fall, but not of those that other problems end with. So it begins from nothing.
    """
    v = np.zeros(len(limit))
    target, _ = _solve(x, y, limit, v, _POSITIVE, price)
    return target, v


@interruptible()
def optimal(x, y, limit, duals, patience):
    """Optimal target of every point (index M is "nothing") and optimal duals.

    Points are (N, d), targets (d, M), capacities (M + 1), "nothing" last. The search starts from `duals` (M + 1),
    unless they are empty; if it then closes more than `patience` targets, it starts again from coarse to fine.
    """
    if len(duals) > 0:
        v = duals.copy()
        target, finished = _solve(x, y, limit, v, patience)
        if finished:
            return target, v
    v = _coarse_to_fine(x, y, limit)
    target, _ = _solve(x, y, limit, v, _POSITIVE)
    return target, v


@njit(cache=True, nogil=True)
def _solve(x, y, limit, v, patience, price=0.0):
    """Optimal target of every point; `v` is updated to optimal duals. A target may have capacity 0.

    Also returns whether it finished before closing more than `patience` targets; if not, `v` is as it was.
    """
    s, offset = _prepared(x, y, limit, v, price)
    free = _take_cheapest(s)
    for root in free[::-1]:
        end, n_closed = _search(s, root)
        for c in range(n_closed):  # their duals fall
            s.w[s.closed[c]] = s.opened[c] + (s.key[end] - s.length[c])
        _move_along(s, root, end, n_closed)
        patience -= n_closed
        if patience < 0 and root != free[0]:
            return s.target, False
    for j in range(len(s.limit)):
        if s.limit[j] > 0:
            v[j] = offset[j] - s.w[j]
    return s.target, True


@njit(cache=True, nogil=True)
def _prepared(x, y, limit, v, price):
    points, z, offset, targets = _linear_form(x, y, limit, price)
    padded, room, shared = len(offset), 0, 1
    w, first = np.empty(padded), np.empty(targets, np.int64)
    unmatched, stale = np.empty(len(x), np.int64), np.empty(targets, np.bool_)
    w[:], unmatched[:], stale[:] = np.inf, -1, True
    for j in range(targets):
        w[j] = offset[j] - v[j] if limit[j] > 0 else np.inf
        shared = targets if limit[j] > 1 else shared
        first[j], room = room, room + limit[j]
    state = _State(
        points,
        z,
        w,
        limit[:targets],
        first,
        np.zeros(targets, np.int64),
        np.empty(room, np.int64),
        unmatched,
        np.zeros(padded),
        np.empty(padded),
        np.empty((shared, padded)),
        stale,
        np.empty(targets, np.int64),
        np.empty(targets),
        np.empty(targets),
        np.empty(targets),
    )
    return state, offset


@njit(cache=True, nogil=True)
def _take_cheapest(s):
    """Give every point its cheapest target while there is room; return the points that are left."""
    free = np.empty(len(s.points), np.int64)
    n_free = 0
    for i in range(len(s.points)):
        s.key[:] = np.inf
        _relax(s.points[i], 0.0, s.z, s.w, s.key)
        j = _argmin(s.key)
        if s.count[j] < s.limit[j]:
            s.target[i] = j
            s.member[s.first[j] + s.count[j]] = i
            s.count[j] += 1
        else:
            free[n_free] = i
            n_free += 1
    return free[:n_free]


@njit(cache=True, nogil=True)
def _search(s, root):
    """Grow shortest paths from a point to the nearest target with room; return it and how many were closed."""
    s.key[:] = np.inf
    _relax(s.points[root], 0.0, s.z, s.w, s.key)
    end, n_closed = _argmin(s.key), 0
    while s.count[end] == s.limit[end]:
        s.closed[n_closed], s.length[n_closed], s.opened[n_closed] = end, s.key[end], s.w[end]
        start = s.key[end] - s.w[end]
        s.key[end] = s.w[end] = np.inf
        first, last = s.first[end], s.first[end] + s.count[end]
        if s.count[end] == 1:
            start -= _dot(s.points[s.member[first]], s.z, end)
            _relax(s.points[s.member[first]], start, s.z, s.w, s.key)
        else:
            if s.stale[end]:
                _lower_envelope(s.points, s.z, s.member[first:last], end, s.none, s.envelope[end])
                s.stale[end] = False
            _relax_shared(s.envelope[end], start, s.w, s.key)
        s.base[n_closed] = start
        n_closed += 1
        end = _argmin(s.key)
    return end, n_closed


@njit(cache=True, nogil=True)
def _move_along(s, root, end, n_closed):
    """Move points along the shortest path, from its end back to its root."""
    j, place = end, s.first[end] + s.count[end]
    s.count[end] += 1
    before = n_closed  # a predecessor was closed earlier
    while True:
        s.stale[j] = True
        nearest, via = _dot(s.points[root], s.z, j), -1
        for c in range(before):
            k = s.closed[c]
            onward = _dot(s.points[s.member[s.first[k]]], s.z, j) if s.count[k] == 1 else s.envelope[k, j]
            if s.base[c] + onward < nearest:
                nearest, via = s.base[c] + onward, c
        if via < 0:
            break
        k = s.closed[via]
        cheapest, moved = np.inf, s.first[k]
        for slot in range(s.first[k], s.first[k] + s.count[k]):
            change = _dot(s.points[s.member[slot]], s.z, j) - _dot(s.points[s.member[slot]], s.z, k)
            if change < cheapest:
                cheapest, moved = change, slot
        s.member[place] = s.member[moved]
        s.target[s.member[place]] = j
        j, place, before = k, moved, via
    s.member[place] = root
    s.target[root] = j


def _coarse_to_fine(x, y, limit):
    """Duals to start from: solve between 16, 64, ... block means, continue the duals, and so on."""
    n, m = len(x), y.shape[1]
    one, capacity = np.ones(n), limit[:m].astype(np.float64)
    points, targets = np.ascontiguousarray(x.T), y
    order_x, order_y = compact_order(points), compact_order(targets)
    v, rows, target = np.zeros(m + 1), 16, np.empty(0, np.int64)
    coarse_x, coarse_y = x, y
    while 2 * rows <= n:
        block_x, _ = block_means(points, one, order_x, rows)
        room = capacity.sum() * rows / n
        columns = m if room >= m else 2 ** int(np.log2(max(1.0, room)))
        block_y, weight = block_means(targets, capacity, order_y, columns) if columns < m else (targets, capacity)
        filled = np.rint(np.cumsum(weight * rows / n))  # targets together take their share of the blocks
        block_limit = np.diff(filled, prepend=0, append=rows).astype(np.int64)
        v = _continued(coarse_x, coarse_y, target, v, block_y) if len(target) else np.zeros(columns + 1)
        coarse_x, coarse_y = np.ascontiguousarray(block_x.T), block_y
        target, _ = _solve(coarse_x, coarse_y, block_limit, v, _POSITIVE)
        rows *= 4 if 8 * rows <= n else 2
        if 4 * rows > n and rows > m:  # pairs of points and no targets merged: not worth solving
            break
    return _continued(coarse_x, coarse_y, target, v, y) if len(target) else v


@njit(cache=True, nogil=True)
def _continued(x, y, target, v, finer):
    """Duals of other targets `finer` (d, K): the largest that a solution (x, y, target, v) allows.

    v(y') = min_i |x_i - y'|² - u_i, where u_i = |x_i - y_j|² - v_j for the target j of point i; "nothing" last.
    """
    m, k = y.shape[1], finer.shape[1]
    _, z, offset, _ = _linear_form(x, finer, np.zeros(k + 1, np.int64), 0.0)
    key, largest = np.empty(len(offset)), -np.inf
    key[:] = np.inf
    for i in range(len(x)):
        u, square = -v[target[i]], 0.0
        for axis in range(x.shape[1]):
            square += x[i, axis] * x[i, axis]
            away = x[i, axis] - y[axis, target[i]] if target[i] < m else 0.0
            u += away * away
        largest = max(largest, u)
        _relax(x[i], square - u, z, offset, key)
    return np.append(key[:k], -largest)
