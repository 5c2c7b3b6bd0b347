"""What subcommands have in common: how one is added, and where coordinates come from."""

import argparse
from pathlib import Path

PRIORS = Path("resources/priors")  # bundled with a checkout, not with the installed package
BUNDLED = "cryostruct-neighbours"  # of these, the one that keeps clouds that it was trained on
CHECKOUT = Path(__file__).parents[3]


def bundled_prior(name: str, instead: str) -> Path:
    """Folder of a bundled prior, as `bundled`."""
    return bundled(PRIORS / name, instead)


def bundled(path: Path, instead: str) -> Path:
    """A bundled file or folder, here or in the checkout that this code is run from.

    Raises
    ------
    ValueError
        If there is none; says what to do instead.
    """
    found = next((place / path for place in (Path(), CHECKOUT) if (place / path).exists()), None)
    if found is None:
        raise ValueError(f"there is no {path} here: {instead}")
    return found


def add_command(commands, name: str, run, what: str) -> argparse.ArgumentParser:
    """A subcommand whose help and description are one sentence; `wording` is how it words messages of the library."""
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.set_defaults(run=run, wording=str)
    return parser


def require(options: argparse.Namespace, **least: int) -> None:
    """See whether options are at least what makes sense.

    Raises
    ------
    ValueError
        If one is not.
    """
    for name, bound in least.items():
        value = getattr(options, name)
        if not value >= bound:  # also what is no number
            raise ValueError(f"--{name.replace('_', '-')} must be at least {bound}, not {value}")


def add_sources(command: argparse.ArgumentParser) -> None:
    mirror = "local copy of the PDB, searched before downloading; may be repeated, those of $PDB_DIR follow"
    command.add_argument("--mirror", metavar="FOLDER", action="append", default=[], help=mirror)
    command.add_argument("--no-download", action="store_true", help="fail where no mirror has an entry")


def sources(options: argparse.Namespace) -> dict:
    from pointprior.structures.archive import mirrors_from

    return {"mirrors": mirrors_from(options.mirror), "download": not options.no_download}
