# SPDX-License-Identifier: GPL-3.0-or-later
# `make help` shows the targets: what stands behind ## on their lines.

CC ?= cc
OBJCOPY ?= objcopy
PREFIX ?= /usr/local
OPT ?= -O2
BUILD ?= build
WERROR ?=

VERSION := 0.1.0
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter \
	    -Wno-missing-field-initializers \
	    $(if $(WERROR),-Werror)
# Contracted multiply-adds would make results depend on the machine.
CFLAGS_ALL := -std=gnu11 $(OPT) -g -pthread -ffp-contract=off $(WARNINGS) $(CFLAGS)
CPPFLAGS_ALL := -Iinclude -I. -DOVERSUB_VERSION='"$(VERSION)"' $(CPPFLAGS)
# A policy sees the public headers alone; the compiler enforces it.
CPPFLAGS_POLICY := -Iinclude $(CPPFLAGS)
LDLIBS_ALL := -lgsl -lgslcblas -lcjson -lgcrypt -lm

LIB_SOURCES := $(filter-out sim/cli/main.c,$(wildcard sim/*/*.c models/*/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
TEST_SOURCES := $(wildcard tests/unit/test_*.c)
TEST_PROGRAMS := $(TEST_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)
TEST_SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(TEST_SOURCES),$(wildcard tests/unit/*.c)))
BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
CONFORMANCE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/conformance/*.c))
VALIDATION_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/validation/*.c))
COVERAGE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/validation/coverage/*.c))

.PHONY: FORCE all help setup build-tests check check-full conformance bench validation coverage \
	demo matrix findings findings-check install clean format tsan compile_commands.json
.DEFAULT_GOAL := all
# Test programs are linked with these; make would delete them as mere steps on the way.
.SECONDARY: $(TEST_SUPPORT)

all: $(BUILD)/oversub ## build build/oversub; plain `make` does so, too

help: ## show this
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "make %-21s %s\n", $$1, $$2 }' Makefile

# Plug-ins call what no built-in policy may call, so all of the library is linked, and its public
# functions are exported.
EXPORTS := models/policies/plugin.list
LINK_ALL := -Wl,--whole-archive $(BUILD)/liboversub.a -Wl,--no-whole-archive

$(BUILD)/oversub: $(BUILD)/sim/cli/main.o $(BUILD)/liboversub.a $(EXPORTS)
	@echo "  LD      $@"
	@$(CC) $(CFLAGS_ALL) $(LDFLAGS) -Wl,--dynamic-list=$(EXPORTS) -o $@ $< $(LINK_ALL) $(LDLIBS_ALL)

$(BUILD)/liboversub.a: $(LIB_OBJECTS)
	@echo "  AR      $@"
	@rm -f $@ && $(AR) rcs $@ $^

# What others link: everything below the command line as one object, of which plug-ins may call any
# function; names that are not meant for them are hidden, and cannot clash with their own.
EMBED_OBJECTS := $(filter-out $(BUILD)/sim/cli/% $(BUILD)/sim/plot/% $(BUILD)/sim/report/% \
	$(BUILD)/sim/explain/% $(BUILD)/sim/output/%,$(LIB_OBJECTS))

$(BUILD)/embed/liboversub.a: $(EMBED_OBJECTS) $(EXPORTS)
	@echo "  AR      $@"
	@mkdir -p $(@D)
	@sed -n 's/^\t\(.*\);/\1/p' $(EXPORTS) >$(@D)/exports
	@$(LD) -r -o $(@D)/oversub.o $(EMBED_OBJECTS)
	@$(OBJCOPY) --wildcard --keep-global-symbols=$(@D)/exports $(@D)/oversub.o
	@rm -f $@ && $(AR) rcs $@ $(@D)/oversub.o

# run.json says which source a program was built from. The file changes only when that does.
$(BUILD)/source_state.h: FORCE
	@mkdir -p $(@D)
	@state=$$(git describe --always --dirty --abbrev=40 2>/dev/null); \
	printf '#define OVERSUB_SOURCE "%s"\n' "$${state:-$(VERSION)}" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/sim/output/run_json.o: $(BUILD)/source_state.h
$(BUILD)/sim/output/run_json.o: CPPFLAGS_ALL += -I$(BUILD)

# The pages of help are files of text; in the program, they are strings.
HELP_TEXTS := $(wildcard sim/cli/help/*.txt)

$(BUILD)/help_texts.h: $(HELP_TEXTS)
	@mkdir -p $(@D)
	@for page in $^; do \
		printf '{"%s",\n' "$$(basename $$page .txt)"; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$page; \
		printf '},\n'; \
	done >$@

$(BUILD)/sim/cli/help_text.o: $(BUILD)/help_texts.h
$(BUILD)/sim/cli/help_text.o: CPPFLAGS_ALL += -I$(BUILD)

$(BUILD)/models/policies/%.o: models/policies/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) $(CPPFLAGS_POLICY) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) $(CPPFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: tests/unit/%.c $(TEST_SUPPORT) $(BUILD)/liboversub.a
	@mkdir -p $(@D)
	@echo "  TEST    $@"
	@$(CC) $(CFLAGS_ALL) $(CPPFLAGS_ALL) -MMD -MP $(LDFLAGS) -o $@ $(filter-out %.h %.a,$^) $(filter %.a,$^) $(LDLIBS_ALL) -lcmocka

$(BUILD)/tests/test_conformance: \
	$(filter-out $(BUILD)/tests/conformance/conformance.o,$(CONFORMANCE_OBJECTS))

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/liboversub.a
	@mkdir -p $(@D)
	@echo "  BENCH   $@"
	@$(CC) $(CFLAGS_ALL) $(CPPFLAGS_ALL) -MMD -MP $(LDFLAGS) -o $@ $(filter-out %.h %.a,$^) $(filter %.a,$^) $(LDLIBS_ALL)

$(BUILD)/conformance/conformance: $(CONFORMANCE_OBJECTS)
$(BUILD)/validation/validate: $(VALIDATION_OBJECTS)
$(BUILD)/validation/coverage: $(COVERAGE_OBJECTS)
TEST_TOOLS := $(BUILD)/conformance/conformance $(BUILD)/validation/validate $(BUILD)/validation/coverage

$(TEST_TOOLS): $(BUILD)/liboversub.a
	@echo "  LD      $@"
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $(filter %.o,$^) $< $(LDLIBS_ALL)

# ---- Set-up ---------------------------------------------------------------------------------

PACKAGES := gcc libc6-dev make libgsl-dev libcjson-dev libgcrypt20-dev libcmocka-dev gnuplot-nox fonts-dejavu-core

setup: ## install the Debian packages that are missing
	@./tests/setup.sh $(PACKAGES)

# ---- Tests ----------------------------------------------------------------------------------

build-tests: $(BUILD)/oversub $(TEST_PROGRAMS) $(BENCH_PROGRAMS) $(TEST_TOOLS)

# Set-up comes first, whatever -j says: nothing can be compiled before it.
check: setup ## set up, build, run all tests: some minutes
	@$(MAKE) --no-print-directory build-tests
	@BUILD=$(BUILD) ./tests/run.sh quick

check-full: setup ## slower tests, too: valgrind, threads, all replications: an hour or two
	@$(MAKE) --no-print-directory build-tests
	@BUILD=$(BUILD) ./tests/run.sh full

bench: setup ## speed of the engine and of the main scenarios
	@$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	@BUILD=$(BUILD) ./tests/bench/run.sh

conformance: setup ## replay recorded decisions of a real kernel
	@$(MAKE) --no-print-directory $(BUILD)/conformance/conformance
	@$(BUILD)/conformance/conformance tests/conformance/*/*.jsonl

validation: setup ## compare with queueing theory, a real kernel and a table of costs
	@$(MAKE) --no-print-directory $(BUILD)/validation/validate
	@$(BUILD)/validation/validate

coverage: setup ## how often intervals cover, and how often stars are false alarms
	@$(MAKE) --no-print-directory $(BUILD)/validation/coverage
	@$(BUILD)/validation/coverage

# ---- Demo -----------------------------------------------------------------------------------

demo: setup ## set up, build, run the comparison, draw the pictures: out/demo
	@$(MAKE) --no-print-directory all
	@OVERSUB=$(BUILD)/oversub ./scenarios/demo.sh out/demo

matrix: setup ## compare all policies under many conditions: out/matrix, 8 minutes
	@$(MAKE) --no-print-directory all
	@OVERSUB=$(BUILD)/oversub ./scenarios/matrix.sh out/matrix

findings: setup ## run the experiments of scenarios/README.md, write their figures into it
	@$(MAKE) --no-print-directory all
	@OVERSUB=$(BUILD)/oversub ./scenarios/findings/findings.sh --write

findings-check: setup ## run them, and compare the figures with those in it
	@$(MAKE) --no-print-directory all
	@OVERSUB=$(BUILD)/oversub ./scenarios/findings/findings.sh --check

# ---- Installation ---------------------------------------------------------------------------

INSTALL_SHARE := $(DESTDIR)$(PREFIX)/share/oversub

install: all $(BUILD)/embed/liboversub.a ## install below DESTDIR and PREFIX, which is /usr/local unless you say
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/oversub \
		$(INSTALL_SHARE)/scenarios/workloads $(INSTALL_SHARE)/plots \
		$(INSTALL_SHARE)/example-plugin $(INSTALL_SHARE)/example-embed \
		$(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(BUILD)/oversub $(DESTDIR)$(PREFIX)/bin/oversub
	install -m 644 $(BUILD)/embed/liboversub.a $(DESTDIR)$(PREFIX)/lib/liboversub.a
	install -m 644 include/oversub/*.h $(DESTDIR)$(PREFIX)/include/oversub/
	install -m 644 scenarios/*.json $(INSTALL_SHARE)/scenarios/
	install -m 644 scenarios/workloads/*.json $(INSTALL_SHARE)/scenarios/workloads/
	install -m 755 scenarios/*.sh $(INSTALL_SHARE)/scenarios/
	install -m 644 plots/*.gp $(INSTALL_SHARE)/plots/
	install -m 644 models/policies/example/*.c models/policies/example/Makefile \
		$(INSTALL_SHARE)/example-plugin/
	install -m 644 examples/embed/*.c examples/embed/Makefile $(INSTALL_SHARE)/example-embed/
	$(BUILD)/oversub help man >$(DESTDIR)$(PREFIX)/share/man/man1/oversub.1

clean: ## remove build/ and out/
	@rm -rf build out

# ---- For those who change it ------------------------------------------------------------------

format: ## clang-format everything
	@git ls-files '*.c' '*.h' | xargs clang-format -i

tsan: ## runs with several workers under ThreadSanitizer
	@BUILD=$(BUILD) ./tests/full/threads.sh

# Editors and clang tools read it. What -n prints are the commands that would compile each file.
compile_commands.json: ## how each file is compiled, for editors
	@$(MAKE) --no-print-directory -Bn build-tests | \
		awk -v dir="$$PWD" 'match($$0, / [^ ]+\.c( |$$)/) { \
			file = substr($$0, RSTART + 1, RLENGTH - 1); sub(/ $$/, "", file); \
			gsub(/[\\"]/, "\\\\&"); \
			printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s\"}", \
				n++ ? ",\n" : "[\n", dir, file, $$0 } \
		END { print "\n]" }\' >$@


-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
