"""The page about one's own specimen: one HTML file with its pictures inside, to be read or sent as it is."""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from pointprior.measurements.own_data import OwnData
from pointprior.methods import METHODS
from pointprior.output.own.expectation import expected_error, overconfidence
from pointprior.output.own.from_prior import FromPrior
from pointprior.output.own.pictures import plot_image, plot_models, plot_spread, png
from pointprior.output.own.results import OwnModels
from pointprior.output.own.warnings import sentence, warnings
from pointprior.reconstruction.readings import Reading
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.runtime.files import atomic_write

MOST_IMAGES = 30  # pictures of images on a page; of more, those that are explained worst


@dataclass(frozen=True)
class Report:
    """Everything that the page says.

    Attributes
    ----------
    name : str
        What the specimen is called.
    data : OwnData
        What was measured.
    settings : OwnReconstruction
        How it was reconstructed.
    models : list of OwnModels
        By every method, that of the first question first.
    readings : list of Reading
        Other readings of the poses.
    prior : str or None
        What the prior is called; None if no method has one.
    owed : dict
        By method with a prior: how far its models are from samples of that alone, and from what it learnt.
    """

    name: str
    data: OwnData
    settings: OwnReconstruction
    models: list[OwnModels]
    readings: list[Reading] = field(default_factory=list)
    prior: str | None = None
    owed: dict[str, FromPrior] = field(default_factory=dict)


def write_page(path: str | os.PathLike, report: Report) -> None:
    """Write the page, whole or not at all."""
    found = warnings(
        report.data, report.models, report.readings, report.owed, allowed_angle=report.settings.refine_angle
    )
    page = _template().render(
        report=report,
        first=report.models[0],
        others=[METHODS[each.method].label for each in report.models[1:]],
        labels={each.method: METHODS[each.method].label for each in report.models},
        warnings=found,
        notes=[sentence(note) for note in report.data.notes],
        inputs=inputs(report),
        methods=[_method_row(each, report) for each in report.models],
        images=_image_rows(report.models[0]),
        tables={each.method: each.image_table() for each in report.models},
        looked_through=max((each.nearest.clouds for each in report.owed.values() if each.nearest), default=0),
        spread=spread(report.models),
        pictures={"spread": _picture(plot_spread(report.models))}
        | {f"models {each.method}": _picture(plot_models(each)) for each in report.models},
        refined=bool(report.settings.refine_angle or report.settings.refine_shift),
    )
    with atomic_write(path) as temporary:
        Path(temporary).write_text(page, encoding="utf-8")


def _template():
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pointprior.output.own"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["basename"] = lambda path: Path(str(path)).name
    return environment.get_template("report.html")


def _picture(figure: Figure) -> str:
    """A figure as the address of a picture within the page."""
    return f"data:image/png;base64,{base64.b64encode(png(figure)).decode()}"


def inputs(report: Report) -> list[tuple[str, str]]:
    """What went in, in words; files by their names alone, for the page may be sent to others."""
    data, files = report.data, report.data.files
    rows = []
    if data.images is not None:
        height, width = data.images.pixels.shape[1:]
        size = f"{width} × {height} pixels of {data.images.pixel_size:.3g} Å"
        rows.append(
            ("images", f"{len(data.images)} of {Path(str(files.images)).name} ({size}; {files.contrast} particles)")
        )
        rows.append(("points of an image", f"{files.image_points}, each to {_range(s.deviation for s in data.seen)} Å"))
    if data.low_resolution is not None:
        level = f"contour level {data.low_resolution.level:.3g}"
        rows.append(("map", f"{Path(str(files.map)).name}: {len(data.low_resolution.points)} points, {level}"))
    if data.part is not None:
        rows.append(("known part", f"{Path(str(files.subunit)).name}: {len(data.part)} of {files.points} points"))
    if data.measurements.homologue is not None:
        rows.append(("homologue", _homologue(report)))
    center = ", ".join(f"{value:.0f}" for value in data.frame.center.round() + 0.0)  # no -0
    rows.append(("cube", f"half-width {data.frame.scale:.0f} Å about ({center}) Å, estimated from the measurements"))
    rows.append(("models", f"{report.settings.samples} of {files.points} points by each method"))
    if report.prior is not None:
        rows.append(("prior", report.prior))
    return [*rows, ("poses", _poses(report.settings))]


def _homologue(report: Report) -> str:
    """What is known of the homologue, and where it was brought."""
    known, files = report.data.measurements.homologue, report.data.files
    assert known is not None
    how = "by a rigid fit" if files.homologue_place == "sought" else "as fitted into the map"
    angle, shift = report.settings.homologue_angle, report.settings.homologue_shift
    held = f"refined within about {angle:g}° and {shift:g} Å" if angle or shift else "held"
    missed = "" if known.misfit is None else f", {known.misfit:.1f} Å off what is measured"
    deviation = "by as much" if known.deviation is None else f"by {known.deviation:g} Å"
    points = f"{len(known.points)} of {files.points} points, placed {how}{missed}"
    return f"{Path(str(files.homologue)).name}: {points}; taken to deviate {deviation}; its pose is {held}"


def _poses(settings: OwnReconstruction) -> str:
    if not settings.refine_angle and not settings.refine_shift:
        return "held as given"
    return f"refined, within about {settings.refine_angle:g}° and {settings.refine_shift:g} Å"


def _range(values) -> str:
    low, high = (function(list_) for list_ in [list(values)] for function in (min, max))
    return f"{low:.1f}" if high - low < 0.05 else f"{low:.1f} to {high:.1f}"


def _method_row(models: OwnModels, report: Report) -> dict[str, Any]:
    """What a table says of one method."""
    deviation = report.data.frame.scale * float(np.sqrt(models.found.energy).mean())
    agreements = models.agreements
    return {
        "label": METHODS[models.method].label,
        "deviation": deviation,
        "correlation": float(np.mean([a.correlation for a in agreements])) if agreements else None,
        "resolution": models.resolution,
        "owed": report.owed.get(models.method),
        "seconds": models.found.seconds,
    }


def spread(models: list[OwnModels]) -> list[dict[str, Any]]:
    """How far points fluctuate, method by method (in Å)."""
    return [
        {
            "label": METHODS[each.method].label,
            "median": float(np.median(each.ensemble.rmsf)),
            "most": float(np.percentile(each.ensemble.rmsf, 90)),
            "certain": float((each.ensemble.rmsf < each.spacing).mean()),
            "spacing": each.spacing,
            "overconfidence": overconfidence(each),
            "expected": expected_error(each),
        }
        for each in models
    ]


def _image_rows(models: OwnModels) -> list[tuple[str, str]]:
    """Names and pictures of the images, of many those that are explained worst."""
    if models.data.images is None:
        return []
    order = np.argsort([agreement.correlation for agreement in models.agreements])[:MOST_IMAGES]
    return [(models.data.images.names[k], _picture(plot_image(models, int(k)))) for k in sorted(order)]
