"""`pointprior reconstruct`: one's own images, map and part to a folder of models, without Snakemake."""

import argparse
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from pointprior.cli.arguments import BUNDLED, PRIORS, add_command, bundled_prior, require
from pointprior.measurements.own_files import PATHS, OwnFiles
from pointprior.methods import names
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.runtime.files import check_folder
from pointprior.runtime.settings import Settings, choices

KINDS: dict[Any, str] = {int: "N", float: "X", str: "TEXT"}  # what help calls values


def add_reconstruct(commands) -> None:
    what = "reconstruct your own specimen from images with poses or a low-resolution map, and known parts"
    command = add_command(commands, "reconstruct", _reconstruct, what)
    command.set_defaults(wording=settings_as_options)
    command.add_argument("images", metavar="IMAGES", nargs="?", help=_meaning(OwnFiles, "images"))
    command.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="folder for all results")
    command.add_argument("--name", help="what the specimen is called; default: the folder's name")
    methods = [*names("sampler"), *names("baseline")]
    who = "method to run; may be repeated (default: pnp, plug-and-play)"
    command.add_argument("--method", choices=methods, action="append", help=who)
    prior = f"folder of the prior; default: {PRIORS / BUNDLED}, here or in the checkout"
    command.add_argument("--prior", metavar="FOLDER", type=Path, help=prior)
    unconditional = "samples of the prior without measurements to compare with; 0: none (default: 4)"
    command.add_argument("--prior-samples", metavar="N", type=int, default=4, help=unconditional)
    command.add_argument("--seed", type=int, default=0, help="of all random draws (default: 0)")
    command.add_argument("--device", default="auto", help="cpu, cuda or auto (default: auto)")
    command.add_argument("--threads", metavar="N", type=int, default=1, help="threads (default: 1)")
    # every other key of the settings is an option
    for settings in (OwnFiles, OwnReconstruction):
        for item in fields(settings):
            if item.name != "images":
                _add_option(command, item)


def _meaning(settings: type[Settings], name: str) -> str:
    return next(item.metadata["description"] for item in fields(settings) if item.name == name)  # type: ignore[arg-type]


def _add_option(command: argparse.ArgumentParser, item: Any) -> None:
    """An option of a settings field; what is not given is left to the field's default."""
    allowed = [value for value in choices(item.type) if value is not None]
    kind = str if allowed else next(kind for kind in (*get_args(item.type), item.type) if kind in KINDS)
    default = "" if item.default is None else f" (default: {item.default})"
    command.add_argument(
        f"--{item.name.replace('_', '-')}",
        type=kind,
        choices=allowed or None,
        metavar="FILE" if item.name in PATHS else "CHOICE" if allowed else KINDS[kind],
        default=argparse.SUPPRESS,
        help=f"{_in_words(item)}{_one_of(allowed)}{default}".replace("%", "%%"),
    )


def _in_words(item: Any) -> str:
    """What a setting means, for somebody who leaves an option out rather than saying null."""
    return item.metadata["description"].replace("; null: ", "; default: ")


def _one_of(allowed: list[str]) -> str:
    return f": {', '.join(allowed)}" if allowed else ""


def settings_of(options: argparse.Namespace, settings: type) -> Any:
    """Settings from the options that were given."""
    given = vars(options)
    return settings(**{item.name: given[item.name] for item in fields(settings) if given.get(item.name) is not None})


def settings_as_options(message: str) -> str:
    """A message in which settings are called as they are here.

    Examples
    --------
    >>> settings_as_options("states no pixel size; give `pixel_size`")
    'states no pixel size; give --pixel-size'
    """
    known = {item.name for settings in (OwnFiles, OwnReconstruction) for item in fields(settings)} - {"images"}
    return re.sub(r"`(\w+)`", lambda name: f"--{name[1].replace('_', '-')}" if name[1] in known else name[0], message)


def _reconstruct(options: argparse.Namespace) -> None:
    """Measure, reconstruct, compare, and write everything at the end."""
    require(options, threads=1, prior_samples=0)
    files, own = settings_of(options, OwnFiles), settings_of(options, OwnReconstruction)
    methods = options.method or ["pnp"]
    prior = _prior(methods, options.prior)
    check_folder(options.out)  # models that cannot be written are lost
    from pointprior.cli.own_steps import reconstruct

    written = reconstruct(
        files,
        own,
        name=options.name or options.out.resolve().name,
        methods=list(dict.fromkeys(methods)),
        prior=prior,
        prior_samples=options.prior_samples,
        seed=options.seed,
        device=options.device,
        threads=options.threads,
        folder=options.out,
        quiet=not sys.stderr.isatty(),
    )
    print(f"{written}: open it in a browser; models, maps and views lie beside it")


def _prior(methods: list[str], given: Path | None) -> Path | None:
    """The prior's folder, if a method needs one."""
    if not set(methods) & set(names("sampler")):
        return None
    if given is not None:
        return given
    return bundled_prior(BUNDLED, "name a prior's folder (--prior), or --method ml_regularised")
