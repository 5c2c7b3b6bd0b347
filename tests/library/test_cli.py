"""The command `pointprior`: what it prints, its exit status, and failures as one line."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from structure_files import mmcif

import pointprior
from pointprior.cli import main

ROOT = Path(__file__).parents[2]
PRIOR = ROOT / "resources/priors/cryostruct-small"


@pytest.fixture
def mirror(tmp_path) -> Path:
    """A mirror with the entry 9xyz."""
    path = tmp_path / "mirror/structures/divided/mmCIF/xy/9xyz.cif.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(mmcif().encode()))
    return tmp_path / "mirror"


def failure(capsys, *arguments: str) -> str:
    """The one line that a failing call prints."""
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("pointprior: error: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_summary_of_a_benchmark(capsys):
    assert main(["summary", str(ROOT / "docs/benchmark/summary.csv")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("p3x1024 (20 structures; resolves 13 Å at best)\n  dps  ")
    assert "dps against ml: RMSD " in printed


def test_summary_of_another_table_or_of_none(capsys, tmp_path):
    assert "absent.csv" in failure(capsys, "summary", "absent.csv")
    other, empty = tmp_path / "other.csv", tmp_path / "empty.csv"
    other.write_text("task,method\np3,dps\n")
    empty.write_text("")
    assert f"{other}: no summary of scores" in failure(capsys, "summary", str(other))
    assert f"{empty}: not readable as a table" in failure(capsys, "summary", str(empty))


def test_prior_info(capsys, tmp_path):
    assert main(["prior", "info", str(PRIOR)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[:3] == ["network:", "  width: 192", "  layers: 6"]
    assert "parameters: 2967171" in printed
    assert "no weights.safetensors" in failure(capsys, "prior", "info", str(tmp_path))


def test_prior_info_of_damaged_weights_and_cards(capsys, tmp_path):
    card, weights = tmp_path / "card.json", tmp_path / "weights.safetensors"
    weights.write_bytes(b"weights")
    card.write_text((PRIOR / "card.json").read_text())
    assert "sha256 is" in failure(capsys, "prior", "info", str(tmp_path))
    card.write_text("{")
    assert f"{card}: not readable as JSON" in failure(capsys, "prior", "info", str(tmp_path))
    card.write_text("[]")
    assert f"{card}: does not say network and sha256" in failure(capsys, "prior", "info", str(tmp_path))


def test_fetch_from_a_mirror(capsys, mirror, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["fetch", "9XYZ", "--mirror", str(mirror)]) == 0
    stored = mirror / "structures/divided/mmCIF/xy/9xyz.cif.gz"
    assert capsys.readouterr().out == f"9xyz.cif.gz: from {stored}\n"
    assert Path("9xyz.cif.gz").read_bytes() == stored.read_bytes()
    assert main(["fetch", "pdb_00009xyz", "--mirror", str(mirror), "-o", "plain.cif"]) == 0
    assert Path("plain.cif").read_text() == mmcif()


def test_fetch_of_what_is_not_there(capsys, mirror, tmp_path):
    target = tmp_path / "target.cif.gz"
    options = ("--mirror", str(mirror), "--no-download", "-o", str(target))
    assert "8xyz: in no mirror" in failure(capsys, "fetch", "8xyz", *options)
    assert "'xyz' is no PDB entry id" in failure(capsys, "fetch", "xyz", *options)
    assert not target.exists()


@pytest.mark.parametrize("arguments", [[], ["prior"], ["summarise"], ["fetch", "9xyz", "--miror", "x"]])
def test_calls_that_are_not_understood(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: pointprior" in capsys.readouterr().err


def test_version_is_that_of_the_citation_and_of_the_changelog(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pointprior {pointprior.__version__}\n"
    assert f"\nversion: {pointprior.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"# Changelog\n\n## {pointprior.__version__} " in (ROOT / "CHANGELOG.md").read_text()


def test_help_loads_neither_torch_nor_any_other_big_package():
    """Also `import pointprior` alone: names that it offers are imported when they are used."""
    big = {"torch", "numpy", "pandas", "scipy", "matplotlib", "gemmi", "numba", "Bio", "snakemake", "pydantic"}
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n"
        "import pointprior, pointprior.cli\n"
        "try: pointprior.cli.main(['--help'])\n"
        f"except SystemExit: print(*sorted({big} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "summary" in done.stdout
    assert done.stderr == "\n"
