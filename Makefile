# Everything that this project needs of its machine, and every way to run it.
#
#   make probe   set up, build, and replay every scenario in a real browser
#   make test    everything that must hold before a change lands
#   make         list the targets

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

GO     ?= go
BIN    := bin/checkoutdoctor
MODULE := web/dist/manifest.json
NODE_PATHS := $(shell $(GO) env GOROOT)/lib/wasm

GO_FILES   := $(shell find wasm probe web cmd testdata -name '*.go' -not -path '*/node_modules/*')
WEB_FILES  := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*')
DATA_FILES := $(shell find testdata probe -type f -not -name '*.go')

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | while IFS=$$'\t' read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

## Set-up

.PHONY: browser
browser: ## install the browser that the scenarios run in, where it is missing
	@.ci/need chromium certutil

.PHONY: node
node: ## install Node.js and the packages that the tests use, where they are missing
	@.ci/need node
	@cd web && if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json; fi

## Build

$(MODULE): go.mod go.sum $(GO_FILES) $(WEB_FILES)
	@$(GO) run ./web/bundle
	@touch $@

$(BIN): $(MODULE) $(DATA_FILES)
	@$(GO) build -trimpath -o $@ ./cmd/checkoutdoctor

.PHONY: build
build: $(BIN) ## build the module, the pages and the command bin/checkoutdoctor

## Run

# How many scenarios run at a time. More than there are cores starve those with a
# slowed processor.
JOBS ?= 2

.PHONY: probe
probe: browser $(BIN) ## replay every scenario in a real browser, JOBS (2) at a time; ARGS passes options
	@$(BIN) probe -j $(JOBS) $(ARGS)

.PHONY: soak
REPEAT ?= 3
soak: browser $(BIN) ## replay every scenario REPEAT (3) times; whatever differs is flaky and fails. ARGS="--tags healthy" for the healthy ones
	@$(BIN) probe -j $(JOBS) --repeat $(REPEAT) $(ARGS)

.PHONY: lab
lab: $(BIN) ## run the reference checkout with its faults, until interrupted
	@$(BIN) lab $(ARGS)

## Check

.PHONY: test
test: browser node lint probe test-module test-go ## everything that must hold before a change lands

.PHONY: test-go
test-go: browser node $(MODULE) ## native tests, and those of the module in the browser
	@.ci/need systemd-analyze buildah || true # without them the files of deploy are tested less
	@$(GO) test -timeout 30m ./...

.PHONY: test-module
test-module: node ## the module's tests under Node
	@PATH="$$PATH:$(NODE_PATHS)" GOOS=js GOARCH=wasm $(GO) test ./wasm/...

.PHONY: lint
lint: node $(MODULE) ## formatting, vet, staticcheck, and the types of the scripts
	@unformatted="$$(gofmt -l $(GO_FILES))"; if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi
	@$(GO) vet ./...
	@GOOS=js GOARCH=wasm $(GO) vet ./wasm/...
	@$(GO) tool staticcheck -checks all ./...
	@staticcheck="$$($(GO) tool -n staticcheck)"; GOOS=js GOARCH=wasm "$$staticcheck" -checks all ./wasm/...
	@cd web && npx --no-install tsc -p .

.PHONY: compare-sdks
compare-sdks: browser node $(MODULE) ## what payment SDKs say of the lab's faults, beside what the diagnosis says
	@$(GO) run ./probe/sdks/compare

.PHONY: screenshots
screenshots: browser node $(MODULE) ## take pictures of every state in every language into out/screens, and check them
	@.ci/need noto
	@$(GO) run ./probe/screens/take

.PHONY: size
size: ## the module's size against a bare one's, and each package's share
	@$(GO) run ./web/bundle/size

.PHONY: bench
bench: browser $(MODULE) ## how long a diagnosis takes, and how much the vantage bears: medians of at least 10 runs
	@.ci/need ip wrk || true # without them that part is skipped
	@$(GO) test ./cmd/checkoutdoctor -run "^$$" -bench . -benchtime 10x -timeout 20m

.PHONY: fuzz
FUZZTIME ?= 30s
fuzz: ## fuzz every parser of outside input, FUZZTIME (30s) each
	@$(GO) list -f '{{if .TestGoFiles}}{{.ImportPath}}{{end}}{{if .XTestGoFiles}} {{.ImportPath}}{{end}}' ./... | xargs -n1 | sort -u | while read -r pkg; do \
		for target in $$($(GO) test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; $(GO) test "$$pkg" -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME); \
		done; \
	done

.PHONY: golden
golden: browser $(BIN) ## rewrite golden files, the recorded runs and the README's tables
	@$(GO) test ./wasm/report ./probe ./probe/lab ./probe/output -update
	@$(BIN) probe --record testdata/facts
	@$(GO) test ./cmd/checkoutdoctor -run 'README|ReportShow' -update

.PHONY: golden-firefox
golden-firefox: $(MODULE) ## record anew what a real Firefox shows in the lab; TRIALS names some of the runs
	@.ci/need firefox certutil
	@$(GO) run ./probe/firefox testdata/firefox $(TRIALS)

.PHONY: clean
clean: ## remove what was built
	@rm -rf bin out web/dist/v web/dist/manifest.json
