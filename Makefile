# Two commands matter: `make demo` and `make test`. Everything below builds .venv where it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= ../shared/data
BENCH  ?= all
SCALE  ?=
TESTS  ?=
export PYTHONDONTWRITEBYTECODE ?=
export DATONG_TEST_REQUIRE

.PHONY: demo serve test check minio real bench clean requirements

$(VENV)/.run: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "安装运行环境 · installing the run-time environment into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "安装开发与测试工具 · installing the tools for tests into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/python -m examples.demo

serve: $(VENV)/.run
	@DATONG_HOME=$${DATONG_HOME:-var/demo} $(BIN)/datong serve

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

minio:
	@bash .ci/minio

real: $(VENV)/.run
	@$(BIN)/python -m examples.real $(DATA)

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks $(BENCH) $(SCALE)

requirements:
	pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-header --extra setup --output-file requirements.txt pyproject.toml
	pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-header --extra setup --extra dev --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf var
