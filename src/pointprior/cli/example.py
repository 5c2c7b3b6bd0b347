"""`pointprior example`: simulated images, a map and a part, to try `pointprior reconstruct` with."""

import argparse
import shlex
from pathlib import Path

from pointprior.cli.arguments import add_command, bundled
from pointprior.runtime.files import check_folder

CLOUD = Path("resources/clouds/3j9i.npz")


def add_example(commands) -> None:
    what = "write simulated images and a map of a bundled structure, to try `pointprior reconstruct` with"
    command = add_command(commands, "example", _example, what)
    command.add_argument("folder", metavar="FOLDER", type=Path, help="folder to write to")
    cloud = f"a structure as pointprior keeps it; default: {CLOUD}, here or in the checkout"
    command.add_argument("--cloud", metavar="FILE", type=Path, help=cloud)
    command.add_argument("--images", metavar="N", type=int, default=5, help="number of views (default: 5)")
    command.add_argument("--snr", metavar="X", type=float, default=3.0, help="signal-to-noise ratio (default: 3)")
    command.add_argument("--seed", type=int, default=0, help="of all random draws (default: 0)")


def _example(options: argparse.Namespace) -> None:
    from pointprior.clouds import PointCloud
    from pointprior.output.own.example import IMAGES, MAP, STRUCTURE, write_example

    check_folder(options.folder)
    path = options.cloud or bundled(CLOUD, "name a cloud (--cloud)")
    cloud = PointCloud.load(path)
    write_example(options.folder, cloud, name=path.stem, images=options.images, snr=options.snr, seed=options.seed)
    star, out = options.folder / IMAGES, options.folder / "models"
    print(
        f"{star}: {options.images} class averages of {path.stem}, with poses\n"
        f"{options.folder / MAP}: a low-resolution map\n"
        f"{options.folder / STRUCTURE}: the true structure, in the same frame\n"
        f"Now: {shlex.join(['pointprior', 'reconstruct', str(star), '--samples', '4', '--out', str(out)])}"
    )
