# What a developer and the CI run. Only Python and make are taken for granted.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
DEMO = $(or $(wildcard $(READY)),.venv/demo)
JAVA = JAVA_HOME="$$($(BIN)/python -m tools.java)" && export JAVA_HOME
LOCKED := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url

OTHER_PYTHON := $(PYTHON) is not Python 3.11 to 3.14: make PYTHON=python3.12 (or the path of another)
NO_VENV := $(PYTHON) cannot make a virtual environment: apt install python3-venv, or make PYTHON=...

.DEFAULT_GOAL := help
.PHONY: help install check unit test test-tampering lint format compile golden docs demo pictures images sbom pin-base test-images jars minio lock clean
.PHONY: bench bench-audit bench-cells bench-commands bench-crash bench-dashboard bench-demo bench-etl bench-init bench-lenders bench-model bench-monitoring bench-scale bench-spoilt bench-stops
# These would send pip elsewhere than .venv, or our imports elsewhere than here.
unexport PIP_CONSTRAINT PIP_PREFIX PIP_TARGET PIP_USER PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK = 1
include manifests/cluster.mk

##@ Begin
help: ## this list
	@awk -F ':.*## ' '/^##@ / {print "\n" substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DEMO) ## a model's life on simulated data, no cluster (ARGS="--scenario refused")
	@$(JAVA) && $(BIN)/creditrisk demo $(ARGS)

install: $(READY) ## make .venv with all that developers need; nothing to do while locks are unchanged

##@ Change the code
check: $(READY) ## lint, types and the unit tests: no Java, no Spark, no network; a minute and a half
	@$(MAKE) --no-print-directory --jobs 2 lint unit

unit: $(READY) ## the unit tests alone (ARGS="-k drift" narrows them)
	$(BIN)/pytest tests/unit --numprocesses 2 --dist loadfile --durations 0 --durations-min 5 $(ARGS)

test: $(READY) ## every test; finds a Java for Spark or fetches one (ARGS="-k drift" narrows it)
	@$(JAVA) && $(BIN)/pytest $(ARGS)

test-tampering: $(READY) ## every attack on the evidence, on a disk and on a real MinIO (needs its binary)
	$(BIN)/pytest tests/long/test_binding.py tests/long/test_audit_tampering.py tests/s3/test_binding.py tests/s3/test_governance.py $(ARGS)

lint: $(READY) ## style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

compile: $(READY) ## compile into build/pipelines (ARGS="--images build/images.json" for those)
	$(BIN)/python compile.py $(ARGS)

golden: $(READY) ## accept the compiled pipelines as reviewed (read the difference first)
	$(BIN)/python -m tools.dag --golden tests/pipelines/golden

docs: $(READY) ## write what follows from code: dictionary, portfolio's keys, policy guide, architecture
	$(BIN)/creditrisk portfolio keys > docs/portfolio.md
	$(BIN)/creditrisk lake dictionary > docs/data_dictionary.md
	$(BIN)/creditrisk policy guide > docs/policy.md
	$(BIN)/python -m tools.architecture > docs/architecture.svg
	$(BIN)/python -m tools.json_answers > docs/json_schema.json

pictures: $(READY) ## docs/pictures from a store (ARGS="--store URI"; default: the demo's)
	@$(BIN)/python -m tools.pictures $(ARGS)

lock: $(READY) ## lock again after a change of pyproject.toml (ARGS=--upgrade for newer versions)
	$(BIN)/$(LOCKED) --extra dev pyproject.toml -o requirements/dev.txt $(ARGS)
	$(BIN)/$(LOCKED) -c requirements/dev.txt --extra demo pyproject.toml -o requirements/demo.txt
	for image in spark ml dashboard; do $(BIN)/$(LOCKED) -c requirements/dev.txt \
	  --excludes images/unused.txt --extra $$image pyproject.toml -o requirements/$$image.txt; done
	$(BIN)/$(LOCKED) -c requirements/dev.txt --extra host pyproject.toml -o requirements/ops.txt
	printf 'cyclonedx-bom\n' | $(BIN)/$(LOCKED) - -o requirements/sbom.txt
	printf 'pip\nsetuptools\nuv\n' | $(BIN)/$(LOCKED) -c requirements/dev.txt - -o requirements/bootstrap.txt

clean: ## remove what make has made; a store stays
	rm -rf .venv .jdk build *.egg-info catboost_info
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find components pipelines tests tools -name __pycache__ -prune -exec rm -rf {} +

##@ A bucket on this machine
jars: $(READY) ## fetch Spark's jars for s3:// into the user's cache (690 MB, once)
	@$(JAVA) && $(BIN)/python -m tools.jars

minio: $(READY) jars ## a MinIO on loopback and how to use it (PORT=9000; ARGS=--obtain only gets one)
	@$(BIN)/python -m tools.minio $(ARGS)

##@ Images (Docker)
images: $(READY) ## build the images, named by their content in build/images.json (needs Docker)
	@$(BIN)/python images/build.py $(ARGS)

sbom: $(READY) ## what is in each image, and under which licences (build/sbom; needs Docker)
	@$(BIN)/python -m tools.sbom $(ARGS)

pin-base: $(READY) ## name the images' base by its digest, in images/base.txt (needs Docker and its registry)
	@$(BIN)/python images/build.py --pin-base $(ARGS)

test-images: images ## what the images hold, Spark's executors, and a month run from them
	@$(JAVA) && CREDITRISK_TEST_IMAGES=build/images.json $(BIN)/pytest tests/images

##@ Measure
bench: $(READY) ## every budget with its figure, in docs/benchmarks.md (ARGS="demo months" for some)
	@$(JAVA) && $(BIN)/python -m bench.report $(ARGS)

bench-demo: $(READY) ## how often the demo's story comes true over ten seeds (slow)
	@$(JAVA) && $(BIN)/python -m bench.demo_seeds $(ARGS)

bench-etl: $(READY) ## what the ETL costs by month and by size, beside DuckDB (ARGS="--sizes 1 10")
	@$(JAVA) && $(BIN)/python -m bench.etl $(ARGS)

bench-model: $(READY) ## how good models and gates are, over five seeds (ARGS="--data DIR"; slow)
	@$(JAVA) && $(BIN)/python -m bench.model $(ARGS)

bench-scale: $(READY) ## a month of 1M applications x 57 columns, task to task (ARGS="--rows N")
	@$(JAVA) && $(BIN)/python -m bench.large_month $(ARGS)

bench-audit: $(READY) ## what verifying an audit trail of 100,000 records costs (ARGS="--records N")
	@$(BIN)/python -m bench.audit $(ARGS)

bench-commands: $(READY) ## CPU seconds of the commands people wait for, beside their budgets
	@$(BIN)/python -m bench.commands $(ARGS)

bench-monitoring: $(READY) ## a month's statistics at 1M applications x 60 features, beside Evidently's
	@$(BIN)/python -m bench.monitoring $(ARGS)

bench-dashboard: $(READY) ## what a page of 60 months and 100 features costs, in a real Chromium
	@$(BIN)/python -m bench.dashboard $(ARGS)

bench-crash: $(READY) ## kill the ETL at fifty moments; what a reader saw, what was left (slow)
	@$(JAVA) && $(BIN)/python -m bench.crash $(ARGS)

bench-stops: $(READY) ## stop a month's run at fifty moments; what went on, what was left (slow)
	@$(JAVA) && $(BIN)/python -m bench.stopped_runs $(ARGS)

bench-init: $(READY) ## a year of six lenders from init on, beside the truth (ARGS=leases; slow)
	@$(JAVA) && $(BIN)/python -m bench.described_years $(ARGS)

bench-lenders: $(READY) ## a year of lenders unlike one another, month by month (ARGS=seasonal; slow)
	@$(JAVA) && $(BIN)/python -m bench.lender_years $(ARGS)

bench-spoilt: $(READY) ## 62 deliveries, spoilt or sound: do the ETL and the check judge them alike
	@$(JAVA) && $(BIN)/python -m bench.spoilt_deliveries $(ARGS)

bench-cells: $(READY) ## 100,000 hostile cells of each type: do Spark and the check read them alike
	@$(JAVA) && $(BIN)/python -m bench.hostile_cells $(ARGS)

.venv/demo: LOCK := requirements/demo.txt
$(READY): LOCK := requirements/dev.txt
.venv/demo $(READY): pyproject.toml requirements/bootstrap.txt requirements/demo.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { echo "$(OTHER_PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(NO_VENV)" >&2; exit 1; }
	@echo "making .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@echo "installing the $$(grep -c '^[a-z].*==' $(LOCK)) packages of $(LOCK): half a minute or more the first time"
	@# uv trusts whom the machine trusts; the mirrors of a pip configuration only pip knows
	@$(BIN)/uv pip sync --quiet --system-certs --python $(BIN)/python --require-hashes --no-build-isolation $(LOCK) || \
	$(BIN)/python -m pip install --require-hashes --no-build-isolation -r $(LOCK)
	@echo "installing creditrisk itself"
	@# setuptools warns of every editable installation
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
