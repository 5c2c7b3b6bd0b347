"""Points in space as shaded beads: an orthographic camera and a small depth-buffer renderer.

Depth is read from what hides what, from shading that darkens the gaps behind near beads (unsharp
masking of the depth buffer; Luft, Colditz and Deussen 2006), and from far beads fading to white.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8
from matplotlib.axes import Axes
from matplotlib.patheffects import AbstractPathEffect, withStroke
from scipy.ndimage import gaussian_filter, zoom
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from pointprior.output.figures.depth_buffer import depth_buffer
from pointprior.output.figures.style import FAINT, INK

LIGHT = np.array([-0.45, 0.6, 0.66]) / np.linalg.norm([-0.45, 0.6, 0.66])  # towards the light: left, up, to the viewer
SURFACE = 0.9  # share of a surface's normal in the shading of its beads
OVERSAMPLING = 2  # image pixels per side of one final pixel


@dataclass(frozen=True)
class Camera:
    """An orthographic view.

    Attributes
    ----------
    center : ndarray, shape=(3,)
        What the picture's centre shows.
    axes : ndarray, shape=(3, 3)
        Rows: to the right, up, towards the viewer.
    half_width : float
        From the centre to every side of the (square) picture, in the unit of the points.
    """

    center: Float[np.ndarray, "3"]
    axes: Float[np.ndarray, "3 3"]
    half_width: float

    @classmethod
    def on_principal_axes(
        cls,
        points: Float[np.ndarray, "n 3"],
        *,
        others: Sequence[Float[np.ndarray, "_ 3"]] = (),
        bead: float | int = 0.0,  # largest radius that points are drawn with
        margin: float = 1.04,
        widest: float = 1.4,  # picture's width at most, in units of what the points alone need
    ) -> "Camera":
        """Look at points with their longest axis upright and the shortest towards the viewer, a little turned.

        Signs are chosen by the third moments, so that the view does not depend on the linear algebra library.
        The picture holds all points, and every cloud in `others` unless it is so much larger that the points would
        look small.
        """
        center = points.mean(axis=0, dtype=np.float64)
        centred = points - center
        _, vectors = np.linalg.eigh(centred.T @ centred)
        right, up = vectors[:, 1], vectors[:, 2]
        right, up = (axis * (1 if ((centred @ axis) ** 3).sum() >= 0 else -1) for axis in (right, up))
        turn = Rotation.from_euler("yx", [-24, 16], degrees=True).as_matrix()
        axes = turn @ np.stack([right, up, np.cross(right, up)])
        seen = centred @ axes.T
        lowest, highest = seen.min(axis=0), seen.max(axis=0)
        limit = (lowest + highest) / 2 + np.outer([-1, 1], np.full(3, widest * (highest - lowest)[:2].max() / 2))
        for cloud in others:
            outer = np.clip((cloud - center) @ axes.T, *limit)
            lowest, highest = np.minimum(lowest, outer.min(axis=0)), np.maximum(highest, outer.max(axis=0))
        middle = (lowest + highest) / 2
        half_width = (float((highest - lowest)[:2].max()) / 2 + bead) * margin
        return cls(center=center + middle @ axes, axes=axes, half_width=half_width)

    def project(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """Coordinates to the right, up and towards the viewer, from the picture's centre."""
        return (points - self.center) @ self.axes.T

    def holds(self, points: Float[np.ndarray, "n 3"], *, radius: float) -> Bool[np.ndarray, " n"]:
        """Which points lie in the picture as whole beads."""
        return np.abs(self.project(points)[:, :2]).max(axis=1) + radius < self.half_width


def render_beads(
    camera: Camera,
    points: Float[np.ndarray, "n 3"],
    *,
    radius: float,  # in the unit of the points
    colours: Float[np.ndarray, "n 3"],  # red, green, blue in 0..1
    pixels: int = 560,  # per side of the picture
    background: Float[np.ndarray, "3"] | None = None,  # white if not given
    normals: Float[np.ndarray, "n 3"] | None = None,  # of a surface that the points lie on, which is shaded then
) -> UInt8[np.ndarray, "pixels pixels 3"]:
    """Render points as shaded beads; row 0 is the top. Beads that its edges would cut are left out.

    With `normals`, beads take most of their shading from the surface, so that neighbours join to one.
    """
    size = pixels * OVERSAMPLING
    scale = size / (2 * camera.half_width)
    whole = camera.holds(points, radius=radius + 2 * OVERSAMPLING / scale)  # two pixels for the rounding
    points, colours = points[whole], colours[whole]
    surface = None if normals is None else normals[whole] @ camera.axes.T
    seen = camera.project(points) * scale  # in pixels
    bead = max(radius * scale, 1.0)
    owner, depth, normal = depth_buffer(seen, bead, size)
    covered = owner >= 0
    background = np.ones(3) if background is None else background
    image = np.broadcast_to(background, (size, size, 3)).astype(np.float32)
    if covered.any():
        light, gloss = _on_beads(normal) if surface is None else _on_surface(normal, surface[owner[covered]])
        gaps = 0.40 if surface is None else 0.12  # darkness between beads: those of a surface should join
        shade = light * _occlusion(depth, covered, bead, size, gaps)[covered]
        colour = np.clip(colours[owner[covered]] * shade[:, None] + gloss[:, None], 0, 1)
        image[covered] = _fade(colour, depth[covered], background)
    return (_block_mean(image, OVERSAMPLING) * 255 + 0.5).astype(np.uint8)


def _on_beads(normal):
    """Light that beads send to the viewer, and their gloss."""
    rim = 0.62 + 0.38 * np.clip(normal[:, 2] / 0.55, 0, 1)  # a bead's outline
    light = 0.64 + 0.40 * np.clip(normal @ LIGHT, 0, 1)
    return light * rim, 0.16 * np.clip(normal @ _half_way(), 0, 1) ** 24


def _on_surface(normal, surface):
    """Light of a surface that beads make up: an even one from the sky, more from the light, darker outlines."""
    mixed = SURFACE * surface + (1 - SURFACE) * normal
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    rim = 0.80 + 0.20 * np.clip(normal[:, 2] / 0.45, 0, 1)
    light = 0.66 + 0.12 * mixed[:, 1] + 0.36 * np.clip(mixed @ LIGHT, 0, 1)
    return light * rim, 0.05 * np.clip(mixed @ _half_way(), 0, 1) ** 12


def _half_way() -> Float[np.ndarray, "3"]:
    """Between the light and the viewer: where beads shine."""
    half = LIGHT + np.array([0.0, 0.0, 1.0])
    return half / np.linalg.norm(half)


def _occlusion(depth, covered, bead, size, gaps):
    """Light that reaches a pixel: less where its surroundings lie nearer to the viewer."""
    shade = np.ones_like(depth)
    for sigma, strength in ((1.2 * bead, gaps), (size / 28, 0.40)):
        buried = np.clip(_surroundings(depth, covered, sigma) - depth, 0, None) / (3 * sigma)
        shade *= 1 - strength * (1 - np.exp(-2.5 * buried))
    return shade


def _surroundings(depth, covered, sigma):
    """Gaussian mean of the depth around each pixel, over covered pixels only; coarse where it is smooth anyway."""
    block = next(b for b in (8, 4, 2, 1) if b == 1 or (sigma >= 3 * b and len(depth) % b == 0))
    coarse = [
        gaussian_filter(_block_mean(a.astype(np.float32), block), sigma / block, truncate=3.0)
        for a in (depth * covered, covered)
    ]
    mean = coarse[0] / np.maximum(coarse[1], 1e-3)
    return mean if block == 1 else zoom(mean, block, order=1, grid_mode=True, mode="nearest")


def _block_mean(image, block):
    """Mean over squares of `block` pixels a side; further axes (colours) are kept."""
    rows, columns = image.shape[0] // block, image.shape[1] // block
    return image.reshape(rows, block, columns, block, *image.shape[2:]).mean(axis=(1, 3))


def _fade(colour, depth, background, strength=0.36):
    """Far beads take on the colour of the background."""
    far, near = np.percentile(depth[::7], [1, 99])
    distance = np.clip((near - depth) / max(near - far, 1e-9), 0, 1)[:, None] * strength
    return colour * (1 - distance) + background * distance


def show(axes: Axes, camera: Camera, image: UInt8[np.ndarray, "rows columns 3"]) -> None:
    """Put a picture of a camera into axes whose data units are those of the points, without a frame."""
    width = camera.half_width
    axes.imshow(image, extent=(-width, width, -width, width), interpolation="antialiased")
    axes.set(xlim=(-width, width), ylim=(-width, width))
    axes.set_axis_off()


def note_missing(axes: Axes, camera: Camera, points: Float[np.ndarray, "n 3"], *, radius: float) -> None:
    """Say in a picture of samples how many of their points lie too far off to be drawn."""
    missing = int((~camera.holds(points, radius=radius)).sum())
    if missing:
        text = f"{missing:,} of {len(points):,} points\nlie farther out"
        axes.text(1, 0, text, size=6.5, color=FAINT, ha="right", va="bottom", transform=axes.transAxes)


def scale_bar(
    axes: Axes,
    *,
    unit: str,
    length: float | None = None,  # in data units; a round one of at most 0.3 of the width if not given
    inset: float = 0.0,  # distance from the sides, as a share of the width
    size: float = 7.0,  # of the letters, in points
) -> float:
    """Draw a bar in the lower left corner of square axes, its length written above; return its length."""
    low, high = axes.get_xlim()
    width = high - low
    length = round_length(0.3 * width) if length is None else length
    x, y = low + inset * width, axes.get_ylim()[0] + inset * width
    halo: list[AbstractPathEffect] = [
        withStroke(linewidth=2.2, foreground="white", alpha=0.85)
    ]  # points may lie behind
    axes.plot([x, x + length], [y, y], color=INK, lw=1.6, solid_capstyle="butt", clip_on=False, path_effects=halo)
    label = axes.text(x, y + 0.02 * width, f"{length:g} {unit}", ha="left", va="bottom", size=size)
    label.set_path_effects(halo)
    return length


def nearest_distance(points: Float[np.ndarray, "n 3"]) -> float:
    """Median distance to the nearest other point, in the unit of the points."""
    return float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))


def round_length(largest: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50, ... (and their tenths) that is at most `largest`.

    Examples
    --------
    >>> [round_length(x) for x in (0.37, 7.0, 64.0)]
    [0.2, 5.0, 50.0]
    """
    power = 10.0 ** np.floor(np.log10(largest))
    return float(max(step * power for step in (1, 2, 5) if step * power <= largest * (1 + 1e-9)))
