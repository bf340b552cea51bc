# SPDX-License-Identifier: Apache-2.0
"""What has no end, or is larger than the memory, is refused before it is opened."""

import os

import pytest

from isinglass.errors import InputError
from isinglass.run.input import regular_file
from isinglass.run.input.regular_file import file_size


def test_a_file_has_its_length_and_must_fit_in_memory(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"12345")
    monkeypatch.setattr(regular_file, "available_memory", lambda: 5)
    assert file_size(tmp_path / "a") == 5
    monkeypatch.setattr(regular_file, "available_memory", lambda: 4)
    with pytest.raises(InputError, match="at most 4 B, the memory that is free; found 5 B in"):
        file_size(tmp_path / "a")


OTHERS = {
    "a named pipe": os.mkfifo,
    "a folder": os.mkdir,
    "an empty file": lambda path: path.write_bytes(b""),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "no such file": lambda path: None,
}


@pytest.mark.parametrize("found", OTHERS)
def test_what_is_no_file_is_named(found, tmp_path):
    OTHERS[found](tmp_path / "a")
    with pytest.raises(InputError, match=f"found {found}"):
        file_size(tmp_path / "a")
