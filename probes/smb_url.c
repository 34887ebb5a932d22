/* SPDX-License-Identifier: ISC */
/* Reading and writing of smb:// addresses. */
#include "probes/smb_url.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <arpa/inet.h>

#include "common/text.h"

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p;

	p = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return p ? (int)(p - digits) : -1;
}

/* Decodes LEN octets of SRC into DST (SIZE octets with the NUL). */
static const char *decode(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = src[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_digit(src[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(src[i + 2]) : -1;

			if (low < 0)
				return "a % without two hexadecimal digits; a % itself is %25";
			c = (char)(high << 4 | low);
			i += 2;
		}
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return "a control character";
		if (n + 1 >= size)
			return "a part is too long";
		dst[n++] = c;
	}
	dst[n] = '\0';
	return text_is_clean_utf8(dst) ? NULL : "it is not UTF-8";
}

static const char *parse_port(const char *s, size_t len, uint16_t *ret)
{
	unsigned port = 0;

	if (len == 0 || len > 5)
		return "the port is no number from 1 to 65535";
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return "the port is no number from 1 to 65535";
		port = port * 10 + (unsigned)(s[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return "the port is no number from 1 to 65535";
	*ret = (uint16_t)port;
	return NULL;
}

/* HOST, HOST:PORT, [V6] or [V6]:PORT. */
static const char *parse_authority(const char *s, size_t len, struct smb_url *u)
{
	struct in6_addr address;
	const char *allowed = "-._", *end = s + len, *host = s, *host_end, *rest;

	if (memchr(s, '@', len))
		return "a user or a password in it; credentials belong in a netrc file";
	if (len > 0 && *s == '[') {
		host_end = memchr(s, ']', len);
		if (!host_end)
			return "no ] after the IPv6 address";
		host++;
		rest = host_end + 1;
		allowed = ":.";
	} else {
		host_end = memchr(s, ':', len);
		rest = host_end = host_end ? host_end : end;
	}
	if (host_end == host || host_end - host > SMB_HOST_MAX)
		return "no host, or one that is too long";
	for (const char *p = host; p < host_end; p++)
		if (!isalnum((unsigned char)*p) && !strchr(allowed, *p))
			return "the host is no name and no address (IPv6 stands in [ ])";
	memcpy(u->host, host, (size_t)(host_end - host));
	if (*s == '[' && inet_pton(AF_INET6, u->host, &address) != 1)
		return "no IPv6 address in [ ]";
	if (rest == end)
		return NULL;
	if (*rest != ':')
		return "only :PORT may follow the host";
	return parse_port(rest + 1, (size_t)(end - rest - 1), &u->port);
}

/* One part of the path: a name as Windows allows it. Wildcards would match other files. */
static const char *check_part(const char *part, size_t len)
{
	if (len == 0)
		return "an empty part (two slashes in a row, or one at the end)";
	if (strcspn(part, "*?\"<>|:\\/") < len)
		return "one of * ? \" < > | : in a name";
	if (len <= 2 && strspn(part, ".") >= len)
		return "a part that is . or ..";
	return NULL;
}

static const char *check_path(char *path)
{
	const char *why = NULL;

	for (char *p = path; *p; p++)
		if (*p == '\\')
			*p = '/';
	for (const char *p = path; !why; p++) {
		size_t len = strcspn(p, "/");

		why = check_part(p, len);
		p += len;
		if (!*p)
			break;
	}
	return why;
}

static const char *parse(const char *url, struct smb_url *u)
{
	const char *authority, *share, *path, *why;

	if (strncasecmp(url, "smb://", 6) != 0)
		return "it does not start with smb://";
	authority = url + 6;
	share = strchr(authority, '/');
	path = share ? strchr(share + 1, '/') : NULL;
	if (!path || !path[1])
		return "no share and file in it; the form is smb://HOST[:PORT]/SHARE/PATH";
	why = parse_authority(authority, (size_t)(share - authority), u);
	share++;
	if (!why)
		why = decode(u->share, sizeof(u->share), share, (size_t)(path - share));
	if (!why)
		why = check_part(u->share, strlen(u->share));
	if (!why)
		why = decode(u->path, sizeof(u->path), path + 1, strlen(path + 1));
	return why ? why : check_path(u->path);
}

int smb_url_parse(const char *url, struct smb_url *ret, const char **ret_why)
{
	struct smb_url u;
	const char *why;

	assert(url && ret && ret_why);
	memset(&u, 0, sizeof(u));
	why = parse(url, &u);
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	*ret = u;
	return 0;
}

/* Appends SRC to DST at N in percent-encoding, with KEPT as it is; returns the new length. */
static size_t encode(char *dst, size_t n, const char *src, const char *kept)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *src; src++) {
		unsigned char c = (unsigned char)*src;

		if ((c < 0x80 && isalnum(c)) || strchr(kept, c)) {
			dst[n++] = (char)c;
			continue;
		}
		dst[n++] = '%';
		dst[n++] = digits[c >> 4];
		dst[n++] = digits[c & 0xf];
	}
	dst[n] = '\0';
	return n;
}

void smb_url_write(const struct smb_url *u, enum smb_url_form form, char dst[SMB_URL_SIZE])
{
	bool brackets = form == SMB_URL_STANDARD && strchr(u->host, ':');
	size_t n;

	assert(u && dst);
	n = encode(dst, 0, brackets ? "smb://[" : "smb://", ":/[");
	n = encode(dst, n, u->host, brackets ? ":." : "-._");
	if (brackets)
		dst[n++] = ']';
	if (u->port > 0) {
		char digits[6] = "";
		size_t i = sizeof(digits) - 1;

		for (unsigned port = u->port; port > 0; port /= 10)
			digits[--i] = (char)('0' + port % 10);
		dst[n++] = ':';
		n = encode(dst, n, digits + i, "");
	}
	dst[n++] = '/';
	n = encode(dst, n, u->share, "-._");
	if (u->path[0]) {
		dst[n++] = '/';
		encode(dst, n, u->path, "-._/");
	}
}

bool smb_url_same_share(const struct smb_url *a, const struct smb_url *b)
{
	return strcasecmp(a->host, b->host) == 0 && a->port == b->port &&
		strcasecmp(a->share, b->share) == 0;
}
