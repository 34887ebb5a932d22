/* SPDX-License-Identifier: ISC */
/* Any octets as a MetaBase.xml: they are read, or refused with a reason and nothing changed. */
#include "probes/doc_metabase.h"
#include "tests/fuzz/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence e = document_before;
	const char *why = NULL;
	int r = doc_metabase_read((const char *)data, size, 1, &e, &why);

	document_check(r, &e, why);
	HOLDS(e.win32 == 7 && e.substatus == 0);
	return 0;
}
