"""`pointprior shapes`: look into an archive of shapes, or generate one."""

import argparse
import sys
from pathlib import Path

from pointprior.cli.arguments import add_command, require
from pointprior.runtime.files import check_file, check_folder


def add_shapes(commands) -> None:
    what = "look into an archive of shapes, or generate one"
    parser = commands.add_parser("shapes", help=what, description=f"{what.capitalize()}.")
    tasks = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command = add_command(tasks, "list", _shapes_list, "count the shapes of an archive by split and category")
    where = "folder or zip in the layout of ShapeNet's part annotation; default: $SHAPENET_DIR"
    command.add_argument("archive", metavar="ARCHIVE", nargs="?", help=where)
    _add_generate(tasks)


def _add_generate(tasks) -> None:
    what = "generate a stand-in for ShapeNet's part annotation, in its layout, from procedural models"
    command = add_command(tasks, "generate", _shapes_generate, what)
    command.add_argument("output", metavar="OUTPUT", type=Path, help="zip file if called .zip, else a new folder")
    command.add_argument("--seed", type=int, default=0, help="of all random draws (%(default)s)")
    for split, count in (("train", 200), ("validation", 20), ("test", 20)):
        of = f"{split} objects of each category (%(default)s)"
        command.add_argument(f"--{split}", metavar="N", type=int, default=count, help=of)
    command.add_argument("--categories", metavar="NAME", nargs="+", help="such as Chair; default: all thirteen")
    command.add_argument("--processes", metavar="N", type=int, default=1, help="at the same time (%(default)s)")
    command = add_command(tasks, "gallery", _shapes_gallery, "draw generated objects of all categories")
    command.add_argument("output", metavar="OUTPUT", type=Path, help="file that ends in .png or .pdf")
    command.add_argument("--seed", type=int, default=0, help="of the objects (%(default)s)")
    command.add_argument("--examples", metavar="N", type=int, default=4, help="of each category (%(default)s)")


def _shapes_list(options: argparse.Namespace) -> None:
    from pointprior.shapes.archive import PRINTED, ShapeArchive, counts, difference_to_paper, find_archive

    archive = ShapeArchive(find_archive(options.archive))
    print(counts(archive).to_string())
    for categories in PRINTED:
        difference = difference_to_paper(archive, "train", categories)
        if difference:
            print(f"pointprior: warning: {difference}", file=sys.stderr)


def _shapes_generate(options: argparse.Namespace) -> None:
    from pointprior.shapes.categories import CATEGORIES
    from pointprior.shapes.procedural.writer import write_archive

    require(options, train=0, validation=0, test=0, processes=1)
    check = check_file if options.output.suffix == ".zip" else check_folder
    check(options.output)
    names = ("seed", "train", "validation", "test", "processes")
    settings = {name: getattr(options, name) for name in names}
    count = write_archive(options.output, categories=options.categories or tuple(CATEGORIES), **settings)
    print(f"{options.output}: {count} objects")


def _shapes_gallery(options: argparse.Namespace) -> None:
    from pointprior.output.figures import check_formats, plot_categories, save
    from pointprior.shapes.procedural import generate
    from pointprior.shapes.procedural.models import MODELS

    require(options, examples=1)
    check_formats([options.output])
    check_file(options.output)
    keys = [(options.seed, "gallery", number) for number in range(options.examples)]
    shapes = {name: [generate(name, key, points=12_000) for key in keys] for name in MODELS}
    save(plot_categories(shapes), [options.output], dpi=100)
