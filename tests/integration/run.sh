#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs one file of integration tests and prints TAP; pytest's own report goes to standard error.
#   run.sh FILE [PYTEST-OPTION...]
# FTPHEALTHD and FTPHEALTH name the programs, FTPSERVERS the folder of fetch-ftp-servers,
# FTPHEALTH_WRAPPER a command to run the programs under.
here=$(cd "$(dirname "$0")" && pwd)
file=$1
shift
# These try other programs and pages; what they do of ours the other tests do too, and quicker.
case $(basename "$file") in test_doc.py | test_icinga.py | test_nagios.py | test_prometheus.py)
	if grep -q __asan_init "${FTPHEALTHD:-/dev/null}"; then
		echo '1..0 # SKIP not with AddressSanitizer'
		exit 0
	fi ;;
esac
PYTHONPATH=$here TAP_FD=3 /usr/bin/python3 -B -m pytest -p no:cacheprovider -p tap_plugin \
	-q -rN --tb=short --rootdir "$here" "$here/$(basename "$file")" "$@" 3>&1 1>&2
status=$?
# 1: some tests failed, which the TAP says; anything else means that it does not.
[ $status -ne 1 ] || status=0
exit $status
