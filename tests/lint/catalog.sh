#!/bin/bash
# SPDX-License-Identifier: ISC
# Each event has one entry in the journal's catalog, nothing is left over, and systemd can read it.
src=${SRCDIR:-$(dirname "$0")/../..}
catalog=$src/dist/ftphealth.catalog
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# check OK-OR-NOT WHAT [WHY...]: why is printed when it is not.
check() {
	local result=$1 what=$2
	shift 2
	n=$((n + 1))
	if [ "$result" = 0 ]; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		printf '%s\n' "$@" | sed 's/^/# /'
		failed=1
	fi
}

sed -n 's/^-- \([0-9a-f]\{32\}\)$/\1/p' "$catalog" | sort >"$work/explained"
sed -n 's/.*\[EVENT_[A-Z_]*\] = *"\([0-9a-f]\{32\}\)".*/\1/p' "$src/agent/journal.c" | sort >"$work/logged"
test -s "$work/logged"
check $? 'agent/journal.c has MESSAGE_IDs'
why=$(diff "$work/logged" "$work/explained")
check $? 'every MESSAGE_ID has one entry, and every entry a MESSAGE_ID' "$why"
why=$(uniq -d "$work/logged")
test -z "$why"
check $? 'no MESSAGE_ID is used twice' "$why"
notifications=$(grep -c '^notification' "${BUILDDIR:-build}/contract.tsv")
test "$notifications" -eq "$(wc -l <"$work/logged")"
check $? 'every notification has a MESSAGE_ID' "$notifications notifications, $(wc -l <"$work/logged") MESSAGE_IDs"

# The header of each entry, and the pages that it names.
headers=$(grep -cE '^Subject: .' "$catalog")
test "$headers" -eq "$(wc -l <"$work/explained")" && test "$headers" -eq "$(grep -cx 'Defined-By: ftphealth' "$catalog")"
check $? 'every entry has a subject and says that it is ours'
missing=$(sed -n 's/^Documentation: man:\([a-z-]*\)(\([0-9]\))$/\1.\2/p' "$catalog" | sort -u |
	while read -r page; do [ -f "$src/man/$page" ] || echo "$page"; done)
test "$(grep -c '^Documentation: man:' "$catalog")" -eq "$headers" && test -z "$missing"
check $? 'every entry names a manual page of ours' "$missing"
why=$(LC_ALL=C grep -nE '[^ -~]|.{81}' "$catalog")
test -z "$why"
check $? 'lines are ASCII and fit a terminal' "$why"

what='systemd reads every entry'
if command -v journalctl >/dev/null; then
	mkdir -p "$work/root/usr/lib/systemd/catalog" "$work/root/var/lib/systemd/catalog"
	cp "$catalog" "$work/root/usr/lib/systemd/catalog/"
	why=$(journalctl --root="$work/root" --update-catalog 2>&1) &&
		journalctl --root="$work/root" --list-catalog 2>&1 |
		sed -n 's/^\([0-9a-f]\{32\}\) ftphealth: ..*/\1/p' | sort | diff "$work/explained" - >"$work/difference" &&
		test -z "$why"
	check $? "$what" "$why" "$(cat "$work/difference")"
else
	n=$((n + 1))
	echo "ok $n - $what # SKIP journalctl is not installed"
fi
echo "1..$n"
exit $failed
