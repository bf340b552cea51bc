# SPDX-License-Identifier: Apache-2.0
"""Hostile words: names that do not exist, flags that are unknown, of another method, twice, or without a value."""

import dataclasses
import itertools
from collections.abc import Iterator

from attack.case import DONE, REFUSED, WORKS, Case, refused
from attack.numbers import required

__all__ = ["cases"]

COMMANDS = ("list", "run", "sample", "show", "compare", "verify", "doctor", "ground-state", "phases", "transition")
STRANGE = ("", " ", ".", "..", "/", "../x", "~", "*", "\x01", "é", "名前", "a" * 300, "-", "--", "%s", "{0}", "$(id)",
           "ising-phases\n", "Ising-Phases", "isingphases", "ising_phases", "None", "0", "; rm", "\ud800")  # fmt: skip
SAMPLE = "sample ising --shape 4 4 --temperature 2 --out o.nc"
CHOICES = {  # command -> flag -> near misses of its words
    "run ising-phases": {"preset": ("smokes", "SMOKE", "", "0", "laptop ", "paper,smoke")},
    SAMPLE: {"method": ("metropoliss", "HMC", "", "none", "wolf", "nuts2"), "start": ("cold", "", "hot", "Random"),
             "effective-samples": ("nan", "x", "", "-1", "0", "1e9", "all", "inf"), "lattice": ("squares", "fcc", "")},
    "sample phi4 --shape 4 4 --method flow --out o.nc": {
        "preset": ("x", ""), "correct": ("x", "", "weight", "True"), "objective": ("x", "", "kl", "likelihood "),
        "method": ("flows", "realnvp")},
    "ground-state good.toml --out o": {
        "preset": ("x", ""), "ansatz": ("rbms", "", "RBM", "cnn", "exactly"), "signs": ("x", "", "yes")},
    "phases good.npz --out o": {
        "preset": ("x", ""), "method": ("blinds", "", "svm"), "kind": ("spin", "", "ISING"),
        "boundary": ("closed", "", "pbc"), "axes": ("rows", "row row", "site"), "parameter": ("nothing", "", "T "),
        "period": ("0", "-1", "nan", "x", "inf", ""), "shape": ("3 3", "0 0", "-4 -4", "x", "16 16", "1.5")},
    "transition good.npz --out o": {"method": ("x", "", "blind"), "parameter": ("x", "")},
}  # fmt: skip
OTHERS = {  # flags of another method or command
    SAMPLE: ("--steps 5", "--batch 5", "--model m", "--correct none", "--hot 3", "--sweeps 5", "--beta 2", "--alpha 1",
             "--q 3", "--lam 1", "--kappa 1", "--preset smoke", "--resume x"),
    "sample phi4 --shape 4 4 --method flow --out o.nc": ("--max-sweeps 5", "--start random", "--hot 3", "--h 1"),
    "sample ising --shape 4 4 --method annealing --out o.nc": ("--temperature 2", "--samples 5", "--thin 2"),
    "ground-state good.toml --ansatz exact --out o": ("--steps 5", "--alpha 1", "--rate 0.1", "--samples 5"),
    "ground-state good.toml --ansatz rbm --out o": ("--states 2", "--method hmc", "--temperature 1", "--shape 4 4"),
    "phases good.npz --method components --out o": ("--draws 5", "--preset smoke", "--label x"),
    "phases good.npz --out o": ("--label x", "--steps 5", "--temperature 2", "--boundaries open"),
    "run ising-phases --preset smoke --out o": ("--temperature 2", "--alpha 1", "--method hmc", "--steps 5", "--x"),
    "run two-wells-lost --preset smoke --out o": ("--sizes 4", "--temperature 1"),
    "show good_run": ("--preset smoke", "--seed 0", "--out o"), "verify two-wells-lost --preset smoke": ("--out o",),
    "compare good_run good_run": ("--seed 0", "third"), "list": ("--preset smoke", "x"), "doctor": ("x", "--seed 0"),
}  # fmt: skip
LEARNED = ("flow", "autoregressive", "diffusion")  # methods that train
BOOLEANS = ("yes", "1", "True", "false", "", "nan")


def cases() -> list[Case]:
    """All of them."""
    return [*of_names(), *of_choices(), *of_methods(), *of_flags(), *of_paths(), *fine()]


def of_names() -> Iterator[Case]:
    """Commands, experiments, systems, runs that do not exist."""
    for name in STRANGE:
        if not name.startswith("--"):
            yield Case("names", (name,))
        yield Case("names", ("run", name, "--preset", "smoke"))
        yield Case("names", ("sample", name, "--out", "o.nc"))
        yield Case("names", ("show", name))
        yield Case("names", ("compare", "good_run", name))
        yield Case("names", ("verify", name, "--preset", "smoke"))
        if name not in (".", "..", "/", "~"):
            yield Case("names", ("show", "latest", "--root", name))
            yield Case("names", ("ground-state", name, "--out", "o"))
            yield Case("names", ("phases", name, "--out", "o"))
    for words in ("run", "sample", "show", "compare", "compare good_run", "ground-state", "phases", "transition",
                  "sample ising", "sample ising --shape 4 4 --temperature 2", "sample phi4 --out o.nc", "runs", "Run",
                  "sampling", "groundstate", "ground_state", "doctor doctor", "list list"):  # fmt: skip
        yield refused("names", words)


def of_choices() -> Iterator[Case]:
    """Words that are none of the choices."""
    for line, flags in CHOICES.items():
        for flag, values in flags.items():
            for value in values:
                words = value.split(" ") if flag in ("axes", "shape") and value else (value,)
                yield refused("choices", f"{line} --{flag}", *words)


def of_methods() -> Iterator[Case]:
    """Every method that trains nothing, on every system: it samples, or says why it cannot."""
    from isinglass.systems.listing import listed
    from isinglass.tasks.sample_annealed import SampleAnnealed
    from isinglass.tasks.sample_system import SampleSystem

    for task, few in (
        (SampleSystem, "--samples 4 --chains 2 --warmup 2 --thin 1 --effective-samples none --temperature 2"),
        (SampleAnnealed, "--sweeps 10 --runs 4"),
    ):
        words = next(f for f in dataclasses.fields(task) if f.name == "method").metadata["choices"]()
        for word, name in itertools.product([word for word in words if word not in LEARNED], listed()):
            system = " ".join(itertools.chain(*required(name).values()))
            settings = few.replace("--temperature 2", "") if name == "u1" else few
            line = f"sample {name} {system} --method {word} {settings} --out o.nc"
            yield refused("methods", line, codes=(*DONE, *REFUSED))


def of_flags() -> Iterator[Case]:
    """Flags that a command has not, that need a value, that take none, or come twice with different ones."""
    for line, flags in OTHERS.items():
        for flag in flags:
            yield refused("flags", f"{line} {flag}")
    for command in COMMANDS:
        for flag in ("--unknown", "--unknown=1", "-x", "--json=maybe", "--seed=", "---", "--\x00"):
            first = {"run": " two-wells-lost", "sample": " ising"}.get(command, "")
            yield refused("flags", f"{command}{first} {flag}")
    for value in BOOLEANS:
        yield refused("flags", f"{SAMPLE} --json", value)
        yield refused("flags", "list --json", value)
    for flag in ("--seed", "--samples", "--temperature", "--shape", "--chains", "--thin", "--method", "--out"):
        yield refused("flags", f"sample ising --shape 4 4 --temperature 2 --out o.nc {flag}")
    for flag, one, two in (("seed", "1", "2"), ("samples", "64", "65"), ("method", "hmc", "metropolis"),
                           ("out", "a.nc", "b.nc"), ("temperature", "1", "2"), ("shape", "4 4", "6 6")):  # fmt: skip
        line = "sample ising --shape 4 4 --temperature 2 --out o.nc".split()
        at = [i for i, word in enumerate(line) if word == f"--{flag}"]
        kept = (
            line
            if not at
            else [w for i, w in enumerate(line) if not at[0] <= i <= at[0] + (2 if flag == "shape" else 1)]
        )
        yield refused("repeated flags", " ".join(kept) + f" --{flag} {one} --{flag} {two}")
    yield refused("repeated flags", "run two-wells-lost --preset smoke --steps 5 --steps 6 --out o")
    yield refused("repeated flags", "ground-state good.toml --ansatz exact --states 1 --states 2 --out o")
    yield refused("repeated flags", "phases good.npz --preset smoke --preset laptop --out o")


def of_paths() -> Iterator[Case]:
    """Paths that cannot be written, or that are there already."""
    for command, end in (("sample ising --shape 4 4 --temperature 2 --samples 64", ".nc"),
                         ("ground-state good.toml --ansatz exact", ""), ("phases good.npz --preset smoke", ""),
                         ("run two-wells-lost --preset smoke", "")):  # fmt: skip
        for path in (f"missing/o{end}", f"/proc/o{end}", f"/dev/full/o{end}", f"there{end}", "a" * 300 + end,
                     f"{'d/' * 2000}o{end}", f"good.toml/o{end}", f"link{end}"):  # fmt: skip
            files = (
                {f"there{end}": b"kept", "good.toml": b"x = 1"} if "good.toml/" in path else {f"there{end}": b"kept"}
            )
            prepare = (
                (lambda folder, end=end: (folder / f"link{end}").symlink_to("nowhere")) if "link" in path else None
            )
            yield refused("paths", f"{command} --out", path, files=files, prepare=prepare)
    for path in ("o", "o.txt", "o.npz", "o.nc.gz", ".nc", "", "o.h5 ", "/", "."):
        yield refused("paths", "sample ising --shape 4 4 --temperature 2 --samples 64 --out", path)
    for path in ("", ".", "/", "good.toml"):
        yield refused("paths", "ground-state good.toml --ansatz exact --out", path)


def fine() -> Iterator[Case]:
    """What is strange but right must work."""
    yield refused("works", "--help", codes=WORKS, says="usage: isinglass")
    yield refused("works", "--version", codes=WORKS, says=r"^isinglass \d")
    yield refused("works", "list --json", codes=WORKS, says='"name": "ising-phases"')
    yield refused("works", "show good_run --json", codes=DONE, says='"estimates"')
    yield refused("works", "ground-state good.toml --ansatz exact --out o", codes=WORKS, says="ground_state_energy")
    for seed in ("0", "-1", "9223372036854775807", "-9223372036854775808", "4294967296"):
        yield refused("works", f"ground-state good.toml --ansatz exact --out o --seed {seed}", codes=WORKS)
    for command in ("run", "sample", "run two-wells-lost", "sample phi4", "show", "compare", "verify", "list", "doctor",
                    "ground-state", "phases", "transition"):  # fmt: skip
        yield refused("works", f"{command} --help", codes=WORKS, says="usage: isinglass")
