# SPDX-License-Identifier: Apache-2.0
"""The conduct of every command: stopped, gone on with, refused as another, repeated to the same bits."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.job import file_digests
from isinglass.run.progress import seconds_between

POTTS = "sample potts --q 3 --shape 4 4 --temperature 1.0 --samples 64 --chains 8 --thin {thin} --warmup 10"
POTTS += " --effective-samples 1 --method heat_bath"
FIELD = "sample phi4 --shape 4 4 --method flow --preset smoke --steps 4000 --samples 32"
H = 'bond = "Sz(i) Sz(j) + 0.5 Sp(i) Sm(j) + 0.5 Sm(i) Sp(j)"\n{more}\n[lattice]\nname = "chain"\nshape = [6]\n'
GROUND = "ground-state h.toml --preset smoke --steps {steps} --samples 64 --out r"


def started(here: Path, words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "isinglass.cli", *shlex.split(words)]
    return subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def done(tmp_path, monkeypatch, capsys):
    """Carries out a command in this process; its exit code and the last line of stderr."""
    monkeypatch.chdir(tmp_path)

    def run(words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(shlex.split(words))
        return int(str(end.value.code)), (capsys.readouterr().err.strip().splitlines() or [""])[-1]

    return run


@pytest.fixture
def stopped(done, monkeypatch):
    """Carries out a command that is sent a signal at the first progress that says the word."""

    def run(words: str, word: str, number: int = signal.SIGTERM) -> tuple[int, str]:
        def tell(self, done, total, message):
            if word in message:
                os.kill(os.getpid(), number)

        with monkeypatch.context() as patch:
            patch.setattr("isinglass.run.progress.PlainLines.__call__", tell)
            return done(words)

    return run


@pytest.mark.parametrize(("name", "code"), [("TERM", 75), ("INT", 130)])
def test_a_sample_that_is_stopped_says_the_command_that_goes_on(name, code, tmp_path, done, stopped):
    """The line that it prints is run as it stands, and ends with the numbers of a run that nobody stopped."""
    words = POTTS.format(thin=400) + " --out a.nc"
    found, said = stopped(words, "sampling", signal.Signals[f"SIG{name}"])
    assert found == code, said
    assert not (tmp_path / "a.nc").exists()
    assert "go on with: isinglass sample potts" in said
    again = said.partition("go on with: isinglass ")[2]
    assert done(again)[0] in (0, 1)
    assert done(words.replace("a.nc", "b.nc"))[0] in (0, 1)
    a, b = (xr.load_dataset(tmp_path / name, engine="h5netcdf") for name in ("a.nc", "b.nc"))
    np.testing.assert_array_equal(a["configurations"], b["configurations"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.nc", "b.nc"]


CHANGES = {
    "--temperature 1.0": ("--temperature 1.3", "temperature.0 was 1.0, is 1.3"),
    "--q 3": ("--q 4", "q was 3, is 4"),
    "--method heat_bath": ("--method metropolis", "method was heat_bath, is metropolis"),
    "--thin 400": ("--thin 200", "thin was 400, is 200"),
    "--shape 4 4": ("--shape 4 4 --J 0.5", "J was 1.0, is 0.5"),
    "--samples 64": ("--samples 64 --seed 1", "seed was 0, is 1"),
    "sample potts --q 3": ("sample ising", "name was sample potts, is sample ising"),
}


def test_a_stopped_sample_does_not_go_on_as_another(tmp_path, done, stopped):
    words = POTTS.format(thin=400) + " --out a.nc"
    stopped(words, "sampling")
    for old, (new, reason) in CHANGES.items():
        code, said = done(words.replace(old, new))
        assert (code, "another run stopped in a.nc.partial" in said, reason in said) == (2, True, True), said
    config = tmp_path / "a.nc.partial" / "config.toml"
    config.write_text(config.read_text().replace('isinglass = "', 'isinglass = "0.0.'))
    code, said = done(words)
    assert (code, "versions.isinglass was 0.0." in said) == (2, True), said


@pytest.mark.slow
def test_a_stopped_ground_state_does_not_go_on_in_another_sector(tmp_path, done, stopped):
    (tmp_path / "h.toml").write_text(H.format(more="magnetization = 0"))
    assert stopped(GROUND.format(steps=2000), "<H>")[0] == 75
    (tmp_path / "h.toml").write_text(H.format(more="magnetization = 2"))
    code, said = done(GROUND.format(steps=2000))
    assert (code, "another run" in said, "inputs.h.toml was" in said) == (2, True, True)


@pytest.mark.slow
def test_a_half_trained_flow_is_not_published(tmp_path, stopped):
    """A signal in the training is not swallowed; nothing is drawn from the flow of that moment."""
    code, said = stopped(FIELD + " --out a.nc --model m", "training")
    assert (code, "go on with" in said or "nothing was saved" in said) == (75, True), said
    assert not (tmp_path / "a.nc").exists()
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(("name", "code"), [("TERM", 75), ("INT", 130)])
def test_a_signal_before_the_work_has_its_code_and_a_true_sentence(name, code, tmp_path):
    """While the modules are imported: nothing was begun, and nothing is left."""
    script = "import sys; from isinglass.cli import main; print('here', flush=True); main(sys.argv[1:])"
    command = [sys.executable, "-c", script, *shlex.split(POTTS.format(thin=10)), "--out", "a.nc"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(getattr(signal, f"SIG{name}"))
        _, err = process.communicate()
    assert process.returncode == code, err
    assert err == "isinglass: stopped before the work began; nothing was saved\n"
    assert not any(tmp_path.iterdir())


def test_a_signal_after_the_work_takes_nothing_back(tmp_path):
    """While the result is printed, and while the interpreter ends: it is saved, with its exit code."""
    code = """if True:
        import atexit, os, signal, sys
        from isinglass import cli, commands
        end = lambda: os.kill(os.getpid(), signal.SIGTERM)
        commands.report, reported = lambda *a, **k: (end(), reported(*a, **k))[1], commands.report
        atexit.register(end)
        cli.main()"""
    command = [sys.executable, "-c", code, *shlex.split(POTTS.format(thin=10)), "--out", "a.nc"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, [p.name for p in tmp_path.iterdir()]) == (0, ["a.nc"]), done.stderr
    assert "verdict: pass" in done.stdout


@pytest.mark.slow
def test_two_at_once_with_one_output(tmp_path, done):
    words = POTTS.format(thin=4000) + " --out a.nc"
    with started(tmp_path, words) as first:
        while not (tmp_path / "a.nc.partial" / "checkpoint").exists():
            time.sleep(0.05)
        code, said = done(words)
        assert (code, f"process {first.pid} works in a.nc.partial" in said) == (2, True), said
        first.send_signal(signal.SIGKILL)


RUNS = {
    "experiment": "run tfim-ground-state --preset smoke --sizes 6 --fields 0.5 --square 0 --steps 20 --samples 64",
    "ground-state": "ground-state h.toml --preset smoke --steps 20 --samples 64 --seed 3",
    "sample": POTTS.format(thin=2),
}


@pytest.mark.parametrize("kind", RUNS)
def test_the_config_and_the_printed_command_repeat_the_run(kind, tmp_path, done):
    """`isinglass run --config` and the command in the report, with every flag that was used: the same bits."""
    (tmp_path / "h.toml").write_text(H.format(more="magnetization = 0"))
    end = ".nc" if kind == "sample" else ""
    a, b, c = (f"{name}{end}" for name in "abc")
    assert done(f"{RUNS[kind]} --out {a}")[0] in (0, 1)
    config = a if end else f"{a}/config.toml"
    assert done(f"run --config {config} --out {b}")[0] in (0, 1)
    command = config_of(tmp_path / a)
    assert command == f"isinglass {RUNS[kind]}"
    assert done(command.removeprefix("isinglass ") + f" --out {c}")[0] in (0, 1)
    for other in (b, c):
        assert content(tmp_path / a) == content(tmp_path / other)
    assert done(f"run --config {config} --seed 5")[0] == 2  # a flag beside it would count for nothing


def config_of(out: Path) -> str:
    if out.is_file():
        return str(xr.load_dataset(out, engine="h5netcdf").attrs["config"]).split('"')[1]
    page = (out / "report.html").read_text()
    command = Result.load(out).command
    assert command in page
    return command


def content(out: Path):
    """All bytes of a file; of a run directory all but times."""
    if out.is_file():
        return out.read_bytes()
    record = json.loads((out / "result.json").read_text())
    record["estimates"] = {k: v for k, v in record["estimates"].items() if "second" not in k}
    return record | {"seconds": 0}, (out / "config.toml").read_bytes()


def test_a_config_whose_settings_are_not_those_of_its_command_is_refused(tmp_path, done):
    assert done(f"{RUNS['experiment']} --out a")[0] in (0, 1)
    config = tmp_path / "a" / "config.toml"
    config.write_text(config.read_text().replace("steps = 20", "steps = 30"))
    code, said = done("run --config a --out b")
    assert (code, "settings.steps was 30, is 20" in said) == (2, True), said
    code, said = done("run --config nowhere")
    assert (code, "config.toml" in said) == (2, True)


def test_digests_of_inputs(tmp_path):
    """SHA-256 of the text abc; of a folder the files of a run, no others; a device has no end."""
    (tmp_path / "a").write_text("abc")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.json").write_text("abc")
    (tmp_path / "m" / "core").symlink_to("/dev/zero")
    said = file_digests({"file": tmp_path / "a", "more": (tmp_path / "m", tmp_path / "none"), "n": 3})
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert said == {str(tmp_path / "a"): known, str(tmp_path / "m" / "model.json"): known}
    with pytest.raises(InputError, match="a device"):
        file_digests([Path("/dev/zero")])


def test_a_task_says_its_settings_and_the_flags(tmp_path, done):
    """What a task records of its plan is not lost under the flags that were given."""
    (tmp_path / "h.toml").write_text(H.format(more="magnetization = 0"))
    assert done(RUNS["ground-state"] + " --out a")[0] in (0, 1)
    settings = json.loads((tmp_path / "a" / "result.json").read_text())["settings"]
    assert settings["steps"] == 20
    assert os.path.basename(settings["file"]) == "h.toml"


def test_what_is_no_number_of_seconds_between_lines_is_ten():
    assert [seconds_between(text) for text in ("0.5", "", "often")] == [0.5, 10.0, 10.0]
