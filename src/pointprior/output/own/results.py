"""One method's models of one's own specimen, with everything that files and page say of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float

from pointprior.clouds import PointCloud, median_spacing
from pointprior.measurements.own_data import OwnData
from pointprior.measurements.own_poses import ImagePoses, image_poses
from pointprior.output.densities import RESOLVED
from pointprior.reconstruction.result import Reconstruction
from pointprior.scoring.ensembles import Ensemble, match_to_medoid
from pointprior.scoring.reprojection import Agreement, compare, reproject


@dataclass(frozen=True)
class OwnModels:
    """Models by one method.

    Attributes
    ----------
    data : OwnData
        What they were made from.
    method : str
        Who made them.
    found : Reconstruction
        The models, in units of the cube.
    """

    data: OwnData
    method: str
    found: Reconstruction

    @cached_property
    def points(self) -> Float[np.ndarray, "S N 3"]:
        """The models in the images' frame (in Å)."""
        return self.data.frame.to_angstrom(self.found.points)

    @cached_property
    def ensemble(self) -> Ensemble:
        """The same, point j the same point in each."""
        return match_to_medoid(self.points)

    @property
    def medoid(self) -> Float[np.ndarray, "N 3"]:
        """The central model (in Å)."""
        return self.points[self.ensemble.medoid]

    @cached_property
    def spacing(self) -> float:
        """Median distance of the medoid's points to the nearest other (in Å)."""
        return median_spacing(self.medoid)

    @property
    def resolution(self) -> float:
        """Nothing finer is claimed (in Å): twice the spacing, and no less than what the measurements resolve."""
        measured = [r for r in (self.data.image_resolution, self.data.map_resolution) if r is not None]
        return max(RESOLVED * self.spacing, min(measured))

    @property
    def cloud(self) -> PointCloud:
        """The medoid with its frame, where exporters want a cloud."""
        points = self.found.points[self.ensemble.medoid]
        frame = self.data.frame
        return PointCloud(points, frame.center, frame.scale, np.zeros((3, 3)), np.full(len(points), ""))

    @cached_property
    def poses(self) -> ImagePoses:
        """Poses that the models see the images in."""
        return image_poses(self.data, self.found.poses, len(self.points))

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """Every image beside the models' projection in its pose."""
        return tuple(self._agreement(k) for k in range(len(self.data.seen)))

    def _agreement(self, k: int) -> Agreement:
        image = self.data.image(k)
        scales = {"pixel_size": self._images.pixel_size, "resolution": self.resolution}
        shape = (image.shape[0], image.shape[1])
        shown = reproject(self.points, self.poses.rotations[:, k], self.poses.shifts[:, k], shape=shape, **scales)
        return compare(image, shown, self.data.seen[k].inside, **scales)

    @property
    def _images(self):
        if self.data.images is None:
            raise ValueError("there are no images to compare with")
        return self.data.images

    def spread_table(self) -> pd.DataFrame:
        """One row for every point: its place in the medoid and how far it fluctuates over the models (in Å)."""
        x, y, z = self.ensemble.points[self.ensemble.medoid].T
        numbers = np.arange(1, len(x) + 1)
        return pd.DataFrame({"point": numbers, "x": x, "y": y, "z": z, "rmsf": self.ensemble.rmsf})

    def image_table(self) -> pd.DataFrame:
        """One row for every image: how well it is explained, and by how much its pose was corrected."""
        columns = ("image", "correlation", "frc_resolution", "turned", "turned_spread", "moved_x", "moved_y")
        given, (rotations, shifts) = self.data.images, self.poses.mean()
        if given is None or given.rotations is None:
            return pd.DataFrame({column: [] for column in columns})
        moved = shifts - given.shifts
        values = (
            list(given.names),
            [agreement.correlation for agreement in self.agreements],
            [agreement.resolved for agreement in self.agreements],
            ImagePoses(rotations[None], shifts[None]).turned(given.rotations)[0],
            self.poses.turned(given.rotations).std(axis=0),
            moved[:, 0],
            moved[:, 1],
        )
        return pd.DataFrame(dict(zip(columns, values, strict=True)))
