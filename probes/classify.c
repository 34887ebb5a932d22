/* SPDX-License-Identifier: ISC */
/* From an observation to causes: what is known word for word, then words, then the bare code. */
#include "probes/classify.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "probes/classify_rules.h"

enum {
	OTHER_SERVER_LESS = 3, /* percent: the words are another server's */
	NO_SERVER_LESS = 2,    /* the server is not known */
	OTHER_STAGE_LESS = 3,
	OTHER_CODE_LESS = 2,
	ECHO_MIN = 4,    /* octets of a name or password that may be looked for in a text */
	SHARE_MAX = 60,  /* percent for a cause that inherits from one that cannot be */
	CERTAIN = 80,    /* percent from which earlier replies are not asked */
	SAID_MIN = 27,   /* percent that a second cause keeps when words speak as clearly for it */
	VAGUE_MAX = 50,  /* percent for words that mean one thing as well as another */
	REASON_MIN = 55, /* percent from which words give a reason */
	NAMED_MIN = 70,  /* percent: a server that asks for the password of a user "anonymous" */
};

/* Causes when no text decides. A zero matches everything; first match wins. */
/* clang-format off */
static const struct fallback {
	enum outcome outcome;
	enum stage stage;
	int low, high;       /* codes */
	const char *product; /* how it begins; NULL: any */
	bool mute;           /* only when the reply says one word or nothing */
	struct cause causes[3];
	const char *id;
} fallbacks[] = {
	{ OUTCOME_RESOLVE_FAILED, 0, 0, 0, NULL, false, { { DIAG_NAME_UNRESOLVED, 95 } }, "D33-name" },
	{ OUTCOME_CONNECTION_REFUSED, 0, 0, 0, NULL, false, { { DIAG_CONNECT_REFUSED, 95 } }, "D33-refused" },
	{ OUTCOME_NO_ROUTE, 0, 0, 0, NULL, false, { { DIAG_NO_ROUTE, 95 } }, "D33-route" },
	{ OUTCOME_TIMEOUT, STAGE_RESOLVE, 0, 0, NULL, false, { { DIAG_NAME_UNRESOLVED, 60 }, { DIAG_TIMED_OUT, 30 } }, "resolve-timeout" },
	{ OUTCOME_TIMEOUT, STAGE_PASSWORD, 0, 0, NULL, false, { { DIAG_TIMED_OUT, 60 } }, "D32-silent" },
	{ OUTCOME_TIMEOUT, 0, 0, 0, NULL, false, { { DIAG_TIMED_OUT, 90 } }, "timeout" },
	{ OUTCOME_PROTOCOL_ERROR, 0, 0, 0, NULL, false, { { DIAG_PROTOCOL_ERROR, 95 } }, "not-ftp" },
	{ OUTCOME_TLS_FAILED, STAGE_TLS, 100, 399, NULL, false, { { DIAG_TLS_UNAVAILABLE, 90 } }, "tls-clear" },
	{ OUTCOME_CONNECTION_CLOSED, STAGE_TLS, 0, 0, NULL, false, { { DIAG_TLS_HANDSHAKE, 70 } }, "tls-closed" },
	{ OUTCOME_CONNECTION_CLOSED, STAGE_CONNECT, 0, 0, NULL, false, { { DIAG_HOST_DENIED, 50 } }, "D23-closed" },
	{ OUTCOME_CONNECTION_CLOSED, STAGE_BANNER, 0, 0, NULL, false, { { DIAG_HOST_DENIED, 50 }, { DIAG_TOO_MANY_USERS, 20 } }, "D23-closed" },
	{ OUTCOME_CONNECTION_CLOSED, 0, 0, 0, NULL, false, { { DIAG_PROTOCOL_ERROR, 60 } }, "D32-closed" },
	{ OUTCOME_TLS_FAILED, STAGE_AUTH, 400, 599, NULL, false, { { DIAG_TLS_UNAVAILABLE, 70 } }, "auth-refused" },
	{ OUTCOME_TLS_FAILED, 0, 0, 0, NULL, false, { { DIAG_TLS_HANDSHAKE, 75 } }, "tls-failed" },
	{ 0, STAGE_BANNER, 421, 421, "IIS", false, { { DIAG_TOO_MANY_USERS, 70 }, { DIAG_SHUTTING_DOWN, 15 } }, "D24-iis" },
	{ 0, STAGE_BANNER, 421, 421, NULL, false, { { DIAG_TOO_MANY_USERS, 30 }, { DIAG_SHUTTING_DOWN, 25 }, { DIAG_HOST_DENIED, 15 } }, "code-421" },
	{ 0, 0, 421, 421, NULL, true, { { DIAG_TOO_MANY_USERS, 25 }, { DIAG_SHUTTING_DOWN, 25 }, { DIAG_HOST_DENIED, 15 } }, "code-421-later" },
	{ 0, 0, 434, 434, NULL, true, { { DIAG_VIRTUAL_HOST_REQUIRED, 40 } }, "code-434" },
	{ 0, 0, 430, 430, NULL, true, { { DIAG_WRONG_CREDENTIALS, 40 } }, "code-430" },
	{ 0, 0, 533, 534, NULL, true, { { DIAG_TLS_REQUIRED, 45 } }, "code-534" },
	{ 0, 0, 521, 522, NULL, true, { { DIAG_TLS_REQUIRED, 30 } }, "code-522" },
	{ 0, STAGE_PASSWORD, 530, 530, NULL, true, { { DIAG_WRONG_CREDENTIALS, 25 } }, "D34-mute" },
	{ 0, 0, 400, 499, NULL, false, { { DIAG_OTHER, 20 }, { DIAG_TOO_MANY_USERS, 15 }, { DIAG_SHUTTING_DOWN, 15 } }, "D34-transient" },
	{ 0, 0, 0, 0, NULL, false, { { DIAG_OTHER, 20 } }, "D34" },
};
/* clang-format on */

/* One line of a folded text, without the blanks around it and the marks at its end. */
static size_t trim_line(char *dst, const char *line, size_t len)
{
	while (len > 0 && *line == ' ') {
		line++;
		len--;
	}
	while (len > 0 && strchr(" .!", line[len - 1]))
		len--;
	memcpy(dst, line, len);
	dst[len] = '\0';
	return len;
}

/* True when a server of PRODUCT speaks the words of SERVER. */
static bool same_family(const char *product, const char *server)
{
	if (strncmp(product, "IIS", 3) == 0)
		return strncmp(server, "IIS", 3) == 0;
	return *server != '\0' && *product != '\0' && strstr(product, server) != NULL;
}

static bool flags_hold(const struct rule *r, const struct question *q)
{
	if ((r->flags & RULE_OWN) && !same_family(q->product, r->server))
		return false;
	if ((r->flags & RULE_ECHO_PASSWORD) && q->echo != ECHO_PASSWORD)
		return false;
	if ((r->flags & RULE_ANONYMOUS) && (q->hint != USER_HINT_ANONYMOUS || !q->anonymous))
		return false;
	if ((r->flags & RULE_NAMED) && (q->hint != USER_HINT_NAMED || !q->anonymous))
		return false;
	if ((r->flags & RULE_IF_ANONYMOUS) && !q->anonymous)
		return false;
	return !(r->flags & RULE_SUB_AUTH) || q->sub_auth;
}

/* Percent to take off for what differs, 100 when the rule is none for Q. */
static unsigned penalty(const struct rule *r, const struct question *q)
{
	unsigned less = 0;

	if ((q->without && strcmp(q->without, r->server) == 0) || !flags_hold(r, q))
		return 100;
	if (q->code < r->low || q->code > r->high) {
		if (q->code < 400 || r->low < 400)
			return 100;
		less += OTHER_CODE_LESS;
	}
	if (q->stage != r->stage)
		less += OTHER_STAGE_LESS;
	if (*q->product == '\0')
		less += NO_SERVER_LESS;
	else if (*r->server != '\0' && !same_family(q->product, r->server))
		less += OTHER_SERVER_LESS;
	return less;
}

/* The rule that fits LINE best, or NULL. */
static const struct rule *find_rule(const struct question *q, const char *line, unsigned *ret_less)
{
	const struct rule *best = NULL;

	*ret_less = 100;
	for (size_t i = 0; i < classify_n_rules; i++) {
		const struct rule *r = &classify_rules[i];
		unsigned less;

		if (!classify_match(r->pattern, line))
			continue;
		less = penalty(r, q);
		if (less < *ret_less) {
			*ret_less = less;
			best = r;
		}
	}
	return best;
}

static unsigned top(const struct classification *c)
{
	return c->n_causes > 0 ? c->causes[0].confidence : 0;
}

/* Percent that something surer must exceed than the causes of DECIDED (or NULL), which stand in C.
 * What a rule concludes from how we were asked for a password gives way to a reason in words. */
static unsigned hold(const struct classification *c, const struct rule *decided)
{
	unsigned least = top(c);

	if (decided && (decided->flags & RULE_NAMED) != 0 && least >= REASON_MIN)
		least = REASON_MIN - 1;
	return least;
}

/* Takes the causes of R over when they are surer than those of DECIDED (or NULL) in C. */
static bool take_rule(
	struct classification *c, const struct rule *r, unsigned less, const struct rule *decided)
{
	if (r->causes[0].confidence <= less || r->causes[0].confidence - less <= hold(c, decided))
		return false;
	c->n_causes = 0;
	c->rule = r->id;
	for (size_t i = 0; i < RULE_CAUSES_MAX && r->causes[i].confidence > 0; i++) {
		c->causes[c->n_causes] = r->causes[i];
		if (i == 0)
			c->causes[0].confidence -= less;
		c->n_causes++;
	}
	return true;
}

/* True when R leaves open what a line goes on to say, and that may be surer than R. */
static bool leaves_open(const struct rule *r)
{
	return r->causes[0].confidence <= CERTAIN && r->pattern[strlen(r->pattern) - 1] == '*';
}

/* Takes what the rules know out of FOLDED: its lines that stand in none are left in it. Returns
 * the rule that decided, or NULL. */
static const struct rule *apply_rules(
	const struct question *q, char *folded, struct classification *c)
{
	char line[FOLDED_MAX];
	const struct rule *decided = NULL;
	char *kept = folded;

	for (const char *s = folded; *s;) {
		size_t len = strcspn(s, "\n"), whole = len + (s[len] == '\n');
		const struct rule *r = NULL;
		unsigned less;

		if (trim_line(line, s, len) > 0)
			r = find_rule(q, line, &less);
		if (r && take_rule(c, r, less, decided))
			decided = r;
		if (!r || leaves_open(r)) {
			memmove(kept, s, whole);
			kept += whole;
		}
		s += whole;
	}
	*kept = '\0';
	return decided;
}

/* Takes what the words of FOLDED say, when it is surer than the causes of DECIDED (or NULL) in C.
 */
static void apply_words(const struct question *q, const char *folded, const struct rule *decided,
	struct classification *c)
{
	struct cause causes[RULE_CAUSES_MAX];
	const char *rule = NULL;
	size_t n = classify_words(q, folded, causes, &rule);

	if (n == 0 || causes[0].confidence <= hold(c, decided))
		return;
	memcpy(c->causes, causes, n * sizeof(*causes));
	c->n_causes = n;
	c->rule = rule;
}

/* Blanks what FOLDED repeats of WORD, which is ours and not the server's. */
static void blank_word(char *folded, const char *word)
{
	_cleanup_(freep) char *needle = malloc(FOLDED_MAX);
	size_t len;

	if (!needle || strlen(word) > REPLY_TEXT_MAX)
		return;
	len = classify_fold(needle, word);
	if (len < ECHO_MIN)
		return;
	for (char *s = folded; (s = strstr(s, needle)) != NULL; s += len)
		memset(s, ' ', len);
}

/* True when TEXT holds WORD by itself, in any case of its letters. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = text; len > 0 && (s = strcasestr(s, word)) != NULL; s++) {
		bool starts =
			s == text || !strchr("abcdefghijklmnopqrstuvwxyz0123456789", s[-1] | 32);
		bool ends = !strchr("abcdefghijklmnopqrstuvwxyz0123456789", s[len] | 32);

		if (starts && (ends || s[len] == '\0'))
			return true;
	}
	return false;
}

static enum echo find_echo(const char *text, const char *user, const char *password)
{
	if (password && strlen(password) >= ECHO_MIN && strcasestr(text, password))
		return ECHO_PASSWORD;
	return user && has_word(text, user) ? ECHO_USER : ECHO_NONE;
}

static bool is_anonymous(const char *user)
{
	return !user || *user == '\0' || strcasecmp(user, "anonymous") == 0 ||
		strcasecmp(user, "ftp") == 0;
}

/* Sub-authentication came with IIS 4; 5.x has it too, on as it comes (Q259353). */
static bool has_sub_auth(const struct classification *c)
{
	return strcmp(c->product, "IIS4-6") == 0 && c->version[0] >= '4';
}

static enum user_hint read_hint(const struct observation *o, const char *product)
{
	const struct reply *r = observation_reply(o, STAGE_USER);
	char folded[FOLDED_MAX];
	enum user_hint hint = USER_HINT_NONE;

	if (!r || r->code >= 400)
		return USER_HINT_NONE;
	classify_fold(folded, r->text);
	for (char *s = folded; *s && hint == USER_HINT_NONE;) {
		size_t len = strcspn(s, "\n");
		bool more = s[len] == '\n';

		s[len] = '\0';
		hint = classify_user_hint(product, s);
		s += len + more;
	}
	return hint;
}

/* A server may give its reason early, go on, and then refuse without words or close: what older
 * replies hold word for word counts when the end of the dialogue leaves it open. */
static void ask_earlier(const struct observation *o, struct question *q, struct classification *c)
{
	const struct reply *verdict = observation_verdict(o);
	char folded[FOLDED_MAX];

	for (size_t i = 0; i < o->n_replies && top(c) < CERTAIN; i++) {
		const struct reply *r = &o->replies[i];

		if (r == verdict || r->code >= 400)
			continue;
		q->stage = r->stage;
		q->code = r->code;
		classify_fold(folded, r->text);
		apply_rules(q, folded, c);
	}
}

static bool is_mute(const struct reply *verdict)
{
	return !verdict || !strpbrk(verdict->text + strspn(verdict->text, " "), " \n");
}

static bool fallback_fits(
	const struct fallback *f, const struct observation *o, const struct classification *c)
{
	if ((f->outcome != 0 && f->outcome != o->outcome) ||
		(f->stage != 0 && f->stage != o->stage))
		return false;
	if (f->low != 0 && (o->code < f->low || o->code > f->high))
		return false;
	if (f->product && strncmp(f->product, c->product, strlen(f->product)) != 0)
		return false;
	return !f->mute || is_mute(observation_verdict(o));
}

static void fall_back(const struct observation *o, struct classification *c)
{
	const struct fallback *f = fallbacks;

	while (!fallback_fits(f, o, c))
		f++;
	if (f->causes[0].confidence <= top(c))
		return;
	c->rule = f->id;
	c->n_causes = 0;
	for (size_t i = 0; i < ARRAY_SIZE(f->causes) && f->causes[i].confidence > 0; i++)
		c->causes[c->n_causes++] = f->causes[i];
	if (o->outcome == OUTCOME_TLS_FAILED && o->tls && tls_facts_are_bad(o->tls))
		c->causes[0] = (struct cause){ DIAG_CERTIFICATE_INVALID, 97 };
}

/* Takes DIAGNOSIS out when another cause is left; what was in front of that one strengthens it. */
static void rule_out(struct classification *c, enum diagnosis diagnosis)
{
	unsigned freed = 0;
	size_t n = 0;

	if (c->n_causes < 2)
		return;
	for (size_t i = 0; i < c->n_causes; i++) {
		if (c->causes[i].diagnosis == diagnosis) {
			freed = i == 0 ? c->causes[i].confidence : 0;
			continue;
		}
		c->causes[n++] = c->causes[i];
	}
	c->n_causes = n;
	if (freed > 0) {
		freed += c->causes[0].confidence;
		c->causes[0].confidence = freed < SHARE_MAX ? freed : SHARE_MAX;
	}
}

/* What a server says of anonymous logins is no reason to refuse a named account. */
static void rule_out_anonymous(struct classification *c)
{
	rule_out(c, DIAG_ANONYMOUS_DISABLED);
	if (c->n_causes == 1 && c->causes[0].diagnosis == DIAG_ANONYMOUS_DISABLED)
		c->causes[0] = (struct cause){ DIAG_OTHER, 20 };
}

/* True when the words of the reply speak as clearly for anonymous logins being off. */
static bool says_no_anonymous(const struct classification *c)
{
	return c->causes[1].diagnosis == DIAG_ANONYMOUS_DISABLED &&
		c->causes[1].confidence >= SAID_MIN && strncmp(c->rule, "words-", 6) == 0;
}

/* An anonymous login gives no password that could be wrong (IIS alone logs an account of its own
 * on). A server that asked for the password of a user "anonymous" takes it for an ordinary name,
 * one that it does not know; one that denies access may mean our address. */
static void doubt_credentials(const struct question *q, struct classification *c)
{
	enum diagnosis second = c->n_causes > 1 ? c->causes[1].diagnosis : DIAG_NONE;
	bool by_name = q->hint == USER_HINT_NAMED && second == DIAG_ANONYMOUS_DISABLED;
	bool vague = second == DIAG_HOST_DENIED && top(c) <= VAGUE_MAX;

	if (!q->anonymous || strncmp(c->product, "IIS", 3) == 0 || c->n_causes < 2 ||
		c->causes[0].diagnosis != DIAG_WRONG_CREDENTIALS)
		return;
	if (!by_name && !vague && !says_no_anonymous(c))
		return;
	c->causes[0].diagnosis = second;
	c->causes[1].diagnosis = DIAG_WRONG_CREDENTIALS;
	if (!by_name || c->causes[0].confidence >= CERTAIN)
		return;
	if (c->causes[0].confidence < NAMED_MIN)
		c->causes[0].confidence = NAMED_MIN;
	c->rule = "asked-by-name";
}

/* Reads the words of the reply that decided. */
static void read_verdict(const struct reply *verdict, const char *user, const char *password,
	struct question *q, struct classification *ret)
{
	char folded[FOLDED_MAX];
	const struct rule *decided;

	classify_fold(folded, verdict->text);
	decided = apply_rules(q, folded, ret);
	if (password)
		blank_word(folded, password);
	if (!q->anonymous)
		blank_word(folded, user);
	if (verdict->code >= 400)
		apply_words(q, folded, decided, ret);
}

void classify_without(const struct observation *o, const char *user, const char *password,
	const char *without, struct classification *ret)
{
	const struct reply *verdict = observation_verdict(o);
	struct question q = { .without = without, .anonymous = is_anonymous(user) };

	*ret = (struct classification){ .product = "", .rule = "ok" };
	classify_recognise(o, ret);
	ret->user_hint = read_hint(o, ret->product);
	if (o->outcome == OUTCOME_OK)
		return;
	if (verdict)
		ret->echo = find_echo(verdict->text, user, password);
	q.product = ret->product;
	q.stage = o->stage;
	q.code = o->code;
	q.hint = ret->user_hint;
	q.echo = ret->echo;
	q.sub_auth = q.anonymous && (*ret->product == '\0' || has_sub_auth(ret));
	if (verdict && o->outcome != OUTCOME_PROTOCOL_ERROR)
		read_verdict(verdict, user, password, &q, ret);
	if (top(ret) == 0)
		fall_back(o, ret);
	if (o->outcome != OUTCOME_PROTOCOL_ERROR)
		ask_earlier(o, &q, ret);
	if (!q.sub_auth && strcmp(ret->product, "IIS6") != 0)
		rule_out(ret, DIAG_SUB_AUTH_MODULE_MISSING);
	if (!q.anonymous)
		rule_out_anonymous(ret);
	doubt_credentials(&q, ret);
	assert(ret->n_causes > 0 && ret->rule);
}

void classify(const struct observation *o, const char *user, const char *password,
	struct classification *ret)
{
	assert(o && ret);
	classify_without(o, user, password, NULL, ret);
}
