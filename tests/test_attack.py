# SPDX-License-Identifier: Apache-2.0
"""The attack kit: a sample of its commands is refused as it should be, and its judge sees planted faults."""

import random

import pytest
from attack import calls, files, names, numbers, surroundings
from attack.case import REFUSED, WORKS, Case
from attack.fuzz import fault_of
from attack.harness import Answer, Harness, faults
from attack.loaders import temperature, terms
from attack.mutate import flipped, reworded, varied

CORPORA = {"numbers": numbers, "names": names, "files": files, "calls": calls}
LATER = {"hamiltonians", "terms", "configs"}  # whose schemas are not strict yet
LINE = "isinglass: expected a number; found x; write 3.\n"
FAULTS = {  # an answer, and the word of its fault
    "code": (Answer(1, "", LINE, 0, 0), [], "exit code 1"),
    "hang": (Answer("HANG", "", "", 0, 9), [], "hangs"),
    "bug": (Answer(2, "", "Traceback (most recent call last):\nKeyError: 3", 0, 0), [], "traceback: KeyError"),
    "two lines": (Answer(2, "", LINE + LINE, 0, 0), [], "2 lines"),
    "other words": (Answer(2, "", "isinglass: bad\n", 0, 0), [], "words"),
    "no name": (Answer(2, "", "expected a; found b\n", 0, 0), [], "no line"),
    "stdout": (Answer(2, "here", LINE, 0, 0), [], "stdout"),
    "stray folder": (Answer(2, "", LINE, 0, 0), ["o.partial"], "left or changed: o.partial"),
    "memory": (Answer(2, "", LINE, 5000, 0), [], "memory"),
}


@pytest.fixture(scope="module")
def harness():
    """One process for all."""
    with Harness() as made:
        yield made


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_sees_what_is_wrong(name):
    answer, changed, word = FAULTS[name]
    (found,) = faults(Case("planted", ("x",)), answer, changed)
    assert word in found


def test_the_judge_is_content():
    assert faults(Case("good", ("x",)), Answer(2, "", LINE, 10, 1), []) == []
    assert faults(Case("good", ("x",), WORKS, says="E = 1"), Answer(0, "E = 1", "", 10, 1), ["o"]) == []
    assert faults(Case("good", ("x",), WORKS, says="E = 1"), Answer(0, "E = 2", "", 10, 1), ["o"])


@pytest.mark.parametrize(
    ("code", "word"),
    [("raise KeyError(3)", "traceback"), ("open('left', 'w')", "exit code 0"), ("while True: pass", "hangs")],
)
def test_planted_faults_are_seen_through_the_process(harness, code, word, monkeypatch):
    monkeypatch.setattr(harness, "seconds", 0.3)
    assert word in " ".join(harness.one(Case("planted", (code,), python=True)).faults)


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_sample_of_each_corpus(harness, corpus):
    """Those that need no good files; the rest is for `make attack`."""
    every = [case for case in CORPORA[corpus].cases() if case.kind not in LATER]
    quick = [case for case in every if case.codes == REFUSED and "good" not in " ".join(case.words)]
    found = harness.judge(quick[:: max(1, len(quick) // 12)])
    assert len(found) >= 12
    assert [f"{verdict.case}: {verdict.faults}" for verdict in found if verdict.faults] == []


def test_there_are_many_and_no_two_are_the_same():
    found = [case for one in (*CORPORA.values(), surroundings) for case in one.cases()]
    said = [(case.kind, case.words, str(case.files), str(case.environment), case.wrapper, case.note) for case in found]
    assert len(set(said)) >= 4000


def test_mutations_are_the_same_for_the_same_seed():
    one, two = (random.Random("a") for _ in range(2))
    for mutate, value in ((flipped, b"0123456789"), (varied, {"a": [1, {"b": "c"}]})):
        assert repr([mutate(one, value) for _ in range(50)]) == repr([mutate(two, value) for _ in range(50)])
    assert reworded(one, "Z(0) Z(1)", ("x",)) == reworded(two, "Z(0) Z(1)", ("x",))
    assert len({repr(varied(one, {"a": [1, 2]})) for _ in range(50)}) > 20


@pytest.mark.parametrize("loader", [terms, temperature])
def test_mutated_words_are_refused_in_one_line(loader, tmp_path):
    faulty = {at: fault_of(loader(random.Random(at), tmp_path)) for at in range(150)}
    assert {at: fault for at, fault in faulty.items() if fault} == {}


def test_the_fuzzer_sees_planted_faults():
    def raises(error):
        def call():
            raise error

        return call

    assert "KeyError" in fault_of(raises(KeyError(3)))
    assert "ValueError" in fault_of(raises(ValueError("of a library, not of isinglass")))
    assert fault_of(lambda: 3) == ""
