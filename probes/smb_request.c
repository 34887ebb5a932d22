/* SPDX-License-Identifier: ISC */
/* The smb:// addresses of a request, and whether they belong together. */
#include "probes/smb_request.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

int smb_request_read(
	const struct fetch_request *r, struct smb_request *ret, char why[FETCH_WHY_SIZE])
{
	const char *reason = NULL, *text = "", *key = "files";

	assert(r && ret && why);
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < r->n_files && !reason; i++) {
		text = r->files[i];
		smb_url_parse(text, &ret->urls[i], &reason);
		if (!reason && !smb_url_same_share(&ret->urls[i], &ret->urls[0]))
			reason = "not on the share of the first one";
	}
	if (!reason && r->control) {
		text = r->control;
		key = "control";
		smb_url_parse(text, &ret->urls[FETCH_FILES_MAX], &reason);
		if (!reason && !smb_url_same_share(&ret->urls[FETCH_FILES_MAX], &ret->urls[0]))
			reason = "not on the share of the files, for which it proves nothing then";
	}
	if (reason) {
		char message[2 * FETCH_WHY_SIZE];

		snprintf(message, sizeof(message), "%s: %s: \"%.100s\"", key, reason, text);
		text_escape(why, FETCH_WHY_SIZE, message, strlen(message));
		return -EINVAL;
	}
	return 0;
}
