# SPDX-License-Identifier: Apache-2.0
"""Files in and out."""

from isinglass.data.configurations import Configurations
from isinglass.data.files import read, write

__all__ = ["Configurations", "read", "write"]
