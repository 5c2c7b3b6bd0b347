"""An exhibit as what the viewer draws: everything in units of the cube, coordinates as 16-bit integers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from pointprior.measurements.observations import Observation
from pointprior.methods import METHODS, Method
from pointprior.output.densities import RESOLVED, DensityMap, contour_level, mean_density
from pointprior.output.figures.measurements import name_measurement
from pointprior.output.figures.rendering import Camera
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.pointwise import Pointwise, assess_points

LARGEST = 32767  # of a 16-bit integer
STEPS = 255  # of a density
MOST = 64  # grid points along an edge of a surface's map, about
ROOM = 3  # grid points around what is above the level


def assess(exhibit: Exhibit) -> dict[str, Pointwise]:
    """Every method's samples, point by point, in the order of the registry."""
    prior, truth = exhibit.models.get("prior"), exhibit.cloud.points
    found = {}
    for name, method in METHODS.items():
        if name in exhibit.models and name != "truth":
            without = None if prior is None or method.role == "control" else prior.points
            found[name] = assess_points(exhibit.models[name].points, truth, without)
    return found


def scene(exhibit: Exhibit, found: Mapping[str, Pointwise]) -> dict[str, Any]:
    """What `packing.pack` takes and `viewer.js` draws: the truth, the measurements, and every method's samples."""
    truth = exhibit.cloud.points
    names, chain = np.unique(exhibit.cloud.chain, return_inverse=True)
    spacing = exhibit.cloud.spacing() / exhibit.cloud.scale
    return {
        "structure": exhibit.structure,
        "task": exhibit.task,
        "unit": exhibit.unit,
        "scale": float(exhibit.scale),
        "spacing": spacing,
        "chains": [str(name) for name in names],
        "truth": _quantised(truth) | {"chain": chain.astype(np.uint16), "surface": _surface(truth[None], spacing)},
        "trace": _trace(exhibit),
        "measurements": [_measurement(item) for item in exhibit.observations],
        "methods": [_method(METHODS[name], one, spacing) for name, one in found.items()],
        "camera": _camera(truth),
    }


def _method(method: Method, found: Pointwise, spacing: float) -> dict[str, Any]:
    """A method's samples; the controls have no surface."""
    surface = None if method.role == "control" else _surface(found.points, spacing)
    described = {"name": method.name, "label": method.label, "colour": method.colour, "surface": surface}
    return described | _quantised(found.points) | _values(found)


def _camera(truth: Float[np.ndarray, "N 3"]) -> dict[str, Any]:
    """Where the viewer looks from at first: as the figures do."""
    camera = Camera.on_principal_axes(truth.astype(np.float64))
    axes = [[float(value) for value in row] for row in camera.axes]
    return {"center": [float(value) for value in camera.center], "axes": axes, "half_width": camera.half_width}


def _values(found: Pointwise) -> dict[str, Any]:
    """Numbers of every point."""
    there = {"spread": found.spread, "error": found.error, "contraction": found.contraction}
    # one sample has no spread
    shown = {
        key: value for key, value in there.items() if value is not None and (key != "spread" or len(found.points) > 1)
    }
    return {"partner": found.partner.astype(np.uint16)} | {
        key: value.astype(np.float32) for key, value in shown.items()
    }


def _quantised(points: Float[np.ndarray, "*batch d"]) -> dict[str, Any]:
    """Coordinates as integers, and the reach that the largest of them stands for."""
    reach = float(np.abs(points).max()) or 1.0
    return {"points": np.rint(points / reach * LARGEST).astype(np.int16), "reach": reach}


def _measurement(item: Observation) -> dict[str, Any]:
    """Measured points, those of a projection in its plane: two coordinates along the axes that span it."""
    axes = [[float(value) for value in axis] for axis in item.view.T]
    points = item.targets if item.targets.shape[1] == 2 else item.targets @ item.view.T
    return {"kind": item.kind, "label": name_measurement(item), "axes": axes} | _quantised(points)


def _trace(exhibit: Exhibit) -> dict[str, Any] | None:
    """Lines through the residues, end to end, and how long each is."""
    if not len(exhibit.trace):
        return None
    cloud = exhibit.cloud
    points = (np.concatenate(list(exhibit.trace)) - cloud.center) / cloud.scale
    return _quantised(points) | {"lengths": np.array([len(line) for line in exhibit.trace], dtype=np.uint32)}


def _surface(samples: Float[np.ndarray, "S N 3"], spacing: float) -> dict[str, Any]:
    """The mean density of samples, for the surface that holds nine tenths of their points."""
    extent = float(np.ptp(samples.reshape(-1, 3), axis=0).max())
    resolution = max(RESOLVED * spacing, 3 * extent / MOST)  # three grid points to a resolution
    density = mean_density(np.asarray(samples, dtype=np.float64), resolution)
    level = contour_level(density, samples.reshape(-1, 3))
    density, top = _cropped(density, level), float(density.values.max())
    return {
        "values": np.rint(density.values / top * STEPS).astype(np.uint8),
        "origin": [float(value) for value in density.origin],
        "voxel": density.voxel,
        "level": level / top * STEPS,
    }


def _cropped(density: DensityMap, level: float) -> DensityMap:
    """The part of a map that holds the surface of a level."""
    above = np.argwhere(density.values >= level)
    low = np.maximum(above.min(axis=0) - ROOM, 0)
    high = np.minimum(above.max(axis=0) + ROOM + 1, density.values.shape)
    part = density.values[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    return DensityMap(part, density.origin + low * density.voxel, density.voxel)
