# SPDX-License-Identifier: Apache-2.0
"""Completion in a shell: the script that bash, zsh or fish reads once; afterwards <TAB> starts no Python.

Its words are those of completion.json, which isinglass.command_words finds and `python -m isinglass.stubs` writes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

__all__ = ["SHELLS", "TABLE", "Shell", "script"]

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)
TABLE = Path(__file__).parent / "completion.json"

BASH = """\
_isinglass_words() {{
    case "$1" in
{cases}
    esac
}}
_isinglass() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} after= words=
    if [ "$COMP_CWORD" -gt 1 ]; then after=${{COMP_WORDS[1]}}; fi
    if [ "$COMP_CWORD" -gt 2 ]; then
        case $after in run | sample) after="$after ${{COMP_WORDS[2]}}" ;; esac
    fi
    words=$(_isinglass_words "$after $before")
    if [ -z "$words" ]; then
        case $word in -*) after="$after -" ;; esac
        words=$(_isinglass_words "$after")
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _isinglass isinglass
"""
ZSH = """\
(( $+functions[compdef] )) || {{ autoload -U +X compinit && compinit }}
autoload -U +X bashcompinit && bashcompinit
""" + BASH  # fmt: skip
FISH = """\
function __isinglass_words
    switch "$argv[1]"
{cases}
    end
end
function __isinglass_offered
    set -l given (commandline -opc)
    set -l after "$given[2]"
    contains -- "$after" run sample; and set -q given[3]; and set after "$after $given[3]"
    set -l words (__isinglass_words "$after $given[-1]")
    if test -z "$words"
        string match -q -- '-*' (commandline -ct); and set after "$after -"
        set words (__isinglass_words "$after")
    end
    string split ' ' -- $words
end
complete -c isinglass -n '__isinglass_offered | string length -q' -f -a '(__isinglass_offered)'
"""


def script(shell: Shell, commands: Sequence[str], experiments: Sequence[str]) -> str:
    """What the shell reads: `commands` are those of other packages, `experiments` all of them; theirs without flags.

    After a flag that takes words stand these, after a dash the flags, else names; where none are known, files.
    """
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    table |= {"": [*table[""], *commands], "completion": list(SHELLS)}
    table |= dict.fromkeys(("run", "verify"), list(experiments))
    table |= dict.fromkeys(("show", "compare"), ["latest", *experiments])
    form, line, between = {"bash": (BASH, "    {}) echo '{}' ;;", "|"), "zsh": (ZSH, "    {}) echo '{}' ;;", "|"),
                           "fish": (FISH, "        case {}; echo -- {}", " ")}[shell]  # fmt: skip
    return form.format(cases="\n".join(line.format(between.join(keys), words) for words, keys in grouped(table)))


def grouped(table: Mapping[str, Sequence[str]]) -> list[tuple[str, list[str]]]:
    """The words, and all that they may follow, in the quotes of a shell."""
    found: dict[str, list[str]] = {}
    for before, words in table.items():
        found.setdefault(" ".join(words), []).append(f"'{before}'")
    return list(found.items())
