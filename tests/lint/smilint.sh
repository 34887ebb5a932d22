#!/bin/bash
# SPDX-License-Identifier: ISC
# The MIB is clean at smilint's level 9. It needs the IETF's base modules, which Debian does not ship: SMIPATH says
# where they are.
src=${SRCDIR:-$(dirname "$0")/../..}
mib=$src/mibs/FTP-AUTH-HEALTH-MIB.txt
if [ -z "$SMIPATH" ] && [ -d "$src/../shared/mibs" ]; then
	SMIPATH=$(cd "$src/../shared/mibs" && pwd)
fi
export SMIPATH

echo 1..1
what='ok 1 - smilint -l 9 has nothing to say'
if ! command -v smilint >/dev/null; then
	echo "$what # SKIP smilint is not installed"
elif [ -z "$SMIPATH" ]; then
	echo "$what # SKIP no base modules; name their folder in SMIPATH"
elif out=$(smilint -l 9 -s "$mib" 2>&1) && [ -z "$out" ]; then
	echo "$what"
else
	echo "not $what"
	printf '%s\n' "$out" | sed 's/^/# /'
fi
