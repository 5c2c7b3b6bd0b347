"""Tables of a run that are kept with the code, and what made them: configuration, code and the priors' checksums."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pointprior
from pointprior.runtime.files import atomic_write
from pointprior.runtime.tables import read_table

DIGITS = "%.6g"  # of the numbers in published tables
PROVENANCE = "provenance.json"
CONFIGURATION = "config.json"
PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy", "torch")


def publish(
    folder: Path,
    *,
    tables: Sequence[Path],  # csv files; they keep their names
    priors: Mapping[str, Path],  # folders with weights.safetensors and card.json, by name
    configuration: Mapping[str, Any],  # all keys of the run
    code: Mapping[str, str],  # hash of the code of each step
) -> None:
    """Write tables into a folder, with the configuration and a record of what made them.

    The record (`provenance.json`) holds versions, hashes of the code, the card of every prior with the SHA-256 of
    its weights, and number of rows and SHA-256 of every table. It is written last: if it is there, everything is.
    """
    written: dict[str, dict[str, int | str]] = {}
    record = {
        "pointprior": pointprior.__version__,
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
        "code": dict(code),
        "priors": {name: _facts(prior) for name, prior in priors.items()},
        "tables": written,
    }
    for path in tables:
        table = read_table(path)
        with atomic_write(folder / path.name) as temporary:
            table.to_csv(temporary, index=False, float_format=DIGITS)
        written[path.name] = {"rows": len(table), "sha256": _sha256(folder / path.name)}
    with atomic_write(folder / CONFIGURATION) as temporary:
        temporary.write_text(_text(configuration), encoding="utf-8")
    with atomic_write(folder / PROVENANCE) as temporary:
        temporary.write_text(_text(record), encoding="utf-8")


def check_published(folder: Path) -> None:
    """Compare published tables with their record.

    Raises
    ------
    ValueError
        If a table is missing or is not the one that was published; it names the table.
    """
    record = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    for name, said in record["tables"].items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"{path} is missing: `snakemake publish` writes it")
        if _sha256(path) != said["sha256"]:
            raise ValueError(f"{path} is not the table that {PROVENANCE} records: publish all of them again")


def _facts(prior: Path) -> dict[str, Any]:
    card = json.loads((prior / "card.json").read_text(encoding="utf-8"))
    return {"weights_sha256": _sha256(prior / "weights.safetensors"), "card": card}


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
