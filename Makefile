# Every target sets up what it needs; `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help demo dev test check format lock clean bootstrap soak bench mutants test-docker compose-up compose-down

bin := .venv/bin
at_once := $(shell echo $$(($$(nproc) + 1)))  # tests wait about as much as they compute

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

demo: bootstrap ## a small company's year on real Kafka and Postgres, then live until Ctrl-C
	@$(bin)/amicable demo

dev: bootstrap ## all services in the foreground, until Ctrl-C
	@$(bin)/amicable dev

test: bootstrap ## all tests, on real Kafka and Postgres; one more at once than there are cores
	$(bin)/pytest -n $(at_once) --dist loadfile --no-loadscope-reorder

check: bootstrap ## format, lint, types, import rules, contracts' files, YAML and shell
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/mypy docs/contracts/examples/terminations/consumer.py
	$(bin)/lint-imports
	$(bin)/amicable contracts check
	$(bin)/python -m tests.mutants.run --check
	$(bin)/yamllint --strict $$(git ls-files '*.yml' '*.yaml')
	$(bin)/shellcheck $$(git grep --full-name -lE '^#!.*(ba)?sh$$')

format: bootstrap ## puts the code into shape
	$(bin)/ruff check --fix
	$(bin)/ruff format

lock: bootstrap ## resolves the dependencies anew
	$(bin)/uv pip compile $(lock_flags) pyproject.toml -o requirements/service.txt
	$(bin)/uv pip compile $(lock_flags) --extra local --extra develop pyproject.toml -o requirements/develop.txt
	echo quixstreams | $(bin)/uv pip compile $(lock_flags) - -o bench/contenders/quix.txt
	$(bin)/python -m amicable.runtime.kafka_jars --lock
	$(bin)/python -m bench.java_compiler --lock
	$(bin)/python -m bench.contenders.kafka_streams --lock
	$(bin)/python -m tests.terminations.consumers --lock
	$(bin)/python -m tests.identity.provider --lock

lock_flags := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## removes what was installed and what ran here
	rm -rf .venv .amicable dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

bootstrap:
	@deploy/bootstrap

mutants: bootstrap ## breaks each promise, and requires that its test fails
	$(bin)/python -m tests.mutants.run $(MUTANTS)

soak: bootstrap ## the long tests: 100,000 events while a service is killed
	$(bin)/pytest -m soak

bench: bootstrap ## the lane's speed beside a handler per message, Quix Streams, Kafka Streams (half an hour)
	$(bin)/python -m bench $(BENCH)

test-docker: bootstrap ## all tests, on Kafka and Postgres in containers
	AMICABLE_TEST_RUNTIME=docker $(bin)/pytest -n $(at_once) --dist loadfile --no-loadscope-reorder

compose-up: ## everything in containers; ends when it is healthy
	docker compose up --build --wait

compose-down: ## removes the containers and their data
	docker compose down --volumes
	rm -f deploy/clock/now
