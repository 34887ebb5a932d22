/* SPDX-License-Identifier: ISC */
/*
 * Any octets as a request to or an answer of the programs that fetch. The first octet chooses: 'r'
 * a request, which comes back as it was when it is written again; 'n' netrc; else an answer, of
 * which nothing is believed that contradicts itself.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "probes/fetch_place.h"
#include "probes/fetch_protocol.h"
#include "probes/smb_credentials.h"
#include "probes/smb_request.h"
#include "tests/fuzz/holds.h"

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_addresses(const struct fetch_request *r)
{
	char why[FETCH_WHY_SIZE] = "";
	struct smb_request smb;
	struct fetch_place place;

	if (smb_request_read(r, &smb, why) < 0)
		HOLDS(*why && is_printable(why));
	why[0] = '\0';
	if (fetch_place_read(r, &place, why) < 0)
		HOLDS(*why && is_printable(why));
	else
		HOLDS(!fetch_is_smb(r->files[0]) && (place.local || place.host[0]));
	fetch_place_done(&place);
}

static void fuzz_request(const char *text, size_t len)
{
	_cleanup_(freep) char *written = NULL;
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_request r, again;
	void *storage, *storage_again;

	if (fetch_request_parse(text, len, &r, &storage, why) < 0) {
		HOLDS(*why && is_printable(why));
		return;
	}
	HOLDS(r.n_files > 0 && r.n_files <= FETCH_FILES_MAX && !(r.netrc && r.credential));
	HOLDS(fetch_request_write(&r, &written) == 0);
	HOLDS(fetch_request_parse(written, strlen(written), &again, &storage_again, why) == 0);
	HOLDS(same(r.control, again.control) && r.n_files == again.n_files);
	for (size_t i = 0; i < r.n_files; i++)
		HOLDS(same(r.files[i], again.files[i]));
	HOLDS(r.byte_limit == again.byte_limit && r.time_limit_ms == again.time_limit_ms);
	HOLDS(same(r.domain, again.domain) && same(r.netrc, again.netrc));
	check_addresses(&r);
	fetch_request_done(storage_again);
	fetch_request_done(storage);
}

static void fuzz_answer(const char *text, size_t len, bool contents)
{
	struct fetch_request r;
	struct fetch_answer a;
	char why[FETCH_WHY_SIZE] = "";

	fetch_request_init(&r);
	r.control = contents ? NULL : "/c";
	r.files[0] = "/f";
	r.n_files = 1;
	r.contents = contents;
	r.byte_limit = 16;
	if (fetch_answer_parse(text, len, &r, &a, why) < 0) {
		HOLDS(*why && is_printable(why));
		return;
	}
	HOLDS(is_printable(a.files[0].reason) && is_printable(a.control.reason));
	HOLDS(a.files[0].state != FETCH_ABSENT || a.control.state == FETCH_PRESENT);
	HOLDS(a.has_contents == (contents && a.files[0].state == FETCH_PRESENT));
	HOLDS(!a.has_contents || a.contents + a.contents_len == text + len);
	HOLDS(!a.has_contents || a.contents_len <= r.byte_limit);
}

static void fuzz_netrc(const char *text, size_t len)
{
	struct smb_credentials c = { .user = "" };
	char why[FETCH_WHY_SIZE] = "";

	if (smb_credentials_parse(text, len, "nt4", &c, why) < 0)
		HOLDS(*why && is_printable(why) && !c.user[0] && !c.password[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (size == 0)
		return 0;
	if (data[0] == 'r')
		fuzz_request(text, size - 1);
	else if (data[0] == 'n')
		fuzz_netrc(text, size - 1);
	else
		fuzz_answer(text, size - 1, data[0] == 'c');
	return 0;
}
