/* SPDX-License-Identifier: ISC */
/* Reader of applicationHost.config: anonymousAuthentication of a site, or of the sites' defaults.
 */
#include "probes/doc_apphost.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/doc_iis.h"
#include "probes/doc_xml.h"

/* Where the switch is; siteDefaults may stand in place of site. A web site's switch of the same
 * name is elsewhere (system.webServer). */
static const char *const path[] = { "configuration", "system.applicationHost", "sites", "site",
	"ftpServer", "security", "authentication", "anonymousAuthentication" };

enum { SITES_DEPTH = 3, SITE_DEPTH = 4, FTP_DEPTH = 5, BINDING_DEPTH = 6 };

struct site {
	unsigned long id;
	bool is_ftp;
	bool is_defaults;
	enum setting anonymous;
	char account[sizeof(((struct evidence *)NULL)->account)];
};

struct reader {
	unsigned site;    /* the one that is asked for */
	unsigned on_path; /* how many elements of the path are open */
	struct site open; /* the site that is open */
	struct site defaults;
	struct site answer;
	bool is_apphost, has_sites, found, disagree, inherits;
};

static bool is_site(const char *name)
{
	return strcmp(name, "site") == 0 || strcmp(name, "siteDefaults") == 0;
}

static void begin_site(struct reader *r, const char *name, const char *const *attributes)
{
	const char *id = doc_xml_attribute(attributes, "id");

	r->open = (struct site){
		.id = id ? strtoul(id, NULL, 10) : 0,
		.is_defaults = strcmp(name, "siteDefaults") == 0,
	};
}

static const char *read_switch(struct site *site, const char *const *attributes)
{
	const char *enabled = doc_xml_attribute(attributes, "enabled");
	const char *account = doc_xml_attribute(attributes, "userName");

	if (account)
		text_escape(site->account, sizeof(site->account), account, strlen(account));
	if (!enabled)
		return NULL;
	site->anonymous = iis_boolean(enabled);
	return site->anonymous == SETTING_UNKNOWN
		? "enabled of anonymousAuthentication is neither true nor false"
		: NULL;
}

static const char *on_start(
	void *userdata, unsigned depth, const char *name, const char *const *attributes)
{
	struct reader *r = userdata;
	const char *protocol;

	if (depth == 1 && strcmp(name, path[0]) != 0)
		return "the document is XML, but no applicationHost.config";
	if (depth == BINDING_DEPTH && r->on_path == SITE_DEPTH && strcmp(name, "binding") == 0) {
		protocol = doc_xml_attribute(attributes, "protocol");
		r->open.is_ftp |= protocol && strcasecmp(protocol, "ftp") == 0;
	}
	if (depth > ARRAY_SIZE(path) || r->on_path != depth - 1 ||
		!(depth == SITE_DEPTH ? is_site(name) : strcmp(name, path[depth - 1]) == 0))
		return NULL;
	r->on_path = depth;
	r->is_apphost |= depth == SITES_DEPTH;
	if (depth == SITE_DEPTH)
		begin_site(r, name, attributes);
	if (depth == FTP_DEPTH)
		r->open.is_ftp = true;
	return depth == ARRAY_SIZE(path) ? read_switch(&r->open, attributes) : NULL;
}

static void end_site(struct reader *r)
{
	const struct site *site = &r->open;

	if (site->is_defaults) {
		r->defaults = *site;
		return;
	}
	r->has_sites |= site->is_ftp;
	if (r->site ? site->id != r->site : !site->is_ftp)
		return;
	if (r->found && site->anonymous != r->answer.anonymous)
		r->disagree = true;
	r->found = true;
	r->answer = *site;
}

static void on_end(void *userdata, unsigned depth)
{
	struct reader *r = userdata;

	if (r->on_path < depth)
		return;
	if (depth == SITE_DEPTH)
		end_site(r);
	r->on_path = depth - 1;
}

static const char *judge(const struct reader *r)
{
	if (!r->is_apphost)
		return "the document is XML, but no applicationHost.config";
	if (!r->has_sites)
		return "the configuration has no FTP site";
	if (!r->found)
		return "the configuration has no site of this number";
	if (!r->answer.is_ftp)
		return "the site of this number is no FTP site";
	if (r->disagree)
		return "the FTP sites differ: give the number of the site";
	return NULL;
}

int doc_apphost_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why)
{
	struct reader r = { .site = site };
	const struct doc_xml_handler handler = { on_start, on_end, &r };
	const char *account;
	int error = doc_xml_read(bytes, len, &handler, why);

	if (error < 0)
		return error;
	*why = judge(&r);
	if (*why)
		return -EBADMSG;
	ret->anonymous = r.answer.anonymous ? r.answer.anonymous : r.defaults.anonymous;
	if (!ret->anonymous)
		ret->anonymous = SETTING_DISABLED; /* the schema's default */
	account = r.answer.account[0] ? r.answer.account : r.defaults.account;
	if (account[0])
		memcpy(ret->account, account, sizeof(ret->account));
	return 0;
}
