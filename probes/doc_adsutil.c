/* SPDX-License-Identifier: ISC */
/*
 * Reader of adsutil.vbs output: `Name   : (TYPE) value` lines (Q238131, Q290391) in blocks, each of
 * one node, that a line `[/MSFTPSVC/1]`, an echoed command or a KeyType names.
 */
#include "probes/doc_adsutil.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "probes/doc_iis.h"
#include "probes/doc_text.h"

struct reader {
	struct iis_nodes nodes;
	struct iis_node block;              /* what the current block has said so far */
	enum iis_level level;               /* of the current block */
	bool is_root;                       /* it is the root folder of the site */
	bool is_ftp_service, is_ftp_server; /* it was named by such a path */
	bool by_class;                      /* its KeyType has placed it */
	bool unc_block;
	bool understood; /* a line of adsutil's form was seen */
	bool unset;      /* "not set at this node" was seen */
	bool elsewhere;  /* values of other nodes were seen */
	const char *why; /* NULL = all is well */
};

/* Joins VALUE into what is known; a second, other value without a node is no answer. */
static void join(struct reader *r, enum setting *setting, enum setting value)
{
	if (!value)
		return;
	if (r->level == IIS_UNNAMED && *setting && *setting != value)
		r->why =
			"a setting has two values and no node is shown: keep the command lines, or "
			"one node only, in the document";
	*setting = value;
}

static void join_node(struct reader *r, struct iis_node *node, const struct iis_node *from)
{
	node->seen |= from->seen;
	node->whole |= from->whole;
	join(r, &node->sync, from->sync);
	join(r, &node->anonymous, from->anonymous);
	join(r, &node->anonymous_only, from->anonymous_only);
	join(r, &node->password, from->password);
	if (from->account[0])
		memcpy(node->account, from->account, sizeof(node->account));
}

static void end_block(struct reader *r)
{
	struct iis_node *block = &r->block;

	if (r->is_root && r->unc_block)
		r->nodes.unc_home = true;
	if (block->seen && r->level == IIS_ELSEWHERE)
		r->elsewhere = true;
	if (block->seen && r->level != IIS_ELSEWHERE)
		join_node(r, &r->nodes.levels[r->level], block);
	*block = (struct iis_node){ 0 };
	r->level = IIS_UNNAMED;
	r->is_root = r->is_ftp_service = r->is_ftp_server = r->by_class = r->unc_block = false;
}

static void begin_block(struct reader *r, const char *path)
{
	const char *last = strrchr(path, '/');

	end_block(r);
	r->level = iis_level_of(path, r->nodes.site, &r->is_root);
	r->is_ftp_service = r->level == IIS_SERVICE;
	r->is_ftp_server = strcasestr(path, "MSFTPSVC/") && last && last[1] &&
		last[1 + strspn(last + 1, "0123456789")] == '\0';
}

/* KeyType, the first property of a node, places a block that no path has named. One that does not
 * fit the path begins the output of another run: `[/MSFTPSVC/Info]`, a child, was the last line
 * before it. */
static void place_by_class(struct reader *r, const char *class)
{
	bool server = strcasecmp(class, "IIsFtpServer") == 0;
	bool service = strcasecmp(class, "IIsFtpService") == 0;

	if (r->by_class ||
		(r->level != IIS_UNNAMED &&
			((server && !r->is_ftp_server) || (service && !r->is_ftp_service))))
		end_block(r);
	r->block.seen = r->block.whole = true;
	if (r->level != IIS_UNNAMED)
		return;
	r->by_class = true;
	r->level = server ? IIS_SITE : service ? IIS_SERVICE : IIS_ELSEWHERE;
	r->is_root = strcasecmp(class, "IIsFtpVirtualDir") == 0;
}

/* A path whose last part is a property: cuts that off and returns it. */
static char *split_property(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value[len - 1] = '\0';
		value++;
	}
	return value;
}

/* An echoed command: `C:\>cscript adsutil.vbs get MSFTPSVC/1/AnonymousPasswordSync`. */
static bool read_command(struct reader *r, char *line)
{
	char *rest = strcasestr(line, "adsutil");
	char *verb, *path;

	if (!rest)
		return false;
	rest += strcspn(rest, " ");
	verb = doc_word(&rest);
	path = doc_word(&rest);
	if (!verb || !path)
		return false;
	path = unquote(path);
	if (strcasecmp(verb, "get") == 0 || strcasecmp(verb, "set") == 0)
		split_property(path);
	else if (!doc_starts(verb, "enum"))
		return false;
	begin_block(r, path);
	return true;
}

/* A child of the node, or the beginning of its own block: `[/MSFTPSVC/1]`. */
static bool read_node(struct reader *r, char *line)
{
	size_t len = strlen(line);

	if (len < 3 || line[0] != '[' || line[len - 1] != ']')
		return false;
	line[len - 1] = '\0';
	begin_block(r, line + 1);
	return true;
}

static void take(struct reader *r, const char *name, const char *value)
{
	enum iis_property property = iis_property_by_name(name);

	struct iis_node read = { 0 };

	if (property == IIS_KEY_TYPE) {
		place_by_class(r, value);
	} else if (property == IIS_PATH) {
		r->unc_block = strncmp(value, "\\\\", 2) == 0 && strncmp(value, "\\\\?\\", 4) != 0;
	} else if (property != IIS_NOTHING && !iis_set(&read, property, value)) {
		r->why = "a setting is neither True nor False";
	} else if (read.seen) {
		join_node(r, &r->block, &read);
	}
}

/* `Name   : (TYPE) value`; the name may be a path, as it was typed. */
static bool read_value(struct reader *r, char *line)
{
	char *colon = strchr(line, ':');
	char *type, *value, *name;

	while (colon && colon[1 + strspn(colon + 1, " ")] != '(') /* IIS://host/... */
		colon = strchr(colon + 1, ':');
	if (!colon || colon == line)
		return false;
	type = colon + 1 + strspn(colon + 1, " ") + 1;
	value = strchr(type, ')');
	if (!value || value == type || !isupper((unsigned char)type[0]))
		return false;
	value += 1 + strspn(value + 1, " ");
	for (*colon = '\0'; colon > line && colon[-1] == ' ';)
		*--colon = '\0';
	if (*line == '\0' || strchr(line, ' '))
		return false;
	r->understood = true;
	name = split_property(line);
	if (name)
		begin_block(r, line);
	else
		name = line;
	take(r, name, unquote(value));
	return true;
}

/* What a script says of a property that its node inherits, or of one that is nowhere: the parent
 * has the answer. 0x8000500D is E_ADS_PROPERTY_NOT_FOUND, 0x80005006 ..._NOT_SUPPORTED. */
static bool is_unset(const char *line)
{
	static const char *const forms[] = { "is not set at this node", "is not set", "0x8000500D",
		"0x80005006", "-2147463155", "-2147463162" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcasestr(line, forms[i]))
			return true;
	return false;
}

static void read_line(struct reader *r, char *line)
{
	if (*line == '\0' || read_value(r, line) || read_node(r, line))
		return;
	if (is_unset(line))
		r->unset = true;
	else
		read_command(r, line);
}

static bool says_something(const struct iis_nodes *nodes)
{
	for (size_t i = 0; i < IIS_LEVELS; i++) {
		const struct iis_node *n = &nodes->levels[i];

		if (n->sync || n->anonymous || n->anonymous_only || n->password || n->account[0])
			return true;
	}
	return false;
}

static const char *judge(const struct reader *r)
{
	if (r->why)
		return r->why;
	if (says_something(&r->nodes))
		return NULL;
	if (r->unset)
		return "the setting is not set at this node: add what adsutil says of MSFTPSVC";
	if (r->elsewhere)
		return "the document is about other nodes than this FTP site and MSFTPSVC";
	if (r->understood)
		return "the document does not show AnonymousPasswordSync or AllowAnonymous";
	return "no line has the form that adsutil prints: Name : (TYPE) value";
}

int doc_adsutil_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why)
{
	struct reader r = { .nodes.site = site, .level = IIS_UNNAMED };
	char line[DOC_LINE_MAX];
	struct doc_text text;

	if (doc_text_open(&text, bytes, len, why) < 0)
		return -EBADMSG;
	while (!r.why && doc_text_line(&text, line))
		read_line(&r, line);
	end_block(&r);
	*why = judge(&r);
	if (*why)
		return -EBADMSG;
	iis_inherit(&r.nodes, ret);
	return 0;
}
