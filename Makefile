# `make demo` and `make test` do all of their own set-up; the rest is for people who work on Wye.
.PHONY: help setup demo test test-long mutants check format bench docs lock audit sign-examples clean
BIN := .venv/bin
help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
setup: ## install what Wye needs (quick the second time)
	@sh scripts/setup.sh
demo: setup ## make a county, run the whole road through Airflow, prove the log
	@$(BIN)/wye demo
check: setup ## format, lint, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
test: check ## the tests, under 15 minutes on two cores
	$(BIN)/pytest -n 2 --dist loadfile -m "not long"
test-long: setup ## kills, clusters, big streams
	$(BIN)/pytest -m long
mutants: setup ## plant known bugs in what decides; exit 1 if the tests named beside one pass
	@$(BIN)/python scripts/mutants.py $(ONLY)
bench: setup ## measure against named peers, into var/bench.json
	$(BIN)/python -m benchmarks
docs: setup ## regenerate what is generated from code
	$(BIN)/python scripts/generate_docs.py
lock: setup ## resolve requirements.lock anew
	$(BIN)/uv pip compile --python-version 3.11 --universal --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
audit: setup ## known vulnerabilities in the lock
	$(BIN)/pip-audit --require-hashes -r requirements.lock --disable-pip
sign-examples: setup ## make a new set of example principals and sign the example agreements
	$(BIN)/python scripts/sign_examples.py
clean: ## stop what runs and remove everything that Wye wrote
	@for home in var var/tests var/demo-tests; do [ ! -d $$home/services ] || WYE_HOME=$$home $(BIN)/wye services down --erase; done
	rm -rf var
