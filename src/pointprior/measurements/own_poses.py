"""The poses in which models see one's own images, as the files of the field have them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from pointprior.measurements.own_data import OwnData
from pointprior.measurements.poses import Poses, rotations


@dataclass(frozen=True)
class ImagePoses:
    """Poses of all images for every model, in the images' frame (in Å), as in `ImageSet`.

    Attributes
    ----------
    rotations : ndarray, shape=(S, n, 3, 3)
        The specimen x is seen as ``x @ rotation``.
    shifts : ndarray, shape=(S, n, 2)
        Where the centre of the specimen's box lies in the image.
    """

    rotations: Float[np.ndarray, "S n 3 3"]
    shifts: Float[np.ndarray, "S n 2"]

    def mean(self) -> tuple[Float[np.ndarray, "n 3 3"], Float[np.ndarray, "n 2"]]:
        """Mean over the models."""
        means = [Rotation.from_matrix(self.rotations[:, k]).mean().as_matrix() for k in range(self.rotations.shape[1])]
        return np.array(means).reshape(-1, 3, 3), self.shifts.mean(axis=0)

    def turned(self, given: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "S n"]:
        """Angle (in degrees) of every pose from the one given."""
        apart = np.swapaxes(given, -1, -2) @ self.rotations
        angles = Rotation.from_matrix(apart.reshape(-1, 3, 3)).magnitude() if apart.size else np.zeros(0)
        return np.degrees(angles).reshape(self.rotations.shape[:2])


def image_poses(data: OwnData, refined: Poses | None, samples: int) -> ImagePoses:
    """Poses that the models of a reconstruction believe: those given, with its corrections if it made any.

    The cube's centre c is not that of the boxes: what turns about c moves the boxes' centre.
    """
    images = data.images
    if images is None or images.rotations is None:
        return ImagePoses(np.zeros((samples, 0, 3, 3)), np.zeros((samples, 0, 2)))
    count = len(images)
    poses = Poses.as_given(samples, count) if refined is None else refined
    turns = rotations(poses.turns[:, :count].reshape(-1, 3)).reshape(samples, count, 3, 3)
    believed = images.rotations @ turns
    moved = (data.frame.center @ (images.rotations - believed))[..., :2]
    return ImagePoses(believed, images.shifts + moved + data.frame.scale * poses.shifts[:, :count, :2])
