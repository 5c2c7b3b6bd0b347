"""The picture of docs/realistic.md: two projections above each other, turned so that their common line is horizontal.

python docs/tools/common_line_picture.py resources/clouds/1aoi.npz docs/common_line.png
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from pointprior.clouds import PointCloud
from pointprior.measurements.synthesis import synthesise
from pointprior.output.figures.style import FAINT, INK, STYLE, save

SHOWN = 9  # points that are followed from one projection to the other


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cloud", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    mpl.use("Agg")
    cloud = PointCloud.load(arguments.cloud)
    measured = list(synthesise(cloud, key=("picture", 3), projections=2, points=len(cloud.points)))
    line = np.cross(*(np.cross(*o.view.T) for o in measured))
    line /= np.linalg.norm(line)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 5.0), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        followed = np.linspace(0, len(cloud.points) - 1, SHOWN + 2).astype(int)[1:-1]
        for axes, observation, name in zip((upper, lower), measured, ("first", "second"), strict=True):
            axis = observation.view.T @ line  # the common line as this projection sees it
            turned = cloud.scale * observation.targets @ np.column_stack([axis, [-axis[1], axis[0]]])
            ordered = turned[np.argsort(turned[:, 0])]
            axes.scatter(*turned.T, s=5, color=FAINT, alpha=0.6, linewidths=0)
            axes.scatter(*ordered[followed].T, s=26, color="#E08214", zorder=3)
            for place, at in zip(followed, ordered[followed], strict=True):
                axes.axvline(at[0], color="#E08214", lw=0.7, ls=":")
                axes.annotate(f"{place + 1}", at, xytext=(4, 4), textcoords="offset points", fontsize=7, color=INK)
            axes.set_ylabel(f"{name} projection (Å)\nacross the line", fontsize=8)
        lower.set_xlabel("along the common line (Å); numbers are places in the order along it", fontsize=8)
        save(figure, [arguments.picture], dpi=110)


if __name__ == "__main__":
    main()
