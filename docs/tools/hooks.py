"""What mkdocs is told beside mkdocs.yml: pages lie where the repository has them, and the API lists itself."""

import re
from pathlib import Path

from mkdocs.structure.files import File, Files

import pointprior

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "config", "docs", "results")
KEPT = ("benchmark", "benchmark-realistic", "reproduction")  # of runs
BELOW = (*(f"{name}/README.md" for name in KEPT), "stylesheets/tables.css")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def on_files(files: Files, config) -> Files:
    """The repository's Markdown and what it links to, instead of the files of docs/ alone."""
    kept = [file for file in files if file.src_dir != config.docs_dir]
    found = set(ROOT.glob("*.md"))
    for folder in FOLDERS:
        found |= set((ROOT / folder).glob("*.md"))
    found |= {ROOT / "docs" / name for name in BELOW}
    for page in tuple(found):
        found |= {
            target for link in LINK.findall(page.read_text()) if (target := (page.parent / link).resolve()).is_file()
        }
    return Files([*kept, *(_file(path, config) for path in sorted(found))])


def on_page_markdown(markdown: str, page, config, files) -> str:
    """The public names and every module, where the page asks for them."""
    return markdown.replace("<!-- api -->", _api()) if "<!-- api -->" in markdown else markdown


def _file(path: Path, config) -> File:
    return File.generated(config, str(path.relative_to(ROOT)), abs_src_path=str(path))


def _api() -> str:
    public = [getattr(pointprior, name) for name in pointprior.__all__ if name != "__version__"]
    lines = ["## Public names", ""]
    lines += [f"* [`{item.__name__}`][{item.__module__}.{item.__qualname__}]" for item in public]
    lines += ["", "## Modules", ""]
    package = ROOT / "src"
    for path in sorted((package / "pointprior").rglob("*.py")):
        if path.name != "__init__.py":
            name = ".".join(path.relative_to(package).with_suffix("").parts)
            lines += [f"::: {name}", "    options: {show_root_full_path: true}", ""]
    return "\n".join(lines)
