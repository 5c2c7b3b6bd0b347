"""`pointprior reconstruct`: a tiny run to a folder of results, bad input in one line, and an interruption."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest
from own_specimen import write_specimen

from pointprior.cli import main
from pointprior.measurements.likelihood import Pairing
from pointprior.output.own import SUFFIXES

ROOT = Path(__file__).parents[2]
TINY = ("--points", "64", "--image-points", "64", "--samples", "2", "--method", "ml_regularised", "--steps", "4")


def failure(capsys, *arguments: str) -> str:
    """The one line that a failing call prints."""
    assert main(["reconstruct", *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def test_from_files_to_a_folder(tmp_path, capsys):
    star = write_specimen(tmp_path)
    out = tmp_path / "out"
    arguments = [str(star), "--map", str(tmp_path / "map.mrc"), "--refine-angle", "2", *TINY, "--out", str(out)]
    assert main(["reconstruct", *arguments]) == 0
    assert capsys.readouterr().out.startswith(str(out / "report.html"))
    files = {f"ml_regularised{suffix}" for suffix in SUFFIXES}
    assert {path.name for path in out.iterdir()} == files | {"measurements.npz", "ml_regularised.npz", "report.html"}
    assert "refined, within about 2°" in (out / "report.html").read_text()


def test_what_looks_wrong_is_said_before_the_work(tmp_path, capsys):
    star = write_specimen(tmp_path)
    assert main(["reconstruct", str(star), "--threshold=-1", *TINY, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "pointprior: warning: The specimen reaches the border of the box" in said
    assert "see --threshold" in said


def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, capsys):
    star, out = write_specimen(tmp_path), tmp_path / "out"
    assert "name images or a map" in failure(capsys, "--out", str(out))
    assert "absent.star" in failure(capsys, str(tmp_path / "absent.star"), *TINY, "--out", str(out))
    assert "pixel_size must be at least 0.05" in failure(capsys, str(star), "--pixel-size", "0", "--out", str(out))
    moved = (tmp_path / "classes.mrcs").rename(tmp_path / "moved.mrcs")
    assert "put it beside the file, or give --stack" in failure(capsys, str(star), *TINY, "--out", str(out))
    moved.write_bytes(moved.read_bytes()[:2000])
    assert "is truncated" in failure(capsys, str(star), "--stack", str(moved), *TINY, "--out", str(out))
    bare = tmp_path / "no_poses.star"
    text = star.read_text().replace("_rlnAngle", "_myAngle")
    bare.write_text(text)
    write_specimen(tmp_path)
    assert "as --reference" in failure(capsys, str(bare), *TINY, "--out", str(out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--device", "foo"), "there is no device 'foo'"),
        (("--device", "cuda:99"), "device 'cuda:99' is asked for, but torch finds"),
        (("--threads", "0"), "--threads must be at least 1, not 0"),
        (("--prior-samples", "-1"), "--prior-samples must be at least 0, not -1"),
    ],
)
def test_numbers_and_devices_that_are_none_are_one_line(tmp_path, capsys, option, said):
    star = write_specimen(tmp_path)
    assert said in failure(capsys, str(star), *TINY, *option, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path, capsys):
    """Before images are even looked for: these are not there."""
    (tmp_path / "file").write_text("kept")
    for out in (tmp_path / "file", tmp_path / "file/within", tmp_path / ("x" * 300)):
        said = failure(capsys, str(tmp_path / "absent.star"), *TINY, "--out", str(out))
        assert f"{out}: no files can be written there" in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_missing_prior_is_said_before_anything_is_computed(tmp_path, capsys):
    star = write_specimen(tmp_path)
    message = failure(capsys, str(star), "--prior", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert "none" in message


@pytest.mark.parametrize("option", ["--contrast=grey", "--method=truth", "--points=many"])
def test_what_is_no_choice_is_not_understood(option, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["reconstruct", "a.star", option, "--out", "x"])
    assert ended.value.code == 2


def test_every_pairing_of_the_likelihood_can_be_asked_for(capsys):
    with pytest.raises(SystemExit):
        main(["reconstruct", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"otherwise exact: {', '.join(get_args(Pairing))}" in said


def test_an_interruption_is_one_line_and_leaves_nothing_half_written(tmp_path):
    star, out = write_specimen(tmp_path), tmp_path / "out"
    # compiled once before: an interruption that meets Numba's compiler is lost
    assert main(["reconstruct", str(star), "--method", "ml", "--samples", "1", "--out", str(tmp_path / "before")]) == 0
    long = [str(star), "--method", "ml", "--samples", "500", "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pointprior.cli", "reconstruct", *long],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        time.sleep(12)  # in the midst of imports, of reading or of reconstructing
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=300)
    assert process.returncode == 130
    assert printed == "pointprior: interrupted\n"
    assert not out.exists()
