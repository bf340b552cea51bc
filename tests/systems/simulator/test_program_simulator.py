# SPDX-License-Identifier: Apache-2.0
"""Programs as simulators: told θ and a seed with all digits, read from stdout or a file, their errors in one line."""

import json
import sys

import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.systems.simulator import ProgramFailedError, ProgramSimulator, PythonSimulator

THETA = np.array([1 / 3, -2e-17, 1e300])


def python(code, *words, **settings):
    """A program that runs this Python."""
    return ProgramSimulator([sys.executable, "-c", code, *words], **settings)


def run(simulator, seed=0, theta=THETA):
    """One simulation."""
    return simulator.run(np.random.default_rng(seed), theta)


PRINT = "import sys; print(*sys.argv[1:])"
SEED = int(np.random.default_rng(0).integers(2**31))


@pytest.mark.parametrize(
    ("simulator", "x"),
    [(python(PRINT, "{theta}", "{seed}"), [*THETA, SEED]), (python(PRINT, "{2}", "{0}"), [1e300, 1 / 3]),
     (python(PRINT, "{theta},{seed}"), [*THETA, SEED]),
     (python("import sys; print(sys.argv[1].split('=')[1])", "--mass={1}"), [-2e-17]),
     (python("import sys, json; d = json.load(sys.stdin); print(*d['theta'], d['seed'])", stdin="json"),
      [*THETA, SEED]),
     (python("print(input())", stdin="text"), [*THETA, SEED]),
     (python("print('1.5D+03, 2;-3 # four\\n5e0\\n#6\\n nan')", "{0}"), [1500, 2, -3, 5, np.nan])],
)  # fmt: skip
def test_numbers_go_there_and_back(simulator, x):
    """To the last bit."""
    np.testing.assert_array_equal(run(simulator), x)
    assert simulator.seeded == (SEED in x)


def test_seeds_are_those_of_the_generator():
    simulator = python(PRINT, "{0}", "{seed}")
    assert run(simulator, 1)[1] == run(simulator, 1)[1] != run(simulator, 2)[1]


@pytest.mark.parametrize(
    ("name", "code"),
    [("{output.npy}", "import sys, numpy; numpy.save(sys.argv[1], numpy.arange(6.0).reshape(2, 3))"),
     ("--out={output.txt}", "import sys; open(sys.argv[1].split('=')[1], 'w').write('0 1 2\\n3 4 5')")],
)  # fmt: skip
def test_files_are_read(name, code):
    """A .npy file has a shape, text is one row."""
    x = run(python(code, name, "{0}"))
    np.testing.assert_array_equal(x, np.arange(6.0).reshape((2, 3) if "npy" in name else 6))


def test_it_starts_where_the_user_is(tmp_path, monkeypatch):
    """Relative paths among the arguments are as on the command line, also when we have moved on."""
    (tmp_path / "sim.py").write_text("print(7)")
    monkeypatch.chdir(tmp_path)
    simulator = ProgramSimulator([sys.executable, "sim.py", "{0}"])
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(run(simulator), [7])


@pytest.mark.parametrize(
    ("simulator", "said"),
    [(python("import sys; sys.exit('first\\nno licence')", "{0}"), "exit code 1: no licence"),
     (python("import sys; sys.exit(4)", "{0}"), "exit code 4$"),
     (python("import os; os.abort()", "{0}"), "ended by SIGABRT"), (python("", "{0}"), "no numbers on stdout"),
     (python("print('mass 3')", "{0}"), "'mass' on stdout, where numbers are expected"),
     (python("while True: print(1.0)", "{0}", largest=10**5), "more than 100000 bytes on stdout"),
     (python("import sys; sys.stderr.write('x' * 10**7); print('a')", "{0}"), "'a' on stdout"),
     (python("print(1)", "{0}", "{output.npy}"), "not written the file in the place of {output.npy}"),
     (python("import sys; open(sys.argv[1], 'w').write('hello')", "{output.npy}", "{0}"), "no .npy file"),
     (python("import sys, numpy; numpy.save(sys.argv[1], numpy.array([{}]))", "{output.npy}", "{0}"), "no .npy file"),
     (python("print(1)", "{5}"), r"\{5\} in the command, of 3 parameters")],
)  # fmt: skip
def test_failures_are_one_line(simulator, said):
    with pytest.raises(ProgramFailedError, match=said) as error:
        run(simulator)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_run(tmp_path):
    """It may be executable and yet no program."""
    script = tmp_path / "sim"
    script.write_text("#!/no/such/interpreter\n")
    with pytest.raises(InputError, match=r"sim, not executable; chmod \+x"):
        ProgramSimulator([str(script), "{theta}"])
    script.chmod(0o755)
    with pytest.raises(ProgramFailedError, match="cannot be started: No such file or directory"):
        run(ProgramSimulator([str(script), "{theta}"]))


@pytest.mark.parametrize(
    ("command", "settings", "said"),
    [("./sim {theta}", {}, r"a list of words; found './sim"), ([], {}, "a list of words"),
     (["./none", "{theta}"], {}, "a program; found no ./none;"), (["no-such-program", "{theta}"], {}, "on the PATH"),
     (["echo", "1"], {}, "told the parameters; found echo 1"), (["echo", "{mass}"], {}, r"places.*found \{mass\}"),
     (["echo", "{theta}", 5], {}, "words of a command; found int; write it as text: '5'"),
     (["echo", "{theta}"], {"folder": "/no/such"}, "no /no/such"),
     (["echo"], {"stdin": "yaml"}, "stdin '', 'json' or 'text'")],
)  # fmt: skip
def test_commands_that_are_none(command, settings, said):
    with pytest.raises(InputError, match=said) as error:
        ProgramSimulator(command, **settings)
    assert "\n" not in str(error.value)


def test_what_is_no_function():
    with pytest.raises(InputError, match=r"a function simulate\(rng, theta\); found the class dict"):
        PythonSimulator(dict)


def test_json_is_one_line():
    """For programs that read line by line."""
    echo = python("import sys; text = sys.stdin.read(); print(text.count('\\n'), len(text))", stdin="json")
    lines, length = run(echo)
    assert (lines, length) == (1, len(json.dumps({"theta": THETA.tolist(), "seed": SEED})) + 1)
