"""Tables that are made anew in part."""

import numpy as np
import pandas as pd
import pytest

from pointprior.clouds import PointCloud
from pointprior.reconstruction.result import Reconstruction, load_samples
from pointprior.runtime.kept_rows import KEY, KeptRows, digest


def rows(*values) -> pd.DataFrame:
    return pd.DataFrame({"value": values, "count": pd.array([pd.NA] * len(values), dtype="Int64")})


def refused() -> pd.DataFrame:
    raise AssertionError("made although it was there")


@pytest.fixture
def table(tmp_path):
    """A table of two parts."""
    path = tmp_path / "table.csv"
    made = KeptRows(path)
    made.add("a", lambda: rows(1 / 3, 1e-300))
    made.add("b", lambda: rows(2.0))
    made.save()
    return path


def test_a_table_has_its_rows_in_the_order_in_which_they_were_added(table):
    read = pd.read_csv(table)
    assert read["value"].tolist() == [1 / 3, 1e-300, 2.0]
    assert read[KEY].tolist() == ["a", "a", "b"]
    assert read["count"].isna().all()


def test_rows_of_a_known_key_are_taken_over_as_they_stand_and_others_are_made_or_dropped(table):
    former = table.read_text().splitlines()
    made = KeptRows(table)
    made.add("c", lambda: rows(5.0))
    made.add("a", refused)
    made.save()
    assert table.read_text().splitlines() == [former[0], "5.0,,c", *former[1:3]]


def test_a_table_without_keys_has_no_rows_to_keep(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("value,count\n1.0,2\n")
    made = KeptRows(path)
    made.add("a", lambda: rows(3.0))
    made.save()
    assert pd.read_csv(path)["value"].tolist() == [3.0]


def test_a_failure_leaves_the_former_table(table):
    former = table.read_text()
    made = KeptRows(table)
    with pytest.raises(AssertionError):
        made.add("c", refused)
    assert table.read_text() == former


def test_a_key_follows_the_content_of_files_their_order_and_the_settings(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    keys = [digest([one, two], "x"), digest([two, one], "x"), digest([one, two], ["x"]), digest([one], "x")]
    two.write_text("3")
    assert len({*keys, digest([one, two], "x")}) == 5
    two.write_text("2")
    assert digest([one, two], "x") == keys[0]


def test_samples_are_those_of_models_or_a_cloud_itself(tmp_path):
    points = np.random.default_rng(0).normal(size=(20, 3))
    cloud = PointCloud.from_coordinates(points)
    cloud.save(tmp_path / "cloud.npz")
    single = load_samples(tmp_path / "cloud.npz")
    np.testing.assert_array_equal(single.points, cloud.points[None])
    assert np.isnan(single.energy).all()
    assert (single.nfe, single.seconds) == (0, 0)
    models = Reconstruction(cloud.points[None].repeat(2, axis=0), np.array([1.0, 2.0]), nfe=3, seconds=4.0)
    models.save(tmp_path / "models.npz")
    loaded = load_samples(tmp_path / "models.npz")
    np.testing.assert_array_equal(loaded.points, models.points)
    assert (loaded.energy.tolist(), loaded.nfe, loaded.seconds) == ([1, 2], 3, 4)
