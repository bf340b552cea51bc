# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.setting import ansatz as ansatz
from isinglass.tasks.setting import given_arrays as given_arrays
from isinglass.tasks.setting import method as method
from isinglass.tasks.setting import observable as observable
from isinglass.tasks.setting import optimizer as optimizer
from isinglass.tasks.setting import phases_files as phases_files
from isinglass.tasks.setting import temperature as temperature
from isinglass.tasks.setting import validate as validate
from isinglass.tasks.setting.ansatz import Ansatz as Ansatz
from isinglass.tasks.setting.ansatz import ansatz_words as ansatz_words
from isinglass.tasks.setting.ansatz import name_of as name_of
from isinglass.tasks.setting.ansatz import untrained as untrained
from isinglass.tasks.setting.given_arrays import GivenArrays as GivenArrays
from isinglass.tasks.setting.given_arrays import with_configurations as with_configurations
from isinglass.tasks.setting.method import Correction as Correction
from isinglass.tasks.setting.method import LEARNED as LEARNED
from isinglass.tasks.setting.method import is_learned as is_learned
from isinglass.tasks.setting.method import learned_methods as learned_methods
from isinglass.tasks.setting.method import methods as methods
from isinglass.tasks.setting.method import objectives as objectives
from isinglass.tasks.setting.observable import ObservableTexts as ObservableTexts
from isinglass.tasks.setting.observable import Observables as Observables
from isinglass.tasks.setting.observable import observable_operators as observable_operators
from isinglass.tasks.setting.optimizer import Optimizer as Optimizer
from isinglass.tasks.setting.optimizer import Sampler as Sampler
from isinglass.tasks.setting.optimizer import born_sampler as born_sampler
from isinglass.tasks.setting.optimizer import optimizer_words as optimizer_words
from isinglass.tasks.setting.optimizer import sampler_words as sampler_words
from isinglass.tasks.setting.optimizer import update_rule as update_rule
from isinglass.tasks.setting.phases_files import PhasesFiles as PhasesFiles
from isinglass.tasks.setting.phases_files import configurations_of as configurations_of
from isinglass.tasks.setting.temperature import check_temperature as check_temperature
from isinglass.tasks.setting.temperature import parse_temperature as parse_temperature
from isinglass.tasks.setting.validate import expected as expected
from isinglass.tasks.setting.validate import fits as fits
