/* SPDX-License-Identifier: ISC */
/* What the end of a transfer says about the file. */
#include "probes/fetch_judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/fetch_words.h"

/* Gives F a STATE with foreign WORDS behind PREFIX, in which our password is never repeated. */
static void set_words(struct fetch_work *w, struct fetch_file *f, enum fetch_state state,
	const char *prefix, const char *words)
{
	const char *password = w->credentials->password;
	size_t len = strlen(password);
	char text[CURL_ERROR_SIZE + REPLY_SIZE];

	snprintf(text, sizeof(text), "%s", words);
	for (char *p = text; len > 0 && (p = strstr(p, password)); p += len)
		memset(p, '*', len);
	fetch_file_set(f, state, "%s%s", prefix, text);
}

static const char *words_of(const struct fetch_work *w, CURLcode code)
{
	return w->words[0] ? w->words : curl_easy_strerror(code);
}

/* How the page to which redirects led is another than that of file I, a form to log in or a page of
 * regret; NULL when it is not. A file that is there may be on another HOST. */
static const char *elsewhere(const struct fetch_work *w, size_t i, bool host)
{
	char *url = NULL;
	long redirects = 0;

	curl_easy_getinfo(w->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	if (redirects == 0 || curl_easy_getinfo(w->easy, CURLINFO_EFFECTIVE_URL, &url) || !url)
		return NULL;
	if (!fetch_place_same_name(w->place->addresses[i], url))
		return "the server redirects to a page of another name";
	return host && !fetch_place_has_host(w->place, url) ? "the server redirects to another host"
							    : NULL;
}

/* An HTTP response that is not the file. */
static void judge_http(struct fetch_work *w, long code, size_t i, struct fetch_file *f)
{
	const char *other = elsewhere(w, i, true);

	switch (code) {
	case 404: /* says nothing of the file when it is said of another */
	case 410:
		fetch_file_set(f, other ? FETCH_UNKNOWN : FETCH_ABSENT, "%s", other ? other : "");
		break;
	case 401:
	case 407:
		fetch_file_set(f, FETCH_WRONG_PASSWORD, "HTTP %ld: %s", code,
			w->credentials->user[0] ? "the server refuses this user or password"
						: "the server wants a user and a password");
		break;
	case 403:
		fetch_file_set(f, FETCH_ACCESS_DENIED, "HTTP 403");
		break;
	default:
		fetch_file_set(f, FETCH_FAILED, "HTTP %ld", code);
	}
}

/* An FTP reply to a request for the file that is no yes. RFC 959 has one code, 550, for a file that
 * is not there and for one that may not be read: the words tell, if at all. */
static void judge_ftp(struct fetch_work *w, size_t i, struct fetch_file *f)
{
	enum fetch_state state = fetch_words_state(w->reply, w->place->addresses[i]);

	if (state == FETCH_ABSENT)
		fetch_file_set(f, state, "%s", "");
	else
		set_words(w, f, state, "", w->reply);
}

/* Not logged in. "Need an account" (332) and the like are no wrong password. */
static void judge_login(struct fetch_work *w, CURLcode code, struct fetch_file *f)
{
	bool ftp = fetch_is_ftp(w);

	if (ftp && w->reply[0] && w->reply[0] != '5' && strncmp(w->reply, "430", 3) != 0)
		set_words(w, f, FETCH_FAILED, "", w->reply);
	else
		set_words(w, f, FETCH_WRONG_PASSWORD, "",
			ftp && w->reply[0] ? w->reply : words_of(w, code));
}

static bool is_tls_failure(CURLcode code)
{
	switch (code) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
	case CURLE_USE_SSL_FAILED:
		return true;
	default:
		return false;
	}
}

/* The size that the server told of a file that we did not take; false when it told none. */
static bool told_size(struct fetch_work *w, uint64_t *ret)
{
	struct curl_header *header;
	const char *text = w->reply;

	if (fetch_is_http(w)) {
		if (curl_easy_header(w->easy, "Content-Length", 0, CURLH_HEADER, -1, &header))
			return false;
		text = header->value;
	} else if (strncmp(text, "213 ", 4) == 0) { /* to SIZE (RFC 3659 4) */
		text += 4;
	}
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, NULL, 10);
	return errno == 0 && *ret <= INT64_MAX;
}

static void too_large(struct fetch_work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	if (w->round->sink->tail) {
		fetch_file_set(f, FETCH_FAILED, "larger than %d times the limit of %llu octets",
			FETCH_TAIL_STREAM_FACTOR,
			(unsigned long long)w->round->request->byte_limit);
		return;
	}
	fetch_round_too_large(w->round, i == FETCH_CONTROL, f);
	f->has_stat = code == CURLE_FILESIZE_EXCEEDED && told_size(w, &f->size);
	if (!f->has_stat)
		f->size = 0;
}

/* A transfer that failed otherwise than by a response of HTTP. */
static void judge_failure(struct fetch_work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	const char *words = words_of(w, code);

	switch (code) {
	case CURLE_REMOTE_FILE_NOT_FOUND: /* FTP, SFTP */
	case CURLE_FTP_COULDNT_RETR_FILE:
		if (fetch_is_ftp(w))
			judge_ftp(w, i, f);
		else if (strcmp(w->place->scheme, "scp") == 0)
			fetch_file_set(f, FETCH_UNKNOWN, "not found or denied; scp does not tell");
		else
			fetch_file_set(f, FETCH_ABSENT, "%s", "");
		break;
	case CURLE_TFTP_NOTFOUND:
		fetch_file_set(f, FETCH_ABSENT, "%s", "");
		break;
	case CURLE_REMOTE_ACCESS_DENIED:
	case CURLE_TFTP_PERM:
		set_words(w, f, FETCH_ACCESS_DENIED, "", words);
		break;
	case CURLE_LOGIN_DENIED:
		judge_login(w, code, f);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		set_words(w, f, FETCH_UNREACHABLE, "", words);
		break;
	case CURLE_OPERATION_TIMEDOUT: /* to libcurl, a 421 is one too */
		if (fetch_is_ftp(w) && strncmp(w->reply, "421", 3) == 0)
			set_words(w, f, FETCH_FAILED, "", w->reply);
		else
			set_words(w, f, FETCH_TIMEOUT, "", words);
		break;
	default:
		if (code == CURLE_PEER_FAILED_VERIFICATION && w->place->scheme[0] == 's')
			fetch_file_set(f, FETCH_FAILED, "its key is not in %s", FETCH_KNOWN_HOSTS);
		else
			set_words(w, f, FETCH_FAILED, is_tls_failure(code) ? "TLS: " : "", words);
	}
	w->has_ended = f->state == FETCH_UNREACHABLE || is_tls_failure(code);
}

/* ------------------------------------------------------------------ one file */

/* The size of the file of which a part came, from "Content-Range: bytes 5-9/10"; else what came. */
static uint64_t size_of_whole(struct fetch_work *w)
{
	struct curl_header *header;
	unsigned long long size;

	if (fetch_response_code(w) == 206 &&
		curl_easy_header(w->easy, "Content-Range", 0, CURLH_HEADER, -1, &header) ==
			CURLHE_OK &&
		sscanf(header->value, "bytes %*u-%*u/%llu", &size) == 1 &&
		size >= w->round->sink->total && size <= INT64_MAX)
		return size;
	return w->round->sink->total;
}

/* All that was asked for came. */
static void take_file(struct fetch_work *w, size_t i, struct fetch_file *f)
{
	const char *other = fetch_is_http(w) ? elsewhere(w, i, false) : NULL;
	curl_off_t mtime = -1;

	if (!w->round->request->contents && other) {
		fetch_file_set(f, FETCH_UNKNOWN, "%s", other);
		return;
	}
	curl_easy_getinfo(w->easy, CURLINFO_FILETIME_T, &mtime);
	f->state = FETCH_PRESENT;
	f->has_stat = true;
	f->size = size_of_whole(w);
	w->round->sink->skipped = f->size - w->round->sink->total;
	f->mtime = mtime >= 0 ? mtime : 0;
	if (fetch_response_code(w) != 206 || !fetch_is_http(w))
		fetch_sink_hash(w->round->sink, f->sha256);
}

/* Whether we ended the transfer, as it was more than we take; then F says so. */
static bool judge_bounds(struct fetch_work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	if (w->sink_error == -EFBIG || code == CURLE_FILESIZE_EXCEEDED)
		too_large(w, code, i, f);
	else if (w->headers > HEADERS_MAX)
		fetch_file_set(f, FETCH_FAILED, "headers or replies without end");
	else if (code == CURLE_TOO_MANY_REDIRECTS)
		fetch_file_set(f, FETCH_FAILED, "more than %d redirects", REDIRECTS_MAX);
	else if (code == CURLE_UNSUPPORTED_PROTOCOL)
		set_words(w, f, FETCH_FAILED,
			"redirected to where we do not follow: ", words_of(w, code));
	else
		return false;
	return true;
}

void fetch_judge(struct fetch_work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	long http = fetch_is_http(w) ? fetch_response_code(w) : 0;

	if (code == CURLE_OUT_OF_MEMORY || w->sink_error == -ENOMEM)
		w->round->error = -ENOMEM;
	else if (http >= 400)
		judge_http(w, http, i, f);
	else if (judge_bounds(w, code, i, f))
		;
	else if (http > 0 && code == CURLE_OK && !fetch_is_body(w, http))
		judge_http(w, http, i, f);
	else if (code != CURLE_OK)
		judge_failure(w, code, i, f);
	else
		take_file(w, i, f);
	if (f->state == FETCH_WRONG_PASSWORD)
		w->has_ended = true; /* once is enough: it may lock the account */
	if (w->has_ended)
		w->ended = *f;
}
