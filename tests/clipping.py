"""Finds what a figure cuts off: at its own edge, at the edges of its axes, at the edges of pictures."""

import io

import numpy as np
from jaxtyping import Int
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, imread
from matplotlib.transforms import Bbox

DPI = 100
AROUND = 100  # pixels drawn around the figure
DARKER = 48  # of 255: an edge that antialiasing places elsewhere differs less
FEW = 12  # pixels: half the width of a line that ends at an edge


def assert_nothing_is_cut(figure: Figure) -> None:
    """Fail if a picture's content touches its edge, if axes clip anything, or if anything leaves the figure."""
    for picture in figure.findobj(AxesImage):
        image = np.asarray(picture.get_array())
        edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert (edge == 255).all(), f"a picture in {picture.axes.get_position()} is cut off"
    drawn = _drawn(figure)
    outside = drawn < 255 - DARKER
    outside[AROUND:-AROUND, AROUND:-AROUND] = False
    assert not outside.any(), f"cut off at the figure's edge, {np.argwhere(outside.any(axis=2))[0] - AROUND}"
    for artist in figure.findobj():
        artist.set_clip_on(False)
    hidden = np.argwhere(np.abs(_drawn(figure) - drawn).max(axis=2) > DARKER)
    assert len(hidden) <= FEW, f"{len(hidden)} pixels lie beyond their axes, around {hidden.mean(axis=0) - AROUND}"


def _drawn(figure: Figure) -> Int[np.ndarray, "rows columns 3"]:
    """The figure with some room around it."""
    around, (width, height) = AROUND / DPI, figure.get_size_inches()
    with io.BytesIO() as file:
        where = Bbox([[-around, -around], [width + around, height + around]])
        figure.savefig(file, format="png", dpi=DPI, bbox_inches=where, facecolor="white")
        file.seek(0)
        return np.rint(255 * imread(file)[..., :3]).astype(int)
