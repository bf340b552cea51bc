# SPDX-License-Identifier: Apache-2.0
"""A simulator as bytes for another process; never in a file.

By cloudpickle where it is installed: it takes functions of scripts and notebooks along.  Else they are found by name.
"""

import pickle
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from isinglass.errors import InputError
from isinglass.run.farm.outcome import in_words

__all__ = ["NotReceivedError", "packed", "received"]

MODULE = "define it in a file of its own and import it, or pip install cloudpickle"
OPEN = "give it what it needs as plain data, and open files and the like inside it"


class NotReceivedError(Exception):
    """A worker cannot load the simulator: `text` says why."""


def packed(simulator: Any) -> bytes:
    """Errors: InputError for a function that cannot be sent to another process."""
    try:
        if find_spec("cloudpickle") is not None:
            import cloudpickle

            return cloudpickle.dumps(simulator)
        function = getattr(simulator, "function", simulator)
        if getattr(function, "__module__", "") == "__main__":
            found = f"{getattr(function, '__qualname__', type(function).__name__)}, of the script or notebook itself"
            raise InputError("a simulator that other processes can import", found, MODULE)
        return pickle.dumps(simulator)
    except InputError:
        raise
    except Exception as error:  # whatever the parts of a closure raise
        fix = OPEN if find_spec("cloudpickle") else MODULE
        raise InputError("a simulator that can be sent to other processes", in_words(error), fix) from None


@lru_cache(maxsize=2)
def received(payload: bytes) -> Any:
    """The simulator, loaded once in a process.  Errors: NotReceivedError."""
    try:
        return pickle.loads(payload)  # noqa: S301  what this very program has sent
    except Exception as error:  # a module that is not there, or whatever it raises on import
        raise NotReceivedError(in_words(error)) from None
