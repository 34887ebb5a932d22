#!/bin/bash
# SPDX-License-Identifier: ISC
# What ftphealthd publishes is what the MIB file says, both ways.
src=${SRCDIR:-$(dirname "$0")/../..}
exec python3 "$src/tests/lint/contract.py" "${BUILDDIR:-build}/contract.tsv" "$src/mibs/FTP-AUTH-HEALTH-MIB.txt" ${OID_BASE:+"$OID_BASE"}
