"""The command `pointprior`: what people do without Snakemake.

Each subcommand is an adapter of a library call, and imports it when it runs: asking for help loads nothing.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from pointprior import __version__
from pointprior.cli.compile import add_compile
from pointprior.cli.example import add_example
from pointprior.cli.priors import add_prior
from pointprior.cli.reconstruct import add_reconstruct
from pointprior.cli.shapes import add_shapes
from pointprior.cli.structures import add_fetch, add_lists, add_related
from pointprior.cli.tables import add_summary
from pointprior.runtime.signals import insistent_interruption


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (of this process, unless given) and return its exit status.

    0: done; 1: it failed, and one line on standard error says why; 2: the call was not understood (from argparse).
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="pointprior: %(message)s")
    try:
        with insistent_interruption():
            options.run(options)
    except Exception as problem:
        if not _is_the_users(problem):
            raise
        print(f"pointprior: error: {options.wording(' '.join(str(problem).split()))}", file=sys.stderr)
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
    adders = (add_reconstruct, add_example, add_summary, add_prior, add_fetch, add_related, add_lists, add_shapes)
    for add in (*adders, add_compile):
        add(commands)
    return parser
