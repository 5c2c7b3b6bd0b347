"""The command `pointprior`: what people do without Snakemake.

Each subcommand is an adapter of a library call, and imports it when it runs: asking for help loads nothing.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from pointprior import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (of this process, unless given) and return its exit status.

    0: done; 1: it failed, and one line on standard error says why; 2: the call was not understood (from argparse).
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="pointprior: %(message)s")
    try:
        options.run(options)
    except Exception as problem:
        if not _is_the_users(problem):
            raise
        print(f"pointprior: error: {' '.join(str(problem).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pointprior: interrupted", file=sys.stderr)
        return 130
    return 0


def _is_the_users(problem: Exception) -> bool:
    """Whether a failure is of what was given (files, ids, network), not of the program: then its message suffices."""
    if isinstance(problem, OSError | ValueError):
        return True
    from pointprior.reconstruction.divergence import SamplerError
    from pointprior.structures.archive import ArchiveError

    return isinstance(problem, ArchiveError | SamplerError)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pointprior",
        description="Bayesian 3D reconstruction of point clouds with diffusion priors.",
        epilog="`pointprior COMMAND --help` explains a command. The benchmark itself runs with snakemake.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_add_reconstruct, _add_summary, _add_prior, _add_fetch, _add_related, _add_lists, _add_shapes):
        add(commands)
    return parser


def _add_reconstruct(commands) -> None:
    from pointprior.cli import reconstruct

    what = "reconstruct your own specimen from images with poses, a low-resolution map, a known part"
    reconstruct.add(_command(commands, "reconstruct", reconstruct.run, what))


def _add_summary(commands) -> None:
    command = _command(commands, "summary", _summary, "print a benchmark's summary table, task by task")
    command.add_argument("table", metavar="TABLE", type=Path, help="a summary, such as results/tables/summary.csv")


def _add_prior(commands) -> None:
    parser = commands.add_parser("prior", help="describe a diffusion prior", description="Describe a diffusion prior.")
    questions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    what = "check a prior's weights against its card, and print the card"
    command = _command(questions, "info", _prior_info, what)
    command.add_argument("folder", metavar="FOLDER", help="holds weights.safetensors and card.json")


def _add_fetch(commands) -> None:
    what = "put the mmCIF file of a PDB entry into a file, from a local mirror or from the archive"
    command = _command(commands, "fetch", _fetch, what)
    command.add_argument("entry", metavar="ID", help="PDB id, such as 6fvt or pdb_00006fvt")
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: ID.cif.gz; gzipped if called .gz")
    _add_sources(command)


def _add_related(commands) -> None:
    what = "list training entries that have a protein in common with a test entry"
    command = _command(commands, "related", _related, what)
    entries = "PDB ids, or files that list them (the first word of each line)"
    command.add_argument("--train", metavar="ENTRY", nargs="+", required=True, help=entries)
    command.add_argument("--test", metavar="ENTRY", nargs="+", required=True, help=entries)
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="CSV table; default: standard output")
    command.add_argument("--identity", type=float, default=0.3, help="least share of identical pairs (%(default)s)")
    share = "least share of the shorter sequence that is aligned (%(default)s)"
    command.add_argument("--coverage", type=float, default=0.5, help=share)
    _add_sources(command)


def _add_lists(commands) -> None:
    what = "make a list of training entries"
    parser = commands.add_parser("lists", help=what, description=f"{what.capitalize()}.")
    lists = parser.add_subparsers(title="lists", metavar="LIST", required=True)
    what = "list the entries of Cryo2StructData's training split, in clusters by sequence (MMseqs2 where installed)"
    command = _command(lists, "cryo2struct", _cryo2struct, what)
    command.add_argument("--metadata", metavar="FILE", type=Path, help="metadata.csv; default: from Harvard Dataverse")
    command.add_argument("--splits", metavar="FILE", type=Path, help="splits.csv; default: from Harvard Dataverse")
    test = "test entries, or files that list them: they are left out, and what is related to one is marked"
    command.add_argument("--test", metavar="ENTRY", nargs="+", default=[], help=test)
    command.add_argument("--drop-related", action="store_true", help="leave out what is related to a test entry, too")
    sequences = "the PDB's pdb_seqres.txt.gz, for the sequences; default: from the file of each entry"
    command.add_argument("--sequences", metavar="FILE", type=Path, help=sequences)
    command.add_argument("-o", "--output", metavar="FILE", type=Path, default=Path("config/lists/cryo2struct.tsv"))
    _add_sources(command)


def _add_shapes(commands) -> None:
    what = "look into an archive of shapes, or generate one"
    parser = commands.add_parser("shapes", help=what, description=f"{what.capitalize()}.")
    tasks = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command = _command(tasks, "list", _shapes_list, "count the shapes of an archive by split and category")
    where = "folder or zip in the layout of ShapeNet's part annotation; default: $SHAPENET_DIR"
    command.add_argument("archive", metavar="ARCHIVE", nargs="?", help=where)
    _add_generate(tasks)


def _add_generate(tasks) -> None:
    what = "generate a stand-in for ShapeNet's part annotation, in its layout, from procedural models"
    command = _command(tasks, "generate", _shapes_generate, what)
    command.add_argument("output", metavar="OUTPUT", type=Path, help="zip file if called .zip, else a new folder")
    command.add_argument("--seed", type=int, default=0, help="of all random draws (%(default)s)")
    for split, count in (("train", 200), ("validation", 20), ("test", 20)):
        of = f"{split} objects of each category (%(default)s)"
        command.add_argument(f"--{split}", metavar="N", type=int, default=count, help=of)
    command.add_argument("--categories", metavar="NAME", nargs="+", help="such as Chair; default: all thirteen")
    command.add_argument("--processes", metavar="N", type=int, default=1, help="at the same time (%(default)s)")
    command = _command(tasks, "gallery", _shapes_gallery, "draw generated objects of all categories")
    command.add_argument("output", metavar="OUTPUT", type=Path, help="file that ends in .png or .pdf")
    command.add_argument("--seed", type=int, default=0, help="of the objects (%(default)s)")
    command.add_argument("--examples", metavar="N", type=int, default=4, help="of each category (%(default)s)")


def _command(commands, name: str, run, what: str) -> argparse.ArgumentParser:
    """A subcommand whose help and description are one sentence."""
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _add_sources(command: argparse.ArgumentParser) -> None:
    mirror = "local copy of the PDB, searched before downloading; may be repeated, those of $PDB_DIR follow"
    command.add_argument("--mirror", metavar="FOLDER", action="append", default=[], help=mirror)
    command.add_argument("--no-download", action="store_true", help="fail where no mirror has an entry")


def _sources(options: argparse.Namespace) -> dict:
    from pointprior.structures.archive import mirrors_from

    return {"mirrors": mirrors_from(options.mirror), "download": not options.no_download}


def _summary(options: argparse.Namespace) -> None:
    from pointprior.scoring.summary import as_text, load_summary

    print(as_text(load_summary(options.table)))


def _prior_info(options: argparse.Namespace) -> None:
    from pointprior.priors.card import as_text, read_card

    print(as_text(read_card(options.folder)))


def _fetch(options: argparse.Namespace) -> None:
    from pointprior.structures.archive import fetch, normalise_id

    entry = normalise_id(options.entry)
    output = options.output or Path(f"{entry}.cif.gz")
    origin = fetch(entry, output, **_sources(options))
    print(f"{output}: from {origin}")


def _related(options: argparse.Namespace) -> None:
    from pointprior.runtime.files import atomic_write
    from pointprior.structures.homology import find_related, listed_entries

    train, test = listed_entries(options.train), listed_entries(options.test)
    limits = {"identity": options.identity, "coverage": options.coverage}
    table = find_related(train, test, **limits, **_sources(options))
    if options.output is None:
        print(table.to_csv(index=False, float_format="%.3f"), end="")
        return
    with atomic_write(options.output) as temporary:
        table.to_csv(temporary, index=False, float_format="%.3f")
    print(f"{options.output}: {table['entry'].nunique()} of {len(train)} training entries are related to a test entry")


def _cryo2struct(options: argparse.Namespace) -> None:
    from pointprior.structures.homology import listed_entries
    from pointprior.structures.training_list import write_list

    entries = write_list(
        options.output,
        metadata=options.metadata,
        splits=options.splits,
        test=listed_entries(options.test),
        sequences=options.sequences,
        drop_related=options.drop_related,
        **_sources(options),
    )
    clusters, related = entries["cluster"].nunique(), (entries["related_to"] != "").sum()
    print(f"{options.output}: {len(entries)} entries in {clusters} clusters, {related} related to a test entry")


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

    names = ("seed", "train", "validation", "test", "processes")
    settings = {name: getattr(options, name) for name in names}
    count = write_archive(options.output, categories=options.categories or tuple(CATEGORIES), **settings)
    print(f"{options.output}: {count} objects")


def _shapes_gallery(options: argparse.Namespace) -> None:
    from pointprior.output.figures import plot_categories, save
    from pointprior.shapes.procedural import generate
    from pointprior.shapes.procedural.models import MODELS

    keys = [(options.seed, "gallery", number) for number in range(options.examples)]
    shapes = {name: [generate(name, key, points=12_000) for key in keys] for name in MODELS}
    save(plot_categories(shapes), [options.output], dpi=100)
