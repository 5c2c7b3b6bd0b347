"""What the page shows of one structure in one task, in three dimensions: read from the files of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.result import Reconstruction


@dataclass(frozen=True)
class Exhibit:
    """One structure in one task.

    Attributes
    ----------
    structure, task : str
        Names, as in the tables of scores.
    cloud : PointCloud
        The truth.
    observations : Observations
        What was measured.
    models : mapping of str to Reconstruction
        Samples by method.
    trace : sequence of ndarray, each of shape=(n, 3)
        Lines through the polymers' residues in the deposit's frame (in Å); none where there is no deposit.
    is_molecule : bool
        Whether lengths are given in Å; those of shapes are in units of the cube.
    """

    structure: str
    task: str
    cloud: PointCloud
    observations: Observations
    models: Mapping[str, Reconstruction]
    trace: Sequence[Float[np.ndarray, "_ 3"]] = field(default_factory=tuple)
    is_molecule: bool = True

    @property
    def name(self) -> str:
        """Of its page."""
        return f"{self.structure}/{self.task}"

    @property
    def unit(self) -> str:
        """Unit of lengths."""
        return "Å" if self.is_molecule else "cube units"

    @property
    def scale(self) -> float:
        """Units of length in a unit of the cube."""
        return self.cloud.scale if self.is_molecule else 1.0
