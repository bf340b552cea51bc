# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.memory import infer_memory as infer_memory
from isinglass.tasks.memory import memory_file as memory_file
from isinglass.tasks.memory.infer_memory import InferMemory as InferMemory
from isinglass.tasks.memory.memory_file import MemoryFile as MemoryFile
