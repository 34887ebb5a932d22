/* SPDX-License-Identifier: ISC */
/* One SMB session: log in, find the share, read the control file, read the files. */
#include "probes/smb_session.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <gnutls/crypto.h>
#include <libsmbclient.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/smb_reach.h"

enum {
	READ_SIZE = 65536, /* octets asked for at once */
	STATUS_LOG_LEVEL = 10,
};

/* NT status codes ([MS-ERREF] 2.3.1) that say more than the errno they become. */
enum {
	STATUS_ACCESS_DENIED = 0xc0000022,
	STATUS_LOGON_FAILURE = 0xc000006d,
};

struct session {
	const struct smb_request *request;         /* borrowed from the caller */
	const struct smb_credentials *credentials; /* borrowed from the caller */
	struct smb_answer *answer;                 /* borrowed from the caller */
	void (*progress)(const struct smb_answer *answer);
	SMBCCTX *context;
	smbc_add_cached_srv_fn add_cached_server; /* libsmbclient's own */
	const char *share;                        /* the one being connected */
	bool connected;                           /* it is: session and share are there */
	uint32_t status; /* the server's latest NT status that is an error */
};

/* ------------------------------------------------------------------ answers */

__attribute__((format(printf, 3, 4))) static void set_file(
	struct smb_file *f, enum smb_state state, const char *format, ...)
{
	char text[2 * SMB_REASON_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	f->state = state;
	text_escape(f->reason, sizeof(f->reason), text, strlen(text));
}

/* Gives what is not known yet STATE and REASON. */
static void set_rest(struct session *s, enum smb_state state, const char *reason)
{
	struct smb_answer *a = s->answer;

	if (a->control.state == SMB_TIMEOUT)
		set_file(&a->control, state, "%s", reason);
	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i].state == SMB_TIMEOUT)
			set_file(&a->files[i], state, "%s", reason);
	s->progress(a);
}

/* Says what is being done, for the case that it takes too long. */
static void set_stage(struct session *s, const char *doing)
{
	char reason[SMB_REASON_MAX];

	snprintf(reason, sizeof(reason), "no answer within %u ms, %s", s->request->time_limit_ms,
		doing);
	set_rest(s, SMB_TIMEOUT, reason);
}

/* " (NT status 0xC000006D)" when the server gave one. */
static const char *status_text(const struct session *s, char text[32])
{
	text[0] = '\0';
	if (s->status)
		snprintf(text, 32, " (NT status 0x%08X)", (unsigned)s->status);
	return text;
}

/* ------------------------------------------------------------------ libsmbclient */

/* libsmbclient reads $HOME/.smb/smb.conf, and that of the host when there is none: so it gets one
 * of ours, which lives no longer than it is read. What it would keep (caches, secrets) has no place
 * to be kept in. It would also broadcast for a name: only the host's own resolver is asked. */
static int write_configuration(const struct smb_request *r, const char *folder)
{
	static const char nowhere[] = "/proc/self/nowhere";
	char path[128];
	int fd, n;

	snprintf(path, sizeof(path), "%s/.smb", folder);
	if (mkdir(path, 0700) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/.smb/smb.conf", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	n = dprintf(fd,
		"[global]\n"
		"client min protocol = %s\nclient max protocol = %s\n"
		"client ipc min protocol = %s\nclient ipc max protocol = %s\n"
		"client NTLMv2 auth = %s\n"
		"client lanman auth = no\nclient plaintext auth = no\n"
		"client use kerberos = off\n"
		"client signing = if_required\nclient ipc signing = if_required\n"
		"name resolve order = host\n"
		"unix charset = UTF-8\n"
		"netbios name = FTPHEALTH\n"
		"cache directory = %s\nlock directory = %s\nstate directory = %s\n"
		"private dir = %s\npid directory = %s\nncalrpc dir = %s\n",
		smb_protocol_label(r->min), smb_protocol_label(r->max), smb_protocol_label(r->min),
		smb_protocol_label(r->max), r->ntlmv1 ? "no" : "yes", nowhere, nowhere, nowhere,
		nowhere, nowhere, nowhere);
	close(fd);
	return n < 0 ? -EIO : 0;
}

/* Makes a context that knows our configuration and no other. */
static int new_context(const struct smb_request *r, SMBCCTX **ret)
{
	static const char *const parents[] = { "/tmp", "/run", "/dev/shm", "/var/tmp" };
	char folder[64] = "", path[128];
	int error = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(parents) && error < 0; i++) {
		snprintf(folder, sizeof(folder), "%s/ftphealth-smb.XXXXXX", parents[i]);
		error = mkdtemp(folder) ? 0 : -errno;
	}
	if (error < 0)
		return error;
	error = write_configuration(r, folder);
	if (error == 0 && setenv("HOME", folder, 1) < 0)
		error = -errno;
	if (error == 0) {
		*ret = smbc_new_context();
		error = *ret ? 0 : -ENOMEM;
	}
	setenv("HOME", "/proc/self/nowhere", 1);
	snprintf(path, sizeof(path), "%s/.smb/smb.conf", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/.smb", folder);
	rmdir(path);
	rmdir(folder);
	return error;
}

static void on_credentials(SMBCCTX *context, const char *server, const char *share, char *domain,
	int domain_size, char *user, int user_size, char *password, int password_size)
{
	const struct session *s = smbc_getOptionUserData(context);

	snprintf(domain, (size_t)domain_size, "%s", s->credentials->domain);
	snprintf(user, (size_t)user_size, "%s", s->credentials->user);
	snprintf(password, (size_t)password_size, "%s", s->credentials->password);
}

/* libsmbclient keeps a connection once the session and the share are there: the one sign of that
 * which no later error can blur. */
static int on_connected(SMBCCTX *context, SMBCSRV *server, const char *host, const char *share,
	const char *domain, const char *user)
{
	struct session *s = smbc_getOptionUserData(context);

	s->connected |= s->share && strcasecmp(share, s->share) == 0;
	return s->add_cached_server(context, server, host, share, domain, user);
}

/* libsmbclient folds many NT statuses into one errno, and says which only here. Its messages go no
 * further. */
static void on_log(void *userdata, int level, const char *message)
{
	struct session *s = userdata;
	const char *code = strstr(message, "map_errno_from_nt_status: 32 bit codes: code=");
	unsigned status;

	if (code && sscanf(strchr(code, '='), "=%8x", &status) == 1 && status >= 0xc0000000)
		s->status = status;
}

static int open_context(struct session *s)
{
	int error = new_context(s->request, &s->context);

	if (error < 0)
		return error;
	smbc_setLogCallback(s->context, s, on_log);
	smbc_setDebug(s->context, STATUS_LOG_LEVEL);
	smbc_setOptionUserData(s->context, s);
	smbc_setOptionNoAutoAnonymousLogin(s->context, 1);
	smbc_setOptionUseKerberos(s->context, 0);
	smbc_setOptionOpenShareMode(s->context, SMBC_SHAREMODE_DENY_NONE);
	smbc_setTimeout(s->context, (int)s->request->time_limit_ms);
	smbc_setFunctionAuthDataWithContext(s->context, on_credentials);
	s->add_cached_server = smbc_getFunctionAddCachedServer(s->context);
	smbc_setFunctionAddCachedServer(s->context, on_connected);
	return smbc_init_context(s->context) ? 0 : -errno;
}

/* Connects to SHARE. Returns 0, or the errno of the failure. */
static int connect_share(struct session *s, const char *share)
{
	struct smb_url u = s->request->control;
	char url[SMB_URL_SIZE];
	struct stat st;

	snprintf(u.share, sizeof(u.share), "%s", share);
	u.path[0] = '\0';
	smb_url_write(&u, SMB_URL_LIBSMBCLIENT, url);
	s->share = share;
	s->connected = false;
	s->status = 0;
	errno = 0;
	if (smbc_getFunctionStat(s->context)(s->context, url, &st) == 0 || s->connected)
		return 0;
	return errno ? errno : EIO;
}

/* Logs in on IPC$, to which every user has access: once, as a wrong password counts there. */
static bool log_in(struct session *s)
{
	char reason[SMB_REASON_MAX], status[32];
	const struct smb_request *r = s->request;
	int error;

	set_stage(s, "logging in");
	error = connect_share(s, "IPC$");
	if (error == 0 || error == ENOENT)
		return true;
	status_text(s, status);
	if ((error == EACCES || error == EPERM) && s->status != STATUS_ACCESS_DENIED) {
		snprintf(reason, sizeof(reason), "the server refuses this user or password%s",
			s->status == STATUS_LOGON_FAILURE ? "" : status);
		set_rest(s, SMB_WRONG_PASSWORD, reason);
	} else if (error == EACCES || error == EPERM) {
		set_rest(s, SMB_ACCESS_DENIED, "the server denies this user a session");
	} else {
		snprintf(reason, sizeof(reason),
			"no session with %s to %s: %s%s; does the server speak one of these?",
			smb_protocol_label(r->min), smb_protocol_label(r->max), strerror(error),
			status);
		set_rest(s, SMB_FAILED, reason);
	}
	return false;
}

static bool find_share(struct session *s)
{
	char reason[SMB_REASON_MAX], status[32];
	int error;

	set_stage(s, "connecting to the share");
	error = connect_share(s, s->request->control.share);
	if (error == 0)
		return true;
	status_text(s, status);
	if (error == ENOENT || error == ENODEV) {
		snprintf(reason, sizeof(reason), "the server has no such share%s", status);
		set_rest(s, SMB_SHARE_MISSING, reason);
	} else if (error == EACCES || error == EPERM) {
		snprintf(reason, sizeof(reason), "the share is not for this user%s", status);
		set_rest(s, SMB_ACCESS_DENIED, reason);
	} else {
		snprintf(reason, sizeof(reason), "no share: %s%s", strerror(error), status);
		set_rest(s, SMB_FAILED, reason);
	}
	return false;
}

/* ------------------------------------------------------------------ files */

/* The SHA-256 of an open file of SIZE octets, if all of it can be had. */
static void hash_file(struct session *s, SMBCFILE *file, struct smb_file *f)
{
	static unsigned char buffer[READ_SIZE];
	unsigned char digest[32];
	gnutls_hash_hd_t hash;
	uint64_t total = 0;
	ssize_t n;

	if (f->size > s->request->byte_limit) {
		set_file(f, SMB_PRESENT, "not read: larger than the limit of %llu octets",
			(unsigned long long)s->request->byte_limit);
		return;
	}
	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0) {
		set_file(f, SMB_PRESENT, "not read: no SHA-256 here");
		return;
	}
	smbc_setDebug(s->context, 0); /* or each packet becomes a message */
	do {
		errno = 0;
		n = smbc_getFunctionRead(s->context)(s->context, file, buffer, sizeof(buffer));
		if (n <= 0 || (size_t)n > sizeof(buffer))
			break;
		total += (uint64_t)n;
		gnutls_hash(hash, buffer, (size_t)n);
	} while (total <= f->size);
	smbc_setDebug(s->context, STATUS_LOG_LEVEL);
	gnutls_hash_deinit(hash, digest);
	if (n != 0)
		set_file(f, SMB_PRESENT, "not all read: %s",
			n < 0 ? strerror(errno) : "more came than its size");
	else if (total != f->size)
		set_file(f, SMB_PRESENT, "not all read: less came than its size");
	else
		for (size_t i = 0; i < sizeof(digest); i++)
			snprintf(f->sha256 + 2 * i, 3, "%02x", digest[i]);
}

static void take_stat(struct smb_file *f, const struct stat *st)
{
	f->has_stat = st->st_size >= 0;
	f->size = f->has_stat ? (uint64_t)st->st_size : 0;
	f->mtime = st->st_mtime;
}

/* Sorts out why a file cannot be opened. One that is denied or in use may still be seen. */
static void set_open_failure(struct session *s, const char *url, int error, struct smb_file *f)
{
	char status[32];
	struct stat st;
	bool seen;

	status_text(s, status);
	if (error == ENOENT || error == ENOTDIR) {
		set_file(f, SMB_ABSENT, "%s", "");
		return;
	}
	if (error == EISDIR) {
		set_file(f, SMB_FAILED, "a folder, not a file");
		return;
	}
	if (error != EACCES && error != EPERM && error != EBUSY) {
		set_file(f, error == ETIMEDOUT ? SMB_TIMEOUT : SMB_FAILED, "%s%s", strerror(error),
			status);
		return;
	}
	seen = smbc_getFunctionStat(s->context)(s->context, url, &st) == 0 && S_ISREG(st.st_mode);
	if (seen)
		take_stat(f, &st);
	if (error == EBUSY && f->has_stat)
		set_file(f, SMB_PRESENT, "not read: in use");
	else
		set_file(f, error == EBUSY ? SMB_FAILED : SMB_ACCESS_DENIED, "%s%s",
			seen ? "it is there, but reading it is denied" : "denied", status);
}

/* Looks for one file; SMB_ABSENT here means no more than "not found". */
static struct smb_file look(struct session *s, const struct smb_url *u)
{
	struct smb_file f = { .state = SMB_FAILED };
	char url[SMB_URL_SIZE];
	struct stat st;
	SMBCFILE *file;

	smb_url_write(u, SMB_URL_LIBSMBCLIENT, url);
	s->status = 0;
	errno = 0;
	file = smbc_getFunctionOpen(s->context)(s->context, url, O_RDONLY, 0);
	if (!file) {
		set_open_failure(s, url, errno ? errno : EIO, &f);
		return f;
	}
	memset(&st, 0, sizeof(st));
	errno = 0;
	if (smbc_getFunctionFstat(s->context)(s->context, file, &st) < 0)
		set_file(&f, SMB_FAILED, "its size is not told: %s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		set_file(&f, SMB_FAILED, "a folder, not a file");
	else if (st.st_size < 0)
		set_file(&f, SMB_FAILED, "its size is beyond reason");
	else {
		f.state = SMB_PRESENT;
		take_stat(&f, &st);
		hash_file(s, file, &f);
	}
	smbc_getFunctionClose(s->context)(s->context, file);
	return f;
}

/* What was not found is absent only when the control file was read before, and is there after: a
 * connection that was lost and made again may find another share. */
static void judge_missing(struct session *s, const bool *missing, bool control_read)
{
	struct smb_answer *a = s->answer;
	const char *reason = "not found, but neither could the control file be read";
	bool certain = control_read;

	if (control_read) {
		set_stage(s, "looking for the control file again");
		certain = look(s, &s->request->control).state == SMB_PRESENT;
		reason = "not found, but the control file went away meanwhile";
	}
	for (size_t i = 0; i < a->n_files; i++)
		if (missing[i])
			set_file(&a->files[i], certain ? SMB_ABSENT : SMB_UNKNOWN, "%s",
				certain ? "" : reason);
	s->progress(a);
}

static void look_for_files(struct session *s)
{
	bool missing[SMB_FILES_MAX] = { false }, any = false, control_read;
	struct smb_answer *a = s->answer;

	set_stage(s, "reading the control file");
	a->control = look(s, &s->request->control);
	control_read = a->control.state == SMB_PRESENT &&
		(a->control.sha256[0] || a->control.size > s->request->byte_limit);
	if (a->control.state == SMB_ABSENT) /* nothing speaks for it */
		set_file(&a->control, SMB_UNKNOWN, "the control file is not found");
	set_stage(s, "reading the files");
	for (size_t i = 0; i < a->n_files; i++) {
		struct smb_file f = look(s, &s->request->files[i]);

		missing[i] = f.state == SMB_ABSENT;
		any |= missing[i];
		if (!missing[i])
			a->files[i] = f;
		s->progress(a);
	}
	if (any)
		judge_missing(s, missing, control_read);
}

int smb_session_ask(const struct smb_request *r, const struct smb_credentials *c,
	struct smb_answer *answer, void (*progress)(const struct smb_answer *answer))
{
	struct session s = {
		.request = r, .credentials = c, .answer = answer, .progress = progress
	};
	char reason[SMB_WHY_SIZE];
	int error;

	assert(r && c && answer && progress);
	memset(answer, 0, sizeof(*answer));
	answer->n_files = r->n_files;
	answer->control.state = SMB_TIMEOUT;
	for (size_t i = 0; i < r->n_files; i++)
		answer->files[i].state = SMB_TIMEOUT;
	set_stage(&s, "connecting");
	if (smb_reach(r->control.host, r->control.port, reason) < 0) {
		set_rest(&s, SMB_UNREACHABLE, reason);
		return 0;
	}
	error = open_context(&s);
	if (error == 0 && log_in(&s) && find_share(&s))
		look_for_files(&s);
	if (s.context)
		smbc_free_context(s.context, 1);
	return error;
}
