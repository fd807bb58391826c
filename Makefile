# The short way to everything. Each target sets up what it needs first, so it
# works in a fresh clone; the long way is `cmake --preset NAME` after
# `scripts/setup`.

.DEFAULT_GOAL := help
PREFIX ?= /usr/local
.PHONY: help quickstart programs install test bench asan tsan fuzz tidy format clean setup

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' \
	  $(MAKEFILE_LIST)

setup: ## install what is missing on this machine
	@scripts/setup

quickstart: setup ## build the greeter, a language model, and ask it
	@cmake --preset release
	@cmake --build --preset release --target example_020_greeter
	@build/release/bin/example_020_greeter

install: setup ## install libraries and the program cosmo in PREFIX
	@cmake --preset release
	@cmake --build --preset release --target cosmo cosmo_net cosmo_registry \
	  cosmo_testing
	@cmake --install build/release --prefix $(PREFIX)

programs: setup ## build cosmo and the example of many processes
	@cmake --preset release
	@cmake --build --preset release --target cosmo example_200_many_processes

test: ## build and run every test
	@scripts/setup --test
	@cmake --preset dev
	@cmake --build --preset dev
	@ctest --preset dev

bench: ## print the measured figures
	@scripts/setup --bench
	@cmake --preset release
	@cmake --build --preset release --target cosmo_bench
	@build/release/bin/cosmo_bench

asan: ## every test under AddressSanitizer and UBSan
	@scripts/setup --test
	@cmake --preset asan
	@cmake --build --preset asan
	@ctest --preset asan

tsan: ## every test under ThreadSanitizer
	@scripts/setup --test --tsan
	@cmake --preset tsan
	@cmake --build --preset tsan
	@ctest --preset tsan

fuzz: ## fuzz the decoder and the bus for a minute each
	@scripts/setup --fuzz
	@cmake --preset fuzz
	@cmake --build --preset fuzz --target cosmo_fuzz_decode cosmo_fuzz_wire
	@build/fuzz/bin/cosmo_fuzz_decode -max_total_time=60
	@build/fuzz/bin/cosmo_fuzz_wire -max_total_time=60 \
	  -dict=tests/fuzz/wire.dict

tidy: ## our own rules, layout, every public header alone, clang-tidy
	@scripts/setup --tidy
	@scripts/tidy
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format-19 --dry-run --Werror
	@cmake --preset tidy
	@cmake --build --preset tidy

format: ## lay out every C++ file
	@scripts/setup --tidy
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format-19 -i

clean: ## forget every build of this clone, keep the machine's cache
	@rm -rf build
