# SPDX-License-Identifier: Apache-2.0
"""No file hangs, crashes or raises anything but one line, whatever is in it, and none leads to other files."""

import pytest
from tests.data.hostile import HOSTILE

from isinglass.data import read
from isinglass.errors import InputError
from isinglass.run.input import separate_reader


@pytest.mark.parametrize("case", HOSTILE)
def test_refused_in_one_line(case, tmp_path, monkeypatch):
    name, make, says = HOSTILE[case]
    if "does not end" in says:
        monkeypatch.setattr(separate_reader, "SECONDS", 0.5)
    if make is not None:
        make(tmp_path / name)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=says) as error:
        read(tmp_path / name)
    text = str(error.value)
    assert text.startswith("expected ")
    assert text.isprintable()
    assert len(text) < 1000 + len(str(tmp_path / name))
    assert sorted(tmp_path.iterdir()) == before  # nothing is left behind


def test_there_are_many():
    assert len(HOSTILE) >= 80
