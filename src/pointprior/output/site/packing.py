"""Arrays and what is said of them as one block of bytes, which a browser reads without a library.

A block is the header's length (uint32), the header (JSON, padded with spaces) and the arrays, all little-endian and
aligned to four bytes. In the header an array is ``{"array": k}``, and ``arrays[k]`` has its type, shape and offset from
the header's end. A page holds blocks and scripts compressed (gzip) and in base64.
"""

import base64
import gzip
import json
from typing import Any

import numpy as np

TYPES = ("int16", "uint8", "uint16", "uint32", "float32")  # that viewer.js knows
ALIGNMENT = 4


def pack(content: Any) -> bytes:
    """Nested dictionaries and lists, with arrays in them, as one block.

    Raises
    ------
    TypeError
        If an array is of a type that the page cannot read.
    """
    arrays: list[np.ndarray] = []
    described = _without_arrays(content, arrays)
    listed, payload = [], b""
    for array in arrays:
        listed.append({"type": array.dtype.name, "shape": array.shape, "offset": len(payload)})
        payload += _padded(array.astype(array.dtype.newbyteorder("<")).tobytes(), b"\0")
    head = {"content": described, "arrays": listed}
    header = _padded(json.dumps(head, separators=(",", ":"), allow_nan=False).encode(), b" ")
    return np.array(len(header), "<u4").tobytes() + header + payload


def unpack(block: bytes) -> Any:
    """What `pack` was given."""
    length = int(np.frombuffer(block[:ALIGNMENT], "<u4")[0])
    header = json.loads(block[ALIGNMENT : ALIGNMENT + length])
    payload = block[ALIGNMENT + length :]
    return _with_arrays(header["content"], [_array(payload, entry) for entry in header["arrays"]])


def compressed(content: bytes) -> str:
    """Bytes as the text that a page holds; the same bytes give the same text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


def _padded(content: bytes, filling: bytes) -> bytes:
    return content + filling * (-len(content) % ALIGNMENT)


def _without_arrays(content: Any, arrays: list[np.ndarray]) -> Any:
    """A copy in which arrays are numbers of a list, which it fills."""
    if isinstance(content, dict):
        return {key: _without_arrays(value, arrays) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_arrays(value, arrays) for value in content]
    if not isinstance(content, np.ndarray):
        return content
    if content.dtype.name not in TYPES:
        raise TypeError(f"an array of {content.dtype} cannot be packed: a page reads {', '.join(TYPES)}")
    arrays.append(content)
    return {"array": len(arrays) - 1}


def _with_arrays(content: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(content, list):
        return [_with_arrays(value, arrays) for value in content]
    if not isinstance(content, dict):
        return content
    if content.keys() == {"array"}:
        return arrays[content["array"]]
    return {key: _with_arrays(value, arrays) for key, value in content.items()}


def _array(payload: bytes, entry: dict[str, Any]) -> np.ndarray:
    kind = np.dtype(entry["type"]).newbyteorder("<")
    count = int(np.prod(entry["shape"], dtype=np.int64))
    return np.frombuffer(payload, kind, count, entry["offset"]).reshape(entry["shape"])
