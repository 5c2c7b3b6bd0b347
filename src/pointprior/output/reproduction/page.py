"""The reproduction page: one set of items as Markdown and as HTML that needs no other file."""

import base64
import os
import re
from html import escape
from pathlib import Path

from pointprior.output.reproduction.comparison import items
from pointprior.output.reproduction.differences import PARAMETERS, TRAINING_CLOUDS
from pointprior.output.reproduction.results import Results
from pointprior.runtime.files import atomic_write


def write_page(path: str | os.PathLike, results: Results) -> None:
    """Write the page as Markdown (.md; pictures are linked) or as HTML (.html; pictures are inside).

    Raises
    ------
    ValueError
        If the name has another suffix.
    """
    path = Path(path)
    if path.suffix not in (".md", ".html"):
        raise ValueError(f"{path}: the page is written as .md or .html")
    page = _template(path).render(
        invocation=str(results.invocation),
        items=items(results),
        sources=results.sources,
        printed={"parameters": PARAMETERS, "training_clouds": TRAINING_CLOUDS},
    )
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _template(path: Path):
    """The template of a format; its filter `picture` says where a picture is."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pointprior.output.reproduction"),
        autoescape=path.suffix == ".html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["picture"] = _inlined if path.suffix == ".html" else lambda file: _linked(file, path)
    environment.filters["prose"] = _with_code
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|")
    return environment.get_template(f"page{path.suffix}")


def _with_code(text: str) -> str:
    """A sentence as HTML: escaped, and what stands in backticks is code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _inlined(file: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(Path(file).read_bytes()).decode()}"


def _linked(file: Path, page: Path) -> str:
    return Path(os.path.relpath(file, page.parent)).as_posix()
