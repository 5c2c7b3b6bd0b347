"""Results of a run that never was: molecules in two tasks, shapes of two data sets, and models to look at."""

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
# shapes, of which each data set has a task of the same title
SHAPES = {f"{data}/p2x40": replace(TASKS["p2x40"], name=f"{data}/p2x40", data=data) for data in ("chairs", "lamps")}


def cloud(seed: int, points: int = POINTS) -> PointCloud:
    """A helix of two chains, in a deposit's frame."""
    generator, t = np.random.default_rng(seed), np.linspace(0, 6, points)
    helix = np.stack([40 * np.cos(t), 30 * np.sin(t), 14 * t], axis=1) + generator.normal(size=(points, 3))
    chain = np.where(np.arange(points) < points // 2, "A", "B")
    return PointCloud.from_coordinates(helix + 100, chain=chain)


def models(truth: PointCloud, noise: float, seed: int, samples: int = 2) -> Reconstruction:
    """Samples around the truth, their points in another order."""
    generator, shape = np.random.default_rng(seed), truth.points.shape
    drawn = [generator.permutation(truth.points) + noise * generator.normal(size=shape) for _ in range(samples)]
    return Reconstruction(np.array(drawn, dtype=np.float32), np.full(samples, noise**2), 79, 1.5)


def course(truth: PointCloud) -> Course:
    """As far from the truth as t in every coordinate."""
    times = np.geomspace(0.5, 0.01, 5)
    away = np.random.default_rng(0).choice([-1.0, 1.0], size=truth.points.shape)
    return Course(times, np.array([truth.points + t * away for t in times], dtype=np.float16))


def measured(truth: PointCloud) -> Observations:
    """A projection along z, one along x, and a low-resolution structure."""
    rotations = [np.eye(3), np.eye(3)[:, [1, 2, 0]]]
    items = [Observation.projection((truth.points[::2] @ rotation)[:, :2], rotation) for rotation in rotations]
    return Observations.combine([*items, Observation.low_resolution(truth.points[::6])], points=len(truth.points))


def large_exhibit(points: int = 1024, samples: int = 10) -> Exhibit:
    """What the first exhibit would be in a run of full size."""
    truth = cloud(0, points)
    found = {name: models(truth, noise, 0, samples) for name, noise in NOISE.items()}
    return Exhibit("1abc", "p2x40", truth, measured(truth), found)


def small_run(structures: int = 3) -> Results:
    """Scores and calibrations; models of the first molecule in the first task, and of every shape."""
    measured_in = {f"{number + 1}abc": list(TASKS) for number in range(structures)}
    measured_in |= {f"{task.data}/1a": [name] for name, task in SHAPES.items()}
    scores, coverage, exhibits = [], [], []
    for number, (structure, task) in enumerate((key, task) for key, tasks in measured_in.items() for task in tasks):
        truth, is_molecule = cloud(list(measured_in).index(structure)), task in TASKS
        found = {name: models(truth, noise, number) for name, noise in NOISE.items()}
        found["dps"] = replace(found["dps"], course=course(truth))
        for method, model in found.items():
            named = {"structure": structure, "task": task, "method": method}
            rows = score(model.points, truth).assign(energy=model.energy, energy_truth=0.0, nfe=79, seconds=1.5)
            scores.append(rows.assign(**named))
            if method != "truth" and is_molecule:
                coverage.append(assess_calibration(model.points, truth).assign(**named))
        if not exhibits or not is_molecule:
            lines = [truth.to_angstrom()[:30], truth.to_angstrom()[30:]] if is_molecule else []
            exhibits.append(Exhibit(structure, task, truth, measured(truth), found, lines, is_molecule))
    return Results(TASKS | SHAPES, pd.concat(scores), pd.concat(coverage), exhibits, {"seed": "0"})
