export PATH := $(CURDIR)/.venv/bin:$(PATH)
PYTHON ?= python3
STAMP := .venv/.set-up
PEERS := .venv-bench/.set-up
ORACLES := .venv-oracles/.set-up
SPECTRAL := tools/spectral/node_modules/.set-up
DEPLOY := .venv-deploy/.set-up
FUZZER := .venv-fuzzer/.set-up
TOGETHER := $(MAKE) --no-print-directory --jobs=4 --output-sync=target
PYTEST := pytest -q -n 2 --dist loadfile --no-loadscope-reorder$(if $(CI), --durations=25)
.DEFAULT_GOAL := help
.PHONY: help setup demo run up-processes test check fmt lint types imports unit contract contract-deep spectral integration e2e fault fault-short kafka peers oracles bench bench-scale contracts up pin-images fuzzer deploy-tools deploy-check

help:
	@awk -F ':.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z0-9-]+:.*##/ {printf "  %-13s %s\n", $$1, $$2}' Makefile

##@ Start
setup: $(STAMP) ## Make .venv from the hashed lock, with pip alone
demo: $(STAMP) ## Run a sample practice from registration to the ledger, and check every cent
	@claimlog demo
run: $(STAMP) ## The same, and stay up with the HTTP APIs open
	@claimlog run
up-processes: $(STAMP) ## The same as a cluster runs it: 5 APIs, 5 workers, Kafka (needs Java 17 and Maven), PostgreSQL
	@python -m tools.processes $(if $(ONCE),--once) $(if $(RESTART),--restart) $(if $(REPLICAS),--replicas $(REPLICAS))

##@ Check
test: $(STAMP) $(ORACLES) $(FUZZER) $(DEPLOY) unit contract spectral integration e2e fault-short ## All tests, fast ones first
check: ## Everything that is clean before a commit; what no test disturbs goes side by side
	@$(TOGETHER) $(STAMP) $(ORACLES) $(SPECTRAL) $(DEPLOY) $(FUZZER)
	@$(TOGETHER) lint types imports
	@$(MAKE) --no-print-directory test
lint: $(STAMP) ## Style: every ruff rule that pyproject.toml does not excuse
	ruff format --check . && ruff check .
types: $(STAMP) ## Types: mypy strict, tests too
	mypy .
imports: $(STAMP) ## Direction: who may import whom
	lint-imports
unit: $(STAMP) ## Rules and tidiness, without sockets
	$(PYTEST) tests/unit
contract: $(STAMP) ## Schemas, examples, HTTP and docs agree
	$(PYTEST) tests/contract
spectral: $(SPECTRAL) ## The documents of HTTP and topics pass the rules of OpenAPI, AsyncAPI and OWASP (needs Node.js 18)
	cd tools/spectral && node_modules/.bin/spectral lint ../../docs/openapi/*.json ../../docs/asyncapi.json -r ruleset.mjs --fail-severity warn
contract-deep: $(STAMP) $(FUZZER) ## Every route of every document with 500 examples (schemathesis)
	CLAIMLOG_REQUIRE_FUZZER=1 CLAIMLOG_EXAMPLES=500 $(PYTEST) --dist load tests/integration/http
integration: $(STAMP) ## One real dependency at a time, three tests at once
	$(PYTEST) -n 3 tests/integration
e2e: $(STAMP) ## Journeys through all services, three at a time: they wait for programs more than they compute
	$(PYTEST) -n 3 tests/e2e
fault-short: $(STAMP) ## Crashes, repeats, outages in a short dose, three at a time; prints its seed
	$(PYTEST) -n 3 tests/fault
fault: $(STAMP) ## The same in full dose, four at a time: 200 cuts, 90 s pauses, 30 s outages; CLAIMLOG_SEED=7 for other luck
	CLAIMLOG_FAULTS=full $(PYTEST) -n 4 tests/fault

##@ Tools
kafka: $(STAMP) ## A Kafka broker for development, without containers (needs Java 17 and Maven)
	python -m tools.kafka run
oracles: $(ORACLES) ## Make .venv-oracles with the judge of 270, 271, 276 and 277, which needs an older pydantic
fuzzer: $(FUZZER) ## Make .venv-fuzzer with schemathesis, which would be a plugin of every test run
peers: $(PEERS) ## Make .venv-bench with the libraries that measurements stand beside
bench: $(STAMP) $(PEERS) ## Measurements with their peers and bars, into var/bench.json
	python -m bench
bench-scale: $(STAMP) ## What an encounter costs in stores of 10^5 and of 10^6 encounters
	python -m bench.scale

##@ Deploy
up: $(STAMP) ## The services in containers, with Kafka, PostgreSQL and the simulator, until they are healthy
	python -m tools.compose && docker compose --profile core up --build --wait
deploy-check: $(STAMP) $(DEPLOY) ## Judge images, compose file and manifests as `make test` does, and fail where a judge is missing
	CLAIMLOG_REQUIRE_DEPLOY=1 $(PYTEST) tests/contract/test_images.py tests/contract/test_compose.py tests/contract/test_deployment.py tests/contract/test_rendered.py
deploy-tools: $(DEPLOY) ## Make .venv-deploy with the judges of images and manifests (needs Go)
pin-images: $(STAMP) ## Write the digest behind each image's tag (needs docker and a registry)
	@python -m tools.images pin

##@ Change
fmt: $(STAMP) ## Format, and fix what can be fixed
	ruff format . && ruff check --fix .
contracts: $(STAMP) ## Write golden schemas, examples of new events, and generated docs
	python -m tools.write_contracts && python -m tools.write_boards && python -m tools.write_deployment && python -m tools.write_rules_doc && python -m tools.write_x12_rules_doc

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "claimlog needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" && exit 1)
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv from requirements.lock"
	@if command -v uv >/dev/null 2>&1; \
	  then uv pip install -q --python .venv/bin/python --require-hashes -r requirements.lock; \
	  else .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

$(PEERS): pyproject.toml
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["peers"], sep="\n")' > .venv-bench/peers.txt
	@.venv-bench/bin/python -m pip install -q --disable-pip-version-check -r .venv-bench/peers.txt
	@touch $(PEERS)

$(SPECTRAL): tools/spectral/package-lock.json
	@command -v npm >/dev/null || (echo "make spectral: needs Node.js 18 or newer with npm" && exit 1)
	@cd tools/spectral && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
	  || (echo "make spectral: the packages of tools/spectral/package-lock.json cannot be fetched" && exit 1)
	@touch $(SPECTRAL)

$(ORACLES): requirements-oracles.lock
	@test -x .venv-oracles/bin/python || $(PYTHON) -m venv .venv-oracles
	@.venv-oracles/bin/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-oracles.lock \
	  || (echo "make oracles: the packages of requirements-oracles.lock cannot be fetched; without them nothing judges 270, 271, 276 and 277" && exit 1)
	@touch $(ORACLES)

$(DEPLOY): requirements-deploy.lock deploy/checks/go.sum
	@test -x .venv-deploy/bin/python || $(PYTHON) -m venv .venv-deploy
	@.venv-deploy/bin/python -m pip install -q --disable-pip-version-check --no-compile --only-binary :all: --require-hashes -r requirements-deploy.lock
	@if command -v go >/dev/null; \
	  then cd deploy/checks && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local go build -o ../../.venv-deploy/bin/kustomize sigs.k8s.io/kustomize/kustomize/v5; \
	  else echo "make deploy-tools: without Go there is no kustomize; manifests are not rendered"; fi
	@touch $(DEPLOY)

$(FUZZER): requirements-fuzzer.lock
	@test -x .venv-fuzzer/bin/python || $(PYTHON) -m venv .venv-fuzzer
	@.venv-fuzzer/bin/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-fuzzer.lock
	@touch $(FUZZER)
