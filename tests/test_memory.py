# SPDX-License-Identifier: Apache-2.0
"""What a problem needs beside what there is, in powers of ten."""

import pytest

from isinglass import memory
from isinglass.errors import InputError
from isinglass.memory import in_bytes, machine_memory, require_memory


def test_what_fits_passes_and_what_does_not_is_told_both_numbers(monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: 10**9)
    require_memory("a table", 10**9, "side 100")
    with pytest.raises(InputError, match="a table within the memory of 1 GB; found side 110: 1.1 GB; choose fewer"):
        require_memory("a table", 1.1e9, "side 110")


def test_a_container_has_less_than_its_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "LIMITS", (str(tmp_path / "none"),))
    whole = machine_memory()
    (tmp_path / "max").write_text("max\n")
    (tmp_path / "limit").write_text("4096\n")
    monkeypatch.setattr(memory, "LIMITS", (str(tmp_path / "max"),))
    assert machine_memory() == whole > 10**8
    monkeypatch.setattr(memory, "LIMITS", (str(tmp_path / "max"), str(tmp_path / "limit")))
    assert machine_memory() == 4096


@pytest.mark.parametrize(("n", "said"), [(999, "999 B"), (1000, "1 kB"), (3.2e9, "3.2 GB"), (1.5e12, "1.5 TB"),
                                         (2e18, "2 EB")])  # fmt: skip
def test_bytes_in_words(n, said):
    assert in_bytes(n) == said
