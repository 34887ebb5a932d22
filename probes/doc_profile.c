/* SPDX-License-Identifier: ISC */
/* Readers of vsftpd.conf, proftpd.conf and Pure-FTPd's flags and files, over one table of keys. */
#include "probes/doc_profile.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/doc_apphost.h"
#include "probes/doc_text.h"

enum { TAGS_MAX = 16, TAG_NAME_MAX = 32 };

enum tag { TAG_OTHER, TAG_ANONYMOUS, TAG_LIMIT_LOGIN, TAG_CONDITION };

/* What a file has said so far. */
struct said {
	const struct profile *profile;
	enum setting anonymous, only;
	char account[sizeof(((struct evidence *)NULL)->account)];
	bool understood; /* a key or directive that only such a file has */
	bool is_partial; /* other files belong to it, or a part is conditional */
	const char *why; /* NULL = all is well */

	char tags[TAGS_MAX][TAG_NAME_MAX]; /* that are open, outermost first */
	enum tag kinds[TAGS_MAX];
	size_t n_tags;
	bool denied; /* within the open <Anonymous> block */
};

enum aspect {
	ASPECT_MARK, /* shows only what kind of file it is */
	ASPECT_ANONYMOUS,
	ASPECT_NO_ANONYMOUS,
	ASPECT_ONLY,
	ASPECT_NOT_ONLY,
	ASPECT_ACCOUNT,
	ASPECT_INCLUDE,
	ASPECT_DENY,
};

struct key {
	const char *name;
	enum aspect aspect;
};

struct profile {
	const char *name;
	void (*read_line)(struct said *s, char *line);
	const struct key *keys;
	enum setting anonymous,
		only;        /* when the file says nothing; unknown = judged by the reader */
	const char *strange; /* why a document is no such file */
};

static const struct key vsftpd_keys[] = {
	/* clang-format off */
	{ "anonymous_enable",   ASPECT_ANONYMOUS },
	{ "local_enable",       ASPECT_NOT_ONLY },
	{ "ftp_username",       ASPECT_ACCOUNT },
	{ "listen",             ASPECT_MARK },
	{ "listen_ipv6",        ASPECT_MARK },
	{ "write_enable",       ASPECT_MARK },
	{ "anon_root",          ASPECT_MARK },
	{ "anon_upload_enable", ASPECT_MARK },
	{ "dirmessage_enable",  ASPECT_MARK },
	{ "xferlog_enable",     ASPECT_MARK },
	{ "chroot_local_user",  ASPECT_MARK },
	{ "secure_chroot_dir",  ASPECT_MARK },
	{ "pam_service_name",   ASPECT_MARK },
	{ NULL,                 ASPECT_MARK },
	/* clang-format on */
};

static const struct key pureftpd_keys[] = {
	/* clang-format off */
	{ "NoAnonymous",                ASPECT_NO_ANONYMOUS },
	{ "AnonymousOnly",              ASPECT_ONLY },
	{ "AnonymousCantUpload",        ASPECT_MARK },
	{ "AnonymousCanCreateDirs",     ASPECT_MARK },
	{ "ChrootEveryone",             ASPECT_MARK },
	{ "BrokenClientsCompatibility", ASPECT_MARK },
	{ "MaxClientsNumber",           ASPECT_MARK },
	{ "MaxClientsPerIP",            ASPECT_MARK },
	{ "DisplayDotFiles",            ASPECT_MARK },
	{ "VerboseLog",                 ASPECT_MARK },
	{ "DontResolve",                ASPECT_MARK },
	{ "PAMAuthentication",          ASPECT_MARK },
	{ "UnixAuthentication",         ASPECT_MARK },
	{ "PureDB",                     ASPECT_MARK },
	{ "MinUID",                     ASPECT_MARK },
	{ NULL,                         ASPECT_MARK },
	/* clang-format on */
};

static const struct key proftpd_keys[] = {
	/* clang-format off */
	{ "User",          ASPECT_ACCOUNT },
	{ "DenyAll",       ASPECT_DENY },
	{ "Include",       ASPECT_INCLUDE },
	{ "ServerName",    ASPECT_MARK },
	{ "ServerType",    ASPECT_MARK },
	{ "ServerIdent",   ASPECT_MARK },
	{ "DefaultServer", ASPECT_MARK },
	{ "DefaultRoot",   ASPECT_MARK },
	{ "MaxInstances",  ASPECT_MARK },
	{ "RequireValidShell", ASPECT_MARK },
	{ "AuthOrder",     ASPECT_MARK },
	{ "UserAlias",     ASPECT_MARK },
	{ NULL,            ASPECT_MARK },
	/* clang-format on */
};

/* ------------------------------------------------------------------ keys and values */

static enum setting boolean(struct said *s, const char *value)
{
	static const char *const words[] = { "yes", "no", "true", "false", "on", "off", "1", "0" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(value, words[i]) == 0)
			return i % 2 == 0 ? SETTING_ENABLED : SETTING_DISABLED;
	s->why = "the switch of anonymous or of local logins is neither yes nor no";
	return SETTING_UNKNOWN;
}

static enum setting opposite(enum setting setting)
{
	if (setting == SETTING_UNKNOWN)
		return setting;
	return setting == SETTING_ENABLED ? SETTING_DISABLED : SETTING_ENABLED;
}

static bool is_open(const struct said *s, enum tag kind)
{
	for (size_t i = 0; i < s->n_tags; i++)
		if (s->kinds[i] == kind)
			return true;
	return false;
}

static void take(struct said *s, enum aspect aspect, const char *value)
{
	switch (aspect) {
	case ASPECT_ANONYMOUS:
		s->anonymous = boolean(s, value);
		break;
	case ASPECT_NO_ANONYMOUS:
		s->anonymous = opposite(boolean(s, value));
		break;
	case ASPECT_ONLY:
		s->only = boolean(s, value);
		break;
	case ASPECT_NOT_ONLY:
		s->only = opposite(boolean(s, value));
		break;
	case ASPECT_ACCOUNT:
		text_escape(s->account, sizeof(s->account), value, strlen(value));
		break;
	case ASPECT_INCLUDE:
		s->is_partial = true;
		break;
	case ASPECT_DENY:
		s->denied |= is_open(s, TAG_LIMIT_LOGIN);
		break;
	case ASPECT_MARK:
		break;
	}
}

static const struct key *find_key(const struct said *s, const char *name)
{
	for (const struct key *key = s->profile->keys; key->name; key++)
		if (strcasecmp(key->name, name) == 0)
			return key;
	return NULL;
}

static void take_key(struct said *s, const char *name, const char *value)
{
	const struct key *key = find_key(s, name);

	if (!key)
		return;
	s->understood = true;
	take(s, key->aspect, value);
}

/* ------------------------------------------------------------------ vsftpd: key=value */

/* vsftpd itself refuses a file with any other line (parseconf.c). */
static void read_vsftpd(struct said *s, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals ||
		strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_") != (size_t)(equals - line)) {
		s->why = s->profile->strange;
		return;
	}
	*equals = '\0';
	take_key(s, line, equals + 1);
}

/* ------------------------------------------------------------------ Pure-FTPd: directives, flags
 */

/* The flags of one word: -lpam and -u1000 have their value in the same word, or in the next. */
static void read_flags(struct said *s, const char *word)
{
	if (strcmp(word, "--noanonymous") == 0)
		word = "-E";
	else if (strcmp(word, "--anonymousonly") == 0)
		word = "-e";
	else if (doc_starts(word, "--"))
		return;
	s->understood = true;
	for (word++; *word && !strchr("289acCfFgIJklLmnOpPqQStTuUvVyY", *word); word++) {
		if (*word == 'E')
			s->anonymous = SETTING_DISABLED;
		if (*word == 'e')
			s->only = SETTING_ENABLED;
	}
}

static char *strip_quotes(char *word)
{
	size_t len;

	word += strspn(word, "\"'");
	len = strlen(word);
	while (len > 0 && strchr("\"'", word[len - 1]))
		word[--len] = '\0';
	return word;
}

static void read_pureftpd(struct said *s, char *line)
{
	char *word = doc_word(&line);
	char *value = doc_word(&line);
	const char *command = strrchr(word, '/');
	bool has_flags = word[0] == '-' || strcasestr(word, "pure-ftpd") || strchr(word, '=');

	if (command && strstr(command, "pure-ftpd"))
		s->understood = true;
	if (!value && !has_flags) { /* /etc/pure-ftpd/conf/NoAnonymous: one word */
		take_key(s, "NoAnonymous", word);
		return;
	}
	if (!has_flags) {
		take_key(s, word, value);
		return;
	}
	if (strchr(word, '=')) /* OPTIONS="-E -u 1000" */
		word = strip_quotes(strchr(word, '=') + 1);
	for (; word; word = value, value = doc_word(&line)) {
		word = strip_quotes(word);
		if (word[0] == '-' && word[1])
			read_flags(s, word);
	}
}

/* ------------------------------------------------------------------ ProFTPD: directives, blocks */

static enum tag tag_of(const char *name, const char *rest)
{
	if (strcasecmp(name, "Anonymous") == 0)
		return TAG_ANONYMOUS;
	if (strcasecmp(name, "Limit") == 0)
		return strcasestr(rest, "LOGIN") ? TAG_LIMIT_LOGIN : TAG_OTHER;
	return strcasecmp(name, "IfDefine") == 0 ? TAG_CONDITION : TAG_OTHER;
}

static void open_tag(struct said *s, const char *name, const char *rest)
{
	if (s->n_tags == TAGS_MAX || strlen(name) >= TAG_NAME_MAX) {
		s->why = "blocks are nested too deeply, or a block has no name";
		return;
	}
	memcpy(s->tags[s->n_tags], name, strlen(name) + 1);
	s->kinds[s->n_tags] = tag_of(name, rest);
	if (s->kinds[s->n_tags++] == TAG_ANONYMOUS)
		s->denied = false;
}

/* An <Anonymous> block that lets anybody in outweighs one that lets nobody in. */
static void close_tag(struct said *s, const char *name)
{
	if (s->n_tags == 0 || strcasecmp(s->tags[s->n_tags - 1], name) != 0) {
		s->why = "a block is closed that is not open";
		return;
	}
	s->n_tags--;
	if (s->kinds[s->n_tags] != TAG_ANONYMOUS)
		return;
	s->understood = true;
	if (is_open(s, TAG_CONDITION))
		s->is_partial = true;
	else if (!s->denied)
		s->anonymous = SETTING_ENABLED;
}

static void read_proftpd(struct said *s, char *line)
{
	size_t len = strlen(line);
	char *word;

	if (line[0] == '<' && line[len - 1] == '>') {
		line[len - 1] = '\0';
		line++;
		word = doc_word(&line);
		if (!word)
			s->why = "blocks are nested too deeply, or a block has no name";
		else if (word[0] == '/')
			close_tag(s, word + 1);
		else
			open_tag(s, word, line);
		return;
	}
	word = doc_word(&line);
	/* The account of the server itself is another one. */
	if (strcasecmp(word, "User") == 0 && !is_open(s, TAG_ANONYMOUS))
		return;
	line += strspn(line, " ");
	take_key(s, word, line);
}

/* ------------------------------------------------------------------ profiles */

static const struct profile profiles[] = {
	{ "vsftpd", read_vsftpd, vsftpd_keys, SETTING_ENABLED, SETTING_ENABLED,
		"the document is no vsftpd.conf: a line is not key=value, or no key is known" },
	{ "proftpd", read_proftpd, proftpd_keys, SETTING_DISABLED, SETTING_UNKNOWN,
		"the document is no proftpd.conf: no directive is known" },
	{ "pure-ftpd", read_pureftpd, pureftpd_keys, SETTING_ENABLED, SETTING_DISABLED,
		"the document is no configuration of Pure-FTPd: no directive or flag is known" },
	{ "applicationhost", NULL, NULL, SETTING_UNKNOWN, SETTING_UNKNOWN, NULL },
};

const char *doc_profile_name(size_t i)
{
	return i < ARRAY_SIZE(profiles) ? profiles[i].name : NULL;
}

static const struct profile *find_profile(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

static void settle(const struct said *s, struct evidence *ret)
{
	const struct profile *p = s->profile;
	enum setting anonymous = s->anonymous;

	if (!anonymous && !s->is_partial)
		anonymous = p->anonymous;
	if (anonymous)
		ret->anonymous = anonymous;
	if (s->only || p->only != SETTING_UNKNOWN)
		ret->anonymous_only = s->only ? s->only : p->only;
	if (s->account[0])
		memcpy(ret->account, s->account, sizeof(ret->account));
}

static int read_text(struct said *s, const char *bytes, size_t len, const char **why)
{
	char line[DOC_LINE_MAX];
	struct doc_text text;

	if (doc_text_open(&text, bytes, len, why) < 0)
		return -EBADMSG;
	while (!s->why && doc_text_line(&text, line))
		if (line[0] != '\0' && line[0] != '#')
			s->profile->read_line(s, line);
	if (!s->why && s->n_tags > 0)
		s->why = "a block is not closed: the document breaks off";
	if (!s->why && !s->understood)
		s->why = s->profile->strange;
	*why = s->why;
	return s->why ? -EBADMSG : 0;
}

int doc_profile_read(const char *profile, const char *bytes, size_t len, unsigned site,
	struct evidence *ret, const char **why)
{
	struct said s = { .profile = find_profile(profile) };

	if (!s.profile)
		return -ENOENT;
	if (!s.profile->read_line)
		return doc_apphost_read(bytes, len, site, ret, why);
	if (read_text(&s, bytes, len, why) < 0)
		return -EBADMSG;
	settle(&s, ret);
	return 0;
}
