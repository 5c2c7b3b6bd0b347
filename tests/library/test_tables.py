"""Tables of results: what a name is, however much it looks like a number."""

import pandas as pd
from conftest import ROOT

from pointprior.runtime.tables import NAMES, read_table, read_tables

ENTRIES = ("1e32", "5e08", "1914", "0012")  # of which the first two are in the archive


def test_names_come_back_as_they_were_written(tmp_path):
    paths = []
    for entry in ENTRIES:  # one file per structure: a column of such names alone
        paths.append(tmp_path / f"{entry}.csv")
        pd.DataFrame({"structure": [entry], "task": ["10"], "emd": [0.5], "rmsd_atomic": [float("nan")]}).to_csv(
            paths[-1], index=False
        )
    table = read_tables(paths)
    assert table["structure"].tolist() == list(ENTRIES)
    assert table["task"].tolist() == ["10"] * len(ENTRIES)
    assert table["emd"].tolist() == [0.5] * len(ENTRIES)
    assert table["rmsd_atomic"].isna().all()
    table.to_csv(tmp_path / "joined.csv", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "joined.csv"), table)


def test_scripts_read_tables_with_names_in_no_other_way():
    others = [path for path in (ROOT / "scripts").rglob("*.py") if "read_csv" in path.read_text()]
    assert [path.name for path in others] == ["report_own.py"]  # readings of images: no column of NAMES
    assert "structure" in NAMES
