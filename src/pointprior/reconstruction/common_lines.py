"""A control that reads the structure off the measurements, as far as they determine it.

The planes of two projections intersect in a line, and a point has the same coordinate along it in both. So the points
of noise-free projections that show the same points can be paired directly, and a pair determines its point in space.
Neither a prior nor an optimiser is needed: this control shows how much of a structure a task's measurements determine
by themselves.

A point that only one projection shows has no known depth. Such points fill up a model at the depth of known places
nearby (other points, a low-resolution structure), drawn anew for each sample; where they are too few, points are
repeated. Where projections share no points, a model consists of draws alone.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

from pointprior.measurements.observations import Observations
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.common_lines import Settings
from pointprior.runtime.seeding import numpy_generator

NEAREST = 4  # known places that a point of unknown depth may take its depth from
PARALLEL = 1e-3  # views with a smaller sine of the angle between their directions share no line
CHANCE = 10  # pairs within so many tolerances: by chance, one in ten of them is within one
SHARED = 0.05  # share of the targets that must agree; fewer do by chance


@dataclass(frozen=True)
class Links:
    """Targets of two projections that may show the same point: one row per pair."""

    first: Int[np.ndarray, " L"]
    second: Int[np.ndarray, " L"]
    points: Float[np.ndarray, "L 3"]  # where the point would be
    difference: Float[np.ndarray, " L"]  # of the two coordinates along the common line


@dataclass(frozen=True)
class Reading:
    """What the measurements determine by themselves.

    Attributes
    ----------
    known : ndarray, shape=(P, 3)
        Points of which all coordinates are known.
    single : list of (view, targets)
        For every projection, the targets whose point no other projection shows.
    places : ndarray, shape=(Q, 3)
        Where the structure is known to be: the known points and those of a low-resolution structure.
    """

    known: Float[np.ndarray, "P 3"]
    single: list[tuple[Float[np.ndarray, "3 2"], Float[np.ndarray, "_ 2"]]]
    places: Float[np.ndarray, "Q 3"]

    def model(self, points: int, generator: np.random.Generator) -> Float[np.ndarray, "N 3"]:
        """A cloud of the known points, filled up with draws."""
        drawn = np.concatenate([np.zeros((0, 3)), *(self._at_some_depth(*seen, generator) for seen in self.single)])
        cloud = np.concatenate([self.known, generator.permutation(drawn)])[:points]
        pool = np.concatenate([cloud, self.places])
        return np.concatenate([cloud, pool[generator.integers(len(pool), size=points - len(cloud))]])

    def _at_some_depth(self, view, targets, generator):
        """Points that a projection shows, each at the depth of one of the known places nearest to it there."""
        direction = np.cross(*view.T)
        count = min(NEAREST, len(self.places))
        near = cKDTree(self.places @ view).query(targets, k=np.arange(1, count + 1))[1]  # (L, count)
        chosen = near[np.arange(len(targets)), generator.integers(count, size=len(targets))]
        return targets @ view.T + (self.places[chosen] @ direction)[:, None] * direction


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Models of what the measurements determine."""
    began = time.perf_counter()
    reading = read(problem.energy.observations, tolerance=settings.tolerance)
    models = [reading.model(problem.points, numpy_generator(*problem.key, s)) for s in range(problem.samples)]
    x = torch.from_numpy(np.stack(models)).float()
    seconds = (time.perf_counter() - began) / problem.samples
    return Reconstruction(x.numpy(), problem.energy.reported(x.double()).numpy(), 0, seconds)


def read(observations: Observations, *, tolerance: float = 1e-6) -> Reading:
    """Find the points that projections share.

    Parameters
    ----------
    observations : Observations
        The measurements.
    tolerance : float
        Largest difference between two coordinates on a common line that may belong to one point (units of the cube).
    """
    images = [o for o in observations if o.kind == "projection"]
    views = [(o.view.astype(np.float64), o.targets.astype(np.float64)) for o in images]
    parts, coarse = (_points(observations, kind) for kind in ("subunit", "low_resolution"))
    tracks = _tracks(views, tolerance)
    shared = np.array([_in_space([(views[k][0], views[k][1][i]) for k, i in track]) for track in tracks])
    known = np.concatenate([parts, _apart(shared.reshape(-1, 3), parts, CHANCE * tolerance)])
    single = []
    for k, (view, targets) in enumerate(views):
        alone = np.delete(targets, [i for track in tracks for j, i in track if j == k], axis=0)
        single.append((view, _apart(alone, parts @ view, tolerance)))
    places = np.concatenate([known, coarse])
    return Reading(known, single, places if len(places) else _guessed(views))


def _points(observations: Observations, kind: str) -> Float[np.ndarray, "P 3"]:
    """All three-dimensional points of one kind of measurement."""
    found = [o.targets.astype(np.float64) for o in observations if o.kind == kind]
    return np.concatenate([np.zeros((0, 3)), *found])


def _apart(points, others, distance):
    """Points that coincide with none of the others."""
    return points[cKDTree(others).query(points)[0] > distance] if len(others) and len(points) else points


def _tracks(views: Sequence, tolerance: float) -> list[list[tuple[int, int]]]:
    """Sets of targets (view, number) that show one point, at most one target of each view; surest first.

    Links that further views confirm come first, then those of least difference.
    """
    links = []
    for a, b in itertools.combinations(range(len(views)), 2):
        found = _links(views[a], views[b], tolerance)
        others = [view for k, view in enumerate(views) if k not in (a, b)]
        confirmed = np.zeros(len(found.points))
        for other in others:
            confirmed += _shown(found.points, other, CHANCE * tolerance)
        rows = zip(-confirmed, found.difference, found.first, found.second, strict=True)
        links += [(*row[:2], (a, int(row[2])), (b, int(row[3]))) for row in rows]
    track_of: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for _, _, first, second in sorted(links):
        one, other = (track_of.setdefault(node, [node]) for node in (first, second))
        if not {k for k, _ in one} & {k for k, _ in other}:
            one += other
            track_of |= dict.fromkeys(other, one)
    tracks = {id(track): track for track in track_of.values() if len(track) > 1}
    return list(tracks.values())


def _links(one, other, tolerance: float) -> Links:
    """Pairs of targets that agree along the common line; none where so many would agree by chance."""
    (view_a, y_a), (view_b, y_b) = one, other
    line = np.cross(np.cross(*view_a.T), np.cross(*view_b.T))
    sine = np.linalg.norm(line)
    if sine < PARALLEL:
        return Links(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros(0))
    along = [(y @ (view.T @ line) / sine)[:, None] for view, y in (one, other)]
    near = cKDTree(along[0]).sparse_distance_matrix(cKDTree(along[1]), CHANCE * tolerance, output_type="ndarray")
    agree = near[near["v"] <= tolerance]
    if len(agree) < max(SHARED * min(len(y_a), len(y_b)), len(near) / 2):
        agree = agree[:0]
    first, second = agree["i"], agree["j"]
    points = _in_space([(view_a, y_a[first]), (view_b, y_b[second])])
    return Links(first, second, points, agree["v"])


def _in_space(seen: Sequence) -> Float[np.ndarray, "*L 3"]:
    """Points by least squares from their projections, each a view and coordinates in it."""
    normal = sum(view @ view.T for view, _ in seen)
    return sum(y @ view.T for view, y in seen) @ np.linalg.inv(normal)


def _shown(points, other, distance: float):
    """Which points another projection shows."""
    view, targets = other
    return cKDTree(targets).query(points @ view)[0] <= distance


def _guessed(views: Sequence) -> Float[np.ndarray, "Q 3"]:
    """Stand-ins where no point is known in space: the targets of two projections, paired by their order on the line.

    If all projections look the same way, the structure is taken to be as deep as it is wide.
    """
    pairs = list(itertools.combinations(views, 2))
    lines = [np.cross(np.cross(*a.T), np.cross(*b.T)) for (a, _), (b, _) in pairs]
    sines = [float(np.linalg.norm(line)) for line in lines]
    if max(sines, default=0.0) < PARALLEL:
        view, y = views[0]
        return y @ view.T + y[::-1, :1] * np.cross(*view.T)
    widest = int(np.argmax(sines))
    ordered = [(view, y[np.argsort(y @ (view.T @ lines[widest]))]) for view, y in pairs[widest]]
    count = min(len(y) for _, y in ordered)
    return _in_space([(view, y[np.linspace(0, len(y) - 1, count).astype(int)]) for view, y in ordered])
