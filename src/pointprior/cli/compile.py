"""`pointprior compile`: compiled code, made before it is needed."""

import argparse
import os

from pointprior.cli.arguments import add_command


def add_compile(commands) -> None:
    add_command(
        commands, "compile", _compile, "compile what is otherwise compiled at its first use, by every job that is first"
    )


def _compile(_: argparse.Namespace) -> None:
    from pointprior.compilation import compile_all

    compile_all(processes=os.cpu_count() or 1)
