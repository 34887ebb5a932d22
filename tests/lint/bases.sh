#!/bin/bash
# SPDX-License-Identifier: ISC
# Another base, set at run time or at build time, moves all that is published, and the MIB with it.
src=${SRCDIR:-$(dirname "$0")/../..}
build=${BUILDDIR:-build}
mib=$src/mibs/FTP-AUTH-HEALTH-MIB.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$SMIPATH" ] && [ -d "$src/../shared/mibs" ]; then
	SMIPATH=$(cd "$src/../shared/mibs" && pwd)
fi
export SMIPATH
n=0

# report OK-OR-NOT WHAT [FILE]: the file's last lines say why it is not.
report() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ -z "$3" ] || grep -v '^ok' "$3" | tail -n 10 | sed 's/^/# /'
	fi
}

# agree CONTRACT MIB WHAT
agree() {
	python3 "$src/tests/lint/contract.py" "$1" "$2" >"$work/why" 2>&1
	report $? "$3" "$work/why"
}

"$src/integrations/rebase-mib" "$PUBLISHED_OID_BASE" <"$mib" >"$work/same" && cmp -s "$work/same" "$mib"
report $? 'with its own base the MIB comes out as it was'

# Below enterprises, experimental, net-snmp's playpen and iso; one, two and more arcs.
for base in 1.3.6.1.4.1.32473.7 1.3.6.1.4.1.32473 1.3.6.1.4.1.8072.9999.9999.5.6.7 1.3.6.1.3.5 1.2.3.4; do
	"$src/integrations/rebase-mib" "$base" <"$mib" >"$work/FTP-AUTH-HEALTH-MIB.txt"
	"$build/ftphealthd" --contract --oid-base "$base" >"$work/contract.tsv"
	agree "$work/contract.tsv" "$work/FTP-AUTH-HEALTH-MIB.txt" "--oid-base $base is what the MIB for it says"
	what="smilint -l 9 has nothing to say on the MIB for $base"
	if [ -n "$SMIPATH" ] && command -v smilint >/dev/null; then
		smilint -l 9 -s "$work/FTP-AUTH-HEALTH-MIB.txt" >"$work/why" 2>&1 && [ ! -s "$work/why" ]
		report $? "$what" "$work/why"
	else
		report 0 "$what # SKIP no smilint, or no base modules: name their folder in SMIPATH"
	fi
done

base=$("$build/tests/lint/rebased" --contract | sed -n 's/^module\t[^\t]*\t\.\([^\t]*\).*/\1/p')
[ -n "$base" ] && [ "$base" != "$PUBLISHED_OID_BASE" ]
report $? "the agent that was built for another base has it: $base"
"$src/integrations/rebase-mib" "$base" <"$mib" >"$work/FTP-AUTH-HEALTH-MIB.txt"
"$build/tests/lint/rebased" --contract >"$work/contract.tsv"
agree "$work/contract.tsv" "$work/FTP-AUTH-HEALTH-MIB.txt" 'what it publishes is what the MIB for that base says'

! "$src/integrations/rebase-mib" 1.3.6.1.3.5 <"$work/FTP-AUTH-HEALTH-MIB.txt" >"$work/out" 2>"$work/why" &&
	grep -q 'is not FTP-AUTH-HEALTH-MIB as it is published' "$work/why"
report $? 'rebase-mib refuses a module that it has made itself' "$work/why"

for base in '' 1.3.6 x 1.3.6.1.4.1 3.1.2.3 1.3.6.1.4.1.a; do
	! "$src/integrations/rebase-mib" "$base" <"$mib" >"$work/out" 2>"$work/why" && [ ! -s "$work/out" ] &&
		grep -q '^usage' "$work/why"
	report $? "rebase-mib refuses the base '$base'" "$work/why"
done
echo "1..$n"
