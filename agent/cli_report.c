/* SPDX-License-Identifier: ISC */
/* ftphealth report: the state of the targets as a page for a browser. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli.h"
#include "agent/cli_report.h"
#include "common/util.h"

static const struct cli_command command = {
	.name = "report",
	.usage = "[NAME...]",
	.help = "Writes one page of HTML that needs no other file: the totals, the targets that\n"
		"fail or are at risk with cause and remedy, the others in short, and plots of the\n"
		"last day.\n"
		"\n"
		"      --html         the form; there is no other yet\n"
		"  -o, --output FILE  write FILE, as a whole or not at all (default: standard\n"
		"                     output)\n"
		"      --failing      leave out those that are ok or disabled\n",
	.names_max = UINT_MAX,
	.failing = true,
	.page = true,
};

/* ------------------------------------------------------------------ the file */

/* A file that comes into being at once, when it is whole. */
struct output {
	const char *path; /* NULL: standard output */
	char *made;       /* the file that is being written, beside it */
	FILE *f;
};

/* A new file takes the rights that open() would give it, not those of mkstemp(). */
static int open_file(struct output *o)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (asprintf(&o->made, "%s.XXXXXX", o->path) < 0) {
		o->made = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(o->made, O_CLOEXEC);
	if (fd < 0) {
		free(o->made);
		o->made = NULL;
		return -errno;
	}
	if (fchmod(fd, 0666 & ~mask) >= 0)
		o->f = fdopen(fd, "w");
	if (o->f)
		return 0;
	close(fd);
	return -ENOMEM;
}

static int output_begin(const char *path, struct output *ret)
{
	*ret = (struct output){ .path = path, .f = path ? NULL : stdout };
	return path ? open_file(ret) : 0;
}

/* Puts the file in its place when R, that of the writing, and the disk are content. Returns 0 or
 * the first failure. */
static int output_end(struct output *o, int r)
{
	if (!o->path)
		return r; /* cli_view_end() looks after it */
	if (o->f) {
		if (r >= 0 && (fflush(o->f) != 0 || fsync(fileno(o->f)) < 0))
			r = -errno;
		if (fclose(o->f) != 0 && r >= 0)
			r = -errno;
	}
	if (r >= 0 && rename(o->made, o->path) < 0)
		r = -errno;
	if (r < 0 && o->made)
		unlink(o->made);
	free(o->made);
	return r;
}

/* ------------------------------------------------------------------ the command */

static int fill(struct report *r)
{
	int e = report_choose_window(r);

	return e < 0 ? e : report_print(r);
}

/* Writes the page. Returns the exit code, after having said why when it is not 0. */
static int write_page(struct report *r, struct cli_view *v)
{
	struct output o;
	int e, w = output_begin(v->output, &o);

	if (w >= 0) {
		r->f = o.f;
		e = fill(r);
		w = output_end(&o, e);
		if (e < 0)
			return cli_view_end(v, e, 0);
	}
	if (w >= 0)
		return cli_view_end(v, 0, EX_OK);
	fprintf(stderr, "ftphealth report: cannot write %s: %s\n", v->output, strerror(-w));
	v->store = store_view_close(v->store);
	return EX_CANTCREAT;
}

int cli_report(int argc, char **argv)
{
	struct cli_view v;
	struct report r = { .view = &v };
	const char *missing;
	int e;

	e = cli_view_begin(argc, argv, &command, &v);
	if (e >= 0)
		return e;
	e = cli_targets_load(&v, &r.targets);
	missing = e < 0 ? NULL : cli_targets_missing(&r.targets, &v);
	if (missing)
		e = cli_view_no_target(&v, missing);
	else
		e = e < 0 ? cli_view_end(&v, e, 0) : write_page(&r, &v);
	cli_targets_done(&r.targets);
	free(r.points);
	return e;
}
