# SPDX-License-Identifier: Apache-2.0
"""Wrong problems, unknown words and wrong types are refused by the verbs, in the words of Python; keys are taken."""

import ast
import dataclasses
import re
from pathlib import Path

import jax
import numpy as np
import pytest

import isinglass
from isinglass import approximate, infer, sample, sampling
from isinglass.cli import as_flags
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.systems import Ising, Phi4, hypercubic, transverse_field_ising
from isinglass.tasks.find import VERBS, tasks
from isinglass.tasks.setting.validate import fits
from isinglass.tasks.task import documentation

SPINS, CHAIN = Ising((4, 4)), transverse_field_ising(hypercubic((3,)))
KEY = jax.random.key(0)
WRONG = {
    "another kind": (lambda: approximate(KEY, SPINS), "a Hamiltonian.*found Ising.*use sample"),
    "a file": (lambda: infer(KEY, "data.nc"), "configurations.*read the file first"),
    "a class of systems": (lambda: sample(KEY, Ising, 2.0), r"the class Ising, not an instance.*Ising\(\.\.\.\)"),
    "no key": (lambda: sample("seed", SPINS, 2.0), "a random key or a whole number.*'seed'"),
    "a broken key": (lambda: sample(1.5, SPINS, 2.0), "a random key"),
    "too large a key": (lambda: sample(2**64, SPINS, 2.0), "64 bits"),
    "preset": (lambda: infer(KEY, Result("sample"), preset="huge"), "smoke.*'huge'"),
    "correct": (lambda: sample(KEY, Phi4((4, 4)), method="flow", correct="foo"), "metropolis, weights, none.*'foo'"),
    "start": (lambda: sample(KEY, SPINS, 2.0, start="foo"), "uniform, random.*'foo'"),
    "method": (lambda: sample(KEY, SPINS, 2.0, method="metropolys"), "did you mean 'metropolis'"),
    "ansatz": (lambda: approximate(KEY, CHAIN, ansatz="rbn"), "did you mean 'rbm'"),
    "misspelt": (lambda: sample(KEY, SPINS, 2.0, smaples=3), "smaples; did you mean samples"),
    "unknown": (lambda: infer(KEY, Result("sample"), zzz=3), "zzz; leave it out"),
    "a number": (lambda: sample(KEY, SPINS, 2.0, samples="many"), "samples of type int.*'many'"),
    "a truth": (lambda: sample(KEY, SPINS, 2.0, chains=True), "chains of type int.*True"),
    "temperature": (lambda: sample(KEY, SPINS, "hot"), "temperatures as numbers.*'hot'"),
    "cold": (lambda: sample(KEY, SPINS, -1.0), "positive, finite temperatures"),
    "too many": (lambda: infer(KEY, Result("r"), *range(9)), "at most"),
    "not once": (lambda: sample(KEY, SPINS, 2.0, temperature=3.0), "once.*temperature by place and by name"),
    "no sampler": (lambda: sample(KEY, SPINS, 2.0, method=3), "a sampler or an ensemble.*3"),
    "a class of samplers": (
        lambda: sample(KEY, SPINS, 2.0, method=sampling.Metropolis),
        "the class Metropolis",
    ),
    "no steps": (lambda: approximate(KEY, CHAIN, steps=0), "steps above 0"),
    "steps back": (lambda: approximate(KEY, CHAIN, steps=-1), "steps of at least 0"),
    "no number": (lambda: approximate(KEY, CHAIN, alpha=float("nan")), "alpha above 0"),
    "an infinite one": (lambda: approximate(KEY, CHAIN, alpha=float("inf")), "alpha above 0, finite; found inf"),
    "a chunk of none": (lambda: approximate(KEY, CHAIN, chunk=0), "chunk above 0"),
    "another torus": (lambda: approximate(KEY, CHAIN, lattice=(2, 2), steps=1), "a torus of 3 sites"),
    "progress": (lambda: sample(KEY, SPINS, 2.0, progress="yes"), "a function.*'yes'"),
    "a checkpoint": (lambda: sample(KEY, SPINS, 2.0, checkpoint=3), "checkpoint, a folder"),
    "few proposals": (lambda: sample(KEY, Phi4((4, 4)), method="flow", draws=64, steps=1), "8 proposals"),
    "observables": (lambda: sample(KEY, SPINS, 2.0, samples=8, observables=["m"]), "observables by name"),
    "no configurations": (lambda: infer(KEY, Result("r")), "a result that holds configurations"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_in_one_line(name):
    call, words = WRONG[name]
    with pytest.raises(InputError, match=words) as found:
        call()
    assert "\n" not in str(found.value)
    assert "--" not in str(found.value)  # advice for Python names arguments, not flags


def test_the_command_line_turns_arguments_into_flags():
    assert as_flags("use method='hmc' or correct='none'.") == "use --method hmc or --correct none."
    assert as_flags("use for example m2=-4, max_sweeps=8") == "use for example --m2 -4, --max-sweeps 8"


def flags(source: str) -> list[str]:
    """The texts of a file, but for docstrings, that name a flag."""
    tree = ast.parse(source)
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    texts = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [n.value for n in texts if id(n) not in docs and re.search(r"(^|\s)--[a-z]", n.value)]


def test_no_message_of_the_library_names_a_flag():
    """Only the command line, what it starts (jobs, the lab) and the page that repeats a command may name one."""
    source = Path(isinglass.__file__).parent
    own = {"cli.py", "command_words.py", "commands.py", "flags.py", "html.py", "jobs.py", "job.py", "lab", "lock.py"}
    named = {str(p): flags(p.read_text()) for p in source.rglob("*.py") if not own & set(p.parts)}
    assert {p: texts for p, texts in named.items() if texts} == {}
    assert flags('raise ValueError("use --method hmc")')  # planted


@pytest.mark.parametrize("key", [7, jax.random.PRNGKey(7), jax.random.key(7), np.int64(7)])
def test_a_key_may_be_a_number(key):
    expected = sample(jax.random.key(7), SPINS, 2.0, samples=4, effective_samples=None)
    found = sample(key, SPINS, 2.0, samples=4, effective_samples=None)
    np.testing.assert_array_equal(found.arrays["configurations"], expected.arrays["configurations"])


@pytest.mark.parametrize("task", [task for verb in VERBS for task in tasks(verb)], ids=lambda task: task.__name__)
def test_every_task_says_what_it_takes(task):
    """Its file is named VERB_..., its problems exist, every setting with a flag has words, defaults fit their types."""
    assert Path(task.__module__.replace(".", "/")).name.startswith(f"{task.verb}_")
    for place in task.problem:
        module, _, name = place.partition(":")
        assert isinstance(getattr(__import__(module, fromlist=[name]), name), type)
    told = documentation(task)
    assert {f.name for f in dataclasses.fields(task)} <= set(told)
    assert all(told.values())
    task.made()


def test_types_are_held():
    assert fits(1, float)
    assert fits((1, 2), tuple[int, ...])
    assert fits(None, int | None)
    assert not fits(1.5, int)
    assert not fits(bool(1), int)
    assert not fits("1", float)
    assert not fits((1, "2"), tuple[int, ...])


def test_tab_shows_the_folders():
    assert {"systems", "tasks", "sample", "Result"} <= set(dir(isinglass))
    with pytest.raises(AttributeError, match="isinglass has no 'sytems'"):
        _ = isinglass.sytems


def words_of(task):
    """The methods that a task knows by name."""
    choices = [f.metadata.get("choices") for f in dataclasses.fields(task) if f.name == "method"]
    return [word for each in choices if each for word in each()]


@pytest.mark.parametrize("verb", VERBS)
def test_a_word_leads_to_a_task_that_knows_it(verb):
    """Of tasks with a problem in common, the first that takes a method has it among its own."""
    for task in tasks(verb):
        for word in words_of(task):
            fitting = [other for other in tasks(verb) if set(other.problem) & set(task.problem)]
            first = next(other for other in fitting if other.takes({"method": word}))
            assert word in words_of(first), (word, task.__name__, first.__name__)
