/* SPDX-License-Identifier: ISC */
/* Running a program: its answer, its complaint, its time, its excess; and giving it up. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "probes/helper.h"

static char folder[] = "/tmp/fh-helper.XXXXXX";
static char program[64];

struct row {
	const char *label;
	const char *script;
	const char *request;
	const char *output; /* NULL = not answered */
	const char *complaint;
	uint64_t limit_usec;
	bool timed_out;
};

/* clang-format off */
static const struct row rows[] = {
	{ .label = "an answer", .script = "cat; echo done", .request = "{\"a\":1}", .output = "{\"a\":1}done\n" },
	{ .label = "an empty answer", .script = "exit 0", .output = "" },
	{ .label = "an answer as long as may be", .script = "head -c 1000 /dev/zero | tr '\\0' x", .output = "@1000" },
	{ .label = "an answer that is too long", .script = "head -c 1001 /dev/zero; sleep 60",
	  .complaint = "it answers with more than 1000 octets" },
	{ .label = "an endless answer", .script = "cat /dev/zero", .complaint = "it answers with more than 1000 octets" },
	{ .label = "a complaint", .script = "echo 'prog: bad request' >&2; echo more >&2; exit 64",
	  .complaint = "prog: bad request" },
	{ .label = "a complaint with an escape in it", .script = "printf 'a\\033[31mb' >&2; exit 1",
	  .complaint = "a\\x1B[31mb" },
	{ .label = "an endless complaint", .script = "cat /dev/zero >&2 & sleep 0.2; kill $!; exit 3",
	  .complaint = "@" },
	{ .label = "a failure without words", .script = "exit 7", .complaint = "the program ended with status 7" },
	{ .label = "a signal", .script = "kill -SEGV $$", .complaint = "the program was killed by signal 11" },
	{ .label = "no end", .script = "sleep 60", .complaint = "no answer in time", .limit_usec = 200000,
	  .timed_out = true },
	{ .label = "no end, and deaf to requests", .script = "trap '' TERM INT; while :; do sleep 1; done",
	  .complaint = "no answer in time", .limit_usec = 200000, .timed_out = true },
	{ .label = "no signal is blocked in it", .script = "grep ^SigBlk /proc/self/status",
	  .output = "SigBlk:\t0000000000000000\n" },
	{ .label = "no signal is ignored in it", .script = "kill -PIPE $$; sleep 60",
	  .complaint = "the program was killed by signal 13" },
	{ .label = "no descriptor of ours is open in it",
	  .script = "for f in /proc/$$/fd/*; do [ ! -e $f ] || printf '%s ' ${f##*/}; done", .output = "0 1 10 2 " },
};
/* clang-format on */

static void write_script(const char *text)
{
	FILE *f = fopen(program, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(program, 0700), 0);
}

struct seen {
	sd_event *event;
	const struct row *row;
	unsigned calls;
};

static void on_done(void *userdata, const struct helper_result *result)
{
	struct seen *seen = userdata;
	const struct row *row = seen->row;

	seen->calls++;
	sd_event_exit(seen->event, 0);
	assert_int_equal(result->timed_out, row->timed_out);
	assert_int_equal(result->answered, row->output != NULL);
	if (row->output && row->output[0] == '@') {
		assert_int_equal(result->len, strtoul(row->output + 1, NULL, 10));
	} else if (row->output) {
		assert_int_equal(result->len, strlen(row->output));
		assert_memory_equal(result->output, row->output, result->len);
	} else if (row->complaint[0] == '@') {
		assert_true(strlen(result->complaint) > 0);
	} else {
		assert_string_equal(result->complaint, row->complaint);
	}
}

static void runs(void **state)
{
	const struct row *row = *state;
	struct seen seen = { .row = row };
	const char *request = row->request ? row->request : "";
	struct helper *h = NULL;

	write_script(row->script);
	assert_true(sd_event_new(&seen.event) >= 0);
	assert_int_equal(helper_start(seen.event, program, request, strlen(request),
				 row->limit_usec ? row->limit_usec : 30 * USEC_PER_SEC, 1000,
				 on_done, &seen, &h),
		0);
	assert_true(sd_event_loop(seen.event) >= 0);
	assert_int_equal(seen.calls, 1);
	assert_null(sd_event_unref(seen.event));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left behind */
}

/* What is given up is killed and never heard of, also when the loop ends first. */
static void given_up(void **state)
{
	bool reaped = *state != NULL;
	struct seen seen = { .row = &rows[0] };
	struct helper *h = NULL;
	siginfo_t info;
	int status;

	write_script("sleep 60");
	assert_true(sd_event_new(&seen.event) >= 0);
	assert_int_equal(helper_start(seen.event, program, "", 0, 30 * USEC_PER_SEC, 1000, on_done,
				 &seen, &h),
		0);
	assert_null(helper_end(h));
	for (int i = 0;
		reaped && i < 3000 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
		i++)
		assert_true(sd_event_run(seen.event, 10000) >= 0);
	sd_event_unref(seen.event);
	assert_int_equal(seen.calls, 0);
	if (!reaped) {
		assert_true(waitpid(-1, &status, 0) > 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void no_such_program(void **state)
{
	struct seen seen = { .row = &rows[0] };
	struct helper *h = NULL;

	assert_true(sd_event_new(&seen.event) >= 0);
	assert_int_equal(helper_start(seen.event, "/no/such/program", "", 0, USEC_PER_SEC, 10,
				 on_done, &seen, &h),
		-ENOENT);
	assert_int_equal(helper_start(seen.event, "ftphealth-no-such", "", 0, USEC_PER_SEC, 10,
				 on_done, &seen, &h),
		-ENOENT);
	assert_int_equal(seen.calls, 0);
	sd_event_unref(seen.event);
}

int main(void)
{
	static const bool yes = true;
	sigset_t set;
	int failed;

	if (!mkdtemp(folder))
		return 99;
	snprintf(program, sizeof(program), "%s/program", folder);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	UNIT_ROWS(rows, runs);
	unit_add("given up, and reaped by the loop", given_up, &yes);
	unit_add("given up at the end of the loop", given_up, NULL);
	UNIT_TEST(no_such_program);
	failed = unit_run("helper");
	unlink(program);
	rmdir(folder);
	return failed;
}
