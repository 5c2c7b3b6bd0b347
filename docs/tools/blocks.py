"""Parts of pages that are generated: what stands between `<!-- generated: NAME -->` and `<!-- end -->`.

`make schema` writes them anew; a test compares them with what their sources say.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import benchmark_tables
import config_tables
import costs
import homologues
import jobs
import knowledge
import prior_card
import realistic_tables
import run_costs
import standin_tables

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(<!-- generated: (?P<name>[^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
SOURCES = {
    "keys": config_tables.keys,
    "results": benchmark_tables.table,
    "costs": costs.table,
    "jobs": jobs.table,
    "runs": run_costs.table,
    "realistic": realistic_tables.table,
    "card": prior_card.table,
    "knowledge": knowledge.table,
    "homologues": homologues.table,
    "standin": standin_tables.table,
}


def pages() -> Iterator[Path]:
    """The Markdown that people read."""
    yield from sorted(ROOT.glob("*.md"))
    for folder in ("benchmarks", "config", "docs", "results"):
        yield from sorted((ROOT / folder).glob("*.md"))
    yield from (ROOT / f"docs/{name}/README.md" for name in ("benchmark", "benchmark-realistic"))


def content(name: str) -> str:
    """What belongs between the marks of a block: its name is that of a source and of one of its parts."""
    source, part = name.split(" ", 1)
    return SOURCES[source](part)


def names(text: str) -> list[str]:
    """Names of a page's blocks."""
    return [match["name"] for match in BLOCK.finditer(text)]


def rewritten(text: str) -> str:
    """A page with every block written anew."""
    return BLOCK.sub(lambda match: f"{match[1]}{content(match['name'])}\n{match[3]}", text)


def main() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if rewritten(text) != text:
            page.write_text(rewritten(text), encoding="utf-8")
            print(f"written anew: {page.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
