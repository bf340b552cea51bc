# SPDX-License-Identifier: Apache-2.0
"""Files in and out."""

from isinglass.data.configurations import Configurations

__all__ = ["Configurations"]
