"""Small archives of shapes in the layout of ShapeNet's part annotation, as a folder or a zip."""

import json
import zipfile
from pathlib import Path

import numpy as np

TOP = "shapenetcore_partanno_segmentation_benchmark_v0_normal"
CHAIR, MUG, LAMP = "03001627", "03797390", "03636649"  # the paper does not take lamps
SPLITS = {
    "train": [f"{CHAIR}/c2", f"{MUG}/m1", f"{CHAIR}/c1", f"{LAMP}/l1"],
    "val": [f"{MUG}/m2"],
    "test": [f"{MUG}/m3", f"{CHAIR}/c0", f"{CHAIR}/c9", f"{CHAIR}/c5"],
}
SHORT = f"{CHAIR}/c9"  # has fewer than 1,024 points


def rows(shape: str) -> str:
    """The file of a shape: points on an ellipsoid off the origin, their normals, and a label of either half."""
    rng = np.random.default_rng(list(shape.encode()))
    normals = rng.normal(size=(1000 if shape == SHORT else rng.integers(1030, 1100), 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points = normals * [0.3, 0.2, 0.1] + [0.05, 0.0, -0.1]
    lines = [
        " ".join(f"{value:.5f}" for value in (*point, *normal)) + f" {12.0 + (point[0] > 0):.6f}"
        for point, normal in zip(points, normals, strict=True)
    ]
    return "\n".join(lines) + "\n"


def write_folder(folder: Path, splits: dict[str, list[str]] = SPLITS) -> Path:
    """An archive in a folder."""
    (folder / "train_test_split").mkdir(parents=True)
    for split, shapes in splits.items():
        entries = [f"shape_data/{shape}" for shape in shapes]
        (folder / f"train_test_split/shuffled_{split}_file_list.json").write_text(json.dumps(entries))
        for shape in shapes:
            (folder / shape).parent.mkdir(exist_ok=True)
            (folder / f"{shape}.txt").write_text(rows(shape))
    return folder


def zip_folder(folder: Path, path: Path, top: str = TOP) -> Path:
    """A zip of a folder's files, below a top folder (or none)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                zipped.write(file, Path(top) / file.relative_to(folder))
    return path
