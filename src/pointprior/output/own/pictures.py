"""Pictures of one's own measurements and models, for the page."""

import io

import numpy as np
from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from pointprior.measurements.own_data import OwnData
from pointprior.methods import METHODS
from pointprior.output.figures.measurements import draw_measurements
from pointprior.output.figures.reconstructions import BEAD, PLAIN, SPREAD_MAP
from pointprior.output.figures.rendering import Camera, note_missing, render_beads, round_length, scale_bar, show
from pointprior.output.figures.style import FAINT, INK, STYLE, styled
from pointprior.output.own.results import OwnModels
from pointprior.scoring.reprojection import THRESHOLD, Agreement

POINTS, MASK = "#E08214", "#1B7F5F"  # on grey images
SIDE = 1.75  # inches of a picture


@styled
def plot_image(models: OwnModels, k: int) -> Figure:
    """An image, what was taken for the specimen with its points, the models' projection, and their ring correlation."""
    agreement, images = models.agreements[k], models.data.images
    assert images is not None  # or there were no agreements
    figure = Figure(figsize=(4 * SIDE + 1.3, SIDE + 0.45), layout="constrained")
    raw, points, shown, rings = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.1))
    _grey(raw, models.data.image(k), "image")
    _grey(points, agreement.image, "mask and points")
    _draw_points(points, models.data, k)
    _grey(shown, agreement.projection, f"models' projection\ncorrelation {agreement.correlation:.2f}")
    half = images.pixels.shape[2] * images.pixel_size / 2
    _bar(raw, half, images.pixel_size)
    _draw_rings(rings, agreement)
    return figure


def _grey(axes: Axes, image: Float[np.ndarray, "h w"], title: str) -> None:
    low, high = np.percentile(image, [0.5, 99.8])
    axes.imshow(image, cmap="gray", vmin=low, vmax=max(high, low + 1e-9), interpolation="nearest")
    axes.set_axis_off()
    axes.set_title(title, fontsize=8)


def _draw_points(axes: Axes, data: OwnData, k: int) -> None:
    """Outline of the mask, and the image's points."""
    seen, images = data.seen[k], data.images
    assert images is not None
    rows, columns = seen.inside.shape
    if seen.inside.any() and not seen.inside.all():
        axes.contour(seen.inside.astype(float), levels=[0.5], colors=MASK, linewidths=0.8)
    places = (seen.points + images.shifts[k]) / images.pixel_size + np.array([columns // 2, rows // 2])
    axes.scatter(places[:, 0], places[:, 1], s=1.2, c=POINTS, linewidths=0, alpha=0.8)
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))


def _bar(axes: Axes, half: float, pixel_size: float) -> None:
    """A scale bar in the lower left of an image."""
    length = round_length(half)
    low, high = axes.get_xlim()
    bottom = max(axes.get_ylim())
    start, height = low + 0.05 * (high - low), bottom - 0.06 * (high - low)
    axes.plot([start, start + length / pixel_size], [height, height], color="white", lw=2.0, solid_capstyle="butt")
    axes.text(start, height - 0.03 * (high - low), f"{length:g} Å", color="white", size=6.5, va="bottom")


def _draw_rings(axes: Axes, agreement: Agreement) -> None:
    """Fourier ring correlation against frequency."""
    axes.plot(agreement.frequencies, agreement.rings, color=INK, lw=1.2)
    axes.axhline(THRESHOLD, color=FAINT, lw=0.8, dashes=(3, 2))
    axes.set(ylim=(-0.15, 1.05), xlim=(0, agreement.frequencies[-1]))
    last = agreement.resolved
    axes.set_title(f"ring correlation, ½ at {last:.0f} Å" if np.isfinite(last) else "ring correlation", fontsize=8)
    axes.set_xlabel("1/Å", fontsize=7)
    axes.tick_params(labelsize=7, length=2)


@styled
def plot_models(models: OwnModels) -> Figure:
    """What was measured, and all models from two sides, coloured by their spread; the central one alone beside them."""
    ensemble, spacing = models.ensemble, models.spacing
    camera = Camera.on_principal_axes(models.medoid, others=[models.points.reshape(-1, 3)], bead=BEAD * spacing)
    side = Camera(camera.center, np.stack([camera.axes[2], camera.axes[1], -camera.axes[0]]), camera.half_width)
    spread = Normalize(0, max(1e-6, float(np.percentile(ensemble.rmsf, 98))))
    single = np.tile(PLAIN, (len(ensemble.rmsf), 1))
    colour = SPREAD_MAP(spread(ensemble.rmsf))[:, :3] if len(models.points) > 1 else single
    figure = Figure(figsize=(4 * 2.2 + 0.9, 2.5), layout="constrained")
    cells = figure.subplots(1, 4)
    draw_measurements(cells[0], list(models.data.observations), models.cloud, camera, bar=None)
    _draw_models(cells[1], camera, ensemble.points, colour, spacing)
    _draw_models(cells[2], side, ensemble.points, colour, spacing)
    _draw_models(cells[3], camera, ensemble.points[ensemble.medoid][None], colour, spacing)
    titles = ("measurements", f"all {len(models.points)} models", "from the side", "central model")
    for axes, title in zip(cells, titles, strict=True):
        axes.set_title(title, fontsize=8)
    if len(models.points) > 1:
        bar = figure.colorbar(ScalarMappable(spread, SPREAD_MAP), ax=cells[3], extend="max", shrink=0.7)
        bar.set_label("spread over models, RMSF (Å)", fontsize=7)
        bar.ax.tick_params(labelsize=7, length=2)
    return figure


def _draw_models(
    axes: Axes,
    camera: Camera,
    points: Float[np.ndarray, "S N 3"],
    colour: Float[np.ndarray, "N 3"],
    spacing: float,
) -> None:
    """Models as beads in one view."""
    radius = BEAD * spacing * len(points) ** -0.25  # overlaid models need room between them
    everyone = points.reshape(-1, 3)
    show(axes, camera, render_beads(camera, everyone, radius=radius, colours=np.tile(colour, (len(points), 1))))
    note_missing(axes, camera, everyone, radius=radius)
    scale_bar(axes, unit="Å")


@styled
def plot_spread(models: list[OwnModels]) -> Figure:
    """How many points fluctuate how far, method by method."""
    figure = Figure(figsize=(4.2, 2.4), layout="constrained")
    axes = figure.subplots()
    for each in models:
        method, ordered = METHODS[each.method], np.sort(each.ensemble.rmsf)
        share = np.arange(1, len(ordered) + 1) / len(ordered)
        axes.plot(ordered, share, color=method.colour, linestyle=method.dash, label=method.label)
    axes.axvline(models[0].spacing, color=FAINT, lw=0.8, dashes=(3, 2))
    axes.set(xlabel="RMSF of a point over the models (Å)", ylabel="share of points", ylim=(0, 1.02))
    axes.set_xlim(left=0)
    axes.legend(fontsize=8)
    return figure


def png(figure: Figure, dpi: int = 110) -> bytes:
    """A figure as the bytes of a PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None}, facecolor="white")
    return buffer.getvalue()
