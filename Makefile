# What people and machines type; `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
SNAKEMAKE := $(BIN)/snakemake
INSTALLED := $(BIN)/pointprior

# containers often forbid Python to keep what it compiles; every job would compile all that it imports again
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo paper-demo benchmark-site redraw test test-slurm lint types format schema docs clean
.DELETE_ON_ERROR:

help: ## list the targets
	@grep -E '^[.a-zA-Z/-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv: $(INSTALLED) ## build the Python environment from requirements.lock, with this package in it
	@touch $@

# the lock has setuptools, so that the package is built without a download; an older environment is brought up to date.
# First the lock as it stands, two installers at a time; then what it lacks on this platform (torch's CUDA libraries).
# Modules are compiled when they are first imported: most of those installed never are. What Numba compiles is compiled
# once here, or the first jobs would do so side by side
$(INSTALLED): requirements.lock pyproject.toml
	@echo "Building the Python environment in .venv, once: a minute or more"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@grep -v '^#' requirements.lock | xargs -P 2 -n 30 $(BIN)/python -m pip install --quiet --no-compile --no-deps
	@$(BIN)/python -m pip install --quiet --no-compile --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/pointprior compile
	@touch $@

demo: $(INSTALLED) ## reconstruct three structures with the bundled prior (minutes, two cores, no network)
	@PYTHONPATH=workflow $(SNAKEMAKE) demo --configfile config/demo.yaml --logger progress
	@$(BIN)/pointprior summary results/tables/summary.csv
	@echo "What to do next"
	@echo "  all of it, in 3D: open results/index.html in a browser (no network needed)"
	@echo "  from the PDB:     $(SNAKEMAKE) results/7qpd/p3x1024/dps.cxc --configfile config/mini.yaml"
	@echo "  your own images:  $(BIN)/pointprior example mine (images to try it with), then docs/own-data.md"
	@echo "  provenance:       make results/report.html"

paper-demo: $(INSTALLED) ## every table and figure of the paper, on generated shapes and bundled molecules (two cores, no network)
	@PYTHONPATH=workflow $(SNAKEMAKE) paper --configfile config/standin.yaml config/reduced.yaml --logger progress
	@echo "Pages: results/reproduction.html (printed and computed), results/index.html (everything to show)"

PUBLISHED ?= docs/benchmark

benchmark-site: $(INSTALLED) ## the tables kept in docs/benchmark (or PUBLISHED=docs/benchmark-realistic) as a page to show (results/index.html), without computing anything
	@test -f $(PUBLISHED)/config.json || { echo "$(PUBLISHED) has no tables yet: snakemake publish"; exit 1; }
	$(SNAKEMAKE) site --configfile $(PUBLISHED)/config.json --config redraw=$(PUBLISHED)

redraw: $(INSTALLED) ## draw the figures of those tables, without computing anything
	@test -f $(PUBLISHED)/config.json || { echo "$(PUBLISHED) has no tables yet: snakemake publish"; exit 1; }
	$(SNAKEMAKE) figures --configfile $(PUBLISHED)/config.json --config redraw=$(PUBLISHED)

# the report holds the tables and figures; it is written again when one of them is newer
results/report.html: results/tables/summary.csv $(wildcard results/figures/*.png results/figures/reconstructions/*.png)
	$(SNAKEMAKE) demo --configfile config/demo.yaml --quiet all --report $@

# whole files go to a worker, since their fixtures are dear; a worker per core, so that each keeps to one thread
test: lint ## everything that must hold: style, workflow checks, tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses logical --dist loadfile

test-slurm: $(INSTALLED) ## the slurm profile on a SLURM of its own (root; apt-get install slurmctld slurmd slurm-client munge)
	@$(BIN)/python tests/slurm/cluster.py
	$(BIN)/python -m pytest -q tests/slurm

types: $(INSTALLED) ## types of the library and of the Python beside the rules
	$(BIN)/mypy

lint: types ## types, and style of Python and Snakemake code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check --compact-diff Snakefile workflow
	$(SNAKEMAKE) --lint

format: $(INSTALLED) ## bring the code into that style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

schema: $(INSTALLED) ## write what is generated: the schema of the configuration, and the tables in the pages
	PYTHONPATH=workflow $(BIN)/python -m benchmark.config.schema
	PYTHONPATH=workflow $(BIN)/python docs/tools/blocks.py

docs: $(INSTALLED) ## build the documentation as a site in site/, without warnings
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

envs/Dockerfile: $(INSTALLED) Snakefile $(wildcard envs/*.yaml workflow/rules/*.smk) ## an image of the environments, as snakemake --containerize writes it (takes conda)
	$(SNAKEMAKE) --containerize > $@.part && mv $@.part $@

clean: ## remove what was computed, but not downloads or the environment
	find results -mindepth 1 -not -name README.md -delete
	rm -rf .snakemake .pytest_cache .ruff_cache site
