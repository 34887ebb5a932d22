/* SPDX-License-Identifier: ISC */
/* One SMB session: log in, find the share, read the control file, read the files. */
#include "probes/smb_session.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libsmbclient.h>

#include "common/util.h"
#include "probes/confine.h"
#include "probes/smb_reach.h"

enum { STATUS_LOG_LEVEL = 10 };

/* NT status codes ([MS-ERREF] 2.3.1) that say more than the errno they become. */
enum {
	STATUS_ACCESS_DENIED = 0xc0000022,
	STATUS_LOGON_FAILURE = 0xc000006d,
};

struct session {
	struct fetch_round *round;                 /* borrowed from the caller */
	const struct smb_request *request;         /* the same: the addresses */
	const struct smb_credentials *credentials; /* the same */
	SMBCCTX *context;
	smbc_add_cached_srv_fn add_cached_server; /* libsmbclient's own */
	const char *share;                        /* the one being connected */
	bool connected;                           /* it is: session and share are there */
	uint32_t status; /* the server's latest NT status that is an error */
};

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
 * to be kept in. It would also broadcast for a name: only the host's own resolver is asked. Without
 * a line of interfaces it asks the kernel for them, and exits with 1 where a service may not
 * (RestrictAddressFamilies= without AF_NETLINK); a client has no use for them. */
static int write_configuration(const struct fetch_request *r, const char *folder)
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
		"interfaces = 127.0.0.1/8\n"
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
static int new_context(const struct fetch_request *r, SMBCCTX **ret)
{
	static const char *const parents[] = { "/tmp", "/run", "/dev/shm", "/var/tmp" };
	char folder[64] = "", path[128];
	int error = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(parents) && error < 0; i++) {
		snprintf(folder, sizeof(folder), "%s/ftphealth-smb.%d.XXXXXX", parents[i],
			(int)getpid());
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
	int error = new_context(s->round->request, &s->context);

	if (error < 0)
		return error;
	smbc_setLogCallback(s->context, s, on_log);
	smbc_setDebug(s->context, STATUS_LOG_LEVEL);
	smbc_setOptionUserData(s->context, s);
	smbc_setOptionNoAutoAnonymousLogin(s->context, 1);
	smbc_setOptionUseKerberos(s->context, 0);
	smbc_setOptionOpenShareMode(s->context, SMBC_SHAREMODE_DENY_NONE);
	smbc_setTimeout(s->context, (int)s->round->request->time_limit_ms);
	smbc_setFunctionAuthDataWithContext(s->context, on_credentials);
	s->add_cached_server = smbc_getFunctionAddCachedServer(s->context);
	smbc_setFunctionAddCachedServer(s->context, on_connected);
	return smbc_init_context(s->context) ? 0 : -errno;
}

/* Connects to SHARE. Returns 0, or the errno of the failure. */
static int connect_share(struct session *s, const char *share)
{
	struct smb_url u = s->request->urls[0];
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
	char reason[FETCH_REASON_MAX], status[32];
	const struct fetch_request *r = s->round->request;
	int error;

	fetch_round_stage(s->round, "logging in");
	error = connect_share(s, "IPC$");
	if (error == 0 || error == ENOENT)
		return true;
	status_text(s, status);
	if ((error == EACCES || error == EPERM) && s->status != STATUS_ACCESS_DENIED) {
		snprintf(reason, sizeof(reason), "the server refuses this user or password%s",
			s->status == STATUS_LOGON_FAILURE ? "" : status);
		fetch_round_rest(s->round, FETCH_WRONG_PASSWORD, reason);
	} else if (error == EACCES || error == EPERM) {
		fetch_round_rest(
			s->round, FETCH_ACCESS_DENIED, "the server denies this user a session");
	} else {
		snprintf(reason, sizeof(reason),
			"no session with %s to %s: %s%s; does the server speak one of these?",
			smb_protocol_label(r->min), smb_protocol_label(r->max), strerror(error),
			status);
		fetch_round_rest(s->round, FETCH_FAILED, reason);
	}
	return false;
}

static bool find_share(struct session *s)
{
	char reason[FETCH_REASON_MAX], status[32];
	int error;

	fetch_round_stage(s->round, "connecting to the share");
	error = connect_share(s, s->request->urls[0].share);
	if (error == 0)
		return true;
	status_text(s, status);
	if (error == ENOENT || error == ENODEV) {
		snprintf(reason, sizeof(reason), "the server has no such share%s", status);
		fetch_round_rest(s->round, FETCH_SHARE_MISSING, reason);
	} else if (error == EACCES || error == EPERM) {
		snprintf(reason, sizeof(reason), "the share is not for this user%s", status);
		fetch_round_rest(s->round, FETCH_ACCESS_DENIED, reason);
	} else {
		snprintf(reason, sizeof(reason), "no share: %s%s", strerror(error), status);
		fetch_round_rest(s->round, FETCH_FAILED, reason);
	}
	return false;
}

/* ------------------------------------------------------------------ files */

/* An open file. */
struct source {
	SMBCCTX *context;
	SMBCFILE *file;
};

static ssize_t read_source(void *userdata, void *dst, size_t size)
{
	const struct source *o = userdata;
	ssize_t n;

	errno = 0;
	n = smbc_getFunctionRead(o->context)(o->context, o->file, dst, size);
	if (n < 0 || (size_t)n > size)
		return n < 0 && errno ? -errno : -EIO;
	return n;
}

static int seek_source(void *userdata, uint64_t offset)
{
	const struct source *o = userdata;

	errno = 0;
	if (smbc_getFunctionLseek(o->context)(o->context, o->file, (off_t)offset, SEEK_SET) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

static void take_stat(struct fetch_file *f, const struct stat *st)
{
	f->has_stat = st->st_size >= 0;
	f->size = f->has_stat ? (uint64_t)st->st_size : 0;
	f->mtime = st->st_mtime;
}

/* A file that is denied or in use may still be seen. */
static void set_closed(
	struct session *s, const char *url, bool in_use, bool control, struct fetch_file *f)
{
	bool wanted = s->round->request->contents && !control;
	char status[32];
	struct stat st;
	bool seen;

	status_text(s, status);
	seen = smbc_getFunctionStat(s->context)(s->context, url, &st) == 0 && S_ISREG(st.st_mode);
	if (seen)
		take_stat(f, &st);
	if (in_use && f->has_stat)
		fetch_file_set(f, wanted ? FETCH_FAILED : FETCH_PRESENT, "not read: in use");
	else
		fetch_file_set(f, in_use ? FETCH_FAILED : FETCH_ACCESS_DENIED, "%s%s",
			seen ? "it is there, but reading it is denied" : "denied", status);
}

/* Sorts out why a file cannot be opened. */
static void set_open_failure(
	struct session *s, const char *url, int error, bool control, struct fetch_file *f)
{
	char status[32];

	status_text(s, status);
	if (error == ENOENT || error == ENOTDIR)
		fetch_file_set(f, FETCH_ABSENT, "%s", "");
	else if (error == EISDIR)
		fetch_file_set(f, FETCH_FAILED, "a folder, not a file");
	else if (error == EACCES || error == EPERM || error == EBUSY)
		set_closed(s, url, error == EBUSY, control, f);
	else
		fetch_file_set(f, error == ETIMEDOUT ? FETCH_TIMEOUT : FETCH_FAILED, "%s%s",
			strerror(error), status);
}

/* Reads the open FILE, of which F knows the size. */
static void read_file(struct session *s, SMBCFILE *file, bool control, struct fetch_file *f)
{
	struct source o = { s->context, file };
	struct fetch_source source = { read_source, seek_source, &o };

	smbc_setDebug(s->context, 0); /* or each packet becomes a message */
	fetch_round_read(s->round, &source, control, f);
	smbc_setDebug(s->context, STATUS_LOG_LEVEL);
}

static struct fetch_file look(void *userdata, struct fetch_round *round, size_t i)
{
	struct session *s = userdata;
	struct fetch_file f = { .state = FETCH_FAILED };
	char url[SMB_URL_SIZE];
	struct stat st;
	SMBCFILE *file;

	smb_url_write(&s->request->urls[i], SMB_URL_LIBSMBCLIENT, url);
	s->status = 0;
	errno = 0;
	file = smbc_getFunctionOpen(s->context)(s->context, url, O_RDONLY, 0);
	if (!file) {
		set_open_failure(s, url, errno ? errno : EIO, i == FETCH_CONTROL, &f);
		return f;
	}
	memset(&st, 0, sizeof(st));
	errno = 0;
	if (smbc_getFunctionFstat(s->context)(s->context, file, &st) < 0)
		fetch_file_set(&f, FETCH_FAILED, "its size is not told: %s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		fetch_file_set(&f, FETCH_FAILED, "a folder, not a file");
	else if (st.st_size < 0)
		fetch_file_set(&f, FETCH_FAILED, "its size is beyond reason");
	else {
		take_stat(&f, &st);
		read_file(s, file, i == FETCH_CONTROL, &f);
	}
	smbc_getFunctionClose(s->context)(s->context, file);
	return f;
}

int smb_session_fetch(
	struct fetch_round *round, const struct smb_request *r, const struct smb_credentials *c)
{
	struct session s = { .round = round, .request = r, .credentials = c };
	char reason[FETCH_WHY_SIZE];
	int error;

	assert(round && r && c);
	if (smb_reach(r->urls[0].host, r->urls[0].port, reason) < 0) {
		fetch_round_rest(round, FETCH_UNREACHABLE, reason);
		return 0;
	}
	error = open_context(&s);
	confine_files(CONFINE_READ_COMMON); /* the configuration is read and gone */
	if (error == 0 && log_in(&s) && find_share(&s))
		error = fetch_round_look(round, look, &s);
	if (s.context)
		smbc_free_context(s.context, 1);
	return error;
}
