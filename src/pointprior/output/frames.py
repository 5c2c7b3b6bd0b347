"""What coordinates in files of models and maps mean: a deposit's ångströms, or a magnified object of an archive."""

from dataclasses import dataclass, replace

from pointprior.clouds import PointCloud


@dataclass(frozen=True)
class Frame:
    """A frame of coordinates in files.

    Attributes
    ----------
    of : str
        Whose frame it is.
    unit : str
        Unit of its coordinates.
    magnification : float
        Units of the frame in a unit of the cloud's own frame.
    stands_for : str
        What a point of a model stands for.
    truth : str
        What the points of the true cloud are.
    """

    of: str
    unit: str
    magnification: float
    stands_for: str
    truth: str

    def magnified(self, cloud: PointCloud) -> PointCloud:
        """The cloud with this frame as its own."""
        factor = self.magnification
        return replace(
            cloud, center=cloud.center * factor, scale=cloud.scale * factor, covariance=cloud.covariance * factor**2
        )


# of shapes, hundredths of a unit: files of models hold three decimals, and B factors two
FRAMES = {
    "deposit": Frame("deposit", "A", 1.0, "the heavy atoms around it", "the deposit's mixture means"),
    "images": Frame("images", "A", 1.0, "the density around it", "the central model's points"),
    "archive": Frame("archive", "unit/100", 100.0, "the surface around it", "the true points"),
}
