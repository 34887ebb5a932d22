/* SPDX-License-Identifier: ISC */
/* Any octets as an FTP log of IIS: they are read, or refused with a reason and nothing changed. */
#include "probes/doc_ftplog.h"
#include "tests/fuzz/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence e = document_before;
	const char *why = NULL;
	int r = doc_ftplog_read(
		(const char *)data, size, "192.0.2.9", "probe@example.net", &e, &why);

	document_check(r, &e, why);
	HOLDS(strcmp(e.account, "before") == 0 && e.sync == 0 && e.anonymous == 0);
	return 0;
}
