"""Fetching and caching: complete and checked, or not there at all (``denselite.utils.files``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from denselite.errors import DataError, FormatError
from denselite.utils import files
from denselite.utils.files import cache_folder, get_file

BODY = bytes(range(256)) * 1000


def test_cache_folder_is_keras_home_if_set_else_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "k"))
    assert cache_folder() == str(tmp_path / "k" / "datasets")
    assert cache_folder("models") == str(tmp_path / "k" / "models")
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == str(tmp_path / ".keras" / "datasets")


def test_file_is_fetched_once_and_then_taken_from_the_cache(server, cache):
    origin, sha = server.serve("/a.bin", BODY)
    found = get_file("a.bin", origin, sha)
    assert found == str(cache / "a.bin")
    assert Path(found).read_bytes() == BODY
    assert get_file("a.bin", origin, sha) == found
    assert get_file("a.bin", origin) == found
    assert server.asked == ["/a.bin"]
    assert os.listdir(cache) == ["a.bin"]


def test_cached_file_with_a_wrong_checksum_is_fetched_again(server, cache):
    origin, sha = server.serve("/a.bin", BODY)
    cache.mkdir(parents=True)
    (cache / "a.bin").write_bytes(BODY[:-1])
    assert Path(get_file("a.bin", origin, sha)).read_bytes() == BODY


def test_fetched_file_with_a_wrong_checksum_is_refused_and_not_kept(server, cache):
    origin, sha = server.serve("/a.bin", BODY)
    with pytest.raises(FormatError) as caught:
        get_file("a.bin", origin, "0" * 64)
    assert str(caught.value) == (
        f"The file at {origin} is not the one expected: its SHA-256 is {sha}, not {'0' * 64}. Nothing was kept. "
        f"Try again later, or get the right file from elsewhere and put it at {cache / 'a.bin'}."
    )
    assert os.listdir(cache) == []


def test_failed_fetch_leaves_the_cached_file_as_it_was(server, cache):
    origin, _ = server.serve("/a.bin", BODY)
    cache.mkdir(parents=True)
    (cache / "a.bin").write_bytes(b"old")
    with pytest.raises(FormatError):
        get_file("a.bin", origin, "0" * 64)
    assert (cache / "a.bin").read_bytes() == b"old"


def test_truncated_body_is_refused_and_not_kept(server, cache):
    origin, sha = server.serve("/a.bin", BODY)
    server.say_length = 10
    with pytest.raises(DataError, match=r"Could not fetch .*broke off after 256000 of 256010 bytes\)"):
        get_file("a.bin", origin, sha)
    assert os.listdir(cache) == []


def test_address_that_does_not_exist_is_an_error_that_says_so(server, cache):
    with pytest.raises(DataError, match=r"Could not fetch http://.*/none\.bin \(HTTP Error 404: Not Found\)"):
        get_file("none.bin", f"{server.address}/none.bin")
    assert os.listdir(cache) == []


def test_no_network_is_an_error_that_says_where_to_put_the_file(nobody, cache):
    origin = f"{nobody}/a.bin"
    with pytest.raises(DataError) as caught:
        get_file("a.bin", origin, "0" * 64)
    message = str(caught.value)
    assert message.startswith(f"Could not fetch {origin} (<urlopen error")
    assert message.endswith(
        f"or get the file some other way and put it at {cache / 'a.bin'}, or give its path to load_data."
    )
    assert os.listdir(cache) == []


def test_no_network_and_a_cached_file_with_a_wrong_checksum_says_why_that_one_is_not_used(nobody, cache):
    cache.mkdir(parents=True)
    (cache / "a.bin").write_bytes(b"old")
    with pytest.raises(
        DataError, match=r"The file that lies there is not used: its SHA-256 is not the one expected\.$"
    ):
        get_file("a.bin", f"{nobody}/a.bin", "0" * 64)
    assert (cache / "a.bin").read_bytes() == b"old"


def test_interrupted_fetch_leaves_nothing_behind(server, cache, monkeypatch):
    def interrupt(response):
        yield BODY[:10]
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_chunks", interrupt)
    origin, sha = server.serve("/a.bin", BODY)
    with pytest.raises(KeyboardInterrupt):
        get_file("a.bin", origin, sha)
    assert os.listdir(cache) == []


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_and_not_in_a_log(server, cache, monkeypatch, terminal):
    import io
    import sys

    class Stream(io.StringIO):
        def isatty(self):
            return terminal

    stream = Stream()
    monkeypatch.setattr(sys, "stderr", stream)
    get_file("a.bin", *server.serve("/a.bin", BODY))
    assert ("a.bin: 100%" in stream.getvalue()) is terminal
    assert bool(stream.getvalue()) is terminal
