#!/bin/bash
# SPDX-License-Identifier: ISC
# Each test, header and data file of the tree is in Makefile.am: what is not listed is neither run nor distributed.
# Each fuzz target has seeds, without which it is not run either, and stands in the list of those who read foreign octets.
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 99
shopt -s nullglob
files=(tests/unit/test_*.c tests/integration/*.py tests/fuzz/fuzz_*.c tests/lint/* tests/nms/*.* tests/nms/run tests/faults/*.* tests/soak/*.* tests/deb/* tests/unit/*.h tests/fuzz/*.h
	tests/data/* common/*.[ch] probes/*.[ch] probes/*.def agent/*.[ch] man/*.[1-9] scripts/* dist/*.* dist/completion/*/* doc/*.* doc/images/*)
echo "1..${#files[@]}"
is_complete() {
	[[ $1 == tests/fuzz/fuzz_*.c ]] || return 0
	local target=${1#tests/fuzz/fuzz_}
	target=${target%.c}
	compgen -G "tests/fuzz/corpus/$target/*" >/dev/null && grep -qF "\`$target\`" doc/security.md
}

n=0
for file in "${files[@]}"; do
	n=$((n + 1))
	name=$file
	[[ $file == tests/unit/test_*.c || $file == tests/fuzz/fuzz_*.c ]] && name=${file%.c}
	if grep -qE "(^|[[:space:]])${name//./\\.}([[:space:]]|\$)" Makefile.am &&
		is_complete "$file"; then
		echo "ok $n - $file"
	else
		echo "not ok $n - $file"
	fi
done
