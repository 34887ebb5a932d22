/* SPDX-License-Identifier: ISC */
/* What ftphealth-smb and ftphealth-fetch do around their work. */
#include "probes/fetch_main.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/util.h"
#include "probes/confine.h"

enum { MEMORY_MAX = 256 << 20 }; /* octets of address space beyond what the libraries take */

_Static_assert((int)FETCH_ANSWER_MAX == (int)CONFINE_ANSWER_MAX, "an answer can be kept");

static void on_progress(const struct fetch_answer *answer)
{
	char text[FETCH_ANSWER_MAX];
	int len = fetch_answer_write(answer, text);

	if (len > 0) /* else there is no memory: the one before still holds */
		confine_keep_answer(text, (size_t)len);
}

int fetch_main(int argc, const struct fetch_program *program)
{
	static char text[FETCH_REQUEST_MAX + 1];
	static struct fetch_request request;
	static struct fetch_answer answer;
	static struct fetch_sink sink;
	struct fetch_round round = {
		.request = &request, .answer = &answer, .sink = &sink, .progress = on_progress
	};
	_cleanup_(freep) char *folder = NULL;
	char why[FETCH_WHY_SIZE];
	void *storage;
	size_t len;
	int error;

	if (argc > 1) {
		fprintf(stderr,
			"usage: %s <REQUEST >ANSWER\n"
			"Fetches files; see %s(8). It takes no arguments.\n",
			program->name, program->name);
		return EX_USAGE;
	}
	confine_begin(program->name);
	folder = confine_process(MEMORY_MAX, program->threads);
	len = confine_read_request(text, sizeof(text));
	if (fetch_request_parse(text, len, &request, &storage, why) < 0 ||
		program->prepare(&request, folder, why) < 0)
		confine_fail(EX_USAGE, "bad request: %s", why);
	confine_drop_capabilities();
	fetch_round_begin(&round);
	confine_start_clock(request.time_limit_ms);
	error = program->fetch(&round);
	if (error < 0)
		confine_fail(EX_SOFTWARE, "cannot fetch: %s", strerror(-error));
	confine_stop_clock();
	on_progress(&answer);
	confine_finish(answer.contents, answer.contents_len);
}
