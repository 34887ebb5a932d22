/* SPDX-License-Identifier: ISC */
/* What of a netrc file a login to a share takes. */
#include "probes/smb_credentials.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/netrc.h"

_Static_assert((int)NETRC_WORD_MAX == FETCH_NAME_MAX && (int)NETRC_WHY_SIZE == FETCH_WHY_SIZE,
	"all that a file says fits");

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

/* Takes what N says of HOST. Returns 0, or -EINVAL and in WHY what is missing. */
static int take_entry(const struct netrc *n, const char *host, struct smb_credentials *ret,
	char why[FETCH_WHY_SIZE])
{
	struct netrc_entry entry;

	if (!netrc_find(n, host, true, &entry)) {
		snprintf(why, FETCH_WHY_SIZE, "no entry for machine %.100s, and no default", host);
		return -EINVAL;
	}
	if (!entry.login || !entry.password) {
		snprintf(why, FETCH_WHY_SIZE, "machine %.100s has no %s", host,
			entry.login ? "password" : "login");
		return -EINVAL;
	}
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->user, sizeof(ret->user), "%s", entry.login);
	snprintf(ret->password, sizeof(ret->password), "%s", entry.password);
	snprintf(ret->domain, sizeof(ret->domain), "%s", entry.account ? entry.account : "");
	split_login(ret);
	return 0;
}

int smb_credentials_parse(const char *text, size_t len, const char *host,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE])
{
	_cleanup_(netrc_freep) struct netrc *n = NULL;
	int r = netrc_parse(text, len, &n, why);

	return r < 0 ? r : take_entry(n, host, ret, why);
}

int smb_credentials_load(const struct fetch_request *r, const char *host, const char *folder,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE])
{
	const char *name = r->netrc ? r->netrc : r->credential;
	char detail[FETCH_WHY_SIZE], message[2 * FETCH_WHY_SIZE];
	_cleanup_(netrc_freep) struct netrc *n = NULL;
	int error;

	assert(r && host && ret && why);
	memset(ret, 0, sizeof(*ret));
	if (!name)
		return 0;
	error = netrc_load(r->netrc, r->credential, folder, SMB_CREDENTIALS_FILE_MAX, &n, why);
	if (error < 0)
		return error;
	error = take_entry(n, host, ret, detail);
	if (error < 0) {
		snprintf(message, sizeof(message), "%s %.120s: %s",
			r->netrc ? "netrc file" : "credential", name, detail);
		text_escape(why, FETCH_WHY_SIZE, message, strlen(message));
		return error;
	}
	if (!ret->domain[0] && r->domain)
		snprintf(ret->domain, sizeof(ret->domain), "%s", r->domain);
	return 0;
}

void smb_credentials_wipe(struct smb_credentials *c)
{
	explicit_bzero(c, sizeof(*c));
}
