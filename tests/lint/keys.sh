#!/bin/sh
# SPDX-License-Identifier: ISC
# Every configuration key of `ftphealthd --contract` is in ftphealth.yaml(5), and the other way.
# Usage: keys.sh [CONTRACT MANPAGE]
set -eu
LC_ALL=C
export LC_ALL
contract=${1:-${BUILDDIR:-build}/contract.tsv}
man=${2:-${SRCDIR:-$(dirname "$0")/../..}/man/ftphealth.yaml.5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines "place.key syntax" of what the program reads.
awk -F '\t' '$1 == "key" { print $2, $4 }' "$contract" | sort >"$work/program"

# The same from the table of the manual page: .It Ic KEY Ta SYNTAX Ta PLACE, PLACE ...
# evidence and after-login stand in each of three places.
awk '/^\.It Ic [a-z0-9-]+ Ta [a-z]+ Ta / {
	for (i = 7; i <= NF; i++) {
		place = $i
		sub(/,$/, "", place)
		if (place == "top") {
			print $3, $5
		} else if (place ~ /^(evidence|after-login)/) {
			print "defaults." place "." $3, $5
			print "groups." place "." $3, $5
			print "targets." place "." $3, $5
		} else {
			print place "." $3, $5
		}
	}
}' "$man" | sort >"$work/table"

# A key without the part of the file that it is in: KEY, evidence.KEY, evidence.setting.KEY
bare() {
	sed -E 's/^(agentx|defaults|groups|targets)\.//'
}

# The keys that it describes: .It Ic KEY : Ar SYNTAX; those of evidence and after-login in sections of their own.
awk '/^\.S[sh] / { section = $0 == ".Ss After the login" ? "after-login." : $0 == ".Ss Evidence" ? "evidence." : "" }
	/^\.It Ic [a-z0-9.-]+ : Ar / { print section $3, $6 }' "$man" | sort -u >"$work/described"
bare <"$work/program" | sort -u >"$work/bare"

n=0
failed=0
# check OK-OR-NOT TEXT
check() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

has() {
	grep -Fqx -- "$1" "$2" && echo 0 || echo 1
}

check "$(test -s "$work/program" && echo 0 || echo 1)" "the contract has keys"
while read -r key syntax; do
	check "$(has "$key $syntax" "$work/table")" "$key ($syntax) is in the table of the manual page"
	check "$(has "$(echo "$key" | bare) $syntax" "$work/described")" "$key ($syntax) is described in the manual page"
done <"$work/program"
while read -r key syntax; do
	check "$(has "$key $syntax" "$work/program")" "$key ($syntax) of the manual page is a key of the program"
done <"$work/table"
while read -r key syntax; do
	check "$(has "$key $syntax" "$work/bare")" \
		"$key ($syntax), which the manual page describes, is a key of the program"
done <"$work/described"
echo "1..$n"
exit $failed
