# SPDX-License-Identifier: Apache-2.0
"""The networks of all tabs: read from the user's cache folder, or trained once in a process of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from isinglass.errors import InputError
from isinglass.lab.recipe import RECIPES

__all__ = ["Networks"]


class Networks:
    """Networks by name; one is trained at a time, and whoever asks meanwhile waits for it, or is told its state."""

    def __init__(self, cache: Path):
        """`cache`: a folder that is kept from one lab to the next."""
        self.cache, self.ready, self.states, self.lock = cache, {}, {}, threading.Lock()
        self.process: subprocess.Popen | None = None
        self.closed = False

    def get(self, name: str) -> Any:
        """The network; waits while it is trained.  Errors: InputError where that failed."""
        with self.lock:
            if self.closed:
                raise InputError("a lab that is open", "one that closes", "start it again")
            if name not in self.ready:
                if self.states.get(name, "").startswith("could not"):
                    raise InputError("a trained network", f"that it {self.states[name]}", "start the lab again")
                self.states[name] = "is being trained, once on this machine"
                try:
                    self.ready[name] = self.read(name) or self.trained(name)
                except (OSError, ValueError) as error:
                    self.states[name] = f"could not be trained: {error}"
                    raise
                self.states[name] = "is ready"
            return self.ready[name]

    def look(self, name: str) -> tuple[Any, str]:
        """The network if it is ready, and its state in words; at the first look it is asked for."""
        if name not in self.states:
            self.states[name] = "is asked for"
            threading.Thread(target=self.try_to_get, args=(name,), daemon=True).start()
        return self.ready.get(name), self.states[name]

    def try_to_get(self, name: str) -> None:
        """Ask for it; what goes wrong is in its state."""
        with suppress(OSError, ValueError):
            self.get(name)

    def folder(self, name: str) -> Path:
        """Where it is kept."""
        return self.cache / f"{name}-{RECIPES[name].version}"

    def read(self, name: str) -> Any:
        """The network in the cache; None without one, or with one that cannot be read, which is removed."""
        from isinglass.run.model_file import load_model

        try:
            return load_model(self.folder(name)) if self.folder(name).is_dir() else None
        except ValueError:
            shutil.rmtree(self.folder(name), ignore_errors=True)
            return None

    def trained(self, name: str) -> Any:
        """Train it in a process, which a closing lab can end, and cache it, unless another lab was first."""
        self.cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self.cache))
        try:
            words = ["nice", sys.executable, "-m", "isinglass.lab.recipe", name, str(temporary)]
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                start_new_session=True,
            )  # fmt: skip
            if self.closed:  # meanwhile
                self.process.kill()
            _, said = self.process.communicate()
            if self.process.returncode:
                raise InputError("a network that trains", (said.strip().splitlines() or ["no reason"])[-1], "report it")
            temporary.chmod(0o755)
            with suppress(OSError):
                os.rename(temporary, self.folder(name))
            return self.read(name)
        finally:
            self.process = None
            shutil.rmtree(temporary, ignore_errors=True)

    def close(self) -> None:
        """End a training that is under way, and wait until its files are gone."""
        self.closed = True
        if (process := self.process) is not None:
            process.kill()
        with self.lock:
            pass
