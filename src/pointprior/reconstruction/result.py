"""What every method returns: samples, their energies, and what they cost."""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from pointprior.clouds import PointCloud
from pointprior.measurements.poses import Poses
from pointprior.reconstruction.course import Course
from pointprior.runtime.files import atomic_write


@dataclass(frozen=True)
class Reconstruction:
    """Samples of one structure by one method.

    Attributes
    ----------
    points : ndarray, shape=(S, N, 3), dtype=float32
        Samples in units of the cube [-1, 1]³.
    energy : ndarray, shape=(S,)
        Reported energy of each sample: mean squared deviation from the measurements; NaN without them.
    nfe : int
        Network evaluations (or gradient steps) per sample.
    seconds : float
        Wall-clock time per sample.
    poses : Poses, optional
        How every sample's poses differ from the given ones, where they were refined.
    course : Course, optional
        What the denoiser expected of the first sample on its way, of samplers that say so.
    """

    points: Float[np.ndarray, "S N 3"]
    energy: Float[np.ndarray, " S"]
    nfe: int
    seconds: float
    poses: Poses | None = None
    course: Course | None = None

    def begun_from(self, start: "Reconstruction | None") -> "Reconstruction":
        """The same with the seconds of the samples that it began from, if there were any."""
        return self if start is None else replace(self, seconds=self.seconds + start.seconds)

    def save(self, path: str | os.PathLike) -> None:
        """Write the reconstruction as a compressed .npz, whole or not at all."""
        more: dict[str, Any] = {} if self.poses is None else {"turns": self.poses.turns, "shifts": self.poses.shifts}
        if self.course is not None:
            more |= {"course_times": self.course.times, "course_clouds": self.course.clouds}
        with atomic_write(path) as temporary:
            np.savez_compressed(
                temporary,
                points=self.points,
                energy=self.energy,
                nfe=self.nfe,
                seconds=self.seconds,
                **more,
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Reconstruction":
        """Read a reconstruction that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            poses = Poses(stored["turns"], stored["shifts"]) if "turns" in stored else None
            course = Course(stored["course_times"], stored["course_clouds"]) if "course_times" in stored else None
            numbers = int(stored["nfe"]), float(stored["seconds"])
            return cls(stored["points"], stored["energy"], *numbers, poses, course)


def load_samples(path: str | os.PathLike) -> Reconstruction:
    """Samples that a file holds: a reconstruction's, or a cloud as a single one, which cost nothing."""
    with np.load(path, allow_pickle=False) as stored:
        is_cloud = "center" in stored
    if not is_cloud:
        return Reconstruction.load(path)
    return Reconstruction(PointCloud.load(path).points[None], np.full(1, np.nan), nfe=0, seconds=0.0)
