"""Clouds that look like proteins, made from nothing but a seed, and the motions that tests apply to them."""

import numpy as np
from scipy.spatial.transform import Rotation


def protein_cloud(seed: int, points: int = 512, domains: int = 5) -> np.ndarray:
    """Pseudo-atoms of a chain (in Å) that folds into domains of uneven size: compact, hollow in places, asymmetric."""
    generator = np.random.default_rng(seed)
    sizes = generator.dirichlet(np.full(domains, 3.0)) * points
    radii = 7.0 * np.cbrt(sizes)  # a pseudo-atom about every 6 Å
    centre, place, direction = np.zeros(3), np.zeros(3), generator.normal(size=3)
    chain = []
    for size, radius in zip(sizes, radii, strict=True):
        step = generator.normal(size=3)
        centre = centre + 1.3 * radius * step / np.linalg.norm(step)
        for _ in range(8 * int(size + 1)):
            pull = (centre - place) * (np.linalg.norm(centre - place) / radius) ** 2 / radius
            direction = 0.6 * direction + 0.6 * generator.normal(size=3) + 0.5 * pull
            direction /= np.linalg.norm(direction)
            place = place + 3.8 * direction
            chain.append(place)
    return np.array(chain)[generator.permutation(len(chain))[:points]]


def dihedral_cloud(seed: int, fold: int = 7, points: int = 28) -> np.ndarray:
    """A barrel with the symmetry D_fold: a random unit of some points, copied by every rotation of the group."""
    unit = np.random.default_rng(seed).normal(scale=(12, 8, 12), size=(points, 3)) + np.array([35, 8, 20])
    around = Rotation.create_group(f"C{fold}", axis="Z")
    ring = np.concatenate([turn.apply(unit) for turn in around])
    return np.concatenate([ring, Rotation.from_euler("x", np.pi).apply(ring)])


def random_motion(seed: int, reach: float = 200.0) -> tuple[np.ndarray, np.ndarray]:
    """A rotation from the uniform distribution, and a translation (in Å)."""
    generator = np.random.default_rng(seed)
    return Rotation.random(rng=generator).as_matrix(), generator.uniform(-reach, reach, 3)


def angle_between(first: np.ndarray, second: np.ndarray) -> float:
    """Angle of the rotation that takes one orientation to another (in degrees)."""
    return float(np.degrees(Rotation.from_matrix(first.T @ second).magnitude()))
