/* SPDX-License-Identifier: ISC */
/* One file by URL: the transfers of libcurl's. */
#include "probes/fetch_url.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/fetch_judge.h"
#include "probes/fetch_words.h"

enum { REFUSAL_MAX = 65536 }; /* octets that are read of a page that says no */

/* ------------------------------------------------------------------ what comes */

static size_t on_data(char *data, size_t one, size_t len, void *userdata)
{
	struct fetch_work *w = userdata;

	if (fetch_is_http(w) && !fetch_is_body(w, fetch_response_code(w))) {
		w->discarded += len;
		return w->discarded > REFUSAL_MAX ? 0 : len;
	}
	if (w->heading) /* all is the answer of a server without ranges: it is asked for later */
		return fetch_response_code(w) == 206 ? fetch_sink_head(w->round->sink, data, len)
						     : 0;
	w->sink_error = fetch_sink_write(w->round->sink, data, len);
	return w->sink_error == 0 ? len : 0;
}

static size_t on_header(char *data, size_t one, size_t len, void *userdata)
{
	struct fetch_work *w = userdata;
	size_t n = len;

	w->headers += len;
	if (w->headers > HEADERS_MAX)
		return 0;
	while (n > 0 && (data[n - 1] == '\r' || data[n - 1] == '\n'))
		n--;
	if (n >= sizeof(w->reply))
		n = sizeof(w->reply) - 1;
	if (n > 0) {
		memcpy(w->reply, data, n);
		w->reply[n] = '\0';
	}
	return len;
}

/* ------------------------------------------------------------------ setting up */

/* "DOMAIN\USER", as Windows takes it for NTLM and FTP; or USER. */
static void make_user(const struct smb_credentials *c, char *dst, size_t size)
{
	if (c->domain[0])
		snprintf(dst, size, "%s\\%s", c->domain, c->user);
	else
		snprintf(dst, size, "%s", c->user);
}

static CURLcode set_credentials(CURL *easy, const struct smb_credentials *c)
{
	char user[2 * FETCH_NAME_MAX + 2];
	CURLcode code;

	if (!c->user[0])
		return CURLE_OK;
	make_user(c, user, sizeof(user));
	code = curl_easy_setopt(easy, CURLOPT_USERNAME, user);
	explicit_bzero(user, sizeof(user));
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PASSWORD, c->password);
	return code;
}

#define SET(option, value) (code = code ? code : curl_easy_setopt(w->easy, option, value))

/* Returns 0, or -ENOMEM: no other failure is left for a libcurl that is new enough. */
static int set_up(struct fetch_work *w)
{
	const struct fetch_place *p = w->place;
	/* From https only to https. */
	const char *further = strcmp(p->scheme, "https") == 0 ? "https" : "http,https";
	CURLcode code = CURLE_OK;

	w->easy = curl_easy_init();
	if (!w->easy)
		return -ENOMEM;
	SET(CURLOPT_PROTOCOLS_STR, p->scheme);
	SET(CURLOPT_REDIR_PROTOCOLS_STR, further);
	SET(CURLOPT_FOLLOWLOCATION, 1L);
	SET(CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM));
	/* One way alone: a wrong password counts each time that it is tried. */
	SET(CURLOPT_SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PASSWORD);
	SET(CURLOPT_SSH_KNOWNHOSTS, FETCH_KNOWN_HOSTS);
	SET(CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FILETIME, 1L);
	SET(CURLOPT_USERAGENT, "ftphealth-fetch");
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)w->round->request->time_limit_ms);
	SET(CURLOPT_ERRORBUFFER, w->words);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, w);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, w);
	code = code ? code : set_credentials(w->easy, w->credentials);
	if (code == CURLE_OK)
		return 0;
	return code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -ENOTSUP;
}

enum range { RANGE_NONE, RANGE_HEAD, RANGE_TAIL };

/* Prepares the transfer of file I, or of the part of it that is wanted. */
static CURLcode set_file(struct fetch_work *w, size_t i, enum range wanted)
{
	const struct fetch_request *r = w->round->request;
	char range[32];
	CURLcode code = CURLE_OK;

	if (wanted == RANGE_HEAD)
		snprintf(range, sizeof(range), "0-%d", FETCH_HEAD_MAX - 1);
	else
		snprintf(range, sizeof(range), "-%llu", (unsigned long long)r->byte_limit);
	w->words[0] = w->reply[0] = '\0';
	w->headers = 0;
	w->discarded = 0;
	w->sink_error = 0;
	w->ranged = wanted != RANGE_NONE;
	w->heading = wanted == RANGE_HEAD;
	SET(CURLOPT_URL, w->place->addresses[i]);
	SET(CURLOPT_RANGE, w->ranged ? range : NULL);
	SET(CURLOPT_IGNORE_CONTENT_LENGTH, w->no_size ? 1L : 0L); /* of FTP: no SIZE */
	/* Of a tail that comes as a stream the end is wanted. */
	SET(CURLOPT_MAXFILESIZE_LARGE, w->round->sink->tail ? 0 : (curl_off_t)r->byte_limit);
	return code;
}

/* ------------------------------------------------------------------ one file */

/* Whether the transfer is to be tried once more, another way. */
static bool another_way(struct fetch_work *w, CURLcode code, size_t i)
{
	/* A server may refuse a range, of an empty file for instance (RFC 9110 14.1.2). */
	if (w->ranged && fetch_response_code(w) == 416)
		return true;
	/* pure-ftpd's words to SIZE tell less than those to RETR. */
	if (!fetch_is_ftp(w) || w->no_size || code != CURLE_REMOTE_FILE_NOT_FOUND ||
		fetch_words_state(w->reply, w->place->addresses[i]) != FETCH_UNKNOWN)
		return false;
	w->no_size = true;
	return true;
}

static CURLcode get(struct fetch_work *w, size_t i, enum range range)
{
	CURLcode code = set_file(w, i, range);

	return code ? code : curl_easy_perform(w->easy);
}

/* Asks for the head that is wanted before a tail. Returns false when that has told all there is to
 * tell: the file is not to be had. */
static bool get_head(struct fetch_work *w, size_t i, CURLcode *ret_code)
{
	long http;

	*ret_code = get(w, i, RANGE_HEAD);
	http = fetch_response_code(w);
	if (*ret_code == CURLE_WRITE_ERROR && http > 0 && http < 300)
		return true;
	return *ret_code == CURLE_OK && (http < 400 || http == 416);
}

static struct fetch_file look(void *userdata, struct fetch_round *round, size_t i)
{
	bool ranged = round->sink->tail && fetch_is_http(userdata), go_on = true;
	struct fetch_file f = { .state = FETCH_FAILED };
	struct fetch_work *w = userdata;
	CURLcode code;

	if (w->has_ended)
		return w->ended;
	w->no_size = false;
	if (ranged && round->sink->room > 0)
		go_on = get_head(w, i, &code);
	if (go_on)
		code = get(w, i, ranged ? RANGE_TAIL : RANGE_NONE);
	if (go_on && another_way(w, code, i)) {
		round->error = fetch_sink_reset(round->sink);
		code = get(w, i, RANGE_NONE);
	}
	if (round->error == 0)
		fetch_judge(w, code, i, &f);
	return f;
}

int fetch_url_fetch(
	struct fetch_round *round, const struct fetch_place *p, const struct smb_credentials *c)
{
	struct fetch_work w = { .round = round, .place = p, .credentials = c };
	int error;

	assert(round && p && c);
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	error = set_up(&w);
	if (error == 0)
		error = fetch_round_look(round, look, &w);
	/* No cleanup: it would say goodbye to the server and wait for its answer. */
	return error;
}
