# make demo: set up everything and run the main job.  make test: set up everything and pass the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# bytecode is kept: without it each program that tests start compiles JAX's Python anew, 10 s in place of 4
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test quick test-all mutants validate attack lint docs bench peers lock dist fresh clean

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $(READY)

demo: install
	$(BIN)/isinglass run ising-phases --preset smoke

lint: install
	$(BIN)/python -m isinglass.stubs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

test: install  # types are checked beside the tests, a minute and a half of one core
	@$(MAKE) --no-print-directory -j 2 lint quick

quick: install  # compiled programs are kept, in test-all they are not: there are so many that writing them has crashed
	JAX_COMPILATION_CACHE_DIR=$${HOME}/.cache/isinglass/tests JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.2 \
	  $(BIN)/python -m pytest -n 2 -m "not slow"

test-all: lint
	$(BIN)/python -m pytest -n 2

mutants: install  # planted errors, one after the other in a copy; all must be seen by the tests named for them
	$(BIN)/python -m tests.mutants.score

validate: install  # other people's files: make validate DATA=FOLDER; validation/README.md tells where they are from
	@$(BIN)/python -m validation $(DATA)

attack: install  # hostile commands, files and surroundings, mutated inputs, kills; make attack ATTACK=--full for all
	@$(BIN)/python -m attack $(ATTACK)

docs: install  # the site in docs/build/html, without a warning; it needs no network, neither then nor when it is read
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/build/html

bench: install
	$(BIN)/python benchmarks/run.py

peers:  # what the benchmarks compare with, each in an environment of its own
	$(PYTHON) -m venv .peers/ising && .peers/ising/bin/pip install --quiet numba numpy
	$(PYTHON) -m venv .peers/torch && .peers/torch/bin/pip install --quiet torch numpy
	$(PYTHON) -m venv .peers/torchphys && .peers/torchphys/bin/pip install --quiet torch numpy normflows
	$(PYTHON) -m venv .peers/jaxmc && .peers/jaxmc/bin/pip install --quiet blackjax==1.7.1 jax==0.10.2
	$(PYTHON) -m venv .peers/netket && .peers/netket/bin/pip install --quiet netket==3.23.0
	$(PYTHON) -m venv .peers/sbi && .peers/sbi/bin/pip install --quiet torch sbi==0.27.0
	$(PYTHON) -m venv .peers/mace && .peers/mace/bin/pip install --quiet torch mace-torch==0.3.16
	$(PYTHON) -m venv .peers/nequip && .peers/nequip/bin/pip install --quiet torch nequip==0.19.1

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header pyproject.toml --extra tensorboard --group dev -o requirements.lock

dist: install  # wheel and sdist, and what they hold
	rm -rf dist
	$(BIN)/python -m hatchling build
	$(BIN)/python -m pytest -n 0 --dist=no tests/release

fresh: dist  # the wheel in a clean environment of each Python, no pins, to README's first result; make fresh FRESH=--cold
	@$(BIN)/python release/fresh.py dist/*.whl $(FRESH)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache dist
