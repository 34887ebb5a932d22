/* SPDX-License-Identifier: ISC */
/* What follows a login, against the servers of this world: each a row of what happens on both
 * connections, in any cuts. */
#include "tests/unit/unit.h"
#include "tests/unit/session_feed.h"

#define HAPPENINGS_MAX 9
#define PEER "192.0.2.7"
#define TO_PEER "peer", NULL, false
#define NOWHERE NULL, NULL, false
#define SHA_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct row {
	const char *label;
	struct after_settings settings;
	const char *happens[HAPPENINGS_MAX]; /* enum happening, and its octets */
	enum session_result result;
	int code;
	const char *sent, *detail;
	unsigned octets;
	bool polite;
	const char *host; /* where the data was wanted; NULL = nowhere */
	const char *peer; /* NULL = PEER */
	bool exposed;
};

#define WANT(what, ...) \
	{ \
		.command = SESSION_##what, __VA_ARGS__ \
	}
#define PWD WANT(PWD, .path = NULL)
#define LIST WANT(LIST, .path = "/pub")
#define RETR WANT(RETR, .path = "/f")
#define ABC WANT(RETR, .path = "/f", .sha256 = SHA_ABC)
#define PASV WANT(LIST, .passive = PASSIVE_PASV)
#define E "200 ok\r\n229 Entering (|||2500|)\r\n"
#define SE "TYPE A\r\nEPSV\r\n"
#define SEL SE "LIST /pub\r\n"
#define SER "TYPE I\r\nEPSV\r\nRETR /f\r\n"
#define P(address) "200 ok\r\n227 Entering Passive Mode (" address ",9,196).\r\n"
#define SPL "TYPE A\r\nPASV\r\nLIST\r\n"

static const struct row rows[] = {
	{ "PWD", PWD, { "<257 \"/\" is it\r\n" }, SESSION_OK, 257, "PWD\r\n", "", 0, true,
		NOWHERE },
	{ "PWD refused", PWD, { "<550 no\r\n" }, SESSION_COMMAND_REFUSED, 550, "PWD\r\n", "", 0,
		true, NOWHERE },
	{ "PWD, and the server closes", PWD, { "x" }, SESSION_CONNECTION_CLOSED, 0, "PWD\r\n",
		"the server ended the connection after PWD", 0, false, NOWHERE },
	{ "PWD refused in a line that is cut off", PWD, { "<550 no", "x" }, SESSION_COMMAND_REFUSED,
		550, "PWD\r\n", "", 0, false, NOWHERE },
	{ "PWD answered in part", PWD, { "<257 a", "x" }, SESSION_CONNECTION_CLOSED, 0, "PWD\r\n",
		"unfinished line: \"257 a\"", 0, false, NOWHERE },
	{ "PWD, and TLS fails", PWD, { "#" }, SESSION_TLS_FAILED, 0, "PWD\r\n", "bad record", 0,
		false, NOWHERE },
	{ "PWD refused in part, and TLS fails", PWD, { "<550 no", "#" }, SESSION_TLS_FAILED, 0,
		"PWD\r\n", "bad record", 0, false, NOWHERE },
	{ "PWD and silence", PWD, { "t" }, SESSION_TIMEOUT, 0, "PWD\r\n", "no answer to PWD", 0,
		false, NOWHERE },
	{ "PWD and a 421", PWD, { "<421 bye\r\n" }, SESSION_COMMAND_REFUSED, 421, "PWD\r\n", "", 0,
		false, NOWHERE },
	{ "PWD and 331", PWD, { "<331 what\r\n" }, SESSION_PROTOCOL_ERROR, 331, "PWD\r\n",
		"331 is no answer to PWD", 0, false, NOWHERE },
	{ "PWD and HTTP", PWD, { "<HTTP/1.1 400\r\n" }, SESSION_PROTOCOL_ERROR, 0, "PWD\r\n",
		"not FTP: \"HTTP/1.1 400\"", 0, false, NOWHERE },
	{ "PWD in TLS without PROT P", PWD, { "<257 a\r\n" }, SESSION_OK, 257, "PWD\r\n", "", 0,
		true, NULL, NULL, true },

	{ "LIST", LIST, { "<" E, "<150 a\r\n", "=abc", ".", "<226 done\r\n" }, SESSION_OK, 226, SEL,
		"", 3, true, TO_PEER },
	{ "LIST, 226 before the data", LIST, { "<" E "150 a\r\n226 done\r\n", "=abc", "." },
		SESSION_OK, 226, SEL, "", 3, true, TO_PEER },
	{ "LIST, the data before 150", LIST, { "<" E, "=abc", ".", "<150 a\r\n226 done\r\n" },
		SESSION_OK, 226, SEL, "", 3, true, TO_PEER },
	{ "LIST, 226 without 150", LIST, { "<" E, "<226 empty\r\n", "." }, SESSION_OK, 226, SEL, "",
		0, true, TO_PEER },
	{ "LIST with 125 and 250", LIST, { "<" E "125 a\r\n", "=a", "<250 done\r\n", "." },
		SESSION_OK, 250, SEL, "", 1, true, TO_PEER },
	{ "LIST over several lines", LIST,
		{ "<" E "150-a\r\n150 b\r\n", "=a", ".", "<226-x\r\n 226 y\r\n226 done\r\n" },
		SESSION_OK, 226, SEL, "", 1, true, TO_PEER },
	{ "LIST, then the server closes", LIST, { "<" E "150 a\r\n226 done\r\n", "x", "=a", "." },
		SESSION_OK, 226, SEL, "", 1, false, TO_PEER },
	{ "LIST, TLS fails amid the data", LIST, { "<" E "150 a\r\n", "=abc", "#" },
		SESSION_TLS_FAILED, 0, SEL, "bad record", 3, false, TO_PEER },
	{ "LIST, TLS fails after 226", LIST, { "<" E "150 a\r\n226 done\r\n", "#", "=a", "." },
		SESSION_OK, 226, SEL, "", 1, false, TO_PEER },
	{ "LIST denied", LIST, { "<" E "550 denied\r\n" }, SESSION_LISTING_FAILED, 550, SEL, "", 0,
		true, TO_PEER },
	{ "LIST denied, its data closed first", LIST, { "<" E, ".", "<550 denied\r\n" },
		SESSION_LISTING_FAILED, 550, SEL, "", 0, true, TO_PEER },
	{ "LIST broken off", LIST, { "<" E "150 a\r\n", "=abc", "<451 disk\r\n" },
		SESSION_LISTING_FAILED, 451, SEL, "", 3, true, TO_PEER },
	{ "LIST, 425", LIST, { "<" E "425 no data\r\n" }, SESSION_DATA_FAILED, 425, SEL, "", 0,
		true, TO_PEER },
	{ "LIST, 426 after the data", LIST, { "<" E "150 a\r\n", "=abc", "<426 cut\r\n" },
		SESSION_DATA_FAILED, 426, SEL, "", 3, true, TO_PEER },
	{ "LIST, its data reset, then 226", LIST, { "<" E "150 a\r\n", "!", "<226 done\r\n" },
		SESSION_DATA_FAILED, 226, SEL, "reset", 0, true, TO_PEER },
	{ "LIST, 226, then its data reset", LIST, { "<" E "150 a\r\n226 done\r\n", "!" },
		SESSION_DATA_FAILED, 226, SEL, "reset", 0, true, TO_PEER },
	{ "LIST, its data reset, then 426", LIST, { "<" E "150 a\r\n", "!", "<426 cut\r\n" },
		SESSION_DATA_FAILED, 426, SEL, "reset", 0, true, TO_PEER },
	{ "LIST, its data reset, then silence", LIST, { "<" E "150 a\r\n", "!", "t" },
		SESSION_DATA_FAILED, 0, SEL, "reset", 0, false, TO_PEER },
	{ "LIST, no 226", LIST, { "<" E "150 a\r\n", "=abc", ".", "t" }, SESSION_TIMEOUT, 0, SEL,
		"no word after 3 octets of data", 3, false, TO_PEER },
	{ "LIST, the data stops", LIST, { "<" E "150 a\r\n", "=abc", "t" }, SESSION_TIMEOUT, 0, SEL,
		"the data stopped after 3 octets", 3, false, TO_PEER },
	{ "LIST, the data stops after 226", LIST, { "<" E "150 a\r\n226 b\r\n", "=abc", "t" },
		SESSION_TIMEOUT, 0, SEL, "the data stopped after 3 octets", 3, false, TO_PEER },
	{ "LIST and silence", LIST, { "<" E, "t" }, SESSION_TIMEOUT, 0, SEL, "no answer to LIST", 0,
		false, TO_PEER },
	{ "LIST, the server closes amid the data", LIST, { "<" E "150 a\r\n", "=abc", "x" },
		SESSION_CONNECTION_CLOSED, 0, SEL, "the server ended the connection after LIST", 3,
		false, TO_PEER },
	{ "LIST, the server closes before the data", LIST, { "<" E, "x", "-" },
		SESSION_CONNECTION_CLOSED, 0, SE, "the server ended the connection after EPSV", 0,
		false, TO_PEER },
	{ "LIST, no reply before the data", LIST, { "<" E "331 what\r\n", "-" },
		SESSION_PROTOCOL_ERROR, 331, SE, "331 is no answer to EPSV", 0, false, TO_PEER },
	{ "LIST without a path", WANT(LIST, .path = NULL), { "<" E "150 a\r\n", ".", "<226 b\r\n" },
		SESSION_OK, 226, SE "LIST\r\n", "", 0, true, TO_PEER },
	{ "LIST without end", WANT(LIST, .max_size = 4), { "<" E "150 a\r\n", "=abcd", "=e", "." },
		SESSION_OK, 150, SE "LIST\r\n", "more than 4 octets", 4, true, TO_PEER },
	{ "LIST as long as allowed", WANT(LIST, .max_size = 4),
		{ "<" E "150 a\r\n", "=abcd", ".", "<226 b\r\n" }, SESSION_OK, 226, SE "LIST\r\n",
		"", 4, true, TO_PEER },
	{ "LIST, 150 without end", LIST, { "<" E "150 a\r\n150 a\r\n150 a\r\n150 a\r\n150 a\r\n" },
		SESSION_PROTOCOL_ERROR, 150, SEL, "more than 4 times 150", 0, false, TO_PEER },

	{ "no data connection", LIST, { "<" E, "n" }, SESSION_DATA_FAILED, 0, SE, "none", 0, true,
		TO_PEER },
	{ "no data connection of ours", LIST, { "<" E, "o" }, SESSION_INTERNAL_ERROR, 0, SE, "none",
		0, true, TO_PEER },
	{ "a data connection that hangs", LIST, { "<" E, "-", "t" }, SESSION_DATA_FAILED, 0, SE,
		"no data connection in time", 0, true, TO_PEER },
	{ "the server gives up on the data connection", LIST, { "<" E "421 idle\r\n", "-" },
		SESSION_DATA_FAILED, 421, SE, "", 0, false, TO_PEER },
	{ "TYPE refused", LIST, { "<500 what\r\n" }, SESSION_COMMAND_REFUSED, 500, "TYPE A\r\n", "",
		0, true, NOWHERE },
	{ "EPSV refused", LIST, { "<200 a\r\n425 no ports\r\n" }, SESSION_COMMAND_REFUSED, 425, SE,
		"", 0, true, NOWHERE },
	{ "EPSV not known, PASV", LIST,
		{ "<200 a\r\n500 what\r\n227 (192,0,2,7,9,196)\r\n150 a\r\n", ".", "<226 b\r\n" },
		SESSION_OK, 226, SE "PASV\r\nLIST /pub\r\n", "", 0, true, TO_PEER },
	{ "EPSV not known, and no other is wanted", WANT(LIST, .passive = PASSIVE_EPSV),
		{ "<200 a\r\n502 what\r\n" }, SESSION_COMMAND_REFUSED, 502, SE, "", 0, true,
		NOWHERE },
	{ "EPSV not known over IPv6", LIST, { "<200 a\r\n522 what\r\n" }, SESSION_COMMAND_REFUSED,
		522, SE, "", 0, true, NULL, "2001:db8::7", false },
	{ "229 without a port", LIST, { "<200 a\r\n229 (||||)\r\n" }, SESSION_PROTOCOL_ERROR, 229,
		SE, "229 names no port", 0, false, NOWHERE },
	{ "229 with a port too large", LIST, { "<200 a\r\n229 (|||65536|)\r\n" },
		SESSION_PROTOCOL_ERROR, 229, SE, "229 names no port", 0, false, NOWHERE },
	{ "229 with port 0", LIST, { "<200 a\r\n229 (|||0|)\r\n" }, SESSION_PROTOCOL_ERROR, 229, SE,
		"229 names no port", 0, false, NOWHERE },
	{ "229 with other bars", LIST, { "<200 a\r\n229 (!!!99!)\r\n150 a\r\n226 b\r\n", "." },
		SESSION_OK, 226, SEL, "", 0, true, TO_PEER },
	{ "227 to EPSV", LIST, { "<200 a\r\n227 (192,0,2,7,9,196)\r\n" }, SESSION_PROTOCOL_ERROR,
		227, SE, "227 is no answer to EPSV", 0, false, NOWHERE },

	{ "PASV", PASV, { "<" P("192,0,2,7"), "<150 a\r\n", ".", "<226 b\r\n" }, SESSION_OK, 226,
		SPL, "", 0, true, TO_PEER },
	{ "PASV without brackets", PASV,
		{ "<200 a\r\n227 at 192,0,2,7,9,196\r\n150 a\r\n", ".", "<226 b\r\n" }, SESSION_OK,
		226, SPL, "", 0, true, TO_PEER },
	{ "PASV with too few numbers", PASV, { "<200 a\r\n227 (192,0,2,7,9)\r\n" },
		SESSION_PROTOCOL_ERROR, 227, "TYPE A\r\nPASV\r\n", "227 names no port", 0, false,
		NOWHERE },
	{ "PASV with a number too large", PASV, { "<200 a\r\n227 (192,0,2,7,9,256)\r\n" },
		SESSION_PROTOCOL_ERROR, 227, "TYPE A\r\nPASV\r\n", "227 names no port", 0, false,
		NOWHERE },
	{ "PASV without an address", PASV, { "<" P("0,0,0,0"), "<150 a\r\n", ".", "<226 b\r\n" },
		SESSION_OK, 226, SPL, "", 0, true, TO_PEER },
	{ "PASV elsewhere", PASV, { "<" P("10,0,0,1") }, SESSION_PASSIVE_REDIRECTED, 227,
		"TYPE A\r\nPASV\r\n", "227 names 10.0.0.1, which is not the server's address", 0,
		true, NOWHERE },
	{ "PASV elsewhere, ignored", WANT(LIST, .passive = PASSIVE_PASV, .foreign = FOREIGN_IGNORE),
		{ "<" P("10,0,0,1"), "<150 a\r\n", ".", "<226 b\r\n" }, SESSION_OK, 226, SPL,
		"227 names 10.0.0.1, which is not the server's address", 0, true, TO_PEER },
	{ "PASV elsewhere, followed",
		WANT(LIST, .passive = PASSIVE_PASV, .foreign = FOREIGN_FOLLOW),
		{ "<" P("10,0,0,1"), "<150 a\r\n", ".", "<226 b\r\n" }, SESSION_OK, 226, SPL,
		"227 names 10.0.0.1, which is not the server's address", 0, true, "10.0.0.1", NULL,
		false },
	{ "PASV behind a proxy", PASV, { "<" P("10,0,0,1"), "<150 a\r\n", ".", "<226 b\r\n" },
		SESSION_OK, 226, SPL, "", 0, true, "peer", "", false },
	{ "PASV behind a proxy, followed",
		WANT(LIST, .passive = PASSIVE_PASV, .foreign = FOREIGN_FOLLOW),
		{ "<" P("10,0,0,1"), "<150 a\r\n", ".", "<226 b\r\n" }, SESSION_OK, 226, SPL,
		"227 names 10.0.0.1, which is not the server's address", 0, true, "10.0.0.1", "",
		false },

	{ "RETR", RETR, { "<" E "150 a\r\n", "=abc", ".", "<226 b\r\n" }, SESSION_OK, 226, SER, "",
		3, true, TO_PEER },
	{ "RETR, the right one", ABC, { "<" E "150 a\r\n226 b\r\n", "=ab", "=c", "." }, SESSION_OK,
		226, SER, "", 3, true, TO_PEER },
	{ "RETR, another one", ABC, { "<" E "150 a\r\n", ".", "<226 b\r\n" },
		SESSION_CONTENT_MISMATCH, 226, SER, "SHA-256 is " SHA_EMPTY, 0, true, TO_PEER },
	{ "RETR, too large to be compared",
		WANT(RETR, .path = "/f", .sha256 = SHA_ABC, .max_size = 2),
		{ "<" E "150 a\r\n", "=abc" }, SESSION_CONTENT_TOO_LARGE, 150, SER,
		"more than 2 octets", 2, true, TO_PEER },
	{ "RETR, too large", WANT(RETR, .path = "/f", .max_size = 2), { "<" E "150 a\r\n", "=abc" },
		SESSION_OK, 150, SER, "more than 2 octets", 2, true, TO_PEER },
	{ "RETR of what is not there", ABC, { "<" E "550 no\r\n" }, SESSION_FILE_UNAVAILABLE, 550,
		SER, "", 0, true, TO_PEER },
	{ "RETR in TLS without PROT P", RETR, { "<" E }, SESSION_TLS_FAILED, 200, "TYPE I\r\n",
		"the server refuses PROT P: the data would go in clear", 0, true, NULL, NULL,
		true },
	{ "RETR without reuse (vsftpd)", RETR, { "<" E "150 a\r\n", "*", "<522 reuse\r\n" },
		SESSION_TLS_FAILED, 522, SER, "no TLS", 0, true, TO_PEER },
	{ "RETR without reuse (ProFTPD)", RETR, { "<" E "150 a\r\n", "*", "<425 no\r\n" },
		SESSION_TLS_FAILED, 425, SER, "no TLS", 0, true, TO_PEER },
	{ "RETR, no TLS and a 226", RETR, { "<" E "150 a\r\n", "*", "<226 b\r\n" },
		SESSION_TLS_FAILED, 226, SER, "no TLS", 0, true, TO_PEER },
	{ "a password in place of FTP", RETR, { "<" E "150 a\r\n", "<\001\r\n" },
		SESSION_PROTOCOL_ERROR, 0, SER, "not FTP: \"\\x01\"", 0, false, TO_PEER },
};

/* '-' as the last but one: the data connection is not made at once. */
static bool connects(const struct row *row)
{
	for (size_t i = 0; i < HAPPENINGS_MAX && row->happens[i]; i++)
		if (strchr("-no", row->happens[i][0]))
			return false;
	return true;
}

static void run(struct session_fed *f, const struct row *row, size_t most)
{
	struct after_settings settings = row->settings;

	if (settings.max_size == 0)
		settings.max_size = 1000;
	session_feed_start(f, &settings, row->peer ? row->peer : PEER, row->exposed);
	for (size_t i = 0; i < HAPPENINGS_MAX && row->happens[i]; i++)
		if (row->happens[i][0] != '-')
			session_feed(f, (enum happening)row->happens[i][0], row->happens[i] + 1,
				strlen(row->happens[i] + 1), most, connects(row));
}

static void check_facts(const struct session_fed *f, const struct row *row)
{
	const struct session_facts *facts = &f->record.facts;

	assert_true(f->done);
	assert_string_equal(session_result_label(facts->result), session_result_label(row->result));
	assert_int_equal(facts->code, row->code);
	assert_string_equal(f->sent, row->sent);
	assert_string_equal(facts->detail, row->detail);
	assert_int_equal(facts->octets, row->octets);
	assert_int_equal(f->session.polite, row->polite);
	assert_string_equal(f->host, row->host ? row->host : "");
	assert_true(facts->total_usec > 0);
	assert_true((facts->passive_usec > 0) == (strlen(f->host) > 0) ||
		row->result == SESSION_PASSIVE_REDIRECTED);
	assert_true((facts->first_usec > 0) == (facts->octets > 0));
	assert_int_equal(session_is_bad(facts),
		row->result != SESSION_OK && row->result != SESSION_INTERNAL_ERROR);
}

static void check_row(void **state)
{
	const struct row *row = *state;
	static struct session_fed whole, cut;

	run(&whole, row, SIZE_MAX);
	check_facts(&whole, row);
	for (size_t most = 1; most < 30; most++) {
		const char *difference;

		run(&cut, row, most);
		difference = session_feed_difference(&whole, &cut);
		if (difference)
			fail_msg("pieces of %zu: %s", most, difference);
		session_done(&cut.session);
	}
	session_done(&whole.session);
}

/* A whole file has a digest, whether it is compared or not. */
static void digests(void **state)
{
	static const struct row file = { .settings = RETR,
		.happens = { "<" E "150 a\r\n", "=abc", ".", "<226 b\r\n" } };
	static const struct row empty = { .settings = RETR,
		.happens = { "<" E "150 a\r\n226 b\r\n", "." } };
	static const struct row list = { .settings = LIST,
		.happens = { "<" E "150 a\r\n", "=abc", ".", "<226 b\r\n" } };
	static const struct row cut = { .settings = WANT(RETR, .path = "/f", .max_size = 2),
		.happens = { "<" E "150 a\r\n", "=abc" } };
	static const struct {
		const struct row *row;
		const char *sha256;
	} cases[] = { { &file, SHA_ABC }, { &empty, SHA_EMPTY }, { &list, "" }, { &cut, "" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct session_fed f;

		run(&f, cases[i].row, 2);
		assert_int_equal(f.record.facts.result, SESSION_OK);
		assert_string_equal(f.record.facts.sha256, cases[i].sha256);
		assert_int_equal(f.record.facts.truncated, cases[i].row == &cut);
		session_done(&f.session);
	}
}

/* Times are from the good login on, and each moment comes after the one before. */
static void times(void **state)
{
	static const struct row row = { .settings = LIST,
		.happens = { "<" E, "<150 a\r\n", "=abc", ".", "<226 b\r\n" } };
	static struct session_fed f;
	const struct session_facts *facts = &f.record.facts;

	run(&f, &row, SIZE_MAX);
	assert_true(facts->passive_usec > 0 && facts->passive_usec < facts->data_usec);
	assert_true(facts->data_usec < facts->first_usec && facts->first_usec < facts->total_usec);
	assert_int_equal(f.record.n_replies, 4);
	assert_string_equal(f.record.replies[0].said, "TYPE A");
	assert_string_equal(f.record.replies[3].said, "LIST");
	assert_int_equal(f.record.replies[3].at_usec, facts->total_usec);
	session_done(&f.session);
}

/* After the verdict nothing changes it. */
static void nothing_after_the_verdict(void **state)
{
	static const struct row row = { .settings = LIST, .happens = { "<" E "550 no\r\n" } };
	static struct session_fed f;
	static struct session_record before;
	size_t used = 0;

	run(&f, &row, SIZE_MAX);
	before = f.record;
	assert_int_equal(session_input(&f.session, "226 b\r\n", 7, 99999, &used), SESSION_DONE);
	assert_int_equal(used, 7);
	assert_int_equal(session_data(&f.session, "abc", 3, 99999), SESSION_DONE);
	assert_int_equal(session_data_end(&f.session, SESSION_RESET, 1, "a", 99999), SESSION_DONE);
	assert_int_equal(session_end(&f.session, SESSION_OURS, 1, "", 99999), SESSION_DONE);
	assert_int_equal(session_connected(&f.session, "a", 99999), SESSION_DONE);
	assert_int_equal(
		session_not_connected(&f.session, SESSION_OURS, 1, "a", 99999), SESSION_DONE);
	session_late(&f.session, 99999);
	assert_memory_equal(&before, &f.record, sizeof(before));
	session_done(&f.session);
}

/* What is ours is said at once, and is none of the server's. */
static void ours(void **state)
{
	static const struct row row = { .settings = LIST, .happens = { "<" E "150 a\r\n" } };
	static struct session_fed f;

	run(&f, &row, SIZE_MAX);
	assert_int_equal(
		session_data_end(&f.session, SESSION_OURS, ENOMEM, "a", 9999), SESSION_DONE);
	assert_int_equal(f.record.facts.result, SESSION_INTERNAL_ERROR);
	assert_false(session_is_bad(&f.record.facts));
	session_done(&f.session);
	run(&f, &row, SIZE_MAX);
	assert_int_equal(session_end(&f.session, SESSION_OURS, EMFILE, "", 9999), SESSION_DONE);
	assert_int_equal(f.record.facts.result, SESSION_INTERNAL_ERROR);
	assert_int_equal(f.record.facts.os_error, EMFILE);
	session_done(&f.session);
}

/* A server that knows the password says it again: nobody else is to see it, but a port is a port.
 */
static void secrets(void **state)
{
	static const struct {
		const char *secret, *said, *text, *detail;
	} cases[] = {
		{ "secret1", E "550 no secret1\r\n", "no *******", "" },
		{ "p\xc3\xa4ss", E "550 p\xc3\xa4ss\r\n", "*****", "" },
		{ "2500", E "550 2500\r\n", "****", "" },
		{ "secret1", E "150 a\r\nsecret1\r\n", "", "not FTP: \"*******\"" },
		{ "secret1", E "150 a\r\n226 is secre", "", "unfinished line: \"226 is *****\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct after_settings settings = WANT(LIST, .path = "/pub", .max_size = 9);
		static struct session_fed f;

		session_feed_start(&f, &settings, PEER, false);
		session_hide(&f.session, cases[i].secret);
		session_feed(&f, HAPPEN_CONTROL, cases[i].said, strlen(cases[i].said), 5, true);
		session_feed(&f, HAPPEN_EOF, NULL, 0, 1, true);
		assert_true(f.done);
		assert_int_equal(f.record.facts.port, 2500);
		assert_string_equal(f.record.facts.text, cases[i].text);
		assert_string_equal(f.record.facts.detail, cases[i].detail);
		for (size_t j = 0; j < f.record.n_replies; j++)
			assert_null(strstr(f.record.replies[j].text, cases[i].secret));
		session_done(&f.session);
	}
}

/* The longest path fits. */
static void longest_path(void **state)
{
	char path[AFTER_PATH_MAX + 1];
	struct after_settings settings = WANT(RETR, .path = path, .max_size = 9);
	static struct session_fed f;

	memset(path, 'x', AFTER_PATH_MAX);
	path[AFTER_PATH_MAX] = '\0';
	session_feed_start(&f, &settings, PEER, false);
	session_feed(&f, HAPPEN_CONTROL, E, strlen(E), 99, true);
	assert_int_equal(strlen(f.sent), strlen("TYPE I\r\nEPSV\r\nRETR \r\n") + AFTER_PATH_MAX);
	session_done(&f.session);
}

/* Wishes that are the same are one. */
static void shared(void **state)
{
	char path[] = "/f", same[] = "/f";
	struct after_settings a = WANT(RETR, .path = path), b = WANT(RETR, .path = same),
			      c = WANT(RETR, .path = path, .sha256 = SHA_ABC), none;
	struct after *x, *y, *z, *nothing;
	void *pool = NULL;

	after_settings_init(&none);
	assert_int_equal(after_new(&a, &pool, &x), 0);
	assert_int_equal(after_new(&b, &pool, &y), 0);
	assert_int_equal(after_new(&c, &pool, &z), 0);
	assert_int_equal(after_new(&none, &pool, &nothing), 0);
	assert_ptr_equal(x, y);
	assert_ptr_not_equal(x, z);
	assert_null(nothing);
	assert_true(after_equal(x, y) && after_equal(NULL, nothing));
	assert_false(after_equal(x, z) || after_equal(x, NULL));
	after_pool_done(&pool);
	path[1] = 'g';
	assert_string_equal(after_settings_of(x)->path, "/f");
	assert_int_equal(after_settings_of(NULL)->command, SESSION_NONE);
	after_unref(x);
	after_unref(y);
	after_unref(z);
}

int main(void)
{
	UNIT_ROWS(rows, check_row);
	UNIT_TEST(digests);
	UNIT_TEST(times);
	UNIT_TEST(nothing_after_the_verdict);
	UNIT_TEST(ours);
	UNIT_TEST(secrets);
	UNIT_TEST(longest_path);
	UNIT_TEST(shared);
	return unit_run("session");
}
