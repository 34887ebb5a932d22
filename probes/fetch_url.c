/* SPDX-License-Identifier: ISC */
/* One file by URL: a transfer of libcurl's, and what its end says about the file. */
#include "probes/fetch_url.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <curl/curl.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/fetch_words.h"

enum {
	REDIRECTS_MAX = 3,
	HEADERS_MAX = 262144, /* octets of headers or replies of one transfer */
	REFUSAL_MAX = 65536,  /* octets that are read of a page that says no */
	REPLY_SIZE = 256,
};

/* ssh's own file of the host keys that an administrator trusts; $HOME is nobody's here. */
static const char known_hosts[] = "/etc/ssh/ssh_known_hosts";

/* What is known while a round lasts, and of the transfer under way. */
struct work {
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
	bool ranged;             /* the last octets were asked for */
	struct fetch_file ended; /* what goes for all files, as nothing can be had there */
	bool has_ended;
};

/* ------------------------------------------------------------------ what comes */

static bool is_http(const struct work *w)
{
	return fetch_place_is_http(w->place);
}

static bool is_ftp(const struct work *w)
{
	return strncmp(w->place->scheme, "ftp", 3) == 0;
}

static long response_code(const struct work *w)
{
	long code = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &code);
	return code;
}

/* Whether the body of an HTTP response is the file. */
static bool is_file(const struct work *w, long code)
{
	return code == 200 || code == 203 || (code == 206 && w->ranged);
}

static size_t on_data(char *data, size_t one, size_t len, void *userdata)
{
	struct work *w = userdata;

	if (is_http(w) && !is_file(w, response_code(w))) {
		w->discarded += len;
		return w->discarded > REFUSAL_MAX ? 0 : len;
	}
	w->sink_error = fetch_sink_write(w->round->sink, data, len);
	return w->sink_error == 0 ? len : 0;
}

static size_t on_header(char *data, size_t one, size_t len, void *userdata)
{
	struct work *w = userdata;
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
static int set_up(struct work *w)
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
	SET(CURLOPT_SSH_KNOWNHOSTS, known_hosts);
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

/* Prepares the transfer of file I. With RANGED only its last octets are asked for. */
static CURLcode set_file(struct work *w, size_t i, bool ranged)
{
	const struct fetch_request *r = w->round->request;
	char range[32];
	CURLcode code = CURLE_OK;

	snprintf(range, sizeof(range), "-%llu", (unsigned long long)r->byte_limit);
	w->words[0] = w->reply[0] = '\0';
	w->headers = 0;
	w->discarded = 0;
	w->sink_error = 0;
	w->ranged = ranged;
	SET(CURLOPT_URL, w->place->addresses[i]);
	SET(CURLOPT_RANGE, ranged ? range : NULL);
	SET(CURLOPT_IGNORE_CONTENT_LENGTH, w->no_size ? 1L : 0L); /* of FTP: no SIZE */
	/* Of a tail that comes as a stream the end is wanted. */
	SET(CURLOPT_MAXFILESIZE_LARGE, w->round->sink->tail ? 0 : (curl_off_t)r->byte_limit);
	return code;
}

/* ------------------------------------------------------------------ what it means */

/* Gives F a STATE with foreign WORDS behind PREFIX, in which our password is never repeated. */
static void set_words(struct work *w, struct fetch_file *f, enum fetch_state state,
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

static const char *words_of(const struct work *w, CURLcode code)
{
	return w->words[0] ? w->words : curl_easy_strerror(code);
}

/* How the page to which redirects led is another than that of file I, a form to log in or a page of
 * regret; NULL when it is not. A file that is there may be on another HOST. */
static const char *elsewhere(const struct work *w, size_t i, bool host)
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
static void judge_http(struct work *w, long code, size_t i, struct fetch_file *f)
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
static void judge_ftp(struct work *w, size_t i, struct fetch_file *f)
{
	enum fetch_state state = fetch_words_state(w->reply, w->place->addresses[i]);

	if (state == FETCH_ABSENT)
		fetch_file_set(f, state, "%s", "");
	else
		set_words(w, f, state, "", w->reply);
}

/* Not logged in. "Need an account" (332) and the like are no wrong password. */
static void judge_login(struct work *w, CURLcode code, struct fetch_file *f)
{
	bool ftp = is_ftp(w);

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
static bool told_size(struct work *w, uint64_t *ret)
{
	struct curl_header *header;
	const char *text = w->reply;

	if (is_http(w)) {
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

static void too_large(struct work *w, CURLcode code, size_t i, struct fetch_file *f)
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
static void judge_failure(struct work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	const char *words = words_of(w, code);

	switch (code) {
	case CURLE_REMOTE_FILE_NOT_FOUND: /* FTP, SFTP */
	case CURLE_FTP_COULDNT_RETR_FILE:
		if (is_ftp(w))
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
		if (is_ftp(w) && strncmp(w->reply, "421", 3) == 0)
			set_words(w, f, FETCH_FAILED, "", w->reply);
		else
			set_words(w, f, FETCH_TIMEOUT, "", words);
		break;
	default:
		if (code == CURLE_PEER_FAILED_VERIFICATION && w->place->scheme[0] == 's')
			fetch_file_set(f, FETCH_FAILED, "its key is not in %s", known_hosts);
		else
			set_words(w, f, FETCH_FAILED, is_tls_failure(code) ? "TLS: " : "", words);
	}
	w->has_ended = f->state == FETCH_UNREACHABLE || is_tls_failure(code);
}

/* ------------------------------------------------------------------ one file */

/* The size of the file of which a part came, from "Content-Range: bytes 5-9/10"; else what came. */
static uint64_t size_of_whole(struct work *w)
{
	struct curl_header *header;
	unsigned long long size;

	if (response_code(w) == 206 &&
		curl_easy_header(w->easy, "Content-Range", 0, CURLH_HEADER, -1, &header) ==
			CURLHE_OK &&
		sscanf(header->value, "bytes %*u-%*u/%llu", &size) == 1 &&
		size >= w->round->sink->total && size <= INT64_MAX)
		return size;
	return w->round->sink->total;
}

/* All that was asked for came. */
static void take_file(struct work *w, size_t i, struct fetch_file *f)
{
	const char *other = is_http(w) ? elsewhere(w, i, false) : NULL;
	curl_off_t mtime = -1;

	if (!w->round->request->contents && other) {
		fetch_file_set(f, FETCH_UNKNOWN, "%s", other);
		return;
	}
	curl_easy_getinfo(w->easy, CURLINFO_FILETIME_T, &mtime);
	f->state = FETCH_PRESENT;
	f->has_stat = true;
	f->size = size_of_whole(w);
	f->mtime = mtime >= 0 ? mtime : 0;
	if (response_code(w) != 206 || !is_http(w))
		fetch_sink_hash(w->round->sink, f->sha256);
}

/* Whether we ended the transfer, as it was more than we take; then F says so. */
static bool judge_bounds(struct work *w, CURLcode code, size_t i, struct fetch_file *f)
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

/* Says what the end of the transfer means. */
static void judge(struct work *w, CURLcode code, size_t i, struct fetch_file *f)
{
	long http = is_http(w) ? response_code(w) : 0;

	if (code == CURLE_OUT_OF_MEMORY || w->sink_error == -ENOMEM)
		w->round->error = -ENOMEM;
	else if (http >= 400)
		judge_http(w, http, i, f);
	else if (judge_bounds(w, code, i, f))
		;
	else if (http > 0 && code == CURLE_OK && !is_file(w, http))
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

/* Whether the transfer is to be tried once more, another way. */
static bool another_way(struct work *w, CURLcode code, size_t i)
{
	/* A server may refuse a range, of an empty file for instance (RFC 9110 14.1.2). */
	if (w->ranged && response_code(w) == 416)
		return true;
	/* pure-ftpd's words to SIZE tell less than those to RETR. */
	if (!is_ftp(w) || w->no_size || code != CURLE_REMOTE_FILE_NOT_FOUND ||
		fetch_words_state(w->reply, w->place->addresses[i]) != FETCH_UNKNOWN)
		return false;
	w->no_size = true;
	return true;
}

static struct fetch_file look(void *userdata, struct fetch_round *round, size_t i)
{
	struct fetch_file f = { .state = FETCH_FAILED };
	struct work *w = userdata;
	CURLcode code;

	if (w->has_ended)
		return w->ended;
	w->no_size = false;
	code = set_file(w, i, round->sink->tail && is_http(w));
	code = code ? code : curl_easy_perform(w->easy);
	if (another_way(w, code, i)) {
		round->error = fetch_sink_reset(round->sink);
		code = set_file(w, i, false);
		code = code ? code : curl_easy_perform(w->easy);
	}
	if (round->error == 0)
		judge(w, code, i, &f);
	return f;
}

int fetch_url_fetch(
	struct fetch_round *round, const struct fetch_place *p, const struct smb_credentials *c)
{
	struct work w = { .round = round, .place = p, .credentials = c };
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
