# Everything that is done here, by name. Bare `make` lists it.
# Needs only Python ≥ 3.11 and make; the rest is installed into .venv, as much as a command needs.

PYTHON ?= python3
BIN := .venv/bin

SCENARIO ?= happy
DEMO ?=
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo sandbox test prove check lint fix definitions docs screenshot package lock audit bench bench-verification soak capacity-report audit-dependencies load load-clicks group-load deploy browser clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/sandbox ## roll out in the sandbox (DEMO=auto plays the people; SCENARIO=help lists)
	@$(BIN)/python -m sandbox.demo --scenario $(SCENARIO) $(if $(filter auto,$(DEMO)),--auto)

sandbox: .venv/sandbox ## keep the sandbox up until interrupted
	@exec $(BIN)/python -m sandbox.serve

test: .venv/installed browser ## run something of every kind of test, in minutes (TESTS=… runs some)
	$(PYTEST) $(TESTS)

prove: .venv/installed .venv-generation/installed browser ## run everything: every fault, every scenario, the mutations
	$(PYTEST) --prove $(TESTS)

check: lint test ## what a change must pass before `make prove`; changes nothing, calls no AWS

lint: .venv/installed ## format, lint, types, generated files, template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m workflows.generate --check
	$(BIN)/python -m docs.write_defaults --check
	$(BIN)/cfn-lint definitions/template.yaml

fix: .venv/installed ## format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

definitions: .venv/installed ## write the state machine and its picture
	$(BIN)/python -m workflows.generate

docs: .venv/installed ## write the code's defaults into docs/settings.md
	$(BIN)/python -m docs.write_defaults

screenshot: .venv/installed browser ## take the README's picture of the channel
	$(BIN)/python -m tests.support.take_screenshot

package: .venv/sandbox ## build build/lambda.zip and say what is in it
	$(BIN)/python -m operations.package --report

lock: ## resolve requirements/*.in anew into locked versions with hashes
	$(PYTHON) requirements/lock.py

audit: .venv/sandbox ## write the audit as JSON lines (APPLICATION=… or ROLLOUT=…; STACK=…, REGION=…)
	@$(BIN)/python -m operations.audit_export --verify $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(if $(ROLLOUT),--rollout $(ROLLOUT)) $(if $(APPLICATION),--application $(APPLICATION)) $(if $(ENDPOINT),--endpoint-url $(ENDPOINT))

capacity-report: .venv/sandbox ## say what tasks reserve and use, and what would fit (APPLICATION=…; STACK=…, REGION=…)
	@$(BIN)/python -m operations.capacity_report $(if $(STACK),--stack $(STACK)) $(if $(REGION),--region $(REGION)) $(if $(APPLICATION),--application $(APPLICATION)) $(if $(APPLICATIONS),--applications $(APPLICATIONS)) $(if $(ENDPOINT),--endpoint-url $(ENDPOINT))

audit-dependencies: .venv-audit/installed ## ask whether a locked package has a known vulnerability (needs the network)
	@for lock in requirements/*.txt; do echo "$$lock" >&2; \
	  .venv-audit/bin/pip-audit --requirement "$$lock" --strict --disable-pip --require-hashes --progress-spinner off || failed=1; \
	done; exit $${failed:-0}

bench: .venv/sandbox ## measure the acknowledgement path: cold import, warm median and p99
	@$(BIN)/python -m bench.acknowledgement

bench-verification: .venv/sandbox ## simulate releases, and count how often each judge is wrong (RUNS=… SEED=…)
	@RUNS=$(or $(RUNS),1000) SEED=$(or $(SEED),1) $(BIN)/python -m bench.verification

soak: .venv/installed ## simulate random combinations of faults (RUNS=… SEED=… MINUTES=…; SEED alone replays one)
	@RUNS=$(RUNS) SEED=$(SEED) MINUTES=$(MINUTES) $(BIN)/python -m simulator.soak

load: .venv/sandbox ## roll out hundreds of applications at once in the sandbox (APPLICATIONS=… ACCELERATION=…)
	@$(BIN)/python -m bench.load --applications $(or $(APPLICATIONS),200) --acceleration $(or $(ACCELERATION),20)

load-clicks: .venv/sandbox ## answer a minute of clicks at a steady rate (RATE=… SECONDS=…)
	@$(BIN)/python -m bench.clicks --rate $(or $(RATE),50) --seconds $(or $(SECONDS),60)

group-load: .venv/sandbox ## roll 50 applications out as one group in the sandbox, within AWS's rates
	@$(BIN)/python -m bench.group_load

deploy: .venv/sandbox ## put it into your own AWS account (BUCKET=… SLACK_CHANNEL=… SLACK_TEAM=…)
	@$(BIN)/python -m operations.deploy

browser:
	@$(PYTHON) tests/support/install_browser.py

clean: ## remove everything that was installed or built
	rm -rf .venv .venv-generation .venv-audit build .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Any Python can read the first command; the second needs a new enough one.
INSTALL = @$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"Python 3.11 or newer is needed, for example: make PYTHON=python3.12 $(MAKECMDGOALS)")' \
	&& $(PYTHON) requirements/install.py

.venv/sandbox: requirements/sandbox.txt
	$(INSTALL) .venv $< "the sandbox"
	@touch $@

.venv/installed: requirements/develop.txt
	$(INSTALL) .venv $< "the sandbox and the tests"
	@touch $@

.venv-generation/installed: requirements/generation.txt
	$(INSTALL) .venv-generation $< "generating with the real sagemaker"
	@touch $@

.venv-audit/installed: requirements/audit.txt
	$(INSTALL) .venv-audit $< "auditing dependencies"
	@touch $@
