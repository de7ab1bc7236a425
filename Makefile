# ktrace: `make` builds build/ktrace; `sudo make demo` and `sudo make test` install what is missing first.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

# ARCH=arm64 (or amd64) on the other one: a cross build, into a directory of its own.
HOST_ARCH := $(shell uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
ARCH      ?= $(HOST_ARCH)
MACHINE   := $(ARCH:amd64=x86_64)
MACHINE   := $(MACHINE:arm64=aarch64)
TRIPLET   := $(MACHINE)-linux-gnu

ifeq ($(ARCH),$(HOST_ARCH))
BUILD   ?= build
CC      := gcc
else
BUILD   ?= build-$(ARCH)
CC      := $(TRIPLET)-gcc
ifeq ($(shell command -v $(TRIPLET)-gcc),)
$(error ARCH=$(ARCH) needs $(TRIPLET)-gcc: run `sudo scripts/setup build cross-$(ARCH)` first)
endif
ifndef SYSROOT
SYSROOT  := $(shell scripts/sysroot $(ARCH))
endif
CPPFLAGS += --sysroot=$(SYSROOT)
LDFLAGS  += --sysroot=$(SYSROOT)
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/bin/bpftool) bpftool)
VERSION := $(shell cat VERSION 2>/dev/null || echo 0.1.0)
PREFIX  ?= /usr/local
export BUILD CLANG ARCH SYSROOT

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror
CPPFLAGS += -D_GNU_SOURCE -DKTRACE_VERSION='"$(VERSION)"' -Iinclude -Isrc -I$(BUILD)
CFLAGS   ?= -O2 -g
# No path of the build machine gets into the program: the same source gives the same image anywhere.
ALL_CFLAGS = -ffile-prefix-map=$(CURDIR)/= -std=gnu11 $(WARNINGS) $(HARDENING) $(CFLAGS) $(SANITIZE) -MMD -MP
# A daemon with rights that reads what containers write; scripts/hardening looks for each of these in the program.
HARDENING := -fPIE -fstack-protector-strong -fstack-clash-protection $(if $(filter amd64,$(ARCH)),-fcf-protection) \
	$(if $(SANITIZE)$(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARD_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
LDLIBS   := -lbpf -lelf -lz -lcjson -lmicrohttpd -lmsgpackc -lgnutls -lseccomp -lncursesw -ltinfo

# --- kernel side -------------------------------------------------------------------------------
BPF_SOURCES := $(wildcard bpf/*.bpf.c)
BPF_OBJECTS := $(BPF_SOURCES:bpf/%.bpf.c=$(BUILD)/bpf/%.bpf.o)
BPF_CFLAGS  := -g -O2 -target bpf -mcpu=v2 -D__KTRACE_BPF__ -D__TARGET_ARCH_$(ARCH:amd64=x86) -Wall -Wextra -Werror \
	-fdebug-prefix-map=$(CURDIR)=. -Iinclude -Ibpf -I$(SYSROOT)/usr/include/$(TRIPLET)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/ktrace.bpf.o: $(BPF_OBJECTS)
	$(BPFTOOL) gen object $@ $^

$(BUILD)/ktrace.skel.h: $(BUILD)/ktrace.bpf.o
	$(BPFTOOL) gen skeleton $< name ktrace_bpf >$@

# The same for kernels that have all that some lack, without the ways around that: src/capture/object.c.
$(BUILD)/bpf/newer/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -DKTRACE_NEWER_KERNELS -MMD -MP -c $< -o $@

$(BUILD)/ktrace_newer.bpf.o: $(BPF_SOURCES:bpf/%.bpf.c=$(BUILD)/bpf/newer/%.bpf.o)
	$(BPFTOOL) gen object $@ $^

$(BUILD)/ktrace_newer.skel.h: $(BUILD)/ktrace_newer.bpf.o
	$(BPFTOOL) gen skeleton $< name ktrace_newer_bpf >$@

# --- user space: one archive for each module -----------------------------------------------------
# Top first: an archive needs only those behind it, or the program does not link (ARCHITECTURE.md, src/modules).
MODULES := cli agent page sandbox serve publish forward sinks capture record diagnose story container event util
sources = $(sort $(shell find src/$(1) -name '*.c'))
objects = $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out src/cli/main.c,$(call sources,$(1))))

# Other flags than the last time: all is compiled again.
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@echo '$(ALL_CFLAGS)' | cmp -s - $@ || echo '$(ALL_CFLAGS)' >$@

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

define module
$(BUILD)/$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(MODULES),$(eval $(call module,$(r))))

$(call objects,capture): $(BUILD)/ktrace.skel.h $(BUILD)/ktrace_newer.skel.h

ARCHIVES := $(MODULES:%=$(BUILD)/%.a)
$(BUILD)/ktrace: $(BUILD)/cli/main.o $(ARCHIVES)
	$(CC) $(SANITIZE) $(HARD_LDFLAGS) $(LDFLAGS) -o $@ $(BUILD)/cli/main.o $(ARCHIVES) $(LDLIBS)

# The manual page is made of the same tables as --help, by a program that this machine can run.
ifeq ($(ARCH),$(HOST_ARCH))
$(BUILD)/ktrace.8: $(BUILD)/ktrace
	$< man >$@
else
$(BUILD)/ktrace.8: $(BUILD)/ktrace
	$(MAKE) ARCH=$(HOST_ARCH) BUILD=build CC=gcc SYSROOT= build/ktrace
	build/ktrace man >$@
endif

all: $(BUILD)/ktrace $(BUILD)/ktrace.8

install: all
	install -D -m 755 $(BUILD)/ktrace $(DESTDIR)$(PREFIX)/bin/ktrace
	install -D -m 644 $(BUILD)/ktrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/ktrace.8

# --- unit tests: tests/unit/MODULE_topic.c, each linked with its module and those below (capture only with its own) -----
from = $(if $(2),$(if $(filter $(1),$(firstword $(2))),$(2),$(call from,$(1),$(wordlist 2,$(words $(2)),$(2)))),$(error no module is called $(1)))
archives_of = $(patsubst %,$(BUILD)/%.a,$(filter-out $(if $(filter capture,$(1)),,capture),$(call from,$(1),$(MODULES))))

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*_*.c))
$(BUILD)/tests/%.o: tests/unit/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(ALL_CFLAGS) -c $< -o $@

test_archives = $(call archives_of,$(firstword $(subst _, ,$(1))))
define unit
$(BUILD)/tests/$(1): $(BUILD)/tests/$(1).o $(call test_archives,$(1))
	$$(CC) $$(SANITIZE) -o $$@ $$< $(call test_archives,$(1)) -lcmocka $$(LDLIBS)
endef
$(foreach t,$(UNIT_TESTS:$(BUILD)/tests/%=%),$(eval $(call unit,$(t))))

unit-tests: $(UNIT_TESTS)
unit: unit-tests
	@for t in $(UNIT_TESTS); do $$t || exit 1; done

# --- outputs without the kernel side, for the run of tests/system/forward, logfile and publish --------------------
DRIVERS := $(BUILD)/forward/driver $(BUILD)/logfile/driver $(BUILD)/publish/driver
DRIVER_ARCHIVES := $(call archives_of,publish)
$(DRIVERS): $(BUILD)/%/driver: tests/system/%/driver.c $(DRIVER_ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(ALL_CFLAGS) -o $@ $< $(DRIVER_ARCHIVES) $(LDLIBS)

# The program with the weights of another table, for scripts/fit-weights --told.
$(BUILD)/weighed/%/ktrace: $(BUILD)/weighed/%/diagnose/evidence/clues_list.h $(BUILD)/cli/main.o $(ARCHIVES)
	$(CC) -I$(@D) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ src/diagnose/evidence/clues.c $(BUILD)/cli/main.o $(ARCHIVES) $(LDLIBS)

# Signatures of failures, for tests/replay/corpus/score --memory.
$(BUILD)/replay/signatures: tests/replay/corpus/signatures.c $(call archives_of,record)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(call archives_of,record) $(LDLIBS)

# Takes something away from this kernel, for tests/system/cli/masks.sh and refused-program.sh.
$(BUILD)/mask.so: tests/system/cli/mask.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -shared -fPIC -Wall -Wextra -Werror -O1 -o $@ $< -ldl

# Calls that fail, for tests/system/cli/every-call.py, on this machine and in virtual ones.
$(BUILD)/every_call: tests/system/cli/every_call.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $<

# --- fuzzers: tests/fuzz/fuzz_*.c, each linked with what it needs of all the modules ------------------------
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJECTS := $(patsubst $(BUILD)/%,$(BUILD)/fuzz/src/%,$(foreach r,$(MODULES),$(call objects,$(r))))
FUZZ_CHECKS := address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=gnu11 $(filter-out -Werror,$(WARNINGS)) -O1 -g -fno-omit-frame-pointer -MMD -MP

$(BUILD)/fuzz/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_CHECKS) -c $< -o $@

$(filter $(BUILD)/fuzz/src/capture/%,$(FUZZ_OBJECTS)): $(BUILD)/ktrace.skel.h $(BUILD)/ktrace_newer.skel.h
$(BUILD)/fuzz/modules.a: $(FUZZ_OBJECTS)
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/modules.a
	$(CLANG) $(CPPFLAGS) -Itests $(FUZZ_CFLAGS) -fsanitize=fuzzer,$(FUZZ_CHECKS) -o $@ $< $(BUILD)/fuzz/modules.a $(LDLIBS)

fuzzers: $(FUZZERS)
fuzz: fuzzers
	scripts/fuzz $(FUZZERS)

# What a diagnosis costs after 100,000 failed calls.
$(BUILD)/bench/diagnose: tests/bench/diagnose.c $(call archives_of,diagnose)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(ALL_CFLAGS) -o $@ $< $(call archives_of,diagnose) $(LDLIBS) -lcmocka
bench-diagnose: $(BUILD)/bench/diagnose
	$<

# What the memory of healthy starts costs, with 10,000 workloads and with as many as it holds.
$(BUILD)/bench/memory: tests/bench/memory.c $(call archives_of,agent)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(call archives_of,agent) $(LDLIBS)
bench-memory: $(BUILD)/bench/memory
	$< 500 $(BUILD)/bench/memory.file
	$< 10000 $(BUILD)/bench/memory.file

# What an event costs in user space, in instructions.
$(BUILD)/bench/reader: tests/bench/reader.c $(call archives_of,agent)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(call archives_of,agent) $(LDLIBS)
bench-reader:
	@scripts/setup --for "make bench-reader" --root build bench
	@$(BUILD_AS_OWNER) all $(BUILD)/bench/reader
	@tests/bench/reader.py --build $(BUILD)

# --- benchmarks: system calls in a loop, and programs that do nothing on the hooks that ktrace uses --------
BENCH := $(BUILD)/bench/paths $(BUILD)/bench/empty
$(BUILD)/bench/%.bpf.o: tests/bench/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/bench/%.skel.h: $(BUILD)/bench/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf >$@

$(BUILD)/bench/empty: $(BUILD)/bench/empty.skel.h
$(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(@D) $(ALL_CFLAGS) -o $@ $< $(LDLIBS)

bench-programs: $(BENCH)

# --- what a user runs: each target installs what it lacks -------------------------------------------------
# A second make, because the first one read the tree before the packages were there. What root builds in
# somebody's clone stays that user's, so that a plain `make` goes on working.
BUILD_AS_OWNER = scripts/as-owner $(MAKE) --no-print-directory -j"$$(nproc)"
demo:
	@scripts/setup --for "make demo" --root build demo
	@echo "Building ..." && $(BUILD_AS_OWNER) all >/dev/null
	@scripts/demo $(BUILD)/ktrace

test:
	@scripts/test $(STAGES)

# The loop while one writes: no root, under a minute once it is built. What differs from main is analysed, all is replayed.
check:
	@scripts/test lint-changed unit replay

lint:
	@scripts/lint

# What ktrace says of every recorded scenario; TWISTED=1: of recordings changed in ways that must not change the answer;
# MEMORY=1: with a memory of healthy starts beside without, as recorded and with the noise where it misleads most.
score: $(BUILD)/ktrace $(if $(MEMORY),$(BUILD)/replay/signatures)
	@tests/replay/corpus/score --ktrace $(BUILD)/ktrace $(if $(TWISTED),--twisted) $(if $(MEMORY),--memory) $(SCORE)

bench:
	@scripts/setup --for "make bench" --root build bench
	@$(BUILD_AS_OWNER) all bench-programs
	@tests/bench/bench.py $(BENCH_OPTIONS)

bench-agent:
	@scripts/setup --for "make bench-agent" --root build storm
	@$(BUILD_AS_OWNER) all
	@tests/bench/agent.py --ktrace $(BUILD)/ktrace
	@tests/bench/idle.py --ktrace $(BUILD)/ktrace

# The container image, without a registry or a container engine: an OCI archive, the same bytes each time.
image:
	@scripts/setup --for "make image" build image
	@$(BUILD_AS_OWNER) all >/dev/null
	@scripts/as-owner scripts/image $(BUILD)/ktrace-image.tar

# What is published: package, archives, chart, krew manifest, SBOM, sums; the same bytes each time.
release:
	@scripts/setup --for "make release" build release
	@$(BUILD_AS_OWNER) all >/dev/null
	@scripts/as-owner scripts/release

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: force all check score image release install unit unit-tests fuzz fuzzers demo test lint bench bench-agent bench-memory bench-diagnose bench-programs bench-reader clean
.SECONDARY: $(BUILD)/bench/empty.bpf.o
