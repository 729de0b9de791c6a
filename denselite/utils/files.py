"""Files from the network: fetched once, checked, kept in Keras' cache folder."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from denselite.errors import DataError, FormatError

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["cache_folder", "get_file"]

TIMEOUT = 30.0  # seconds without a byte
CHUNK_BYTES = 1 << 16


def cache_folder(cache_subdir: str = "datasets") -> str:
    """Return where files are kept: ``$KERAS_HOME``, else ``~/.keras``, and in it ``cache_subdir``."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    return os.path.join(home, cache_subdir)


def get_file(fname: str, origin: str, file_hash: str | None = None, cache_subdir: str = "datasets") -> str:
    """Return the path of a file in the cache, after fetching it if it is not there.

    The file appears under its name only when it is complete and its checksum is right; a cached
    file whose checksum is wrong is fetched again.

    Args:
        fname: its name in the cache.
        origin: the address it comes from.
        file_hash: its SHA-256, in hexadecimal; ``None`` leaves it unchecked.
        cache_subdir: the folder inside the cache.

    Raises:
        DataError: it cannot be fetched; the message says where to put it by hand.
        FormatError: what was fetched has another checksum.
    """
    target = os.path.join(cache_folder(cache_subdir), fname)
    if os.path.isfile(target) and file_hash in (None, _sha256(target)):
        return target
    os.makedirs(os.path.dirname(target), exist_ok=True)
    part = f"{target}.{os.getpid()}-{threading.get_ident()}.part"
    try:
        found = _download(origin, part, target)
        if file_hash not in (None, found):
            raise FormatError(
                f"The file at {origin} is not the one expected: its SHA-256 is {found}, not {file_hash}. "
                f"Nothing was kept. Try again later, or get the right file from elsewhere and put it at {target}."
            )
        os.replace(part, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)
    return target


def _sha256(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(origin: str, part: str, target: str) -> str:
    """Fetch ``origin`` into ``part`` and return its SHA-256."""
    import hashlib
    from http.client import HTTPException
    from urllib.request import urlopen

    digest = hashlib.sha256()
    try:
        with urlopen(origin, timeout=TIMEOUT) as response, open(part, "wb") as file:
            expected = response.headers.get("Content-Length")
            _copy(response, file, digest, int(expected) if expected else None, os.path.basename(target))
    except (OSError, HTTPException) as error:  # no network, no such address, a broken connection, a full disk
        stale = " The file that lies there is not used: its SHA-256 is not the one expected."
        raise DataError(
            f"Could not fetch {origin} ({error}). Check the network; or get the file some other way and put it at "
            f"{target}, or give its path to load_data.{stale if os.path.isfile(target) else ''}"
        ) from error
    return digest.hexdigest()


def _copy(response: Any, file: Any, digest: _Hash, expected: int | None, name: str) -> None:
    from tqdm.auto import tqdm

    with tqdm(total=expected, unit="B", unit_scale=True, desc=name, disable=None) as bar:  # None: silent off a terminal
        received = 0
        for chunk in _chunks(response):
            file.write(chunk)
            digest.update(chunk)
            bar.update(len(chunk))
            received += len(chunk)
    if expected is not None and received != expected:
        raise OSError(f"the connection broke off after {received} of {expected} bytes")


def _chunks(response: Any) -> Iterator[bytes]:
    while chunk := response.read(CHUNK_BYTES):
        yield chunk
