"""Compiled search for an optimal transport between points and targets with integer capacities.

Method: successive shortest augmenting paths on reduced costs |x_i - y_j|² - v_j (Jonker and Volgenant
1987, with capacities), started from duals v of the last, similar problem or of the optimal transport
between two Gaussians, which is known in closed form: whichever bounds the cost better. A path search
looks only at a point's few cheapest targets. The others are kept under a lower bound that stays valid
because duals only fall, and are looked at when the bound comes within reach, so the optimum is exact.
"""

import numpy as np
from numba import njit

CANDIDATES = 16  # cheapest targets of a point that a path search looks at first
_FAST = {"nnan", "nsz", "reassoc", "contract"}  # inputs are checked to be finite; lets minima vectorise


@njit(cache=True, nogil=True, fastmath=_FAST)
def _reduced_costs(point, y, v, out):
    """|point - y_j|² - v_j for all targets, and -v for "nothing"; `y` is (d, M)."""
    d, m = y.shape
    if d == 2:
        a, b = point[0], point[1]
        for j in range(m):
            out[j] = (a - y[0, j]) ** 2 + (b - y[1, j]) ** 2 - v[j]
    else:
        a, b, c = point[0], point[1], point[2]
        for j in range(m):
            out[j] = (a - y[0, j]) ** 2 + (b - y[1, j]) ** 2 + (c - y[2, j]) ** 2 - v[j]
    out[m] = -v[m]


@njit(cache=True, nogil=True, fastmath=_FAST)
def _minimum(values, n):
    least = np.inf
    for j in range(n):
        least = min(least, values[j])
    return least


@njit(cache=True, nogil=True)
def dual_bound(x, y, limit, v):
    """Lower bound Σ_i min_j (|x_i - y_j|² - v_j) + Σ_j c_j v_j on the cost of any matching."""
    m = y.shape[1]
    columns = m + 1 if limit[m] > 0 else m
    reduced = np.empty(m + 1)
    bound = 0.0
    for i in range(len(x)):
        _reduced_costs(x[i], y, v, reduced)
        bound += _minimum(reduced, columns)
    for j in range(columns):
        bound += limit[j] * v[j]
    return bound


@njit(cache=True, nogil=True)
def _cheapest(values, n, k, chosen):
    """Put the indices of the k smallest values into `chosen`; return the smallest of the others."""
    # a max-heap of the k smallest so far, by value
    for j in range(k):
        chosen[j] = j
    for start in range(k // 2 - 1, -1, -1):
        _sift_largest(values, chosen, k, start)
    bound = np.inf
    for j in range(k, n):
        worst = values[chosen[0]]
        if values[j] < worst:
            bound = min(bound, worst)
            chosen[0] = j
            _sift_largest(values, chosen, k, 0)
        elif values[j] < bound:
            bound = values[j]
    return bound


@njit(cache=True, nogil=True)
def _sift_largest(values, heap, size, at):
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        if child + 1 < size and values[heap[child + 1]] > values[heap[child]]:
            child += 1
        if values[heap[child]] <= values[heap[at]]:
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@njit(cache=True, nogil=True)
def _lower(heap, place, key, size, node, value):
    """Insert `node` with `value`, or lower its value, in an indexed min-heap; return the heap's size."""
    at = place[node]
    if at < 0:
        at = size
        size += 1
    key[node] = value
    while at > 0:
        parent = (at - 1) // 2
        if key[heap[parent]] <= value:
            break
        heap[at] = heap[parent]
        place[heap[at]] = at
        at = parent
    heap[at] = node
    place[node] = at
    return size


@njit(cache=True, nogil=True)
def _pop(heap, place, key, size):
    """Remove the node of least value; return it and the heap's size."""
    top = heap[0]
    place[top] = -1
    size -= 1
    if size > 0:
        node = heap[size]
        at = 0
        while True:
            child = 2 * at + 1
            if child >= size:
                break
            if child + 1 < size and key[heap[child + 1]] < key[heap[child]]:
                child += 1
            if key[heap[child]] >= key[node]:
                break
            heap[at] = heap[child]
            place[heap[at]] = at
            at = child
        heap[at] = node
        place[node] = at
    return top, size


@njit(cache=True, nogil=True)
def solve(x, y, limit, v):
    """Optimal target of every point (index M is "nothing"); `v` is updated to optimal duals."""
    n = len(x)
    d, m = y.shape
    columns = m + 1 if limit[m] > 0 else m
    k = min(CANDIDATES, columns)

    first = np.zeros(m + 2, np.int64)  # members of column j: member[first[j] : first[j] + count[j]]
    for j in range(m + 1):
        first[j + 1] = first[j] + limit[j]
    member = np.empty(n, np.int64)
    slot = np.empty(n, np.int64)  # where in `member` a row stands
    count = np.zeros(m + 1, np.int64)
    column = np.full(n, -1)
    reduced = np.empty(m + 1)
    free = np.empty(n, np.int64)
    n_free = 0

    # every row takes its cheapest column while there is room
    for i in range(n):
        _reduced_costs(x[i], y, v, reduced)
        least = _minimum(reduced, columns)
        taken = False
        for j in range(columns):
            if reduced[j] == least and count[j] < limit[j]:
                column[i] = j
                slot[i] = first[j] + count[j]
                member[slot[i]] = i
                count[j] += 1
                taken = True
                break
        if not taken:
            free[n_free] = i
            n_free += 1

    candidate = np.empty((n, k), np.int64)
    bound = np.full(n, -np.inf)  # least reduced cost outside the candidates; -inf: none drawn up yet
    nodes = columns + n  # a heap node is a column, or a row whose other columns came within reach
    heap = np.empty(nodes, np.int64)
    place = np.full(nodes, -1)
    key = np.full(nodes, np.inf)
    reached = np.empty(nodes, np.int64)  # nodes whose key was set in this search
    parent = np.empty(columns, np.int64)  # row from which a column was reached
    closed = np.zeros(columns, np.bool_)
    base = np.empty(n)  # path length up to a row, less its reduced cost in its own column

    for f in range(n_free):
        root = free[f]
        size, n_reached = 0, 0
        end, shortest = -1, np.inf
        row, wide = root, False
        base[root] = 0.0
        own, opened_at = 0, 0.0  # the column just closed, and the path length to it
        next_member, last_member = 0, 0  # its rows that are still to be looked at
        while True:
            # look at a row's columns: the candidates, or all of them once their bound is within reach
            if bound[row] == -np.inf or wide:
                _reduced_costs(x[row], y, v, reduced)
                bound[row] = _cheapest(reduced, columns, k, candidate[row])
            looked_at = columns if wide else k
            for c in range(looked_at):
                j = c if wide else candidate[row, c]
                if closed[j]:
                    continue
                if wide:
                    length = base[row] + reduced[j]
                else:
                    total = -v[j]
                    if j < m:
                        for axis in range(d):
                            total += (x[row, axis] - y[axis, j]) ** 2
                    length = base[row] + total
                if length < key[j] and length < shortest:
                    if key[j] == np.inf:
                        reached[n_reached] = j
                        n_reached += 1
                    parent[j] = row
                    if count[j] < limit[j]:
                        key[j] = length
                        end, shortest = j, length
                    else:
                        size = _lower(heap, place, key, size, j, length)
            if not wide and base[row] + bound[row] < shortest:
                node = columns + row
                reached[n_reached] = node
                n_reached += 1
                size = _lower(heap, place, key, size, node, base[row] + bound[row])
            # the next row: another of the column just closed, or through the nearest node
            if next_member < last_member:
                row, wide = member[next_member], False
                next_member += 1
                base[row] = opened_at - _own_cost(x, y, v, row, own)
                continue
            if size == 0 or key[heap[0]] >= shortest:
                break
            node, size = _pop(heap, place, key, size)
            if node >= columns:
                row, wide = node - columns, True
                continue
            own, opened_at = node, key[node]
            closed[own] = True
            next_member, last_member = first[own], first[own] + count[own]
            row, wide = member[next_member], False
            next_member += 1
            base[row] = opened_at - _own_cost(x, y, v, row, own)

        # duals of the closed columns fall; rows move along the path from its end back to the root
        for r in range(n_reached):
            node = reached[r]
            if node < columns and closed[node]:
                v[node] += key[node] - shortest
                closed[node] = False
            key[node] = np.inf
            place[node] = -1
        j = end
        slot_j = first[j] + count[j]
        count[j] += 1
        while True:
            row = parent[j]
            previous, slot_previous = column[row], slot[row]
            column[row] = j
            slot[row] = slot_j
            member[slot_j] = row
            if row == root:
                break
            j, slot_j = previous, slot_previous
    return column


@njit(cache=True, nogil=True)
def _own_cost(x, y, v, row, j):
    """Reduced cost of a row in column j."""
    d, m = y.shape
    total = -v[j]
    if j < m:
        for axis in range(d):
            total += (x[row, axis] - y[axis, j]) ** 2
    return total
