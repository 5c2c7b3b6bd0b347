"""Plots as SVG that links to the page's own places, and still pictures of models for browsers without WebGL."""

import base64
import io
import re
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from pointprior.output.figures.reconstructions import PLAIN, SPREAD_MAP
from pointprior.output.figures.rendering import Camera, render_beads
from pointprior.output.figures.style import STYLE, lay_out
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.pointwise import Pointwise

PIXELS = 420  # per side of a still picture
QUALITY = 82  # of WebP
BEAD = 0.56  # radius in units of the spacing: neighbours nearly touch


@dataclass(frozen=True)
class Plot:
    """A plot with what it shows in words.

    Attributes
    ----------
    svg : str
        The drawing, to be put into a page.
    title, alt : str
        Heading, and what it shows for those who cannot see it.
    """

    svg: str
    title: str
    alt: str


def as_svg(figure: Figure, name: str) -> str:
    """A figure as SVG without a head, for a page that may hold others: its ids begin with `name`.

    Text stays text. Links that begin with "#" lead to places of the page; without any, it is for the eyes alone.
    """
    lay_out(figure)
    with (
        rc_context(STYLE | {"svg.fonttype": "none", "svg.hashsalt": name, "svg.image_inline": True}),
        io.StringIO() as file,
    ):
        figure.savefig(
            file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}, dpi=150
        )
        drawn = file.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    referred = set(re.findall(r'(?:url\(|xlink:href=")#([^)"/]+)[)"]', drawn))
    drawn = re.sub(r' id="([^"]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in referred else "", drawn)
    drawn = re.sub(r'(url\(|xlink:href=")#([^)"/]+)(?=[)"])', rf"\1#{name}-\2", drawn)
    drawn = re.sub(r"<metadata>.*?</metadata>\s*", "", drawn, flags=re.DOTALL)
    heard = 'role="group"' if "<a " in drawn else 'aria-hidden="true"'
    return drawn.replace("<svg ", f'<svg {heard} focusable="false" ', 1)


def still(exhibit: Exhibit, found: Pointwise) -> str:
    """Samples of one method, coloured by their spread, beside the truth: a WebP as a data address."""
    truth = exhibit.cloud.points.astype(np.float64)
    spacing, samples = exhibit.cloud.spacing() / exhibit.cloud.scale, len(found.points)
    everyone = found.points.reshape(-1, 3)
    camera = Camera.on_principal_axes(truth, others=[everyone], bead=BEAD * spacing)
    top = max(float(np.percentile(found.spread, 98)), 1e-6)
    plain = np.tile(PLAIN, (len(truth), 1))
    colours = SPREAD_MAP(np.clip(found.spread / top, 0, 1))[:, :3] if samples > 1 else plain
    radius = BEAD * spacing * samples**-0.25  # overlaid samples need room between them
    left = render_beads(camera, everyone, radius=radius, colours=np.tile(colours, (samples, 1)), pixels=PIXELS)
    right = render_beads(camera, truth, radius=BEAD * spacing, colours=plain, pixels=PIXELS)
    with io.BytesIO() as file:
        Image.fromarray(np.concatenate([left, right], axis=1)).save(file, format="WEBP", quality=QUALITY)
        return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
