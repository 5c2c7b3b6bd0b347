"""Files of images and poses that the tests write, each as the program in its name does."""

import warnings
from pathlib import Path

import mrcfile
import numpy as np

REAL = next((parent / "shared/real" for parent in Path(__file__).parents if (parent / "shared/real").is_dir()), None)
ANGLES = np.array([[30.0, 70.0, 10.0], [140.0, 35.0, 250.0], [-75.0, 110.0, 100.0]])  # rot, tilt, psi


def blobs(n: int = 3, size: int = 32, seed: int = 0) -> np.ndarray:
    """Images (n, size, size) of a few Gaussian blobs each, unlike their mirror images."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] - size // 2
    places = generator.uniform(-size / 5, size / 5, (n, 4, 2))
    weights = np.array([1.0, 0.8, 0.6, 0.4])
    squared = (x - places[..., 0, None, None]) ** 2 + (y - places[..., 1, None, None]) ** 2
    return np.einsum("b,nbyx->nyx", weights, np.exp(-squared / (2 * (size / 16) ** 2))).astype(np.float32)


def write_stack(path: Path, images: np.ndarray, pixel_size: float = 2.0) -> Path:
    with warnings.catch_warnings(), mrcfile.new(path, overwrite=True) as file:
        warnings.simplefilter("ignore", RuntimeWarning)  # some are to have holes
        file.set_data(np.asarray(images, dtype=np.float32))
        file.set_image_stack()
        file.voxel_size = pixel_size
    return path


def write_map(path: Path, values: np.ndarray, voxel: float = 2.0, origin=(0.0, 0.0, 0.0)) -> Path:
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(np.asarray(values, dtype=np.float32))
        file.set_volume()
        file.voxel_size = voxel
        file.header.origin = tuple(origin)
    return path


def loop(name: str, columns: dict) -> str:
    """One table of a STAR file."""
    head = "\n".join(f"_{column} #{place}" for place, column in enumerate(columns, start=1))
    rows = "\n".join(" ".join(map(str, row)) for row in zip(*columns.values(), strict=True))
    return f"\ndata_{name}\n\nloop_\n{head}\n{rows}\n\n"


def relion_columns(stack: str = "stack.mrcs", angles: np.ndarray = ANGLES) -> dict:
    names = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    columns = {"rlnImageName": [f"{number:06d}@{stack}" for number in range(1, len(angles) + 1)]}
    return columns | {name: angles[:, place].tolist() for place, name in enumerate(names)}


def optics(sizes=(2.0,)) -> str:
    groups = range(1, len(sizes) + 1)
    return loop("optics", {"rlnOpticsGroup": groups, "rlnOpticsGroupName": groups, "rlnImagePixelSize": sizes})


def relion31(path: Path, columns: dict | None = None, sizes=(2.0,)) -> Path:
    columns = relion_columns() if columns is None else columns
    group = {} if "rlnOpticsGroup" in columns else {"rlnOpticsGroup": [1] * len(next(iter(columns.values())))}
    path.write_text(f"# version 30001\n{optics(sizes)}{loop('particles', columns | group)}")
    return path


def relion_matrices(angles: np.ndarray = ANGLES) -> np.ndarray:
    """Matrices A of RELION's source (Euler_angles2matrix): the image's frame has p = A x."""
    (rot, tilt, psi) = np.radians(angles).T
    ca, sa, cb, sb, cg, sg = np.cos(rot), np.sin(rot), np.cos(tilt), np.sin(tilt), np.cos(psi), np.sin(psi)
    rows = [
        [cg * cb * ca - sg * sa, cg * cb * sa + sg * ca, -cg * sb],
        [-sg * cb * ca - cg * sa, -sg * cb * sa + cg * ca, sg * sb],
        [sb * ca, sb * sa, cb],
    ]
    return np.array(rows).transpose(2, 0, 1)


def write_cs(path: Path, stack: str, poses: np.ndarray | None, shifts: np.ndarray, **options) -> Path:
    """A table of cryoSPARC: `poses` are rotation vectors, shifts in pixels of the alignment."""
    prefix = options.get("prefix", "alignments3D")
    fields = [("uid", "<u8"), ("blob/path", f"S{len(stack)}"), ("blob/idx", "<u4"), ("blob/psize_A", "<f4")]
    if poses is not None:
        fields += [(f"{prefix}/pose", "<f4", (3,)), (f"{prefix}/shift", "<f4", (2,)), (f"{prefix}/psize_A", "<f4")]
    table = np.zeros(len(shifts), dtype=fields)
    table["blob/path"], table["blob/idx"], table["blob/psize_A"] = stack.encode(), np.arange(len(shifts)), 2.0
    if poses is not None:
        table[f"{prefix}/pose"], table[f"{prefix}/shift"] = poses, shifts
        table[f"{prefix}/psize_A"] = options.get("alignment_pixel", 2.0)
    with open(path, "wb") as file:
        np.save(file, table)
    return path


def cistem_columns(stack: str | None, angles: np.ndarray = ANGLES, shifts=None) -> dict:
    shifts = np.zeros((len(angles), 2)) if shifts is None else shifts
    columns = {
        "cisTEMPositionInStack": range(1, len(angles) + 1),
        "cisTEMAnglePsi": angles[:, 2],
        "cisTEMAngleTheta": angles[:, 1],
        "cisTEMAnglePhi": angles[:, 0],
        "cisTEMXShift": shifts[:, 0],
        "cisTEMYShift": shifts[:, 1],
        "cisTEMPixelSize": [2.0] * len(angles),
    }
    return columns | ({} if stack is None else {"cisTEMStackFilename": [f"'{stack}'"] * len(angles)})
