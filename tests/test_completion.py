# SPDX-License-Identifier: Apache-2.0
"""Completion: what real shells offer for what is typed, and that every flag of --help is among it."""

import json
import os
import re
import shutil
import subprocess
import time

import pexpect
import pytest

from isinglass.cli import main
from isinglass.completion import SHELLS, TABLE, script
from isinglass.experiments.catalogue import catalogue

WORDS = json.loads(TABLE.read_text())
OFFERED = [  # what is typed, up to <TAB>, and the words that stand there
    ("isinglass po", "posterior potential"),
    ("isinglass run ising-p", "ising-phases"),
    ("isinglass run ising-phases --pre", "--preset"),
    ("isinglass run ising-phases --preset s", "smoke"),
    ("isinglass sample is", "ising"),
    ("isinglass sample ising --temp", "--temperature"),
    ("isinglass phases data.nc --kind is", "ising"),
    ("isinglass phases --kin", "--kind"),
    ("isinglass phases data", "data.nc"),
    ("isinglass phases ", "data.nc"),
    ("isinglass phases --configurations ", "data.nc"),
    ("isinglass completion f", "fish"),
    ("isinglass show lat", "latest"),
]
TYPING = {  # the program, and how it is started without anyone's settings
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config"],
}
ASKING = {  # the answer of a shell without a terminal; zsh has none
    "bash": "source ./script; COMP_WORDS=($0); case $0 in *' ') COMP_WORDS+=('') ;; esac; "
    "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _isinglass; "
    '[ -n "${COMPREPLY[*]}" ] || COMPREPLY=($(compgen -f "${COMP_WORDS[COMP_CWORD]}")); echo "${COMPREPLY[@]}"',
    "fish": "source ./script; complete -C $argv[1]",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with one file to be named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.nc").touch()
    return tmp_path


def needed(shell):
    """Skip where a shell is not there."""
    return pytest.param(shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not installed"))


@pytest.mark.parametrize(("typed", "words"), OFFERED)
@pytest.mark.parametrize("shell", [needed(shell) for shell in ASKING])
def test_what_a_shell_offers(shell, typed, words, here):
    (here / "script").write_text(script(shell, [], list(catalogue())))
    answer = subprocess.run([shell, "-c", ASKING[shell], typed], capture_output=True, text=True, check=True)
    assert set(answer.stdout.split()) - {"script"} == set(words.split()), answer.stderr


@pytest.mark.filterwarnings("ignore:os.fork")  # the child becomes a shell at once
@pytest.mark.parametrize("shell", [needed(shell) for shell in SHELLS])
def test_the_key_completes_in_a_terminal(shell, here):
    """`isinglass pos<TAB>` becomes `isinglass posterior`, which a function of that name then hears."""
    (here / "script").write_text(script(shell, [], list(catalogue())))
    surroundings = {"TERM": "dumb", "PATH": os.environ["PATH"], "HOME": str(here), "LANG": "C.UTF-8"}
    terminal = pexpect.spawn(shell, TYPING[shell], encoding="utf-8", timeout=20, env=surroundings)
    terminal.sendline("source ./script; echo rea''dy")
    terminal.expect("ready")
    terminal.sendline("function isinglass { echo hea''rd $1; }" if shell != "fish" else
                      "function isinglass; echo hea''rd $argv[1]; end")  # fmt: skip
    time.sleep(0.5)
    terminal.send("isinglass pos\t")
    time.sleep(0.5)
    terminal.send("\r")
    assert terminal.expect(["heard posterior", "heard pos[^t]"]) == 0
    terminal.close()


@pytest.mark.slow
def test_the_table_is_that_of_the_forms():
    """`python -m isinglass.stubs` writes it anew."""
    from isinglass.stubs import completion_table

    assert TABLE.read_text() == completion_table()


def flags_in_help(words, capsys):
    """The flags at the beginning of a line of --help."""
    with pytest.raises(SystemExit):
        main([*words.split(), "--help"])
    return set(re.findall(r"^[ │]*(?:-\w, )?(--\w[\w-]*)", capsys.readouterr().out, re.MULTILINE))


def differing(words, capsys, table=WORDS):
    """Flags that only one of --help and the table has."""
    return flags_in_help(words, capsys) ^ set(table[f"{words} -"])


@pytest.mark.parametrize(
    "words",
    [
        *("show", "compare", "verify", "list", "doctor", "completion"),
        pytest.param("density", marks=pytest.mark.slow),
        pytest.param("run ising-phases", marks=pytest.mark.slow),
    ],
)
def test_the_table_has_the_flags_of_help(words, capsys):
    assert differing(words, capsys) == set()


def test_a_planted_flag_is_seen(capsys):
    assert differing("show", capsys, {"show -": [*WORDS["show -"], "--colour"]}) == {"--colour"}


def test_words_of_other_packages_are_offered():
    text = script("bash", ["dance"], [*catalogue(), "toy"])
    assert re.search(r"^ *''\) echo '.* dance' ;;$", text, re.MULTILINE)
    assert re.search(r"^ *'run'\|'verify'\) echo '.* toy' ;;$", text, re.MULTILINE)


def test_no_word_needs_a_quote():
    assert [w for words in WORDS.values() for w in words if not re.fullmatch(r"[\w.+/^-]+", w)] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell, capsys):
    with pytest.raises(SystemExit) as end:
        main(["completion", shell])
    assert end.value.code == 0
    assert capsys.readouterr().out == script(shell, [], list(catalogue()))
