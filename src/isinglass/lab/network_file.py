# SPDX-License-Identifier: Apache-2.0
"""Networks that a lab keeps from one start to the next, in the user's cache folder."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["read_network", "store_network"]


def read_network(folder: Path) -> Any:
    """The network in a folder; None without one, or with one that cannot be read, which is removed."""
    from isinglass.run.model_file import load_model

    try:
        return load_model(folder) if folder.is_dir() else None
    except ValueError:
        shutil.rmtree(folder, ignore_errors=True)
        return None


def store_network(folder: Path, network: Any) -> None:
    """Write the network beside its place, then rename it; on a full disk, or where another lab was first, do nothing."""
    from isinglass.run.model_file import save_model

    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            save_model(temporary, network)
            temporary.rename(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
