"""One file over HTTP or HTTPS, whole or not at all, whatever the server does."""

import gzip
import http.client
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from typing import IO

from pointprior.structures.unpacking import GZIP_MAGIC

RETRIED_STATUS = (408, 425, 429, 500, 502, 503, 504)
ABSENT_STATUS = (404, 410)
PART = 1 << 20  # bytes read at a time


class TransientError(Exception):
    """A download failed in a way that another attempt may cure."""


class RefusedError(Exception):
    """A download failed in a way that another attempt would repeat."""


class AbsentError(RefusedError):
    """The server has no such file."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects without reading what comes with them, which may be endless."""

    def http_error_302(self, req, fp, code, msg, headers):
        fp.close()
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def get(url: str, *, timeout: float, time_limit: float, size_limit: int) -> bytes:
    """Download one file; a gzipped one comes as it is, but checked to its end.

    Parameters
    ----------
    timeout : float
        Seconds without an answer before it is given up.
    time_limit : float
        Seconds that the body may take in all.
    size_limit : int
        Bytes that the file may have, both as it is sent and ungzipped.

    Raises
    ------
    TransientError
        If the connection or the server failed, the limit of time passed, or the end of the file is missing.
    RefusedError
        If the server refuses, sends more than the limit, or leads to an address that is none; `AbsentError` if it
        has no such file.
    """
    try:
        # on disk, without a name: nothing is left of it, even if this process is killed
        with tempfile.TemporaryFile() as file, _open(url, timeout) as response:
            _receive(response, file, time.monotonic() + time_limit, time_limit, size_limit)
            _check_gzip(file, size_limit)
            file.seek(0)
            return file.read()
    except urllib.error.HTTPError as problem:
        problem.close()
        raise _failure(problem.code)(f"the server answered {problem.code} {problem.reason}") from problem
    except urllib.error.URLError as problem:
        raise TransientError(f"no connection ({problem.reason})") from problem
    except TimeoutError as problem:
        raise TransientError(f"no answer within {timeout:g} s") from problem
    except (http.client.InvalidURL, ValueError) as problem:  # from the parsers of addresses
        raise RefusedError(f"leads to a malformed address ({problem})") from problem
    except (http.client.HTTPException, OSError) as problem:
        raise TransientError(f"the connection broke ({problem})") from problem


def _open(url: str, timeout: float) -> http.client.HTTPResponse:
    """Send the request; no scheme but HTTP and HTTPS is followed, wherever a redirect may lead."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _Redirects,
    ):
        opener.add_handler(handler())
    return opener.open(urllib.request.Request(url, headers={"User-Agent": "pointprior"}), timeout=timeout)


def _receive(
    response: http.client.HTTPResponse, file: IO[bytes], deadline: float, time_limit: float, size_limit: int
) -> None:
    """Write the body to `file`, within the limits and to the length that the server stated."""
    size = 0
    while part := response.read1(PART):
        size += file.write(part)
        if size > size_limit:
            raise RefusedError(f"sends more than {size_limit:,} bytes")
        if time.monotonic() > deadline:
            raise TransientError(f"not finished within {time_limit:g} s")
    if response.length:  # bytes that are missing; None if no length was stated, or none that is a number
        raise TransientError(f"the download was cut short ({size} of {size + response.length} bytes)")


def _check_gzip(file: IO[bytes], size_limit: int) -> None:
    """Make sure that a gzipped file has its end, which shows even where no length was stated."""
    file.seek(0)
    if file.read(len(GZIP_MAGIC)) != GZIP_MAGIC:
        return
    size = file.seek(0, 2)
    file.seek(0)
    unpacked = 0
    try:
        with gzip.open(file) as stream:
            while part := stream.read(PART):
                unpacked += len(part)
                if unpacked > size_limit:
                    raise RefusedError(f"holds more than {size_limit:,} bytes once it is ungzipped")
    except EOFError as problem:
        raise TransientError(f"the gzip file is cut short ({size} bytes)") from problem
    except (gzip.BadGzipFile, zlib.error) as problem:
        raise TransientError(f"the gzip file is damaged ({problem})") from problem


def _failure(status: int) -> type[Exception]:
    if status in ABSENT_STATUS:
        return AbsentError
    return TransientError if status in RETRIED_STATUS else RefusedError
