# SPDX-License-Identifier: Apache-2.0
"""What an experiment is: settings with presets, a claim, and `run(key) -> Result`."""

from abc import ABC, abstractmethod
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import Preset, check_setting

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["PRESETS", "AbstractExperiment", "Preset"]

SIDES = ("side", "size", "sizes")  # names of settings that are sides of a lattice
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
    guide: ClassVar[str] = "docs/conventions.md"  # the page of the documentation that explains it
    presets: ClassVar[dict[str, dict[str, Any]]]  # the settings that differ from the defaults, for each preset
    least: ClassVar[dict[str, float]] = {}  # numbers that may be 0 or below, and the smallest; all others are positive

    def __post_init__(self):
        """Errors: InputError for a setting of another type, or out of range; a list is empty only as in a preset."""
        emptied = {name for preset in self.presets.values() for name, value in preset.items() if value == ()}
        for f in fields(self):  # pyright: ignore[reportArgumentType]
            value = getattr(self, f.name)
            check_setting(f, value, self.least, empty=f.name in emptied)
            if f.name.rpartition("_")[2] in SIDES:
                longest = max(value, default=0) if isinstance(value, tuple | list) else value
                require_memory(f.name, 8 * longest**2, f"{longest} x {longest} sites", "choose a smaller one")

    @classmethod
    def preset(cls, name: str = "laptop") -> "AbstractExperiment":
        """`smoke` (at most 45 s), `laptop` (minutes; its checks are its claims), `paper` (published sizes, a GPU)."""
        if name not in PRESETS:
            raise InputError(f"a preset among {', '.join(PRESETS)}", repr(name), "choose one of them")
        settings = cls.presets.get(name, {})
        if unknown := set(settings) - {f.name for f in fields(cls)}:  # pyright: ignore[reportArgumentType]
            raise InputError(f"settings of {cls.__name__} in its presets", ", ".join(unknown), "make them its fields")
        return cls(**settings)

    @classmethod
    def in_words(cls) -> dict[str, str]:
        """What it shows, what it claims, the paper, and the page of the documentation."""
        said = {"question": "summary", "claim": "claim", "paper": "paper", "guide": "guide"}
        return {name: text for name, of in said.items() if (text := getattr(cls, of, ""))}

    @abstractmethod
    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> "Result":
        """The result of the experiment.  `checkpoint`: a folder for what a stopped run needs to go on, bit for bit."""
