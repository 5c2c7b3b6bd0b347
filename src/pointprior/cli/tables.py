"""`pointprior summary`: tables of a benchmark, for a terminal."""

import argparse
from pathlib import Path

from pointprior.cli.arguments import add_command


def add_summary(commands) -> None:
    command = add_command(commands, "summary", _summary, "print a benchmark's summary table, task by task")
    command.add_argument("table", metavar="TABLE", type=Path, help="a summary, such as results/tables/summary.csv")


def _summary(options: argparse.Namespace) -> None:
    from pointprior.scoring.summary import as_text, load_summary

    print(as_text(load_summary(options.table)))
