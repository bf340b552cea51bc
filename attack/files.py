# SPDX-License-Identifier: Apache-2.0
"""Hostile files: of data (those of the tests), Hamiltonians, operators, runs, networks, configurations of runs.

Every file that says something else than it means, or nothing, is refused with the entry named; no number is dropped.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attack.case import DONE, WORKS, Case

__all__ = ["cases"]

DEEP = 100_000
ENTRIES = (  # of a Hamiltonian, all wrong; the ring of 4 sites is good
    "sites = 4.0", "sites = true", 'sites = "4"', "sites = 0", "sites = -4", "sites = 1000000000000", "sites = 6",
    "sites = []", 'kind = "spins"', "kind = 1", 'kind = ""', "S = 0", "S = -0.5", "S = 0.3", "S = 1e6", 'S = "half"',
    "S = nan", "S = inf", "magnetization = 0.5", "magnetization = 100", 'magnetization = "0"', "magnetization = true",
    "particles = 2", "particles = 1.9", "cutoff = 3", "spinful = true", 'spinful = "true"', "momentum = [0, 0]",
    "momentum = [0.5]", 'momentum = "0"', "momentum = 0", "momentum = [true]", "momentum = [1e9]", "spin_flip = 2",
    'spin_flip = "1"', "spin_flip = 1.0e0", "spin_flip = true", 'rotations = "false"', "rotations = 1", "pbc = false",
    "Terms = []", "terms = 3", 'terms = [["X(0)"]]', "terms = [1]", "terms = {}", 'site = ["X(i)"]', "site = 3",
    'bond = ""', 'nothing = "x"', "sites = nan", "magnetization = []", "particles = [1, 1]", "S = [0.5]",
)  # fmt: skip
LATTICES = (
    'lattice = "chain"', "lattice = 4", "lattice = []", "lattice = {}", 'lattice = {name = "chain"}',
    "lattice = {shape = [4]}", 'lattice = {name = "chains", shape = [4]}', 'lattice = {name = "chain", shape = 4}',
    'lattice = {name = "chain", shape = [3, 3]}', 'lattice = {name = "square", shape = [4]}',
    'lattice = {name = "chain", shape = [4], periodc = false}',
    'lattice = {name = "chain", shape = [4], pbc = false}',
    'lattice = {name = "chain", shape = [4], periodic = "false"}',
    'lattice = {name = "chain", shape = [4], periodic = 0}', 'lattice = {name = "chain", shape = [0]}',
    'lattice = {name = "chain", shape = [-4]}', 'lattice = {name = "chain", shape = [4.5]}',
    'lattice = {name = "chain", shape = ["4"]}', 'lattice = {name = "chain", shape = [true]}',
    'lattice = {name = "chain", shape = [1000000000000]}', 'lattice = {name = "square", shape = [1000000, 1000000]}',
    "lattice = {bonds = []}", "lattice = {bonds = [[0, 0]]}", "lattice = {bonds = [[0, 1], [1, 0]]}",
    "lattice = {bonds = [[0, 1], [0, 1]]}", "lattice = {bonds = [[0, 1000000000000]]}",
    "lattice = {bonds = [[0, -1]]}", "lattice = {bonds = [[0, 1.5]]}", 'lattice = {bonds = [["0", "1"]]}',
    "lattice = {bonds = [[0]]}", "lattice = {bonds = 3}",
    'lattice = {bonds = "01"}', "lattice = {bonds = [[0, true]]}",
    'lattice = {name = "chain", shape = [4], bonds = [[0, 1]]}', 'lattice = {name = "honeycomb", shape = [3, 3]}',
    'lattice = {name = "kagome", shape = [2]}', 'lattice = {name = "ladder", shape = [4, 3]}',
    'lattice = {name = "triangular", shape = [2, 2]}',
)  # fmt: skip
TERMS = (  # operators that say nothing, or what cannot be meant
    "", " ", "X", "X(", "X()", "X(a)", "X(-1)", "X(1.5)", "X(99)", "X(1000000000000)", "Q(0)", "x(0)", "X(0) *",
    "* X(0)", "+", "X(0) +", "X(0) -", "@@ X(0)", "X(0) @@", "Z(0)**", "nan X(0)", "inf X(0)",
    "1e400 X(0)", "-1e999", "X(0) X(1", "X(0))", "((X(0))", "1..5 X(0)", "1,5 X(0)", "2 3", "X(0); X(1)", "X(0) # y",
    "é(0)", "X(0)\x00", "X(i)", "X(0, 1)", "X[0]", "__import__('os')", "1/0 X(0)", "X(0)/0", "bdag(0)", "c(0)",
    "Sp(0)", "1j X(0)", "Sx(0) + 1j Sz(0)", "X(0) " * 20000 + "(", "0xFF X(0)",
    "True X(0)", "None", "X(0) = 1", "sum X(i)",
)  # fmt: skip
VALUES = {  # operators on two sites, and the lowest energy that their words mean
    "2 * -1 Z(0) Z(1)": -2.0, "Z(0)**2 - 1 Z(1)": 0.0, "1e-15 Z(0) + Z(1)": -1.0, "Z(0) Z(1) + Z(0) Z(1)": -2.0,
    "-0.5 X(0)": -0.5, "2 ** 3 X(0)": -8.0, "1.5e0 Y(0) Y(1)": -1.5,
}  # fmt: skip
RESULT = (  # what stands at these places of a good result.json instead
    ("estimates", []), ("estimates", None), ("estimates", "x"), ("checks", {}), ("checks", [1]), ("checks", "pass"),
    ("verdict", "great"), ("verdict", 3), ("verdict", None), ("name", 3), ("name", None), ("name", []),
    ("seconds", "x"), ("seconds", [1]), ("seconds", -1), ("seed", "x"), ("seed", 1.5), ("seed", []), ("preset", 3),
    ("notes", "x"), ("notes", [3]), ("versions", []), ("versions", {"a": 3}), ("settings", []), ("figures", 3),
    ("figures", [3]), ("status", 3), ("status", None), ("estimates", {"a": 3}),
    ("estimates", {"a": {"value": "x", "error": None, "unit": ""}}),
    ("estimates", {"a": {"value": [1], "error": None, "unit": ""}}), ("estimates", {"a": {"error": 1.0}}),
    ("estimates", {"a": {"value": 1.0, "error": "x", "unit": ""}}),
    ("estimates", {"a": {"value": 1.0, "error": -1, "unit": ""}}),
    ("estimates", {"a": {"value": True, "error": None, "unit": ""}}),
    ("estimates", {"a": {"value": 1.0, "error": None, "unit": 3}}), ("nothing", 3),
)  # fmt: skip
CHECK = (("verdict", "great"), ("verdict", None), ("law", 3), ("measured", "x"), ("expected", [1]), ("tolerance", "x"),
         ("tolerance", -1), ("source", 3), ("relation", "~"), ("error", "x"), ("of", 3))  # fmt: skip
TEXTS = (b"", b"{", b"[]", b"3", b"null", b'"x"', b"{}", b"\xff\xfe", b"\x00" * 100, b'{"name": NaN}', b"[" * DEEP,
         b'{"a":' * DEEP, b"nothing", b"\xef\xbb\xbf{}", b'{"name": "a", "name": "b"}')  # fmt: skip
LOCAL = b'kind = "spin"\nsites = 2\nterms = [%s]\n'


def cases() -> list[Case]:
    """All of them."""
    return [*of_data(), *of_hamiltonians(), *of_terms(), *of_results(), *of_models(), *of_configs()]


def of_data() -> Iterator[Case]:
    """The hostile data files of the tests, by the command."""
    from tests.data.hostile import HOSTILE

    for note, (name, make, says) in HOSTILE.items():
        prepare = None if make is None else (lambda folder, name=name, make=make: make(folder / name))
        said = re.sub(r"within \d+ s", "within", says)  # the tests wait less
        yield Case("data files", ("phases", name, "--out", "o"), prepare=prepare, says=said, note=f"[{note}]")
    for end in (".npz", ".toml", ".nc"):
        for command in ("ground-state", "transition"):
            for content in (b"", b"\x00" * 64, b"x"):
                yield Case("data files", (command, f"a{end}", "--out", "o"), files={f"a{end}": content})


def ground_state(kind: str, content: bytes, **more: Any) -> Case:
    """`ground-state` of a Hamiltonian file, exactly."""
    words = ("ground-state", "h.toml", "--ansatz", "exact", "--out", "o")
    return Case(kind, words, files={"h.toml": content}, **more)


def of_hamiltonians() -> Iterator[Case]:
    """Entries that are unknown, mistyped, out of range, or do not go together."""
    ring = 'bond = "Z(i) Z(j)"\nsite = "0.5 X(i)"\n'
    good = ring + 'lattice = {name = "chain", shape = [4]}\n'
    yield ground_state("hamiltonians", good.encode(), codes=WORKS)
    for entry in ENTRIES:
        name = entry.partition(" ")[0]
        kept = [line for line in good.splitlines() if not line.startswith(f"{name} ")]
        yield ground_state("hamiltonians", "\n".join([*kept, entry]).encode())
    for entry in LATTICES:
        yield ground_state("hamiltonians", f"{ring}{entry}\n".encode())
    for content in (*TEXTS, b"x = 1", b"sites = 4", b"bond = 1", good.encode() + b"\xff", b"x = " + b"[" * DEEP,
                    good.encode() + b"sites = 4\nsites = 4", good.encode("utf-16"), b"terms = []"):  # fmt: skip
        yield ground_state("hamiltonians", content)


def of_terms() -> Iterator[Case]:
    """Operators: those that mean nothing are refused, those that mean something have its energy."""
    for text in TERMS:
        yield ground_state("terms", LOCAL % json.dumps(text).encode())
        if len(text) < 1000:
            line = 'lattice = {name = "chain", shape = [4]}\nbond = ' + json.dumps(text or "x")
            if text not in ("X(i)", "1j X(0)"):
                yield ground_state("terms", line.encode())
    yield ground_state("terms", LOCAL % json.dumps("(" * DEEP + "X(0)" + ")" * DEEP).encode(), codes=(0, 2))
    for text, energy in VALUES.items():
        number = f"{energy:.6g}".replace(".", "[.]")
        says = rf"found|ground_state_energy +({number}|[-.0-9]+e-1[5-9])"
        yield ground_state("terms", LOCAL % json.dumps(text).encode(), codes=(0, 1, 2), says=says)


def of_results() -> Iterator[Case]:
    """Runs whose result.json is damaged: shown by no command."""
    for change in (*(({name: value}) for name, value in RESULT), *({"checks/0": pair} for pair in CHECK)):
        for words in (("show", "good_run"), ("show", "good_run", "--json"), ("compare", "good_run", "good_run")):
            yield Case("results", words, prepare=damaged(change), note=f"[{change}]")
    for text in TEXTS:
        yield Case(
            "results", ("show", "good_run"), prepare=written("good_run/result.json", text), note=f"[{text[:20]}]"
        )
        yield Case(
            "results",
            ("show", "good_run", "--json"),
            prepare=written("good_run/result.json", text),
            note=f"[{text[:20]}]",
        )
    for name in ("result.json", "metrics.csv", "config.toml"):
        yield Case("results", ("show", "good_run"), codes=(0, 1, 2), prepare=piped(f"good_run/{name}"))


def damaged(change: dict[str, Any]) -> Callable[[Path], None]:
    """Writes other values into the result.json of a run."""

    def prepare(folder: Path) -> None:
        path = folder / "good_run" / "result.json"
        record = json.loads(path.read_text(encoding="utf-8"))
        for place, value in change.items():
            if place == "checks/0":
                record["checks"][0][value[0]] = value[1]
            else:
                record[place] = value
        path.write_text(json.dumps(record), encoding="utf-8")

    return prepare


def written(name: str, content: bytes) -> Callable[[Path], Any]:
    """Writes a file."""
    return lambda folder: (folder / name).write_bytes(content)


def piped(name: str) -> Callable[[Path], Any]:
    """A named pipe that nobody writes to, in place of a file."""

    def prepare(folder: Path) -> None:
        import os

        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return prepare


def of_models() -> Iterator[Case]:
    """Networks that are damaged, of another lattice or another kind of variable."""
    phi4 = ("sample", "phi4", "--shape", "4", "4", "--method", "flow", "--samples", "64", "--out", "o.nc", "--model")
    yield Case("models", (*phi4, "good_model"), codes=DONE)
    yield Case("models", (*phi4, "chain_model"))
    for system, shape in (("ising", "4 4"), ("potts", "4 4"), ("xy", "4 4"), ("u1", "2 4"), ("phi4", "4")):
        at = () if system in ("u1", "phi4") else ("--temperature", "2")
        yield Case("models", ("sample", system, "--shape", *shape.split(), *at, "--samples", "64", "--out", "o.nc",
                              "--model", "good_model"))  # fmt: skip
    for text in TEXTS:
        yield Case(
            "models", (*phi4, "good_model"), prepare=written("good_model/model.json", text), note=f"[{text[:20]}]"
        )
        yield Case(
            "models",
            (*phi4, "good_model"),
            prepare=written("good_model/model.safetensors", text),
            note=f"[st {text[:20]}]",
        )
    for size in (2**62, 2**40, 1, 0):
        content = size.to_bytes(8, "little") + b'{"a":{"dtype":"F64","shape":[1099511627776],"data_offsets":[0,8]}}'
        yield Case("models", (*phi4, "good_model"), prepare=written("good_model/model.safetensors", content))
    for name in ("good.npz", "good.toml", "/dev/zero", "/proc"):
        yield Case("models", (*phi4, name))


def of_configs() -> Iterator[Case]:
    """Runs that are to be repeated or gone on with from a config.toml that is none."""
    for text in (*TEXTS, b"command = 3", b'command = "isinglass"', b'command = "rm -rf x"\nname = "x"', b"name = []",
                 b'command = "isinglass run nothing"\nname = "nothing"\nseed = 0\n[settings]\n',
                 b'command = "isinglass \'"\nname = "x"\n', b"x = " + b"[" * DEEP):  # fmt: skip
        yield Case("configs", ("run", "--config", "config.toml"), files={"config.toml": text})
        yield Case("configs", ("run", "--resume", "o.partial"), files={"o.partial/config.toml": text})
    for path in ("missing", "good.toml", "good_run/result.json", "/dev/zero", "", "."):
        yield Case("configs", ("run", "--config", path))
        yield Case("configs", ("run", "--resume", path))
