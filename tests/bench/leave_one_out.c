/* SPDX-License-Identifier: ISC */
/*
 * How well the classifier does on words that it does not know: for each server of the table of
 * replies its own rules are taken away. Then wordings that are in no rule, and the time it takes.
 * `-v` names what went wrong.
 */
#include "common/util.h"
#include "tests/unit/replies.h"

static bool verbose;

static bool judge(const struct observation *o, const char *without, const char *causes)
{
	struct classification c;
	bool right;

	classify_without(o, "anonymous", "probe@example.net", without, &c);
	right = c.n_causes > 0 && table_lists(causes, c.causes[0].diagnosis);
	if (!right && verbose)
		printf("# %s %d: want %s, got %s %u by %s: %s\n", without ? without : "-", o->code,
			causes, c.n_causes ? diagnosis_info(c.causes[0].diagnosis)->label : "-",
			c.n_causes ? c.causes[0].confidence : 0, c.rule,
			o->replies[o->n_replies - 1].text);
	return right;
}

static void count_servers(const struct table *replies, const struct table *banners)
{
	unsigned right = 0, wrong = 0, sure = 0;

	for (size_t i = 0; i < replies->n; i++) {
		char *const *row = replies->columns[i];
		struct observation o = make_refusal(table_stage(row[1]), table_code(row[2]), row[3],
			table_banner(banners, row[0]), NULL);
		struct classification c;

		if (strncmp(row[5], "hint:", 5) == 0)
			continue;
		if (judge(&o, row[0], row[5])) {
			right++;
			continue;
		}
		wrong++;
		classify_without(&o, "anonymous", "probe@example.net", row[0], &c);
		sure += c.n_causes > 0 && c.causes[0].confidence >= 80;
	}
	printf("leave_one_server_out_right %u replies\n", right);
	printf("leave_one_server_out_wrong %u replies\n", wrong);
	printf("leave_one_server_out_wrong_and_sure %u replies\n", sure);
	printf("leave_one_server_out_accuracy %.1f percent\n", 100.0 * right / (right + wrong));
}

static void count_wordings(struct table *t, const char *what)
{
	unsigned right = 0;

	for (size_t i = 0; i < t->n; i++) {
		char *const *row = t->columns[i];
		struct observation o;

		table_unescape(row[2]);
		o = make_refusal(table_stage(row[0]), table_code(row[1]), row[2], NULL, NULL);
		right += judge(&o, NULL, row[3]);
	}
	printf("%s_right %u replies\n", what, right);
	printf("%s_all %zu replies\n", what, t->n);
	printf("%s_accuracy %.1f percent\n", what, 100.0 * right / t->n);
}

static void measure(const struct table *replies, const struct table *banners)
{
	enum { ROUNDS = 20 };
	uint64_t start = now_usec(CLOCK_THREAD_CPUTIME_ID);
	size_t n = 0;

	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < replies->n; i++, n++) {
			char *const *row = replies->columns[i];
			struct observation o = make_refusal(table_stage(row[1]), table_code(row[2]),
				row[3], table_banner(banners, row[0]), "Password required.");
			struct classification c;

			classify(&o, "anonymous", "probe@example.net", &c);
		}
	printf("classification %.2f microseconds\n",
		(double)(now_usec(CLOCK_THREAD_CPUTIME_ID) - start) / (double)n);
}

int main(int argc, char **argv)
{
	static struct table replies, banners, wordings;

	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	table_read(&replies, "ftp-login-replies.tsv");
	table_read(&banners, "ftp-banners.tsv");
	table_read(&wordings, "ftp-wordings.tsv");
	count_servers(&replies, &banners);
	count_wordings(&wordings, "wordings");
	measure(&replies, &banners);
	table_done(&replies);
	table_done(&banners);
	table_done(&wordings);
	return 0;
}
