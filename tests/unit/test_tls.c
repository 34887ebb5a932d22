/* SPDX-License-Identifier: ISC */
/* Settings of TLS made ready: what is shared, what is equal, and what is wrong with files. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "probes/tls_session.h"

enum { TARGETS = 10000 };

static char folder[] = "/tmp/tls.XXXXXX";

/* The path of a file with TEXT and MODE. */
static const char *file(const char *name, const char *text, mode_t mode)
{
	static char paths[8][64];
	static size_t n;
	char *path = paths[n++ % ARRAY_SIZE(paths)];
	FILE *f;

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static struct tls_settings some_settings(void)
{
	struct tls_settings s;

	tls_settings_init(&s);
	s.mode = TLS_EXPLICIT;
	s.verify = false;
	return s;
}

static struct tls *made(const struct tls_settings *s, struct tls_pool **pool)
{
	struct tls *t = NULL;
	enum tls_part part;
	char why[TLS_WHY_SIZE];

	assert_int_equal(tls_new(s, pool, &t, &part, why), 0);
	return t;
}

/* Ten thousand targets that differ in what is theirs alone have one context. */
static void contexts_are_shared(void **state)
{
	static struct tls *all[TARGETS];
	struct tls_pool *pool = NULL;
	struct tls_settings s = some_settings();
	char name[32];

	for (size_t i = 0; i < TARGETS; i++) {
		snprintf(name, sizeof(name), "ftp%zu.example.com", i / 2);
		s.server_name = name;
		s.mode = i % 4 < 2 ? TLS_EXPLICIT : TLS_IMPLICIT;
		s.warn_days = 14;
		all[i] = made(&s, &pool);
	}
	assert_int_equal(tls_contexts(), 1);
	assert_ptr_equal(all[0], all[1]);
	assert_ptr_not_equal(all[0], all[2]);
	assert_string_equal(tls_settings_of(all[3])->server_name, "ftp1.example.com");
	s.min_version = TLS_1_3;
	tls_unref(made(&s, &pool));
	assert_int_equal(tls_contexts(), 2);
	tls_pool_done(&pool);
	assert_int_equal(tls_contexts(), 1); /* the pool is over, what was made is not */
	for (size_t i = 0; i < TARGETS; i++)
		tls_unref(all[i]);
	assert_int_equal(tls_contexts(), 0);
}

static void equality(void **state)
{
	struct tls_pool *pool = NULL, *later = NULL;
	struct tls_settings s = some_settings(), other = s;
	struct tls *a = made(&s, &pool), *b = made(&s, &later), *c;

	assert_true(tls_equal(a, b) && tls_equal(NULL, NULL) && tls_equal(a, a));
	assert_false(tls_equal(a, NULL) || tls_equal(NULL, a));
	other.warn_days++;
	c = made(&other, &pool);
	assert_false(tls_equal(a, c));
	assert_true(tls_settings_equal(&s, &other)); /* it is spoken in the same way */
	other.server_name = (char *)"x";
	assert_false(tls_settings_equal(&s, &other));
	assert_int_equal(tls_settings_of(NULL)->mode, TLS_NONE);
	tls_unref(a);
	tls_unref(b);
	tls_unref(c);
	tls_pool_done(&pool);
	tls_pool_done(&later);
	assert_int_equal(tls_contexts(), 0);
}

/* The file of the system's own, as tls.c knows it. */
static const char *system_ca = "/no/such";
const char *__wrap_tls_system_ca(void);

const char *__wrap_tls_system_ca(void)
{
	return system_ca;
}

/* After a reload the certificates that the system trusts by then are those that count. */
static void system_certificates_change(void **state)
{
	struct tls_pool *pools[3] = { NULL };
	struct tls_settings s = some_settings();
	struct tls *made_before, *same, *after;

	system_ca = file("system", "a", 0600);
	s.verify = true;
	made_before = made(&s, &pools[0]);
	same = made(&s, &pools[1]);
	system_ca = file("system", "more", 0600);
	after = made(&s, &pools[2]);
	assert_true(tls_equal(made_before, same));
	assert_false(tls_equal(made_before, after));
	tls_unref(made_before);
	tls_unref(same);
	tls_unref(after);
	for (size_t i = 0; i < ARRAY_SIZE(pools); i++)
		tls_pool_done(&pools[i]);
}

/* clang-format off */
static const struct fault_row {
	const char *label;
	enum tls_part part;
	const char *text;  /* of the file; NULL: there is none, "": a folder */
	const char *words; /* in the complaint, behind the path */
} fault_rows[] = {
	{ "fault: no authorities", TLS_PART_CA, NULL, ": No such file or directory; write the path" },
	{ "fault: authorities in a folder", TLS_PART_CA, "", ": not a regular file; write the path" },
	{ "fault: authorities of nonsense", TLS_PART_CA, "x", ": no certificate in it" },
	{ "fault: list of nonsense", TLS_PART_CRL, "x", ": no revocation list in it" },
	{ "fault: certificate of nonsense", TLS_PART_CERTIFICATE, "x", ": no certificate in it" },
	{ "fault: certificate cut off", TLS_PART_CERTIFICATE, "-----BEGIN CERTIFICATE-----\nMIIB", ": no certificate in it" },
};
/* clang-format on */

static void fault(void **state)
{
	const struct fault_row *row = *state;
	struct tls_settings s = some_settings();
	char **fields[] = { &s.ca, &s.crl, &s.certificate, &s.key };
	struct tls_pool *pool = NULL;
	enum tls_part part = TLS_PART_KEY;
	char why[TLS_WHY_SIZE];
	const char *path = "/no/such";
	struct tls *t = NULL;

	s.verify = true;
	if (row->text)
		path = *row->text ? file("fault", row->text, 0600) : folder;
	*fields[row->part] = (char *)(uintptr_t)path;
	assert_int_equal(tls_new(&s, &pool, &t, &part, why), -EINVAL);
	assert_null(t);
	assert_int_equal(part, row->part);
	assert_non_null(strstr(why, row->words));
	assert_true(strncmp(why, path, strlen(path)) == 0);
	tls_pool_done(&pool);
	assert_int_equal(tls_contexts(), 0);
}

static void days(void **state)
{
	static const struct {
		int64_t left;
		int32_t days;
	} rows[] = { { 0, 0 }, { 1, 0 }, { 86399, 0 }, { 86400, 1 }, { -1, -1 }, { -86400, -1 },
		{ -86401, -2 }, { INT64_C(86400) << 32, INT32_MAX },
		{ -(INT64_C(86400) << 32), INT32_MIN } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_facts f = { .not_after = 1700000000 + rows[i].left };

		assert_int_equal(tls_days_left(&f, 1700000000), rows[i].days);
	}
}

/* ------------------------------------------------------------------ sessions */

/* What a server says in place of a handshake, and what comes of it. */
/* clang-format off */
static const struct speech_row {
	const char *label, *bytes;
	size_t len;
	int result;
	const char *why;
} speech_rows[] = {
	{ "speech: nothing", "", 0, -EAGAIN, "" },
	{ "speech: a greeting", "220 ready\r\n", 11, -EBADMSG, "" },
	{ "speech: half a record", "\x16\x03\x03\x40", 4, -EAGAIN, "" },
	{ "speech: an alert", "\x15\x03\x03\x00\x02\x02\x28", 7, -EPROTO, "the server ends it: handshake failure" },
	{ "speech: an alert to our version", "\x15\x03\x03\x00\x02\x02\x46", 7, -EPROTO, "the server ends it: protocol version" },
	{ "speech: octets", "\x00\x01\x02\x03\x04\x05\x06\x07", 8, -EPROTO, "wrong version number" },
	{ "speech: a record too large", "\x16\x03\x03\xff\xff", 5, -EPROTO, "packet length too long" },
	{ "speech: data before all else", "\x17\x03\x03\x00\x02xy", 7, -EPROTO, "unexpected message" },
};
/* clang-format on */

static void speech(void **state)
{
	const struct speech_row *row = *state;
	struct tls_settings settings = some_settings();
	struct tls_pool *pool = NULL;
	struct tls *tls = made(&settings, &pool);
	struct tls_session *s = NULL;
	struct tls_facts facts;
	char rest[16];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(tls_session_new(tls, pair[0], "127.0.0.1", &s), 0);
	assert_int_equal(tls_session_handshake(s), -EAGAIN); /* our hello is out */
	assert_int_equal(send(pair[1], row->bytes, row->len, 0), row->len);
	assert_int_equal(tls_session_handshake(s), row->result);
	assert_string_equal(tls_session_why(s), row->why);
	tls_session_facts(s, &facts);
	assert_false(facts.has_certificate);
	assert_int_equal(facts.verify, TLS_VERIFY_NOT_CHECKED);
	if (row->result == -EBADMSG) /* nothing of it was taken */
		assert_int_equal(recv(pair[0], rest, sizeof(rest), 0), row->len);
	else if (row->result == -EPROTO) /* and so it stays */
		assert_int_equal(tls_session_handshake(s), -EPROTO);
	tls_session_free(s);
	tls_unref(tls);
	tls_pool_done(&pool);
	close(pair[0]);
	close(pair[1]);
}

static void closed_in_the_handshake(void **state)
{
	struct tls_settings settings = some_settings();
	struct tls_pool *pool = NULL;
	struct tls *tls = made(&settings, &pool);
	struct tls_session *s = NULL;
	char hello[1024];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(tls_session_new(tls, pair[0], "ftp.example.com.", &s), 0);
	assert_int_equal(tls_session_handshake(s), -EAGAIN);
	assert_true(recv(pair[1], hello, sizeof(hello), 0) > 0);
	assert_non_null(memmem(hello, sizeof(hello), "ftp.example.com", 15)); /* RFC 6066 */
	close(pair[1]);
	assert_int_equal(tls_session_handshake(s), 0);
	tls_session_free(s);
	tls_unref(tls);
	tls_pool_done(&pool);
	close(pair[0]);
}

int main(void)
{
	char command[64];
	int r;

	if (!mkdtemp(folder))
		return 99;
	UNIT_TEST(contexts_are_shared);
	UNIT_TEST(equality);
	UNIT_TEST(system_certificates_change);
	UNIT_ROWS(fault_rows, fault);
	UNIT_TEST(days);
	UNIT_ROWS(speech_rows, speech);
	UNIT_TEST(closed_in_the_handshake);
	r = unit_run("tls");
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) == 0 ? r : 1;
}
