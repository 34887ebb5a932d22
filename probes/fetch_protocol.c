/* SPDX-License-Identifier: ISC */
/* Requests to and answers of the programs that fetch evidence as JSON, both ways. */
#include "probes/fetch_protocol.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <jansson.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/protocol_text.h"

enum { VERSION = 1 };

static const char *const state_labels[FETCH_STATES] = {
#define STATE_LABEL(symbol, label) [FETCH_##symbol] = label,
	FETCH_STATES_(STATE_LABEL)
#undef STATE_LABEL
};

static const char *const protocol_labels[SMB_PROTOCOLS] = {
	[SMB_NT1] = "NT1",
	[SMB_SMB2] = "SMB2",
	[SMB_SMB3] = "SMB3",
};

const char *fetch_state_label(enum fetch_state state)
{
	assert(state < FETCH_STATES);
	return state_labels[state];
}

const char *smb_protocol_label(enum smb_protocol protocol)
{
	assert(protocol < SMB_PROTOCOLS);
	return protocol_labels[protocol];
}

/* The number of LABEL, or -EINVAL. */
static int protocol_of(const char *label)
{
	for (int i = 0; i < SMB_PROTOCOLS; i++)
		if (strcasecmp(label, protocol_labels[i]) == 0)
			return i;
	return -EINVAL;
}

bool fetch_is_smb(const char *url)
{
	return strncasecmp(url, "smb://", 6) == 0;
}

/* ------------------------------------------------------------------ requests */

void fetch_request_init(struct fetch_request *r)
{
	memset(r, 0, sizeof(*r));
	r->time_limit_ms = 30000;
	r->byte_limit = FETCH_BYTES_DEFAULT;
	r->max = SMB_SMB3;
}

int fetch_request_write(const struct fetch_request *r, char **ret)
{
	_cleanup_(json_decrefp) json_t *files = json_array(), *root = NULL;
	char *text;

	assert(r && ret && r->n_files > 0 && r->n_files <= FETCH_FILES_MAX);
	for (size_t i = 0; i < r->n_files; i++)
		if (json_array_append_new(files, json_string(r->files[i])) < 0)
			return -ENOMEM;
	root = json_pack(
		"{s:i, s:s*, s:O, s:I, s:I, s:b, s:b, s:b, s:s, s:s, s:b, s:s*, s:s*, s:s*}",
		"version", VERSION, "control", r->control, "files", files, "timeLimit",
		(json_int_t)r->time_limit_ms, "byteLimit", (json_int_t)r->byte_limit, "contents",
		r->contents, "tail", r->tail, "head", r->head, "minProtocol",
		smb_protocol_label(r->min), "maxProtocol", smb_protocol_label(r->max), "ntlmv1",
		r->ntlmv1, "domain", r->domain, "netrc", r->netrc, "credential", r->credential);
	text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

/* An absolute path, or SCHEME://AUTHORITY... without a user. */
static int check_url(
	const json_t *value, const char *key, const char **ret, char why[FETCH_WHY_SIZE])
{
	const char *text = json_string_value(value), *authority;
	size_t scheme = 0;
	int error;

	if (!text)
		return protocol_refuse(-EINVAL, why, "%s: not a string", key);
	error = protocol_check_string(text, FETCH_URL_MAX, key, why);
	if (error < 0)
		return error;
	*ret = text;
	if (*text == '/')
		return 0;
	while (isalnum((unsigned char)text[scheme]) ||
		(scheme > 0 && strchr("+-.", text[scheme]) && text[scheme]))
		scheme++;
	if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0)
		return protocol_refuse(-EINVAL, why,
			"%s: neither an absolute path nor a URL: \"%.100s\"", key, text);
	authority = text + scheme + 3;
	if (memchr(authority, '@', strcspn(authority, "/?#")))
		return protocol_refuse(-EINVAL, why,
			"%s: a user or a password in a URL; credentials belong in a netrc file",
			key);
	return 0;
}

static int take_files(struct fetch_request *r, const json_t *control, const json_t *files,
	char why[FETCH_WHY_SIZE])
{
	size_t n = json_array_size(files);
	int error;

	if (n == 0 || n > FETCH_FILES_MAX)
		return protocol_refuse(-EINVAL, why, "files: not a list of 1 to %d paths or URLs",
			FETCH_FILES_MAX);
	error = control ? check_url(control, "control", &r->control, why) : 0;
	for (size_t i = 0; i < n && error == 0; i++)
		error = check_url(json_array_get(files, i), "files", &r->files[i], why);
	r->n_files = n;
	return error;
}

static int take_limits(struct fetch_request *r, json_int_t time_limit, json_int_t byte_limit,
	char why[FETCH_WHY_SIZE])
{
	if (time_limit < FETCH_TIME_LIMIT_MIN_MS || time_limit > FETCH_TIME_LIMIT_MAX_MS)
		return protocol_refuse(-EINVAL, why, "timeLimit: not from %d to %d ms",
			FETCH_TIME_LIMIT_MIN_MS, FETCH_TIME_LIMIT_MAX_MS);
	if (byte_limit < 0)
		return protocol_refuse(-EINVAL, why, "byteLimit: negative");
	if (r->contents && (byte_limit < 1 || byte_limit > FETCH_CONTENTS_MAX))
		return protocol_refuse(-EINVAL, why, "byteLimit: not from 1 to %d, with contents",
			FETCH_CONTENTS_MAX);
	if (r->contents && r->n_files != 1)
		return protocol_refuse(-EINVAL, why, "contents: of one file only");
	if (r->tail && !r->contents)
		return protocol_refuse(-EINVAL, why, "tail: only with contents");
	if (r->head && !r->tail)
		return protocol_refuse(-EINVAL, why, "head: only with a tail");
	r->time_limit_ms = (uint32_t)time_limit;
	r->byte_limit = (uint64_t)byte_limit;
	return 0;
}

static int take_protocols(
	struct fetch_request *r, const char *min, const char *max, char why[FETCH_WHY_SIZE])
{
	int low = protocol_of(min), high = protocol_of(max);

	if (low < 0 || high < 0)
		return protocol_refuse(-EINVAL, why, "%s: not NT1, SMB2 or SMB3: \"%.40s\"",
			low < 0 ? "minProtocol" : "maxProtocol", low < 0 ? min : max);
	if (low > high)
		return protocol_refuse(-EINVAL, why, "minProtocol: above maxProtocol");
	r->min = (enum smb_protocol)low;
	r->max = (enum smb_protocol)high;
	return 0;
}

static int take_credentials(struct fetch_request *r, const char *domain, const char *netrc,
	const char *credential, char why[FETCH_WHY_SIZE])
{
	int error = protocol_check_string(domain, FETCH_NAME_MAX, "domain", why);

	if (error == 0)
		error = protocol_check_string(netrc, FETCH_PATH_MAX, "netrc", why);
	if (error == 0)
		error = protocol_check_string(credential, FETCH_NAME_MAX, "credential", why);
	if (error < 0)
		return error;
	if (*netrc && *netrc != '/')
		return protocol_refuse(-EINVAL, why, "netrc: not an absolute path");
	if (*credential == '.' || strchr(credential, '/'))
		return protocol_refuse(-EINVAL, why, "credential: a name, not a path");
	if (*netrc && *credential)
		return protocol_refuse(-EINVAL, why, "netrc and credential: give one of them");
	r->domain = *domain ? domain : NULL;
	r->netrc = *netrc ? netrc : NULL;
	r->credential = *credential ? credential : NULL;
	return 0;
}

int fetch_request_parse(const char *text, size_t len, struct fetch_request *ret, void **ret_storage,
	char why[FETCH_WHY_SIZE])
{
	const char *min = "NT1", *max = "SMB3", *domain = "", *netrc = "", *credential = "";
	_cleanup_(json_decrefp) json_t *root = NULL;
	json_t *control = NULL, *files;
	json_int_t time_limit, byte_limit;
	int version, contents = 0, tail = 0, head = 0, ntlmv1 = 0, error;
	struct fetch_request r;
	json_error_t e;

	assert((text || len == 0) && ret && ret_storage && why);
	if (len > FETCH_REQUEST_MAX)
		return protocol_refuse(-EINVAL, why, "longer than %d octets", FETCH_REQUEST_MAX);
	root = json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return protocol_refuse(-EINVAL, why, "no JSON: %s, line %d", e.text, e.line);
	if (json_unpack_ex(root, &e, JSON_STRICT,
		    "{s:i, s?o, s:o, s:I, s:I, s?b, s?b, s?b, s?s, s?s, s?b, s?s, s?s, s?s}",
		    "version", &version, "control", &control, "files", &files, "timeLimit",
		    &time_limit, "byteLimit", &byte_limit, "contents", &contents, "tail", &tail,
		    "head", &head, "minProtocol", &min, "maxProtocol", &max, "ntlmv1", &ntlmv1,
		    "domain", &domain, "netrc", &netrc, "credential", &credential) < 0)
		return protocol_refuse(-EINVAL, why, "%s", e.text);
	if (version != VERSION)
		return protocol_refuse(-EINVAL, why, "version: not %d", VERSION);
	fetch_request_init(&r);
	r.contents = contents;
	r.tail = tail;
	r.head = head;
	r.ntlmv1 = ntlmv1;
	error = take_files(&r, control, files, why);
	if (error == 0)
		error = take_limits(&r, time_limit, byte_limit, why);
	if (error == 0)
		error = take_protocols(&r, min, max, why);
	if (error == 0)
		error = take_credentials(&r, domain, netrc, credential, why);
	if (error < 0)
		return error;
	*ret = r;
	*ret_storage = TAKE_PTR(root); /* the strings are the tree's */
	return 0;
}

void fetch_request_done(void *storage)
{
	json_decref(storage);
}

/* ------------------------------------------------------------------ answers */

static json_t *file_json(const struct fetch_file *f)
{
	_cleanup_(json_decrefp) json_t *o =
		json_pack("{s:s}", "state", fetch_state_label(f->state));
	int error = o ? 0 : -1;

	if (f->has_stat) {
		error |= json_object_set_new(o, "size", json_integer((json_int_t)f->size));
		error |= json_object_set_new(o, "mtime", json_integer((json_int_t)f->mtime));
	}
	if (f->sha256[0])
		error |= json_object_set_new(o, "sha256", json_string(f->sha256));
	if (f->reason[0])
		error |= json_object_set_new(o, "reason", json_string(f->reason));
	return error ? NULL : TAKE_PTR(o);
}

int fetch_answer_write(const struct fetch_answer *a, char dst[FETCH_ANSWER_MAX])
{
	_cleanup_(json_decrefp) json_t *files = json_array(), *root = NULL;
	size_t n;

	assert(a && dst && a->n_files <= FETCH_FILES_MAX);
	for (size_t i = 0; i < a->n_files; i++)
		if (json_array_append_new(files, file_json(&a->files[i])) < 0)
			return -ENOMEM;
	root = json_pack("{s:i, s:o, s:O}", "version", VERSION, "control", file_json(&a->control),
		"files", files);
	if (!root ||
		(a->has_contents &&
			json_object_set_new(
				root, "contents", json_integer((json_int_t)a->contents_len)) < 0))
		return -ENOMEM;
	n = json_dumpb(root, dst, FETCH_ANSWER_MAX - 1, JSON_COMPACT);
	if (n == 0)
		return -ENOMEM;
	assert(n < FETCH_ANSWER_MAX); /* reasons are bounded and printable ASCII */
	dst[n++] = '\n';
	return (int)n;
}

static int state_from_label(const char *label)
{
	for (int i = 0; i < FETCH_STATES; i++)
		if (strcmp(label, state_labels[i]) == 0)
			return i;
	return -EINVAL;
}

/* Whether what was read into F holds together. */
static int check_file(const struct fetch_file *f, char why[FETCH_WHY_SIZE])
{
	if (*f->sha256 && strspn(f->sha256, "0123456789abcdef") != 64)
		return protocol_refuse(-EBADMSG, why, "sha256: not 64 hexadecimal digits");
	if (!protocol_is_printable(f->reason))
		return protocol_refuse(-EBADMSG, why, "reason: not printable");
	if (*f->sha256 && (f->state != FETCH_PRESENT || !f->has_stat))
		return protocol_refuse(-EBADMSG, why, "sha256: of a file that was not read");
	return 0;
}

static int parse_file(json_t *o, struct fetch_file *f, char why[FETCH_WHY_SIZE])
{
	const char *state, *sha256 = "", *reason = "";
	json_int_t size = -1, mtime = 0;
	json_error_t e;
	int number;

	memset(f, 0, sizeof(*f));
	if (json_unpack_ex(o, &e, JSON_STRICT, "{s:s, s?I, s?I, s?s, s?s}", "state", &state, "size",
		    &size, "mtime", &mtime, "sha256", &sha256, "reason", &reason) < 0)
		return protocol_refuse(-EBADMSG, why, "%s", e.text);
	number = state_from_label(state);
	if (number < 0)
		return protocol_refuse(-EBADMSG, why, "state: \"%.40s\"", state);
	f->has_stat = json_object_get(o, "size") != NULL;
	if (f->has_stat != (json_object_get(o, "mtime") != NULL) || (f->has_stat && size < 0))
		return protocol_refuse(-EBADMSG, why, "size, mtime: one alone, or negative");
	if (strlen(sha256) >= sizeof(f->sha256) || strlen(reason) >= sizeof(f->reason))
		return protocol_refuse(-EBADMSG, why, "sha256, reason: too long");
	f->state = (enum fetch_state)number;
	f->size = f->has_stat ? (uint64_t)size : 0;
	f->mtime = mtime;
	memcpy(f->sha256, sha256, strlen(sha256));
	memcpy(f->reason, reason, strlen(reason));
	return check_file(f, why);
}

/* "absent" is a finding, and needs its proof. */
static int check_proof(
	const struct fetch_answer *a, const struct fetch_request *r, char why[FETCH_WHY_SIZE])
{
	if (a->control.state == FETCH_ABSENT)
		return protocol_refuse(-EBADMSG, why, "absent: the control file");
	if (!r->control && a->control.state != FETCH_UNKNOWN)
		return protocol_refuse(-EBADMSG, why, "control: there was none in the request");
	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i].state == FETCH_ABSENT && a->control.state != FETCH_PRESENT)
			return protocol_refuse(-EBADMSG, why, "absent: without a control file");
	return 0;
}

uint64_t fetch_contents_max(const struct fetch_request *r)
{
	return !r->contents ? 0 : r->byte_limit + (r->head ? FETCH_HEAD_MAX : 0);
}

/* Whether the octets behind the line are those that were asked for and announced. */
static int check_contents(
	const struct fetch_answer *a, const struct fetch_request *r, char why[FETCH_WHY_SIZE])
{
	const struct fetch_file *f = &a->files[0];

	if (!a->has_contents && a->contents_len > 0)
		return protocol_refuse(-EBADMSG, why, "octets behind the answer");
	if (a->has_contents && !r->contents)
		return protocol_refuse(-EBADMSG, why, "contents: not asked for");
	if (r->contents && a->has_contents != (f->state == FETCH_PRESENT))
		return protocol_refuse(
			-EBADMSG, why, "contents: they and \"present\" stand together");
	if (a->has_contents && a->contents_len > fetch_contents_max(r))
		return protocol_refuse(-EBADMSG, why, "contents: more than the limit");
	if (a->has_contents && *f->sha256 && a->contents_len != f->size)
		return protocol_refuse(-EBADMSG, why, "contents: not of the size of the file");
	return 0;
}

/* Reads the line's object into A. */
static int parse_answer(json_t *root, const struct fetch_request *r, struct fetch_answer *a,
	char why[FETCH_WHY_SIZE])
{
	json_t *control, *files;
	json_int_t contents = -1;
	json_error_t e;
	int version, error;

	if (json_unpack_ex(root, &e, JSON_STRICT, "{s:i, s:o, s:o, s?I}", "version", &version,
		    "control", &control, "files", &files, "contents", &contents) < 0)
		return protocol_refuse(-EBADMSG, why, "%s", e.text);
	if (version != VERSION || json_array_size(files) != r->n_files)
		return protocol_refuse(-EBADMSG, why, "another version or number of files");
	a->has_contents = json_object_get(root, "contents") != NULL;
	if (a->has_contents && (contents < 0 || (uint64_t)contents != a->contents_len))
		return protocol_refuse(-EBADMSG, why, "contents: another number of octets came");
	error = parse_file(control, &a->control, why);
	for (; error == 0 && a->n_files < r->n_files; a->n_files++)
		error = parse_file(json_array_get(files, a->n_files), &a->files[a->n_files], why);
	return error;
}

int fetch_answer_parse(const char *text, size_t len, const struct fetch_request *r,
	struct fetch_answer *ret, char why[FETCH_WHY_SIZE])
{
	_cleanup_(json_decrefp) json_t *root = NULL;
	const char *newline;
	struct fetch_answer a;
	json_error_t e;
	size_t line;
	int error;

	assert((text || len == 0) && r && ret && why);
	assert(r->n_files > 0 && r->n_files <= FETCH_FILES_MAX);
	newline = len > 0 ? memchr(text, '\n', len < FETCH_ANSWER_MAX ? len : FETCH_ANSWER_MAX)
			  : NULL;
	if (!newline)
		return protocol_refuse(-EBADMSG, why,
			"no line of JSON, or one of more than %d octets", FETCH_ANSWER_MAX);
	line = (size_t)(newline - text) + 1;
	root = json_loadb(text, line, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return protocol_refuse(-EBADMSG, why, "no JSON: %s", e.text);
	memset(&a, 0, sizeof(a));
	a.contents = text + line;
	a.contents_len = len - line;
	error = parse_answer(root, r, &a, why);
	error = error == 0 ? check_proof(&a, r, why) : error;
	error = error == 0 ? check_contents(&a, r, why) : error;
	if (error < 0)
		return error;
	if (!a.has_contents)
		a.contents = NULL;
	*ret = a;
	return 0;
}
