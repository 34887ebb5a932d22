/* SPDX-License-Identifier: ISC */
/* Takes addresses apart, by libcurl's parser, and compares where they lead. */
#include "probes/fetch_place.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <curl/curl.h>

#include "common/text.h"
#include "common/util.h"

static void url_done(CURLU **u)
{
	curl_url_cleanup(*u);
}

static void part_done(char **part)
{
	curl_free(*part);
}

/* Copies a part of U in lower case into DST (SIZE octets); false when it is too long. */
static bool take_part(CURLU *u, CURLUPart what, char *dst, size_t size)
{
	_cleanup_(part_done) char *part = NULL;
	size_t n;

	dst[0] = '\0';
	if (curl_url_get(u, what, &part, CURLU_DEFAULT_PORT) || !part)
		return true;
	n = strlen(part);
	if (n >= size)
		return false;
	for (size_t i = 0; i <= n; i++)
		dst[i] = (char)tolower((unsigned char)part[i]);
	return true;
}

/* [::1] without its brackets. */
static void strip_brackets(char *host)
{
	size_t n = strlen(host);

	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return;
	memmove(host, host + 1, n - 2);
	host[n - 2] = '\0';
}

/* What is wrong with the path of a URL, or NULL. libcurl would list a folder. */
static const char *check_path(const char *scheme, const char *path)
{
	size_t n = strlen(path);

	if (strncmp(scheme, "http", 4) == 0)
		return NULL;
	if (n == 0 || path[n - 1] == '/')
		return "a folder, not a file";
	if (strncmp(scheme, "ftp", 3) == 0 && strstr(path, ";type="))
		return ";type= in it; files are read as they are";
	return NULL;
}

/* A path of this host, or out of file://. */
static const char *take_path(struct fetch_place *p, const char *path, char **ret)
{
	p->local = true;
	*ret = strdup(path);
	return NULL;
}

static const char *take_url(struct fetch_place *p, const char *text, char **ret)
{
	static const char *const schemes[] = { "http", "https", "ftp", "ftps", "sftp", "scp",
		"tftp", "file" };
	_cleanup_(url_done) CURLU *u = curl_url();
	_cleanup_(part_done) char *path = NULL;
	const char *why;
	bool known = false;
	CURLUcode code;

	if (!u)
		return NULL;
	code = curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
	if (code)
		return curl_url_strerror(code);
	if (!take_part(u, CURLUPART_SCHEME, p->scheme, sizeof(p->scheme)))
		p->scheme[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		known |= strcmp(p->scheme, schemes[i]) == 0;
	if (!known)
		return "none of http, https, ftp, ftps, sftp, scp, tftp and file";
	code = curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE);
	if (code)
		return curl_url_strerror(code);
	if (strcmp(p->scheme, "file") == 0)
		return take_path(p, path, ret);
	why = check_path(p->scheme, path);
	if (why)
		return why;
	if (!take_part(u, CURLUPART_HOST, p->host, sizeof(p->host)) ||
		!take_part(u, CURLUPART_PORT, p->port, sizeof(p->port)))
		return "the host is too long";
	strip_brackets(p->host);
	*ret = strdup(text);
	return NULL;
}

/* Reads TEXT into P and RET. Returns what is wrong, or NULL, with RET NULL when memory was out. */
static const char *take(struct fetch_place *p, const char *text, char **ret)
{
	struct fetch_place before = *p;
	bool first = !p->local && !p->scheme[0];
	const char *why;

	p->scheme[0] = p->host[0] = p->port[0] = '\0';
	p->local = false;
	why = *text == '/' ? take_path(p, text, ret) : take_url(p, text, ret);
	if (why || !*ret)
		return why;
	if (p->local)
		p->scheme[0] = p->host[0] = p->port[0] = '\0';
	if (first)
		return NULL;
	if (p->local != before.local || strcmp(p->scheme, before.scheme) != 0 ||
		strcmp(p->host, before.host) != 0 || strcmp(p->port, before.port) != 0)
		return "not on the same server, by the same scheme, as the first file; one proves "
		       "nothing for the other then";
	return NULL;
}

int fetch_place_read(
	const struct fetch_request *r, struct fetch_place *ret, char why[FETCH_WHY_SIZE])
{
	assert(r && ret && why);
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i <= r->n_files; i++) {
		bool control = i == r->n_files;
		const char *text = control ? r->control : r->files[i], *reason;
		char **address = &ret->addresses[control ? FETCH_FILES_MAX : i];

		if (!text)
			continue;
		reason = take(ret, text, address);
		if (reason) {
			char message[2 * FETCH_WHY_SIZE];

			snprintf(message, sizeof(message), "%s: %s: \"%.100s\"",
				control ? "control" : "files", reason, text);
			text_escape(why, FETCH_WHY_SIZE, message, strlen(message));
			return -EINVAL;
		}
		if (!*address) {
			snprintf(why, FETCH_WHY_SIZE, "no memory");
			return -ENOMEM;
		}
	}
	return 0;
}

void fetch_place_done(struct fetch_place *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->addresses); i++)
		free(p->addresses[i]);
	memset(p->addresses, 0, sizeof(p->addresses));
}

bool fetch_place_is_http(const struct fetch_place *p)
{
	return strncmp(p->scheme, "http", 4) == 0;
}

/* The last part of the path of URL, in *RET_LEN octets. */
static const char *last_part(const char *url, size_t *ret_len)
{
	size_t end = strcspn(url, "?#"), start = end;

	while (start > 0 && url[start - 1] != '/')
		start--;
	*ret_len = end - start;
	return url + start;
}

bool fetch_place_same_name(const char *a, const char *b)
{
	size_t a_len, b_len;

	a = last_part(a, &a_len);
	b = last_part(b, &b_len);
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool fetch_place_has_host(const struct fetch_place *p, const char *url)
{
	_cleanup_(url_done) CURLU *u = curl_url();
	char host[sizeof(p->host)];

	if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ||
		!take_part(u, CURLUPART_HOST, host, sizeof(host)))
		return false;
	strip_brackets(host);
	return strcmp(host, p->host) == 0;
}
