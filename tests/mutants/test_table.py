# SPDX-License-Identifier: Apache-2.0
"""The table of mutants cannot rot: each error can be planted, and the tests named for it exist."""

from pathlib import Path

import pytest
from tests.mutants.score import main, places
from tests.mutants.table import MUTANTS, Mutant

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.file}: {m.name}")
def test_the_old_text_stands_there_once(mutant):
    assert mutant.new != mutant.old
    assert places(mutant) == 1
    for test in mutant.tests.split():
        path, _, name = test.partition("::")
        assert (TESTS / path).exists(), path
        assert not name or f"def {name.partition('[')[0]}(" in (TESTS / path).read_text(), test


def test_a_text_that_is_gone_is_seen():
    assert places(Mutant("gone", "result.py", "a text that is no more", "", "test_result.py")) == 0


def test_words_that_no_mutant_has_are_refused(capsys):
    assert main(["--help"]) == 2
    assert "expected words" in capsys.readouterr().out


def test_names_are_different():
    assert len({(m.file, m.name) for m in MUTANTS}) == len(MUTANTS) >= 41
