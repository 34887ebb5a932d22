/* SPDX-License-Identifier: ISC */
/* The order in which files are looked for, whatever the way to them: it proves what is absent. */
#include "probes/fetch_round.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"

void fetch_file_set(struct fetch_file *f, enum fetch_state state, const char *format, ...)
{
	char text[2 * FETCH_REASON_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	f->state = state;
	text_escape(f->reason, sizeof(f->reason), text, strlen(text));
}

void fetch_round_rest(struct fetch_round *r, enum fetch_state state, const char *reason)
{
	struct fetch_answer *a = r->answer;

	if (r->request->control && !r->known[FETCH_CONTROL])
		fetch_file_set(&a->control, state, "%s", reason);
	for (size_t i = 0; i < a->n_files; i++)
		if (!r->known[i])
			fetch_file_set(&a->files[i], state, "%s", reason);
	r->progress(a);
}

void fetch_round_stage(struct fetch_round *r, const char *doing)
{
	char reason[FETCH_REASON_MAX];

	snprintf(reason, sizeof(reason), "no answer within %u ms, %s", r->request->time_limit_ms,
		doing);
	fetch_round_rest(r, FETCH_TIMEOUT, reason);
}

void fetch_round_begin(struct fetch_round *r)
{
	struct fetch_answer *a = r->answer;

	memset(a, 0, sizeof(*a));
	a->n_files = r->request->n_files;
	fetch_round_stage(r, "connecting");
}

/* Looks at one file with an empty sink. */
static int look_at(
	struct fetch_round *r, size_t i, fetch_look look, void *userdata, struct fetch_file *ret)
{
	int error;

	fetch_sink_done(r->sink);
	error = fetch_sink_init(r->sink, r->request, i != FETCH_CONTROL && r->request->contents);
	if (error < 0)
		return error;
	*ret = look(userdata, r, i);
	return r->error;
}

/* A connection that was lost and made again may find another share, or a folder on which nothing
 * is mounted any more. */
static int judge_missing(struct fetch_round *r, const bool *missing, bool control_read,
	fetch_look look, void *userdata)
{
	const char *reason = r->request->control
		? "not found, but neither could the control file be read"
		: "not found; without a control file this says nothing";
	struct fetch_answer *a = r->answer;
	bool certain = control_read;
	struct fetch_file again;
	int error;

	if (control_read) {
		fetch_round_stage(r, "looking for the control file again");
		error = look_at(r, FETCH_CONTROL, look, userdata, &again);
		if (error < 0)
			return error;
		certain = again.state == FETCH_PRESENT;
		reason = "not found, but the control file went away meanwhile";
	}
	for (size_t i = 0; i < a->n_files; i++)
		if (missing[i])
			fetch_file_set(&a->files[i], certain ? FETCH_ABSENT : FETCH_UNKNOWN, "%s",
				certain ? "" : reason);
	r->progress(a);
	return 0;
}

static int look_at_control(struct fetch_round *r, fetch_look look, void *userdata, bool *ret_read)
{
	struct fetch_file *control = &r->answer->control;
	int error;

	*ret_read = false;
	if (!r->request->control)
		return 0;
	fetch_round_stage(r, "reading the control file");
	error = look_at(r, FETCH_CONTROL, look, userdata, control);
	if (error < 0)
		return error;
	*ret_read = control->state == FETCH_PRESENT &&
		(control->sha256[0] || control->size > r->request->byte_limit);
	r->known[FETCH_CONTROL] = true;
	if (control->state == FETCH_ABSENT) /* nothing speaks for it */
		fetch_file_set(control, FETCH_UNKNOWN, "the control file is not found");
	return 0;
}

int fetch_round_look(struct fetch_round *r, fetch_look look, void *userdata)
{
	bool missing[FETCH_FILES_MAX] = { false }, any = false, control_read;
	struct fetch_answer *a = r->answer;
	int error;

	assert(r && look);
	error = look_at_control(r, look, userdata, &control_read);
	if (error < 0)
		return error;
	fetch_round_stage(r, r->request->contents ? "reading the file" : "reading the files");
	for (size_t i = 0; i < a->n_files; i++) {
		struct fetch_file f;

		error = look_at(r, i, look, userdata, &f);
		if (error < 0)
			return error;
		missing[i] = f.state == FETCH_ABSENT;
		any |= missing[i];
		if (missing[i])
			continue;
		a->files[i] = f;
		r->known[i] = true;
		a->has_contents = r->request->contents && f.state == FETCH_PRESENT;
		if (a->has_contents)
			a->contents = fetch_sink_octets(r->sink, &a->contents_len);
		else
			r->progress(a);
	}
	return any ? judge_missing(r, missing, control_read, look, userdata) : 0;
}

void fetch_round_too_large(const struct fetch_round *r, bool control, struct fetch_file *f)
{
	bool failed = r->request->contents && !control;

	fetch_file_set(f, failed ? FETCH_FAILED : FETCH_PRESENT,
		"not read: larger than the limit of %llu octets",
		(unsigned long long)r->request->byte_limit);
}

int fetch_round_read(struct fetch_round *r, const struct fetch_source *source, bool control,
	struct fetch_file *f)
{
	int error = fetch_sink_pull(r->sink, source, f);

	f->state = FETCH_PRESENT;
	if (error == 0)
		return 0;
	if (error == -EFBIG) {
		fetch_round_too_large(r, control, f);
		return 0;
	}
	if (error == -ERANGE) {
		fetch_file_set(f, FETCH_FAILED, "its size changed while it was read");
		return 0;
	}
	if (error == -ENOMEM)
		r->error = error;
	fetch_file_set(f, r->request->contents && !control ? FETCH_FAILED : FETCH_PRESENT,
		"not all read: %s", strerror(-error));
	return error;
}
