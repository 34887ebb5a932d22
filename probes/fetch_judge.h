/* SPDX-License-Identifier: ISC */
/* What the end of a transfer says about the file; private to fetch_url. */
#ifndef FTPHEALTH_FETCH_JUDGE_H
#define FTPHEALTH_FETCH_JUDGE_H

#include <curl/curl.h>
#include <string.h>

#include "probes/fetch_place.h"
#include "probes/fetch_round.h"
#include "probes/smb_credentials.h"

enum {
	REDIRECTS_MAX = 3,
	HEADERS_MAX = 262144, /* octets of headers or replies of one transfer */
	REPLY_SIZE = 256,
};

/* ssh's own file of the host keys that an administrator trusts; $HOME is nobody's here. */
#define FETCH_KNOWN_HOSTS "/etc/ssh/ssh_known_hosts"

/* What is known while a round lasts, and of the transfer under way. */
struct fetch_work {
	struct fetch_round *round;                 /* borrowed from the caller */
	const struct fetch_place *place;           /* the same */
	const struct smb_credentials *credentials; /* the same */
	CURL *easy;
	char words[CURL_ERROR_SIZE];
	char reply[REPLY_SIZE]; /* FTP: the server's latest line */
	size_t headers;         /* octets */
	uint64_t discarded;
	int sink_error;
	bool no_size;            /* FTP: do not ask for it */
	bool ranged;             /* the first or the last octets were asked for */
	bool heading;            /* the first */
	struct fetch_file ended; /* what goes for all files, as nothing can be had there */
	bool has_ended;
};

static inline bool fetch_is_http(const struct fetch_work *w)
{
	return fetch_place_is_http(w->place);
}

static inline bool fetch_is_ftp(const struct fetch_work *w)
{
	return strncmp(w->place->scheme, "ftp", 3) == 0;
}

static inline long fetch_response_code(const struct fetch_work *w)
{
	long code = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &code);
	return code;
}

/* Whether the body of an HTTP response is the file. */
static inline bool fetch_is_body(const struct fetch_work *w, long code)
{
	return code == 200 || code == 203 || (code == 206 && w->ranged);
}

/* Says in F what the end CODE of the transfer of file I means, and in W when it goes for all that
 * are left. */
void fetch_judge(struct fetch_work *w, CURLcode code, size_t i, struct fetch_file *f);

#endif
