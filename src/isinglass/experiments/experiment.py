# SPDX-License-Identifier: Apache-2.0
"""What an experiment is: settings with presets, a claim, and `run(key) -> Result`."""

from abc import ABC, abstractmethod
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from isinglass.errors import InputError
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import Preset

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["PRESETS", "AbstractExperiment", "Preset"]

PRESETS: tuple[Preset, ...] = get_args(Preset)


class AbstractExperiment(ABC):
    """A frozen dataclass of settings; every field becomes a flag of `isinglass run NAME`.

    Law: two runs with equal settings and key give equal numbers.
    """

    name: ClassVar[str]  # as in the catalogue
    task: ClassVar[str]  # approximate, infer, sample or agent
    summary: ClassVar[str]  # what it shows, in a few words, for `isinglass list`
    rows: ClassVar[tuple[int, ...]]  # rows of SYSTEMS.md that it covers
    paper: ClassVar[str]  # DOI or arXiv id
    claim: ClassVar[str]  # what its checks hold, in a sentence
    presets: ClassVar[dict[str, dict[str, Any]]]  # the settings that differ from the defaults, for each preset

    @classmethod
    def preset(cls, name: str = "laptop") -> "AbstractExperiment":
        """`smoke` (at most 45 s), `laptop` (minutes; its checks are its claims), `paper` (published sizes, a GPU)."""
        if name not in PRESETS:
            raise InputError(f"a preset among {', '.join(PRESETS)}", repr(name), "choose one of them")
        settings = cls.presets.get(name, {})
        if unknown := set(settings) - {f.name for f in fields(cls)}:  # pyright: ignore[reportArgumentType]
            raise InputError(f"settings of {cls.__name__} in its presets", ", ".join(unknown), "make them its fields")
        return cls(**settings)

    @abstractmethod
    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> "Result":
        """The result of the experiment.  `checkpoint`: a folder for what a stopped run needs to go on, bit for bit."""
