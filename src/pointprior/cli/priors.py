"""`pointprior prior`: describe a diffusion prior, or refine one."""

import argparse
from pathlib import Path

from pointprior.cli.arguments import BUNDLED, PRIORS, add_command, add_sources, bundled_prior, require, sources
from pointprior.runtime.files import check_folder


def add_prior(commands) -> None:
    what = "describe a diffusion prior, or refine one on relatives"
    parser = commands.add_parser("prior", help=what, description=f"{what.capitalize()}.")
    tasks = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    what = "check a prior's weights against its card, and print the card"
    command = add_command(tasks, "info", _info, what)
    command.add_argument("folder", metavar="FOLDER", help="holds weights.safetensors and card.json")
    _add_refine(tasks)


def _add_refine(tasks) -> None:
    what = "refine a prior on relatives of the structure that is to be reconstructed"
    command = add_command(tasks, "refine", _refine, what)
    structures = "PDB ids, or files of atomic coordinates (mmCIF or PDB format)"
    command.add_argument("--structures", metavar="STRUCTURE", nargs="+", required=True, help=structures)
    command.add_argument("-o", "--output", metavar="FOLDER", type=Path, required=True, help="for weights and card")
    placed = "the structures lie as they were fitted into the specimen's map: learn them so, and forget all else"
    command.add_argument("--in-place", action="store_true", help=placed)
    start = f"folder of the prior to start from; default: {PRIORS / BUNDLED}, here or in the checkout"
    command.add_argument("--prior", metavar="FOLDER", type=Path, help=start)
    general = (
        "clouds of the kind that the prior was trained on, so that it forgets nothing; default: those in its folder"
    )
    command.add_argument("--replay", metavar="FILE", type=Path, help=general)
    command.add_argument("--minutes", type=float, default=30, help="of training at most (%(default)s)")
    command.add_argument("--steps", type=int, help="steps of the optimiser at most (default: 2000)")
    command.add_argument("--fits", type=int, help="clouds of each structure to learn from (default: 6)")
    command.add_argument("--seed", type=int, default=0, help="of all random draws (%(default)s)")
    add_sources(command)


def _info(options: argparse.Namespace) -> None:
    from pointprior.priors.card import as_text, read_card

    print(as_text(read_card(options.folder)))


def _refine(options: argparse.Namespace) -> None:
    from pointprior.priors.refinement_settings import Refinement
    from pointprior.priors.relatives import refine_on_structures

    require(options, minutes=0)
    check_folder(options.output)
    given = {name: getattr(options, name) for name in ("steps", "fits") if getattr(options, name) is not None}
    refine_on_structures(
        options.structures,
        options.prior or bundled_prior(BUNDLED, "name a prior's folder (--prior)"),
        options.output,
        Refinement(in_place=options.in_place, **given),
        replay=options.replay,
        seed=options.seed,
        seconds=60 * options.minutes,
        report=print,
        **sources(options),
    )
