"""Points on a surface drawn as that surface: beads lit by its normals, which neighbours tell."""

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.colors import to_rgb
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from pointprior.output.figures.rendering import Camera, render_beads

NEIGHBOURS = 12  # that a normal is estimated from
CLAY = np.array(to_rgb("#9DB4CE"))
COVER = 0.74  # radius of a bead, in distances to the fourth neighbour: they close the surface
TURN, TILT = 38.0, 20.0  # degrees: of an upright object about its axis, and of the view from above


def upright_camera(
    points: Float[np.ndarray, "n 3"],
    *others: Float[np.ndarray, "_ 3"],
    bead: float = 0.0,  # largest radius that points are drawn with
    margin: float = 1.04,
    widest: float = 1.3,  # picture's width at most, in units of what the points alone need
) -> Camera:
    """Look from above at an object that stands upright along y, with every cloud in `others` that is not far off."""
    axes = Rotation.from_euler("yx", [-TURN, TILT], degrees=True).as_matrix()
    seen = points @ axes.T
    lowest, highest = seen.min(axis=0), seen.max(axis=0)
    limit = (lowest + highest) / 2 + np.outer([-1, 1], np.full(3, widest * (highest - lowest)[:2].max() / 2))
    for cloud in others:
        outer = np.clip(cloud @ axes.T, *limit)
        lowest, highest = np.minimum(lowest, outer.min(axis=0)), np.maximum(highest, outer.max(axis=0))
    middle = (lowest + highest) / 2
    return Camera(middle @ axes, axes, (float((highest - lowest)[:2].max()) / 2 + bead) * margin)


def estimate_normals(
    points: Float[np.ndarray, "n 3"], towards: Float[np.ndarray, "3"], neighbours: int = NEIGHBOURS
) -> Float[np.ndarray, "n 3"]:
    """Unit normals of the planes through each point's neighbours, on the side of a viewer.

    Parameters
    ----------
    points : ndarray, shape=(n, 3)
        Points on a surface.
    towards : ndarray, shape=(3,)
        Direction of the viewer.
    neighbours : int
        Points of each plane, the point itself among them.
    """
    count = min(neighbours, len(points))
    near = points[cKDTree(points).query(points, k=count)[1].reshape(len(points), count)]  # (n, neighbours, 3)
    centred = near - near.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.einsum("nki,nkj->nij", centred, centred))
    normals = axes[:, :, 0]
    return normals * np.where(normals @ towards < 0, -1.0, 1.0)[:, None]


def bead_radius(points: Float[np.ndarray, "n 3"]) -> float:
    """Radius with which beads cover an evenly sampled surface, in the unit of the points."""
    fourth = cKDTree(points).query(points, k=min(5, len(points)))[0][:, -1]
    return COVER * float(np.median(fourth))


def render_shape(
    camera: Camera,
    points: Float[np.ndarray, "n 3"],
    *,
    radius: float | None = None,  # of a bead, in the unit of the points; one that covers the surface if not given
    colour: Float[np.ndarray, "3"] = CLAY,
    pixels: int = 400,  # per side of the picture
) -> UInt8[np.ndarray, "pixels pixels 3"]:
    """Render points on a surface as that surface, evenly lit; row 0 is the top."""
    return render_beads(
        camera,
        points,
        radius=bead_radius(points) if radius is None else radius,
        colours=np.tile(colour, (len(points), 1)),
        normals=estimate_normals(points, camera.axes[2]),
        pixels=pixels,
    )
