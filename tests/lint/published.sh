#!/bin/bash
# SPDX-License-Identifier: ISC
# What ftphealthd publishes is what the MIB file says, both ways: the file that is installed, which has the base of this build.
src=${SRCDIR:-$(dirname "$0")/../..}
build=${BUILDDIR:-build}
exec python3 "$src/tests/lint/contract.py" "$build/contract.tsv" "$build/rebased/FTP-AUTH-HEALTH-MIB.txt"
