# SPDX-License-Identifier: Apache-2.0
"""`python -m isinglass` is the command line."""

from isinglass.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
