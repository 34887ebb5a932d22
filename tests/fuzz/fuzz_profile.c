/* SPDX-License-Identifier: ISC */
/*
 * Any octets as the configuration of a server: they are read, or refused with a reason and nothing
 * changed. The first octet chooses the profile ('0' vsftpd, '1' proftpd, ...), the rest is the
 * file.
 */
#include "probes/doc_profile.h"
#include "tests/fuzz/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence e = document_before;
	const char *why = NULL;
	unsigned n = 0;
	int r;

	if (size == 0)
		return 0;
	while (doc_profile_name(n))
		n++;
	r = doc_profile_read(doc_profile_name((unsigned)(data[0] - '0') % n),
		(const char *)data + 1, size - 1, data[0] / 16 % 2 * 2, &e, &why);
	document_check(r, &e, why);
	HOLDS(e.win32 == 7 && e.sync == 0);
	return 0;
}
