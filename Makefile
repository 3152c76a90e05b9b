# Every target explains itself: make help
.DEFAULT_GOAL := help
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
# The newest Python is not always the one that wheels exist for; 3.11 is what we test.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
IN := .venv/bin
PARTS := storage core telephony identity cases contacts citizen_pages callbacks sms meetings webhooks ivr skills_routing dashboard app
CODE := $(PARTS) tests tools benchmarks
# Compiled code is kept: every process of ours starts twice as fast.
unexport PYTHONDONTWRITEBYTECODE

# make run SWITCH=simulator serves without a real Asterisk.
ifdef SWITCH
export KC_SWITCH := $(SWITCH)
endif
ASTERISK := $(if $(filter simulator,$(KC_SWITCH)),,--asterisk)

.PHONY: help
help: ## Show what each target does
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo; echo "  make run SWITCH=simulator   serves without a real Asterisk; settings are KC_… variables (README)"

.PHONY: setup
setup: ## Get the Python packages into .venv (nothing but Python is needed beforehand)
	@$(PYTHON) -m tools.setup

.PHONY: run
run: ## Start everything on this machine: switch, stores, web on http://127.0.0.1:8000
	@$(PYTHON) -m tools.setup --web $(ASTERISK) --even-without-programs
	@exec $(IN)/python -m app run --demo

.PHONY: test
test: ready-for-tests ## Run every test, with what they need
	@$(IN)/python -m tools.web run test
	@$(IN)/python -m pytest -n 4 --dist loadgroup --no-loadscope-reorder

.PHONY: check
check: dev ## What one runs all day, under 30 s: format, lint, types, arrows, unit and architecture tests
	@$(MAKE) -j2 -k --output-sync=target formatted linted arrows typed quick-tests

.PHONY: phone
phone: setup ## Talk to any flow in the terminal, without sound
	@$(IN)/python -m app phone

.PHONY: asterisk
asterisk: ## Get a real Asterisk: the machine's own, else into a cache folder, without root
	@$(PYTHON) -m telephony.asterisk.install --cache "$$($(PYTHON) -m app.cache_folder)"

.PHONY: web
web: ## Build the web pages
	@$(PYTHON) -m tools.setup --web

.PHONY: bench
bench: dev ## Run every benchmark (about 20 min) and a table of their bounds, or one: NAME=…; JSON in the last line
	@$(IN)/python -m benchmarks$(if $(NAME),.$(NAME))

.PHONY: soak
soak: dev ## The long proof: 20 routers, 500 agents, 5,000 callers, processes killed and stopped; MINUTES=10 SEED=…
	@$(IN)/python -m tests.proof $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

.PHONY: format
format: dev ## Write the code in the one format, and mend what can be mended
	@$(IN)/ruff check --fix --quiet $(CODE); $(IN)/ruff format $(CODE)

.PHONY: lock
lock: dev ## Choose package versions anew from pyproject.toml, for both locks
	@$(PYTHON) -m tools.lock

.PHONY: clean
clean: ## Remove what was built here (not the cache of Asterisk, not .state)
	@rm -rf .venv dashboard/web/node_modules dashboard/web/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The parts of the above, which explain themselves less.
.PHONY: dev ready-for-tests formatted linted typed arrows quick-tests
dev:
	@$(PYTHON) -m tools.setup --dev
ready-for-tests:
	@$(PYTHON) -m tools.setup --dev --web --asterisk --even-without-programs --programs
formatted:
	@$(IN)/ruff format --check --quiet $(CODE) || { echo "Not in the one format: make format"; exit 1; }
linted:
	@$(IN)/ruff check --quiet $(CODE)
typed:
	@$(IN)/mypy --no-error-summary
arrows:
	@said=$$($(IN)/lint-imports --no-cache 2>&1) || { echo "$$said"; exit 1; }
quick-tests:
	@$(IN)/python -m pytest tests/unit tests/architecture -q -n 2 --dist loadgroup -m 'not thorough'
