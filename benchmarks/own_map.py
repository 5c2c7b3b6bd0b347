"""How models of one's own images compare with a map that made the images: density, and points.

    pointprior reconstruct rln_proj_65.star --pixel-size 4.5 --samples 4 --out ribosome
    python benchmarks/own_map.py ribosome ribosome70s_65.mrc --voxel-size 4.5 --picture docs/ribosome.png

The map is not given to the reconstruction. Its points are as many as the models have, of equal mass; distances are
matched RMSDs, where models lie and superposed.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from pointprior.images.maps import Map, points_of_map, read_density
from pointprior.measurements.own_data import OwnData
from pointprior.output.densities import SIGMA, mean_density
from pointprior.output.figures import save
from pointprior.output.own.pictures import plot_models
from pointprior.output.own.results import OwnModels
from pointprior.reconstruction.result import Reconstruction
from pointprior.scoring.alignment import align
from pointprior.scoring.metrics import rmsd_matched

MASK = 0.05  # of the model's largest density: what is below in both is no part of the specimen


def correlation(models: OwnModels, density: Map, level: float, resolution: float) -> float:
    """Pearson's, of the mean density and the map at a resolution (in Å), where either has matter."""
    mean = mean_density(models.points, resolution)
    matter = np.where(density.values > level, density.values, 0.0)
    smooth = gaussian_filter(matter.astype(np.float64), SIGMA * resolution / density.voxel[::-1])
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in mean.values.shape), indexing="ij"), axis=-1)
    places = grid * mean.voxel + mean.origin + density.centre() - density.origin
    there = map_coordinates(smooth, (places / density.voxel)[..., ::-1].reshape(-1, 3).T, order=1)
    own = mean.values.ravel()
    where = (own > MASK * own.max()) | (there > MASK * there.max())
    return float(np.corrcoef(own[where], there[where])[0, 1])


def compare(folder: Path, method: str, density: Map, coarse: float) -> None:
    """A row of a method's models."""
    data = OwnData.load(folder / "measurements.npz")
    models = OwnModels(data, method, Reconstruction.load(folder / f"{method}.npz"))
    seen = points_of_map(density, points=models.points.shape[1])
    truth, middle = seen.points, seen.points.mean(axis=0)
    lying = np.mean([rmsd_matched(truth, points) for points in models.points])
    fitted = np.mean([rmsd_matched(truth, align(points, truth).apply(points)) for points in models.points])
    turned = middle + (models.points - middle) * np.array([1, 1, -1])
    mirrored = np.mean([rmsd_matched(truth, align(points, truth).apply(points)) for points in turned])
    fine, rough = (correlation(models, density, seen.level, each) for each in (models.resolution, coarse))
    cells = f"{method} | {models.spacing:.1f} | {fine:.2f} ({models.resolution:.0f} Å) | {rough:.2f}"
    print(f"| {cells} | {lying:.1f} | {fitted:.1f} | {mirrored:.1f} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("map", type=Path)
    parser.add_argument("--voxel-size", type=float)
    parser.add_argument("--resolution", type=float, default=25.0, help="to compare densities at, besides (in Å)")
    parser.add_argument("--methods", nargs="+", default=["pnp", "ml_regularised"])
    parser.add_argument("--picture", type=Path, help="of the first method's models")
    arguments = parser.parse_args()
    density = read_density(arguments.map, voxel_size=arguments.voxel_size)
    finest, coarse = "correlation of the mean density at the models' resolution", f"at {arguments.resolution:g} Å"
    head = f"spacing (Å) | {finest} | {coarse} | RMSD as they lie (Å) | superposed | mirror image"
    print(f"| method | {head} |\n|---|---|---|---|---|---|---|")
    for method in arguments.methods:
        compare(arguments.folder, method, density, arguments.resolution)
    if arguments.picture is not None:
        data, method = OwnData.load(arguments.folder / "measurements.npz"), arguments.methods[0]
        found = Reconstruction.load(arguments.folder / f"{method}.npz")
        save(plot_models(OwnModels(data, method, found)), [arguments.picture], dpi=150)


if __name__ == "__main__":
    main()
