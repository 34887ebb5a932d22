/* SPDX-License-Identifier: ISC */
/* Requests to and answers of ftphealth-smb as JSON, both ways. */
#include "probes/smb_protocol.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <jansson.h>

#include "common/text.h"
#include "common/util.h"

enum { VERSION = 1 };

static const char *const state_labels[SMB_STATES] = {
	[SMB_UNKNOWN] = "unknown",
	[SMB_PRESENT] = "present",
	[SMB_ABSENT] = "absent",
	[SMB_ACCESS_DENIED] = "accessDenied",
	[SMB_SHARE_MISSING] = "shareMissing",
	[SMB_WRONG_PASSWORD] = "wrongPassword",
	[SMB_UNREACHABLE] = "unreachable",
	[SMB_TIMEOUT] = "timeout",
	[SMB_FAILED] = "failed",
};

static const char *const protocol_labels[SMB_PROTOCOLS] = {
	[SMB_NT1] = "NT1",
	[SMB_SMB2] = "SMB2",
	[SMB_SMB3] = "SMB3",
};

/* Tells what is wrong, with foreign text made safe. */
__attribute__((format(printf, 3, 4))) static int refuse(
	int error, char why[SMB_WHY_SIZE], const char *format, ...)
{
	char text[SMB_WHY_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_escape(why, SMB_WHY_SIZE, text, strlen(text));
	return error;
}

const char *smb_state_label(enum smb_state state)
{
	assert(state < SMB_STATES);
	return state_labels[state];
}

const char *smb_protocol_label(enum smb_protocol protocol)
{
	assert(protocol < SMB_PROTOCOLS);
	return protocol_labels[protocol];
}

int smb_protocol_from_label(const char *label)
{
	for (int i = 0; i < SMB_PROTOCOLS; i++)
		if (strcasecmp(label, protocol_labels[i]) == 0)
			return i;
	return -EINVAL;
}

void smb_request_init(struct smb_request *r)
{
	memset(r, 0, sizeof(*r));
	r->time_limit_ms = 30000;
	r->byte_limit = 16 << 20;
	r->max = SMB_SMB3;
}

static json_t *url_json(const struct smb_url *u)
{
	char text[SMB_URL_SIZE];

	smb_url_write(u, SMB_URL_STANDARD, text);
	return json_string(text);
}

int smb_request_write(const struct smb_request *r, char **ret)
{
	_cleanup_(json_decrefp) json_t *files = json_array(), *root = NULL;
	char *text;

	assert(r && ret && r->n_files > 0 && r->n_files <= SMB_FILES_MAX);
	for (size_t i = 0; i < r->n_files; i++)
		if (json_array_append_new(files, url_json(&r->files[i])) < 0)
			return -ENOMEM;
	root = json_pack("{s:i, s:o, s:O, s:I, s:I, s:s, s:s, s:b, s:s, s:s, s:s}", "version",
		VERSION, "control", url_json(&r->control), "files", files, "timeLimit",
		(json_int_t)r->time_limit_ms, "byteLimit", (json_int_t)r->byte_limit, "minProtocol",
		smb_protocol_label(r->min), "maxProtocol", smb_protocol_label(r->max), "ntlmv1",
		r->ntlmv1, "domain", r->domain, "netrc", r->netrc, "credential", r->credential);
	text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

/* Copies SRC, free of control characters, into DST of SIZE octets. */
static int take_string(
	char *dst, size_t size, const char *src, const char *key, char why[SMB_WHY_SIZE])
{
	if (strlen(src) >= size)
		return refuse(-EINVAL, why, "%s: longer than %zu octets", key, size - 1);
	if (!text_is_clean_utf8(src) || strpbrk(src, "\t\n"))
		return refuse(-EINVAL, why, "%s: a control character", key);
	memcpy(dst, src, strlen(src) + 1);
	return 0;
}

static int take_url(
	struct smb_url *dst, const json_t *value, const char *key, char why[SMB_WHY_SIZE])
{
	const char *text = json_string_value(value), *reason;

	if (!text)
		return refuse(-EINVAL, why, "%s: not a string", key);
	if (smb_url_parse(text, dst, &reason) < 0)
		return refuse(-EINVAL, why, "%s: %s: \"%.100s\"", key, reason, text);
	return 0;
}

static int take_files(struct smb_request *r, const json_t *files, char why[SMB_WHY_SIZE])
{
	size_t n = json_array_size(files);

	if (n == 0 || n > SMB_FILES_MAX)
		return refuse(-EINVAL, why, "files: not a list of 1 to %d URLs", SMB_FILES_MAX);
	for (size_t i = 0; i < n; i++) {
		int error = take_url(&r->files[i], json_array_get(files, i), "files", why);

		if (error < 0)
			return error;
		if (!smb_url_same_share(&r->files[i], &r->control))
			return refuse(-EINVAL, why,
				"files: number %zu is not on the share of the control file, which "
				"proves nothing for it then",
				i + 1);
	}
	r->n_files = n;
	return 0;
}

static int take_limits(
	struct smb_request *r, json_int_t time_limit, json_int_t byte_limit, char why[SMB_WHY_SIZE])
{
	if (time_limit < SMB_TIME_LIMIT_MIN_MS || time_limit > SMB_TIME_LIMIT_MAX_MS)
		return refuse(-EINVAL, why, "timeLimit: not from %d to %d ms",
			SMB_TIME_LIMIT_MIN_MS, SMB_TIME_LIMIT_MAX_MS);
	if (byte_limit < 0)
		return refuse(-EINVAL, why, "byteLimit: negative");
	r->time_limit_ms = (uint32_t)time_limit;
	r->byte_limit = (uint64_t)byte_limit;
	return 0;
}

static int take_protocols(
	struct smb_request *r, const char *min, const char *max, char why[SMB_WHY_SIZE])
{
	int low = smb_protocol_from_label(min), high = smb_protocol_from_label(max);

	if (low < 0 || high < 0)
		return refuse(-EINVAL, why, "%s: not NT1, SMB2 or SMB3: \"%.40s\"",
			low < 0 ? "minProtocol" : "maxProtocol", low < 0 ? min : max);
	if (low > high)
		return refuse(-EINVAL, why, "minProtocol: above maxProtocol");
	r->min = (enum smb_protocol)low;
	r->max = (enum smb_protocol)high;
	return 0;
}

static int take_credentials(struct smb_request *r, const char *domain, const char *netrc,
	const char *credential, char why[SMB_WHY_SIZE])
{
	int error = take_string(r->domain, sizeof(r->domain), domain, "domain", why);

	if (error == 0)
		error = take_string(r->netrc, sizeof(r->netrc), netrc, "netrc", why);
	if (error == 0)
		error = take_string(
			r->credential, sizeof(r->credential), credential, "credential", why);
	if (error < 0)
		return error;
	if (*netrc && *netrc != '/')
		return refuse(-EINVAL, why, "netrc: not an absolute path");
	if (*credential == '.' || strchr(credential, '/'))
		return refuse(-EINVAL, why, "credential: a name, not a path");
	if (*netrc && *credential)
		return refuse(-EINVAL, why, "netrc and credential: give one of them");
	return 0;
}

int smb_request_parse(const char *text, size_t len, struct smb_request *ret, char why[SMB_WHY_SIZE])
{
	const char *min = "NT1", *max = "SMB3", *domain = "", *netrc = "", *credential = "";
	_cleanup_(json_decrefp) json_t *root = NULL;
	json_int_t time_limit, byte_limit;
	json_t *control, *files;
	struct smb_request r;
	json_error_t e;
	int version, ntlmv1 = 0, error;

	assert((text || len == 0) && ret && why);
	if (len > SMB_REQUEST_MAX)
		return refuse(-EINVAL, why, "longer than %d octets", SMB_REQUEST_MAX);
	root = json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return refuse(-EINVAL, why, "no JSON: %s, line %d", e.text, e.line);
	if (json_unpack_ex(root, &e, JSON_STRICT,
		    "{s:i, s:o, s:o, s:I, s:I, s?s, s?s, s?b, s?s, s?s, s?s}", "version", &version,
		    "control", &control, "files", &files, "timeLimit", &time_limit, "byteLimit",
		    &byte_limit, "minProtocol", &min, "maxProtocol", &max, "ntlmv1", &ntlmv1,
		    "domain", &domain, "netrc", &netrc, "credential", &credential) < 0)
		return refuse(-EINVAL, why, "%s", e.text);
	if (version != VERSION)
		return refuse(-EINVAL, why, "version: not %d", VERSION);
	smb_request_init(&r);
	r.ntlmv1 = ntlmv1;
	error = take_url(&r.control, control, "control", why);
	if (error == 0)
		error = take_files(&r, files, why);
	if (error == 0)
		error = take_limits(&r, time_limit, byte_limit, why);
	if (error == 0)
		error = take_protocols(&r, min, max, why);
	if (error == 0)
		error = take_credentials(&r, domain, netrc, credential, why);
	if (error == 0)
		*ret = r;
	return error;
}

static json_t *file_json(const struct smb_file *f)
{
	_cleanup_(json_decrefp) json_t *o = json_pack("{s:s}", "state", smb_state_label(f->state));
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

int smb_answer_write(const struct smb_answer *a, char dst[SMB_ANSWER_MAX])
{
	_cleanup_(json_decrefp) json_t *files = json_array(), *root = NULL;
	size_t n;

	assert(a && dst && a->n_files <= SMB_FILES_MAX);
	for (size_t i = 0; i < a->n_files; i++)
		if (json_array_append_new(files, file_json(&a->files[i])) < 0)
			return -ENOMEM;
	root = json_pack("{s:i, s:o, s:O}", "version", VERSION, "control", file_json(&a->control),
		"files", files);
	n = root ? json_dumpb(root, dst, SMB_ANSWER_MAX - 1, JSON_COMPACT) : 0;
	if (n == 0)
		return -ENOMEM;
	assert(n < SMB_ANSWER_MAX); /* reasons are bounded and printable ASCII */
	dst[n++] = '\n';
	return (int)n;
}

static int state_from_label(const char *label)
{
	for (int i = 0; i < SMB_STATES; i++)
		if (strcmp(label, state_labels[i]) == 0)
			return i;
	return -EINVAL;
}

static bool is_printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

/* Whether what was read into F holds together. */
static int check_file(const struct smb_file *f, char why[SMB_WHY_SIZE])
{
	if (*f->sha256 && strspn(f->sha256, "0123456789abcdef") != 64)
		return refuse(-EBADMSG, why, "sha256: not 64 hexadecimal digits");
	if (!is_printable(f->reason))
		return refuse(-EBADMSG, why, "reason: not printable");
	if (f->state == SMB_PRESENT && !f->has_stat)
		return refuse(-EBADMSG, why, "size: missing for a file that is there");
	if (*f->sha256 && f->state != SMB_PRESENT)
		return refuse(-EBADMSG, why, "sha256: of a file that was not read");
	return 0;
}

static int parse_file(json_t *o, struct smb_file *f, char why[SMB_WHY_SIZE])
{
	const char *state, *sha256 = "", *reason = "";
	json_int_t size = -1, mtime = 0;
	json_error_t e;
	int number;

	memset(f, 0, sizeof(*f));
	if (json_unpack_ex(o, &e, JSON_STRICT, "{s:s, s?I, s?I, s?s, s?s}", "state", &state, "size",
		    &size, "mtime", &mtime, "sha256", &sha256, "reason", &reason) < 0)
		return refuse(-EBADMSG, why, "%s", e.text);
	number = state_from_label(state);
	if (number < 0)
		return refuse(-EBADMSG, why, "state: \"%.40s\"", state);
	f->has_stat = json_object_get(o, "size") != NULL;
	if (f->has_stat != (json_object_get(o, "mtime") != NULL) || (f->has_stat && size < 0))
		return refuse(-EBADMSG, why, "size, mtime: one alone, or negative");
	if (strlen(sha256) >= sizeof(f->sha256) || strlen(reason) >= sizeof(f->reason))
		return refuse(-EBADMSG, why, "sha256, reason: too long");
	f->state = (enum smb_state)number;
	f->size = f->has_stat ? (uint64_t)size : 0;
	f->mtime = mtime;
	memcpy(f->sha256, sha256, strlen(sha256));
	memcpy(f->reason, reason, strlen(reason));
	return check_file(f, why);
}

/* "absent" is a finding, and needs its proof. */
static int check_answer(const struct smb_answer *a, char why[SMB_WHY_SIZE])
{
	if (a->control.state == SMB_ABSENT)
		return refuse(-EBADMSG, why, "absent: the control file");
	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i].state == SMB_ABSENT && a->control.state != SMB_PRESENT)
			return refuse(-EBADMSG, why, "absent: without a control file");
	return 0;
}

int smb_answer_parse(const char *text, size_t len, size_t n_files, struct smb_answer *ret,
	char why[SMB_WHY_SIZE])
{
	_cleanup_(json_decrefp) json_t *root = NULL;
	json_t *control, *files;
	struct smb_answer a;
	json_error_t e;
	int version, error;

	assert((text || len == 0) && ret && why && n_files <= SMB_FILES_MAX);
	if (len > SMB_ANSWER_MAX)
		return refuse(-EBADMSG, why, "longer than %d octets", SMB_ANSWER_MAX);
	root = json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return refuse(-EBADMSG, why, "no JSON: %s", e.text);
	if (json_unpack_ex(root, &e, JSON_STRICT, "{s:i, s:o, s:o}", "version", &version, "control",
		    &control, "files", &files) < 0)
		return refuse(-EBADMSG, why, "%s", e.text);
	if (version != VERSION || json_array_size(files) != n_files)
		return refuse(-EBADMSG, why, "another version or number of files");
	memset(&a, 0, sizeof(a));
	error = parse_file(control, &a.control, why);
	for (; error == 0 && a.n_files < n_files; a.n_files++)
		error = parse_file(json_array_get(files, a.n_files), &a.files[a.n_files], why);
	error = error == 0 ? check_answer(&a, why) : error;
	if (error == 0)
		*ret = a;
	return error;
}
