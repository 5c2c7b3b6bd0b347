"""The command `pointprior`: what it prints, its exit status, and failures as one line."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from structure_files import mmcif

import pointprior
from pointprior.cli import main
from pointprior.priors.refinement_settings import Refinement

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


def test_help_of_a_refinement_says_the_defaults_of_its_settings(capsys):
    """They are written there again, since importing the settings would take every command a third of a second."""
    with pytest.raises(SystemExit):
        main(["prior", "refine", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"steps of the optimiser at most (default: {Refinement().steps})" in said
    assert f"clouds of each structure to learn from (default: {Refinement().fits})" in said


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


WORK = {  # calls that cannot be answered, but for the place that they write to
    "fetch": ("fetch", "8xyz", "--no-download", "-o"),
    "related": ("related", "--train", "8xyz", "--test", "9xyz", "--no-download", "-o"),
    "lists": ("lists", "cryo2struct", "--no-download", "-o"),
    "generate": ("shapes", "generate", "--categories", "Spaceship", "--"),
    "gallery": ("shapes", "gallery"),
    "example": ("example", "--images", "0"),
    "refine": ("prior", "refine", "--structures", "absent.cif", "--no-download", "-o"),
}


@pytest.fixture
def no_drawing(monkeypatch):
    """Of shapes: their drawing is the work of a gallery."""
    monkeypatch.setattr("pointprior.shapes.procedural.generate", lambda *_, **__: pytest.fail("the work has begun"))


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("command", WORK)
def test_where_nothing_can_be_written_is_said_before_the_work(command, capsys, tmp_path):
    (tmp_path / "file").write_text("kept")
    said = failure(capsys, *WORK[command], str(tmp_path / "file/within.png"))
    assert f"{tmp_path / 'file'}" in said
    assert "no files can be written there (Not a directory); name another folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("command", ["fetch", "related", "lists", "generate", "gallery"])
def test_a_folder_in_place_of_the_file_is_said_before_the_work(command, capsys, tmp_path):
    folder = tmp_path / ("folder.png" if command == "gallery" else "folder.zip")
    folder.mkdir()
    assert f"{folder}: is a folder" in failure(capsys, *WORK[command], str(folder))


def test_files_of_another_kind_are_named(capsys, tmp_path):
    """Neither a cloud nor clouds to replay, neither a table nor a network."""
    cloud, cut, packed = ROOT / "resources/clouds/3j9i.npz", tmp_path / "cut.npz", tmp_path / "packed.zip"
    cut.write_bytes(cloud.read_bytes()[:3000])
    packed.write_text("no zip")
    refine = ("prior", "refine", "--structures", "absent.cif", "-o", str(tmp_path / "prior"), "--replay")
    assert f"{cut}: no .npz file" in failure(capsys, "example", str(tmp_path / "example"), "--cloud", str(cut))
    assert f"{cut}: no .npz file" in failure(capsys, *refine, str(cut))
    assert f"{cloud}: lacks groups, entries, held_out" in failure(capsys, *refine, str(cloud))
    assert f"{packed}: not readable as a table" in failure(capsys, "summary", str(packed))
    assert {path.name for path in tmp_path.iterdir()} == {"cut.npz", "packed.zip"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shapes", "generate", "out", "--processes", "0"), "--processes must be at least 1, not 0"),
        (("shapes", "generate", "out", "--train", "-1"), "--train must be at least 0, not -1"),
        (("shapes", "gallery", "out.png", "--examples", "0"), "--examples must be at least 1, not 0"),
        (("shapes", "gallery", "out.txt"), "out.txt: figures are written as .pdf or .png"),
        (("prior", "refine", "--structures", "a.cif", "-o", "out", "--minutes", "nan"), "--minutes must be at least 0"),
    ],
)
def test_numbers_that_make_no_sense_are_one_line(capsys, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert said in failure(capsys, *arguments)
    assert not list(tmp_path.iterdir())


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
