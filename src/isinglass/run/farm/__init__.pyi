# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.run.farm import batch as batch
from isinglass.run.farm import child as child
from isinglass.run.farm import child_process as child_process
from isinglass.run.farm import executor as executor
from isinglass.run.farm import farm as farm
from isinglass.run.farm import outcome as outcome
from isinglass.run.farm import pace as pace
from isinglass.run.farm import sending as sending
from isinglass.run.farm.batch import FarmWork as FarmWork
from isinglass.run.farm.batch import run_batch as run_batch
from isinglass.run.farm.child import Child as Child
from isinglass.run.farm.child import ChildEndedError as ChildEndedError
from isinglass.run.farm.child import Children as Children
from isinglass.run.farm.child import children_of as children_of
from isinglass.run.farm.child import end_children as end_children
from isinglass.run.farm.child_process import main as main
from isinglass.run.farm.executor import Workers as Workers
from isinglass.run.farm.executor import check_executor as check_executor
from isinglass.run.farm.executor import replaced as replaced
from isinglass.run.farm.executor import workers_of as workers_of
from isinglass.run.farm.farm import run_farm as run_farm
from isinglass.run.farm.outcome import Outcome as Outcome
from isinglass.run.farm.outcome import Status as Status
from isinglass.run.farm.outcome import outcome_of as outcome_of
from isinglass.run.farm.pace import Pace as Pace
from isinglass.run.farm.sending import NotReceivedError as NotReceivedError
from isinglass.run.farm.sending import packed as packed
from isinglass.run.farm.sending import received as received
