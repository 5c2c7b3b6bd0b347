"""A structure like the specimen, from a file: as points that may deviate, brought to where it explains the rest."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from pointprior.measurements.frame import Frame
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.parts import points_of_part, read_part


@dataclass(frozen=True)
class Homologue:
    """Points of a homologue in the frame of its file, and where they belong.

    Attributes
    ----------
    points : ndarray, shape=(L, 3)
        In Å, in the frame of the file.
    deviation : float, optional
        By how much it differs from the specimen once superposed (standard deviation of a coordinate, in Å), if that is
        known.
    rotation, shift : ndarray
        The file's coordinates x lie at ``x @ rotation + shift`` in the images' frame (in Å).
    misfit : float, optional
        Root-mean-square deviation of a measured coordinate from it (in Å), where all of the specimen is like it.
    """

    points: Float[np.ndarray, "L 3"]
    deviation: float | None
    rotation: Float[np.ndarray, "3 3"]
    shift: Float[np.ndarray, "3"]
    misfit: float | None = None

    @classmethod
    def read(
        cls,
        path: str | os.PathLike,
        *,
        key: tuple[str | int, ...],
        chains: Sequence[str] | None = None,
        share: float = 1.0,
        points: int = 1024,
        deviation: float | None = None,
        centre: Float[np.ndarray, "3"] | None = None,
    ) -> "Homologue":
        """A homologue as it lies in its file (mmCIF, PDB), with `centre` of the file's frame as the images' origin.

        Parameters
        ----------
        key : tuple
            What the random start of its mixture belongs to.
        chains : sequence of str, optional
            The chains that are meant; all by default.
        share : float
            Share of the specimen's mass that it stands for.
        points : int
            N, of the whole specimen.
        deviation : float, optional
            By how much it differs from the specimen (in Å), if that is known.
        centre : ndarray, shape=(3,), optional
            See `read_part`.

        Raises
        ------
        StructureError
            If the file cannot be read, or has no such chain.
        """
        atoms = read_part(path, chains=chains)
        found = points_of_part(atoms, share=share, key=(*key, "homologue"), points=points, name=os.fspath(path))
        return cls(found, deviation, np.eye(3), np.zeros(3) if centre is None else -np.asarray(centre, dtype=float))

    def fitted(self, observations: Observations, frame: Frame, *, key: tuple[str | int, ...]) -> "Homologue":
        """The same where, as a rigid body, it explains measurements best.

        Raises
        ------
        ValueError
            If it stands for a part of the specimen only.
        """
        from pointprior.measurements.rigid_fit import fit_rigidly  # slow to import, and most have no homologue

        fit = fit_rigidly(self.points / frame.scale, observations, key=key)
        return replace(self, rotation=fit.rotation, shift=frame.scale * fit.shift + frame.center)

    def compared(self, observations: Observations, frame: Frame) -> "Homologue":
        """The same with its misfit where it lies, if it has as many points as the specimen."""
        if len(self.points) != observations.points:
            return self
        from pointprior.measurements.rigid_fit import misfit

        return replace(self, misfit=frame.scale * misfit(frame.to_cube(self.placed()), observations))

    def placed(self) -> Float[np.ndarray, "L 3"]:
        """Its points in the images' frame (in Å)."""
        return self.points @ self.rotation + self.shift

    def observation(self, frame: Frame) -> Observation:
        """What methods are given: it deviates as is known, or else by what it misses of the measurements."""
        deviation = self.misfit if self.deviation is None else self.deviation
        if deviation is None:
            raise ValueError("of a homologue of a part, it must be said by how much it deviates")
        return Observation.homologue(frame.to_cube(self.placed()), deviation=deviation / frame.scale)
