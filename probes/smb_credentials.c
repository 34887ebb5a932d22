/* SPDX-License-Identifier: ISC */
/* A strict reader of netrc files that leaves nothing of them in memory. */
#include "probes/smb_credentials.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/text.h"
#include "common/util.h"

/* A walk over the words of a file. */
struct words {
	const char *next, *end;
	unsigned line; /* of the word */
	bool quoted;   /* it was in quotes, so is no keyword */
	char word[SMB_NAME_MAX + 1];
	const char *fault; /* static; NULL = none */
};

/* Skips blanks and comments; false at the end. */
static bool skip_blanks(struct words *w, const char *start)
{
	for (; w->next < w->end; w->next++) {
		bool line_start = w->next == start || w->next[-1] == '\n';

		if (line_start && *w->next == '#')
			while (w->next < w->end && *w->next != '\n')
				w->next++;
		if (w->next == w->end)
			return false;
		if (*w->next == '\n')
			w->line++;
		else if (*w->next != ' ' && *w->next != '\t' && *w->next != '\r')
			return true;
	}
	return false;
}

/* What \C in quotes stands for, or 0. */
static char escaped(char c)
{
	static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
	const char *p = c ? strchr(from, c) : NULL;

	return p ? to[p - from] : '\0';
}

/* Takes the next octet of a word; -1 at its end. */
static int next_octet(struct words *w)
{
	char c;

	if (w->next == w->end) {
		if (w->quoted)
			w->fault = "no closing quote";
		return -1;
	}
	c = *w->next;
	if (!w->quoted && strchr(" \t\r\n", c) && c)
		return -1;
	w->next++;
	if (w->quoted && c == '"')
		return -1;
	if (w->quoted && c == '\\' && w->next < w->end) {
		c = escaped(*w->next++);
		if (!c)
			w->fault = "an unknown escape in quotes; a backslash itself is \\\\";
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		w->fault = w->fault ? w->fault : "a control character";
	return (unsigned char)c;
}

/* Goes to the next word; false at the end of the file and at a fault. */
static bool next_word(struct words *w, const char *start)
{
	size_t n = 0;
	int c;

	if (!skip_blanks(w, start))
		return false;
	w->quoted = *w->next == '"';
	if (w->quoted)
		w->next++;
	while (!w->fault && (c = next_octet(w)) >= 0) {
		if (n + 1 >= sizeof(w->word)) {
			w->fault = "a word of more than 255 octets";
			break;
		}
		w->word[n++] = (char)c;
	}
	w->word[n] = '\0';
	return !w->fault;
}

/* DOMAIN\USER and DOMAIN/USER. */
static void split_login(struct smb_credentials *c)
{
	size_t n = strcspn(c->user, "\\/");

	if (!c->user[n])
		return;
	memcpy(c->domain, c->user, n);
	c->domain[n] = '\0';
	memmove(c->user, c->user + n + 1, strlen(c->user + n + 1) + 1);
}

/* The entry under way. */
struct entry {
	bool mine, found;
	bool has_login, has_password;
};

/* Takes one keyword with its word into C; sets W->fault. */
static void take_keyword(struct words *w, const char *start, const char *host,
	struct smb_credentials *c, struct entry *e)
{
	static const char *const keys[] = { "login", "password", "account" };
	char *const values[] = { c->user, c->password, c->domain };
	size_t i;

	if (!w->quoted && strcmp(w->word, "default") == 0) {
		e->found |= e->mine;
		e->mine = !e->found;
		return;
	}
	if (!w->quoted && strcmp(w->word, "machine") == 0) {
		e->found |= e->mine;
		if (!next_word(w, start))
			w->fault = w->fault ? w->fault : "machine without a name";
		else
			e->mine = !e->found && strcasecmp(w->word, host) == 0;
		return;
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!w->quoted && strcmp(w->word, keys[i]) == 0)
			break;
	if (i == ARRAY_SIZE(keys)) {
		w->fault = "none of machine, default, login, password, account";
		return;
	}
	if (!next_word(w, start)) {
		w->fault = w->fault ? w->fault : "a keyword without its word";
		return;
	}
	if (!e->mine)
		return;
	memcpy(values[i], w->word, strlen(w->word) + 1);
	e->has_login |= i == 0;
	e->has_password |= i == 1;
}

int smb_credentials_parse(const char *text, size_t len, const char *host,
	struct smb_credentials *ret, char why[SMB_WHY_SIZE])
{
	struct words w = { .next = text, .end = text + len, .line = 1 };
	struct smb_credentials c = { .user = "" };
	struct entry e = { .mine = false };
	int error = 0;

	assert(text && host && ret && why);
	while (!w.fault && next_word(&w, text))
		take_keyword(&w, text, host, &c, &e);
	if (w.fault) {
		snprintf(why, SMB_WHY_SIZE, "line %u: %s", w.line, w.fault);
		error = -EINVAL;
	} else if (!e.found && !e.mine) {
		snprintf(why, SMB_WHY_SIZE, "no entry for machine %.100s, and no default", host);
		error = -EINVAL;
	} else if (!e.has_login || !e.has_password) {
		snprintf(why, SMB_WHY_SIZE, "machine %.100s has no %s", host,
			e.has_login ? "password" : "login");
		error = -EINVAL;
	} else {
		split_login(&c);
		*ret = c;
	}
	explicit_bzero(&w, sizeof(w));
	smb_credentials_wipe(&c);
	return error;
}

/* Opens what R names. */
static int open_file(const struct smb_request *r, const char *folder)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	_cleanup_(closep) int dir = -1;
	int fd;

	if (r->netrc[0]) {
		fd = open(r->netrc, flags);
		return fd < 0 ? -errno : fd;
	}
	if (!folder)
		return -ENOENT;
	dir = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (dir < 0)
		return -errno;
	fd = openat(dir, r->credential, flags);
	return fd < 0 ? -errno : fd;
}

/* What is wrong with the file itself, or NULL. systemd gives its credentials to the service by an
 * access control list, whose mask shows as the group's bits; the folder keeps others out. */
static const char *check_file(int fd, bool netrc)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return "it cannot be examined";
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_size > SMB_CREDENTIALS_FILE_MAX)
		return "larger than 64 KiB";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "it belongs to another user";
	if (st.st_mode & (netrc ? S_IRWXG | S_IRWXO : S_IRWXO))
		return netrc ? "open to group or others; make it so with chmod 600"
			     : "open to others";
	return NULL;
}

/* Reads at most SIZE octets; returns how many, or -errno. */
static ssize_t read_all(int fd, char *dst, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t k = read(fd, dst + n, size - n);

		if (k < 0 && errno != EINTR)
			return -errno;
		if (k == 0)
			break;
		n += k > 0 ? (size_t)k : 0;
	}
	return (ssize_t)n;
}

int smb_credentials_load(const struct smb_request *r, const char *folder,
	struct smb_credentials *ret, char why[SMB_WHY_SIZE])
{
	static char text[SMB_CREDENTIALS_FILE_MAX + 1];
	const char *name = r->netrc[0] ? r->netrc : r->credential, *fault;
	char detail[SMB_WHY_SIZE] = "", message[2 * SMB_WHY_SIZE];
	_cleanup_(closep) int fd = -1;
	ssize_t len;
	int error;

	memset(ret, 0, sizeof(*ret));
	if (!*name)
		return 0;
	fd = open_file(r, folder);
	fault = fd == -ELOOP ? "a symbolic link"
		: fd < 0     ? strerror(-fd)
			     : check_file(fd, r->netrc[0] != '\0');
	error = fd < 0 ? fd : fault ? -EPERM : 0;
	if (error == 0) {
		len = read_all(fd, text, sizeof(text));
		error = len < 0 ? (int)len : len == sizeof(text) ? -EFBIG : 0;
		fault = error < 0 ? strerror(-error) : detail;
		if (error == 0)
			error = smb_credentials_parse(
				text, (size_t)len, r->control.host, ret, detail);
		explicit_bzero(text, sizeof(text));
	}
	if (error < 0) {
		snprintf(message, sizeof(message), "%s %.120s: %s",
			r->netrc[0] ? "netrc file" : "credential", name, fault);
		text_escape(why, SMB_WHY_SIZE, message, strlen(message));
		return error;
	}
	if (!ret->domain[0])
		memcpy(ret->domain, r->domain, sizeof(ret->domain));
	return 0;
}

void smb_credentials_wipe(struct smb_credentials *c)
{
	explicit_bzero(c, sizeof(*c));
}
