"""Outputs that snakemake's report shows."""

from snakemake.io import report

from benchmark import paths

CAPTIONS = "../report"  # from the folder of the rules


def figure(stem: str, category: str, labels: dict[str, str], caption: str) -> dict[str, str]:
    """A PDF, and a PNG that the report shows."""
    png = report(f"{stem}.png", category=category, labels=labels, caption=f"{CAPTIONS}/{caption}.rst")
    return {"pdf": f"{stem}.pdf", "png": png}


def table(name: str, label: str = "", caption: str = "") -> str:
    """A table that the report shows; label and caption are called as the table if nothing else is said."""
    path = paths.TABLE.format(table=name)
    return report(path, category="Tables", labels={"table": label or name}, caption=f"{CAPTIONS}/{caption or name}.rst")
