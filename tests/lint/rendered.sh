#!/bin/bash
# SPDX-License-Identifier: ISC
# The files of integrations/ are what their templates and ftphealthd make of them, for any base.
src=${SRCDIR:-$(dirname "$0")/../..}
build=${BUILDDIR:-build}
second=1.3.6.1.4.1.32473.7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

if ! /usr/bin/python3 -c 'import jinja2' 2>/dev/null; then
	echo '1..0 # SKIP python3-jinja2 is not installed'
	exit
fi

# report OK-OR-NOT WHAT FILE: the file says why it is not.
report() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$3"
	fi
}

render() {
	"$src/integrations/render" --contract "$build/contract.tsv" "$@"
}

# The base of the published module, but for the number of the article that it comes from.
published="${PUBLISHED_OID_BASE#1.3.6.1.4.1.}"
trace="${published%.*}|(^|[^Q])${published##*.}"

render --oid-base "$PUBLISHED_OID_BASE" --check 2>"$work/why"
report $? 'no file is stale' "$work/why"
! grep -rnE "${trace//./\\.}" "$src/integrations/templates" >"$work/why"
report $? 'no template has the base of the module typed into it' "$work/why"
render --oid-base "$second" --out "$work/moved" >"$work/files" 2>"$work/why"
report $? 'all can be rendered for another base' "$work/why"
! grep -rnE "${trace//./[.]}" "$work/moved" >"$work/why"
report $? 'then none has a trace of the published base' "$work/why"
(cd "$src/integrations/templates" && find . -name '*.j2' | sed 's/\.j2$//' | LC_ALL=C sort) >"$work/wanted"
(cd "$work/moved" && find . -type f | LC_ALL=C sort) | diff "$work/wanted" - >"$work/why" && [ -s "$work/wanted" ]
report $? 'each template makes one file' "$work/why"

grep -rlF 'Rendered by integrations/render' "$src/integrations" --exclude=render --exclude=README.md --exclude-dir=templates |
	while read -r file; do
		[ -f "$src/integrations/templates/${file#"$src/integrations/"}.j2" ] || echo "$file has no template"
	done >"$work/why"
[ ! -s "$work/why" ]
report $? 'no file is left of a template that is gone' "$work/why"

# What it says of mistakes, and that it writes nothing then.
! render --oid-base 1.3 --out "$work/none" 2>"$work/why" && grep -q 'bad base: 1.3' "$work/why" && [ ! -e "$work/none" ]
report $? 'a bad base is refused' "$work/why"
! FTPHEALTHD=/nonexistent PATH=/bin "$src/integrations/render" --contract "$work/none" 2>"$work/why" &&
	grep -q '^render: .*No such file' "$work/why"
report $? 'a contract that is not there is said so in a line' "$work/why"
! "$src/integrations/render" --contract "$src/README.md" 2>"$work/why" && grep -q '^render: not a line of a contract' "$work/why"
report $? 'so is one that is none' "$work/why"
echo "1..$n"
