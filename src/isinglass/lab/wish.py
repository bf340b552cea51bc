# SPDX-License-Identifier: Apache-2.0
"""What a tab asks for: messages of the page, checked as they come in."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from isinglass.errors import InputError

__all__ = ["DiffusionWish", "QuenchWish", "SIDES", "Seen", "SpinsWish", "Wish", "read_message"]

SIDES = (64, 128, 256, 512)
Temperature = Annotated[float, Meta(ge=0.1, le=10.0)]
Field = Annotated[float, Meta(ge=0.0, le=5.0)]
StartNumber = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class PageMessage(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag_field="view"):
    """One message of the page."""


class SpinsWish(PageMessage, tag="spins", frozen=True):
    """A lattice of spins and how to move it."""

    model: Literal["ising", "potts", "xy"] = "ising"
    side: Literal[64, 128, 256, 512] = 256
    method: Literal["metropolis", "wolff", "swendsen-wang"] = "metropolis"
    temperature: Temperature = 2.3
    sweeps: Annotated[int, Meta(ge=1, le=256)] = 64  # for each frame, or fewer where time does not suffice
    cold: bool = False  # start from aligned spins; else from random ones
    start: StartNumber = 0  # a new number begins a new chain
    paused: bool = False
    rate: Annotated[float, Meta(ge=0.5, le=60.0)] = 30.0  # frames a second


class QuenchWish(PageMessage, tag="quench", frozen=True):
    """The ground state of a ring in one transverse field, evolving under another."""

    before: Field = 2.0
    after: Field = 0.5
    speed: Annotated[float, Meta(ge=0.05, le=4.0)] = 0.5  # units of 1/J a second
    start: StartNumber = 0
    paused: bool = False
    rate: Annotated[float, Meta(ge=0.5, le=60.0)] = 30.0


class DiffusionWish(PageMessage, tag="diffusion", frozen=True):
    """Noise that a trained network turns into samples."""

    steps: Annotated[int, Meta(ge=4, le=400)] = 120
    start: StartNumber = 0
    paused: bool = False
    rate: Annotated[float, Meta(ge=0.5, le=60.0)] = 30.0


class Seen(PageMessage, tag="seen", frozen=True):
    """The page has drawn this frame: what follows may be sent."""

    frame: int


Wish = SpinsWish | QuenchWish | DiffusionWish
DECODER = msgspec.json.Decoder(SpinsWish | QuenchWish | DiffusionWish | Seen)


def read_message(text: str | bytes) -> Any:
    """A message of the page.  Errors: InputError for any other text."""
    try:
        return DECODER.decode(text)
    except msgspec.MsgspecError as error:
        raise InputError("a message of the lab's page", str(error), "reload the page") from None
    except RecursionError:
        raise InputError("a message of the lab's page", "nested brackets", "reload the page") from None
