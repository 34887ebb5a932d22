#!/bin/bash
# SPDX-License-Identifier: ISC
# The manual pages are clean mdoc.
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 99
pages=(man/*.[1578])
echo "1..${#pages[@]}"
n=0
for page in "${pages[@]}"; do
	n=$((n + 1))
	if ! command -v mandoc >/dev/null; then
		echo "ok $n - $page # SKIP mandoc is not installed"
	elif out=$(mandoc -Tlint -Wwarning "$page"); then
		echo "ok $n - $page"
	else
		echo "not ok $n - $page"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
done
