/* SPDX-License-Identifier: ISC */
/* The page of `ftphealth report`: its head, the totals, and a section for each state. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "agent/cli_report.h"
#include "agent/cli_report_data.h"
#include "agent/cli_rows.h"
#include "agent/html.h"
#include "common/util.h"

enum { NUMBER_SIZE = 16, VERDICT_SIZE = 96, STALE_S = 600 };

/* How the states are called on the page, and what they mean. */
static const struct {
	const char *title, *meaning;
} words[STATE_END] = {
	[STATE_OK] = { "OK", "The login works." },
	[STATE_AT_RISK] = { "At risk", "The login works, and evidence says that it will stop." },
	[STATE_DEGRADED] = { "Degraded", "The login works, and what is asked after it fails." },
	[STATE_REFUSED] = { "Refused", "The server answers, and does not let us in." },
	[STATE_UNREACHABLE] = { "Unreachable", "There is no answer, or it breaks off." },
	[STATE_UNKNOWN] = { "Unknown", "Not probed yet, or the latest result is too old." },
	[STATE_DISABLED] = { "Disabled", "Not probed: a manager has ordered so." },
};

/* 12,345 */
static const char *grouped(unsigned n, char buffer[NUMBER_SIZE])
{
	if (n >= 1000000)
		snprintf(buffer, NUMBER_SIZE, "%u,%03u,%03u", n / 1000000, n / 1000 % 1000,
			n % 1000);
	else if (n >= 1000)
		snprintf(buffer, NUMBER_SIZE, "%u,%03u", n / 1000, n % 1000);
	else
		snprintf(buffer, NUMBER_SIZE, "%u", n);
	return buffer;
}

/* ------------------------------------------------------------------ the head */

/* The state that the verdict is about: the worst there is. */
static enum state worst_state(const struct cli_targets *t)
{
	for (size_t i = 0; i < CLI_STATES; i++)
		if (t->totals[cli_state_order[i]] > 0)
			return cli_state_order[i];
	return STATE_UNKNOWN;
}

static void write_verdict(const struct cli_targets *t, char verdict[VERDICT_SIZE])
{
	unsigned failing = t->totals[STATE_REFUSED] + t->totals[STATE_UNREACHABLE];
	unsigned risky = t->totals[STATE_AT_RISK] + t->totals[STATE_DEGRADED];
	char n[NUMBER_SIZE], total[NUMBER_SIZE], more[NUMBER_SIZE];

	grouped(t->total, total);
	if (t->total == 0)
		snprintf(verdict, VERDICT_SIZE, "No targets");
	else if (failing > 0 && risky > 0)
		snprintf(verdict, VERDICT_SIZE, "%s of %s targets failing, %s at risk",
			grouped(failing, n), total, grouped(risky, more));
	else if (failing > 0)
		snprintf(verdict, VERDICT_SIZE, "%s of %s targets failing", grouped(failing, n),
			total);
	else if (risky > 0)
		snprintf(verdict, VERDICT_SIZE, "%s of %s targets at risk", grouped(risky, n),
			total);
	else if (t->totals[STATE_UNKNOWN] > 0)
		snprintf(verdict, VERDICT_SIZE, "%s of %s targets not known yet",
			grouped(t->totals[STATE_UNKNOWN], n), total);
	else if (t->totals[STATE_DISABLED] == t->total)
		snprintf(verdict, VERDICT_SIZE, "No target is probed");
	else
		snprintf(verdict, VERDICT_SIZE, "All logins work");
}

/* The sign of the whole page in the list of tabs; shapes as on the page. */
static void print_icon(FILE *f, enum service service)
{
	static const char *const pictures[] = {
		[SERVICE_OK] = "%231b7040' d='M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z",
		[SERVICE_WARNING] = "%238f5600' d='M8 .9L15.8 15H.2z",
		[SERVICE_CRITICAL] = "%23b3201b' d='M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z",
		[SERVICE_UNKNOWN] = "%235a6675' d='M8 .4L15.6 8 8 15.6.4 8z",
	};

	html_print(f,
		"<link rel=\"icon\" href=\"data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' "
		"viewBox='0 0 16 16'%%3E%%3Cpath fill='%s'/%%3E%%3C/svg%%3E\">\n",
		pictures[service]);
}

/* The policy lets nothing in but the style sheet of this very page and its icon. */
static void print_head(const struct report *r, const char *verdict, const char *agent)
{
	html_print(r->f,
		"<!DOCTYPE html>\n"
		"<html lang=\"en\">\n"
		"<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"generator\" content=\"" PACKAGE_STRING "\">\n"
		"<title>%s - FTP logins from %s</title>\n",
		report_css_digest, verdict, agent);
	print_icon(r->f, cli_targets_worst(&r->targets));
	fputs("<style>", r->f);
	fputs(report_css, r->f);
	fputs("</style>\n</head>\n<body>\n", r->f);
	fputs(report_svg, r->f);
}

static void print_ages(const struct report *r)
{
	time_t seconds = (time_t)(r->view->now / USEC_PER_SEC);
	char zone[CLI_WORD_SIZE] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(zone, sizeof(zone), " %Z", &tm);
	html_print(r->f, "<p>Generated ");
	report_print_time(r, r->view->now, false);
	html_print(r->f, "%s", zone);
	if (r->targets.probe_time) {
		html_print(r->f, "; latest probe ");
		report_print_time(r, r->targets.probe_time, true);
	}
	html_print(r->f, "</p>\n");
}

/* Notes come as a list, when there are any. */
struct notes {
	const struct report *report;
	bool begun;
};

static FILE *begin_note(struct notes *n)
{
	html_print(n->report->f, n->begun ? "<li>" : "<ul class=\"notes\">\n<li>");
	n->begun = true;
	return n->report->f;
}

static int on_alarm(void *userdata, const struct alarm_record *a)
{
	struct notes *n = userdata;

	if (a->target != 0)
		return 0;
	html_print(begin_note(n), "%s <small>since ", a->text);
	report_print_time(n->report, a->time, false);
	html_print(n->report->f, "</small></li>\n");
	return 0;
}

static void print_age_note(struct notes *n)
{
	const struct cli_targets *t = &n->report->targets;
	const struct cli_view *v = n->report->view;
	char age[CLI_WORD_SIZE];

	if (t->stop_time)
		html_print(begin_note(n),
			"The daemon was stopped %s ago: all below is as it was then.</li>\n",
			cli_age(v, t->stop_time, age));
	else if (t->probe_time && t->probe_time + STALE_S * USEC_PER_SEC < v->now)
		html_print(begin_note(n),
			"No probe for %s: unless the targets are probed so seldom, the daemon does "
			"not run, or cannot write its store. All below is as old.</li>\n",
			cli_age(v, t->probe_time, age));
}

static void print_own_note(struct notes *n)
{
	const struct cli_targets *t = &n->report->targets;
	unsigned own = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].state.outcome == OUTCOME_INTERNAL_ERROR)
			own++;
	if (own > 0)
		html_print(begin_note(n),
			"The latest probe of %u target%s failed in the agent itself, which says "
			"nothing of the server; its log says why.</li>\n",
			own, own == 1 ? "" : "s");
}

/* What must be known of the agent to believe the rest. */
static int print_notes(const struct report *r)
{
	struct notes n = { .report = r };
	int e;

	print_age_note(&n);
	if (r->targets.impaired)
		html_print(begin_note(&n),
			"The agent is impaired: its configuration, its store or its own network "
			"is not as it should be; its log says which.</li>\n");
	print_own_note(&n);
	e = store_view_alarms(r->view->store, 0, on_alarm, &n);
	if (n.begun)
		html_print(r->f, "</ul>\n");
	return e;
}

static void print_totals(const struct report *r)
{
	char n[NUMBER_SIZE];

	html_print(r->f, "<nav class=\"totals\" aria-label=\"Totals\">\n<ul>\n");
	for (size_t i = 0; i < CLI_STATES; i++) {
		enum state state = cli_state_order[i];
		unsigned total = r->targets.totals[state];
		bool shown = total > 0 && (!r->view->failing || state_service(state) != SERVICE_OK);

		html_print(r->f, "<li class=\"%s%s\"><span class=\"count\">%s</span> ",
			state_label(state), total == 0 ? " none" : "", grouped(total, n));
		report_print_shape(r->f, state);
		if (shown && state != STATE_DISABLED)
			html_print(r->f, " <a href=\"#%s\">%s</a></li>\n", state_label(state),
				words[state].title);
		else
			html_print(r->f, " %s</li>\n", words[state].title);
	}
	html_print(r->f, "</ul>\n</nav>\n");
}

static void print_legend(const struct report *r)
{
	static const enum state shown[] = { STATE_OK, STATE_AT_RISK, STATE_DEGRADED, STATE_REFUSED,
		STATE_UNREACHABLE };

	if (r->window_usec == 0)
		return;
	html_print(r->f,
		"<p class=\"legend\">The plots show %s:\n"
		"<span><svg viewBox=\"0 0 24 14\" aria-hidden=\"true\"><path class=\"bar\" "
		"d=\"M0,14v-6h6v-3h6v5h6v-7h6v11z\"/></svg> login time</span>\n"
		"<span><svg viewBox=\"0 0 24 14\" aria-hidden=\"true\"><path class=\"failed\" "
		"d=\"M0,0h24v14h-24z\"/></svg> login failed</span>\n",
		r->period);
	html_print(r->f, "<span>and the state:</span>\n");
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		html_print(r->f, "<span>");
		report_print_swatch(r->f, shown[i]);
		html_print(r->f, " %s</span>\n", words[shown[i]].title);
	}
	html_print(r->f, "</p>\n");
}

/* ------------------------------------------------------------------ causes */

/* When many fail, what to do is told once for each cause. */
static void print_causes(const struct report *r)
{
	unsigned counts[DIAG_END] = { 0 }, total = 0;
	char n[NUMBER_SIZE];

	for (size_t i = 0; i < r->targets.n; i++) {
		const struct state_record *s = &r->targets.rows[i].state;

		if (!report_is_trouble(s->state) || !diagnosis_info(s->diagnosis))
			continue;
		counts[s->diagnosis]++;
		total++;
	}
	if (total < REPORT_CAUSES_FROM)
		return;
	html_print(r->f,
		"<section id=\"causes\">\n<h2>Causes</h2>\n<p>Of all that fail or are at risk.</p>\n"
		"<table>\n<thead><tr><th scope=\"col\">Cause</th><th scope=\"col\" class=\"number\">"
		"Targets</th><th scope=\"col\">Remedy</th></tr></thead>\n<tbody>\n");
	for (unsigned done = 0; done < total;) {
		const struct diagnosis_info *info;
		unsigned most = 0;

		for (unsigned i = 1; i < DIAG_END; i++)
			if (counts[i] > counts[most])
				most = i;
		info = diagnosis_info(most);
		html_print(r->f,
			"<tr><th scope=\"row\">%s <small><code>%s</code></small></th>"
			"<td class=\"number\">%s</td><td>%s",
			info->text, info->label, grouped(counts[most], n), info->remedy);
		if (*info->reference)
			html_print(r->f, " <small>%s</small>", info->reference);
		html_print(r->f, "</td></tr>\n");
		done += counts[most];
		counts[most] = 0;
	}
	html_print(r->f, "</tbody>\n</table>\n</section>\n");
}

/* ------------------------------------------------------------------ sections */

static void begin_table(const struct report *r, size_t first, enum state state)
{
	bool trouble = report_is_trouble(state);

	html_print(r->f,
		"<table>\n<thead><tr><th scope=\"col\">Target</th>"
		"<th scope=\"col\" class=\"number\">For</th>");
	if (trouble)
		html_print(r->f, "<th scope=\"col\">Cause</th><th scope=\"col\">Reply</th>");
	else
		html_print(r->f, "<th scope=\"col\" class=\"number\">Login time</th>");
	if (report_has_plot(r, first))
		html_print(r->f, "<th scope=\"col\" class=\"picture\">In %s</th>", r->period);
	html_print(r->f, "</tr></thead>\n<tbody>\n");
}

/* Those from FIRST to before END, all in one state. */
static int print_section(struct report *r, size_t first, size_t end)
{
	enum state state = r->targets.rows[first].state.state;
	size_t cards = report_is_trouble(state) ? REPORT_CARDS_MAX : 0, i = first;
	char n[NUMBER_SIZE];
	int e = 0;

	html_print(r->f, "<section id=\"%s\">\n<h2>", state_label(state));
	report_print_shape(r->f, state);
	html_print(r->f, "%s <span class=\"count\">%s</span></h2>\n<p>%s</p>\n", words[state].title,
		grouped((unsigned)(end - first), n), words[state].meaning);
	for (; e >= 0 && i < end && i < cards; i++)
		e = report_print_card(r, i);
	if (i < end) {
		begin_table(r, i, state);
		for (; e >= 0 && i < end; i++)
			e = report_print_row(r, i);
		html_print(r->f, "</tbody>\n</table>\n");
	}
	html_print(r->f, "</section>\n");
	return e;
}

static int print_sections(struct report *r)
{
	const struct view_target *rows = r->targets.rows;
	size_t end;
	int e = 0;

	for (size_t first = 0; e >= 0 && first < r->targets.n; first = end) {
		end = first + 1;
		while (end < r->targets.n && rows[end].state.state == rows[first].state.state)
			end++;
		e = print_section(r, first, end);
	}
	return e;
}

/* ------------------------------------------------------------------ the page */

static void print_footer(const struct report *r)
{
	html_print(r->f, "<footer>\n<p>" PACKAGE_STRING ".");
	if (r->view->failing)
		html_print(r->f, " Targets that are ok or disabled are left out.");
	if (r->window_usec > 0 && r->targets.n > REPORT_PLOTS_MAX)
		html_print(r->f, " Only the first %u targets have a plot.",
			(unsigned)REPORT_PLOTS_MAX);
	html_print(r->f, "</p>\n</footer>\n");
}

int report_print(struct report *r)
{
	char verdict[VERDICT_SIZE], agent[HOST_NAME_MAX + 1] = "";
	int e;

	gethostname(agent, sizeof(agent) - 1);
	write_verdict(&r->targets, verdict);
	print_head(r, verdict, agent);
	html_print(
		r->f, "<header>\n<p>FTP logins, probed from <strong>%s</strong></p>\n<h1>", agent);
	report_print_shape(r->f, worst_state(&r->targets));
	html_print(r->f, "%s</h1>\n", verdict);
	print_ages(r);
	e = print_notes(r);
	html_print(r->f, "</header>\n<main>\n");
	print_totals(r);
	print_legend(r);
	print_causes(r);
	if (e >= 0)
		e = print_sections(r);
	html_print(r->f, "</main>\n");
	print_footer(r);
	html_print(r->f, "</body>\n</html>\n");
	return e;
}
