"""`pointprior fetch`, `related` and `lists`: entries of the archive, and lists of them."""

import argparse
from pathlib import Path

from pointprior.cli.arguments import add_command, add_sources, sources
from pointprior.runtime.files import atomic_write, check_file


def add_fetch(commands) -> None:
    what = "save the mmCIF file of a PDB entry, from a local mirror or from the archive"
    command = add_command(commands, "fetch", _fetch, what)
    command.add_argument("entry", metavar="ID", help="PDB id, such as 6fvt or pdb_00006fvt")
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: ID.cif.gz; gzipped if called .gz")
    add_sources(command)


def add_related(commands) -> None:
    what = "list training entries that have a protein in common with a test entry"
    command = add_command(commands, "related", _related, what)
    entries = "PDB ids, or files that list them (the first word of each line)"
    command.add_argument("--train", metavar="ENTRY", nargs="+", required=True, help=entries)
    command.add_argument("--test", metavar="ENTRY", nargs="+", required=True, help=entries)
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="CSV table; default: standard output")
    command.add_argument("--identity", type=float, default=0.3, help="least share of identical pairs (%(default)s)")
    share = "least share of the shorter sequence that is aligned (%(default)s)"
    command.add_argument("--coverage", type=float, default=0.5, help=share)
    add_sources(command)


def add_lists(commands) -> None:
    what = "make a list of training entries"
    parser = commands.add_parser("lists", help=what, description=f"{what.capitalize()}.")
    lists = parser.add_subparsers(title="lists", metavar="LIST", required=True)
    what = "list the entries of Cryo2StructData's training split, in clusters by sequence (MMseqs2 where installed)"
    command = add_command(lists, "cryo2struct", _cryo2struct, what)
    command.add_argument("--metadata", metavar="FILE", type=Path, help="metadata.csv; default: from Harvard Dataverse")
    command.add_argument("--splits", metavar="FILE", type=Path, help="splits.csv; default: from Harvard Dataverse")
    test = "test entries, or files that list them: they are left out, and what is related to one is marked"
    command.add_argument("--test", metavar="ENTRY", nargs="+", default=[], help=test)
    command.add_argument("--drop-related", action="store_true", help="leave out what is related to a test entry, too")
    sequences = "the PDB's pdb_seqres.txt.gz, for the sequences; default: from the file of each entry"
    command.add_argument("--sequences", metavar="FILE", type=Path, help=sequences)
    command.add_argument("-o", "--output", metavar="FILE", type=Path, default=Path("config/lists/cryo2struct.tsv"))
    add_sources(command)


def _fetch(options: argparse.Namespace) -> None:
    from pointprior.structures.archive import fetch, normalise_id

    entry = normalise_id(options.entry)
    output = options.output or Path(f"{entry}.cif.gz")
    check_file(output)
    origin = fetch(entry, output, **sources(options))
    print(f"{output}: from {origin}")


def _related(options: argparse.Namespace) -> None:
    from pointprior.structures.homology import find_related, listed_entries

    if options.output is not None:
        check_file(options.output)
    train, test = listed_entries(options.train), listed_entries(options.test)
    limits = {"identity": options.identity, "coverage": options.coverage}
    table = find_related(train, test, **limits, **sources(options))
    if options.output is None:
        print(table.to_csv(index=False, float_format="%.3f"), end="")
        return
    with atomic_write(options.output) as temporary:
        table.to_csv(temporary, index=False, float_format="%.3f")
    print(f"{options.output}: {table['entry'].nunique()} of {len(train)} training entries are related to a test entry")


def _cryo2struct(options: argparse.Namespace) -> None:
    from pointprior.structures.homology import listed_entries
    from pointprior.structures.training_list import write_list

    check_file(options.output)
    entries = write_list(
        options.output,
        metadata=options.metadata,
        splits=options.splits,
        test=listed_entries(options.test),
        sequences=options.sequences,
        drop_related=options.drop_related,
        **sources(options),
    )
    clusters, related = entries["cluster"].nunique(), (entries["related_to"] != "").sum()
    print(f"{options.output}: {len(entries)} entries in {clusters} clusters, {related} related to a test entry")
