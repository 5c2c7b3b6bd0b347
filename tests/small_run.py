"""Results of a run that never was: three structures in two tasks, one of them with models to look at."""

from dataclasses import replace

import numpy as np
import pandas as pd

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation, Observations
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.results import Results, Task
from pointprior.reconstruction.course import Course
from pointprior.reconstruction.result import Reconstruction
from pointprior.scoring.calibration import assess_calibration
from pointprior.scoring.scores import score

POINTS = 60
NOISE = {"dps": 0.03, "ml": 0.1, "prior": 0.5, "truth": 0.0}  # of models, in units of the cube
TASKS = {
    "p2x40": Task("p2x40", "2 projections × 40 points", projections=2, points=40),
    "p3x40": Task("p3x40", "3 projections × 40 points", projections=3, points=40),
}


def cloud(seed: int) -> PointCloud:
    """A helix of two chains, in a deposit's frame."""
    generator, t = np.random.default_rng(seed), np.linspace(0, 6, POINTS)
    helix = np.stack([40 * np.cos(t), 30 * np.sin(t), 14 * t], axis=1) + generator.normal(size=(POINTS, 3))
    chain = np.where(np.arange(POINTS) < POINTS // 2, "A", "B")
    return PointCloud.from_coordinates(helix + 100, chain=chain)


def models(truth: PointCloud, noise: float, seed: int) -> Reconstruction:
    """Two samples around the truth, their points in another order."""
    generator = np.random.default_rng(seed)
    samples = [generator.permutation(truth.points) + noise * generator.normal(size=(POINTS, 3)) for _ in range(2)]
    return Reconstruction(np.array(samples, dtype=np.float32), np.full(2, noise**2), 79, 1.5)


def course(truth: PointCloud) -> Course:
    """As far from the truth as t in every coordinate."""
    times = np.geomspace(0.5, 0.01, 5)
    away = np.random.default_rng(0).choice([-1.0, 1.0], size=truth.points.shape)
    return Course(times, np.array([truth.points + t * away for t in times], dtype=np.float16))


def measured(truth: PointCloud) -> Observations:
    """A projection along z, one along x, and a low-resolution structure."""
    rotations = [np.eye(3), np.eye(3)[:, [1, 2, 0]]]
    items = [Observation.projection((truth.points[::2] @ rotation)[:, :2], rotation) for rotation in rotations]
    return Observations.combine([*items, Observation.low_resolution(truth.points[::6])], points=POINTS)


def small_run(structures: int = 3, trace: bool = True) -> Results:
    """Scores, calibrations, and the first structure's models in the first task."""
    scores, coverage, exhibits = [], [], []
    for number in range(structures):
        truth, structure = cloud(number), f"{number + 1}abc"
        for place, task in enumerate(TASKS):
            found = {name: models(truth, noise, 10 * number + place) for name, noise in NOISE.items()}
            found["dps"] = replace(found["dps"], course=course(truth))
            for method, model in found.items():
                named = {"structure": structure, "task": task, "method": method}
                rows = score(model.points, truth).assign(energy=model.energy, energy_truth=0.0, nfe=79, seconds=1.5)
                scores.append(rows.assign(**named))
                if method != "truth":
                    coverage.append(assess_calibration(model.points, truth).assign(**named))
            if not exhibits:
                lines = [truth.to_angstrom()[:30], truth.to_angstrom()[30:]] if trace else []
                exhibits.append(Exhibit(structure, task, truth, measured(truth), found, lines))
    return Results(TASKS, pd.concat(scores), pd.concat(coverage), exhibits, {"seed": "0"})
