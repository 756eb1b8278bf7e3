# Verbs for daily use. run.py does the work and needs nothing but Python.
.PHONY: help demo fresh test check lint format states schema messages lock bench clean

help:            ## these lines
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo:            ## a running site with demo data
	python3 run.py demo

fresh:           ## the same, from empty
	python3 run.py demo --fresh

test:            ## all tests; one room: make test only=tests/rules
	python3 run.py test $(only)

check:           ## what CI runs
	python3 run.py check

lint:            ## CI's checks without the tests
	python3 run.py check --static

format:          ## lay the code out, order imports
	.venv/bin/ruff check --fix . && .venv/bin/ruff format .

states:          ## draw docs/states.md again
	python3 run.py manage state_diagram

schema:          ## write docs/api.yaml again
	python3 run.py manage api_schema

messages:        ## bring the Chinese catalog up to the source
	python3 run.py manage messages

bench:           ## measure; one: make bench name=start
	python3 run.py bench $(name)

lock:            ## exact versions with hashes from requirements/*.in
	cd requirements && for name in installer base demo dev research; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-header --annotation-style line -q $$name.in -o $$name.txt || exit 1; done

clean:           ## forget everything that runs have made here
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
