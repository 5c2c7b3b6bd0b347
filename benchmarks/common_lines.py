"""What measurements hold by themselves: the control `common_lines` on the paper's tasks, and with a little noise.

python benchmarks/common_lines.py resources/clouds/*.npz
"""

import argparse
from pathlib import Path

import numpy as np

from pointprior.clouds import PointCloud
from pointprior.measurements.synthesis import synthesise
from pointprior.reconstruction.common_lines import read
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.metrics import rmsd_matched

TASKS = {
    "3 × 1024": {"projections": 3},
    "2 × 1024": {"projections": 2},
    "4 × 800": {"projections": 4, "points": 800},
    "2 × 900 + 30": {"projections": 2, "points": 900, "low_resolution": 30},
    "1 × 1024 + 40": {"projections": 1, "low_resolution": 40},
    "3 × 1024, noise 0.5 Å": {"projections": 3, "noise": 0.5},
}


def row(path: Path) -> list[str]:
    """RMSD (Å, not superposed) and points that are known, of one cloud in every task."""
    cloud, cells = PointCloud.load(path), []
    for measured in TASKS.values():
        reading = read(synthesise(cloud, key=(0, path.stem), **measured))
        model = reading.model(len(cloud.points), numpy_generator(0, path.stem, "model"))
        distance = rmsd_matched(cloud.to_angstrom(), cloud.to_angstrom(model.astype(np.float32)))
        cells.append(f"{distance:.2f} ({len(reading.known)})")
    return cells


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    arguments = parser.parse_args()
    print(f"| RMSD in Å (points known) | {' | '.join(TASKS)} |\n|{'---|' * (len(TASKS) + 1)}")
    for path in arguments.clouds:
        print(f"| {path.stem} | {' | '.join(row(path))} |", flush=True)


if __name__ == "__main__":
    main()
