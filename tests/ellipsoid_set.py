"""A small training set."""

from dataclasses import replace

import numpy as np

from pointprior.priors.training_set import TrainingSet


def ellipsoid_set() -> TrainingSet:
    """Ellipsoids of random axes: eight clusters of two, two clusters held out."""
    generator = np.random.default_rng(0)
    axes = np.repeat(generator.uniform(0.1, 1.0, size=(8, 1, 3)), 2, axis=0)
    points = (generator.normal(size=(16, 40, 3)) * axes).astype(np.float32)
    groups = np.repeat(np.arange(8), 2)
    entries = np.array([f"1a{k:02d}" for k in range(16)])
    return TrainingSet(points, groups, entries, groups >= 6)


def padded_set() -> TrainingSet:
    """The same with clouds of 25 to 40 points; what follows a cloud's own is zero."""
    data = ellipsoid_set()
    counts = np.resize([25, 30, 33, 40], 16)
    own = np.arange(40) < counts[:, None]
    return replace(data, points=data.points * own[..., None], counts=counts)
