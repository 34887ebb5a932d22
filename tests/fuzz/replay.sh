#!/bin/bash
# SPDX-License-Identifier: ISC
# Without a fuzzer each fuzz target replays its corpus: one test a file.
src=${SRCDIR:-$(dirname "$0")/../..}
build=${BUILDDIR:-build}
n=0
out=$(for corpus in "$src"/tests/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	"$build/tests/fuzz/fuzz_$name" "$corpus" || echo "not ok 0 - fuzz_$name ended with $?"
done)
while IFS= read -r line; do
	case $line in
	"ok "* | "not ok "*)
		n=$((n + 1))
		echo "${line%%ok*}ok $n - ${line#*- }"
		;;
	1..*) ;;
	*) echo "# $line" ;;
	esac
done <<<"$out"
echo "1..$n"
