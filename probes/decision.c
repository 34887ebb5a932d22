/* SPDX-License-Identifier: ISC */
/* From what was seen, said and known to one cause: the first row of decision.def that matches. */
#include "probes/decision.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "common/util.h"
#include "probes/decision_facts.h"

enum {
	SAID = 0, /* a confidence: as the words have it */
	ALSO_MAX = 3,
};

#define ANY_DIAGNOSIS ((enum diagnosis)0)

struct rule {
	const char *id;
	unsigned accepts[COLUMN_END];
	struct cause says;
	struct cause also[ALSO_MAX];
	bool at_risk;
	const char *remedy, *reference; /* NULL = the diagnosis' own */
};

#define ENDED(bits) [COLUMN_ENDED] = (bits)
#define WHO(bits) [COLUMN_WHO] = (bits)
#define PRODUCT(bits) [COLUMN_PRODUCT] = (bits)
#define CLARITY(bits) [COLUMN_CLARITY] = (bits)
#define WORDS(diagnosis) [COLUMN_WORDS] = BIT(diagnosis)
#define HINT(hint) [COLUMN_HINT] = BIT(hint)
#define ECHO_IS(echo) [COLUMN_ECHO] = BIT(echo)
#define BRANCH(bits) [COLUMN_BRANCH] = (bits)
#define MODULE(bits) [COLUMN_MODULE] = (bits)
#define SYNC(bits) [COLUMN_SYNC] = (bits)
#define ALLOWED(bits) [COLUMN_ALLOWED] = (bits)
#define ONLY(bits) [COLUMN_ONLY] = (bits)
#define REGISTERED(bits) [COLUMN_REGISTERED] = (bits)
#define PASSWORD(bits) [COLUMN_PASSWORD] = (bits)
#define HOME(bits) [COLUMN_HOME] = (bits)
#define WEB(bits) [COLUMN_WEB] = (bits)
#define WIN32(bits) [COLUMN_WIN32] = (bits)
#define SUBSTATUS(bits) [COLUMN_SUBSTATUS] = (bits)
#define SINCE(bits) [COLUMN_SINCE] = (bits)

#define ANY ENDED(0)
#define WORKS ENDED(END_LOGGED_IN)
#define BROKE_OFF ENDED(END_BROKE_OFF)
#define PLAIN CLARITY(CLARITY_PLAIN)
#define REFUSED_530 ENDED(END_530), WHO(WHO_ANONYMOUS)
#define VAGUE_530 ENDED(END_530), CLARITY(CLARITY_VAGUE)
#define VAGUE_ANONYMOUS_530 VAGUE_530, WHO(WHO_ANONYMOUS)
#define VAGUE_NAMED_530 VAGUE_530, WHO(WHO_NAMED)
#define ANONYMOUS_530 VAGUE_ANONYMOUS_530, ALLOWED(NOT_KNOWN | ON)
#define IIS_4_OR_5 PRODUCT(IIS_4 | IIS_5)
#define IIS_LATE PRODUCT(IIS_7 | IIS_6_OR_LATER)

#define UNWRAP(...) __VA_ARGS__
#define NO_CAUSE \
	{ \
		0 \
	}
#define RULE(id, conditions, says, also, at_risk, remedy, reference) \
	{ id, { UNWRAP conditions }, { UNWRAP says }, { UNWRAP also }, at_risk, remedy, reference },

static const struct rule rules[] = {
#include "probes/decision.def"
};

#undef RULE

/* How each column of evidence looks when nothing is known, and its name for a person. */
static const struct {
	const char *name;
	unsigned unknown;
} columns[COLUMN_END] = {
	/* clang-format off */
	[COLUMN_HINT]       = { "reply to USER", BIT(USER_HINT_NONE) },
	[COLUMN_ECHO]       = { "echo of our password", BIT(ECHO_NONE) },
	[COLUMN_BRANCH]     = { "echo of our password", OPEN_BRANCH },
	[COLUMN_MODULE]     = { "module", NOT_KNOWN },
	[COLUMN_SYNC]       = { "synchronization", NOT_KNOWN },
	[COLUMN_ALLOWED]    = { "anonymous access", NOT_KNOWN },
	[COLUMN_ONLY]       = { "anonymous access only", NOT_KNOWN },
	[COLUMN_REGISTERED] = { "registration", NOT_KNOWN },
	[COLUMN_PASSWORD]   = { "stored password", BIT(0) },
	[COLUMN_HOME]       = { "home directory", BIT(0) },
	[COLUMN_WEB]        = { "web service", BIT(WEB_UNKNOWN) },
	[COLUMN_WIN32]      = { "Win32 code", W_UNKNOWN },
	[COLUMN_SUBSTATUS]  = { "substatus", S_UNKNOWN },
	[COLUMN_SINCE]      = { "restart", BIT(0) },
	/* clang-format on */
};

/* ------------------------------------------------------------------ rows */

static bool accepts(const struct rule *rule, enum column column, const struct facts *f)
{
	return rule->accepts[column] == 0 || rule->accepts[column] & f->bits[column];
}

static bool matches(const struct rule *rule, const struct facts *f)
{
	for (unsigned i = 0; i < COLUMN_END; i++)
		if (!accepts(rule, i, f))
			return false;
	return rule->says.confidence != SAID || rule->says.diagnosis == ANY_DIAGNOSIS ||
		f->bits[COLUMN_WORDS] & BIT(rule->says.diagnosis);
}

/* True when at least one item of evidence that is known speaks for the row. */
static bool is_backed(const struct rule *rule, const struct facts *f)
{
	for (unsigned i = COLUMN_MODULE; i < COLUMN_END; i++)
		if (i != COLUMN_ALLOWED && rule->accepts[i] != 0 &&
			f->bits[i] != columns[i].unknown && rule->accepts[i] & f->bits[i])
			return true;
	return false;
}

/* True when all of the row holds but at most one fact that could have been another; *MISSING is
 * that fact's name, or NULL. */
static bool comes_near(const struct rule *rule, const struct facts *f, const char **missing)
{
	*missing = NULL;
	if (rule->says.confidence == SAID || !is_backed(rule, f))
		return false;
	for (unsigned i = 0; i < COLUMN_END; i++) {
		if (accepts(rule, i, f))
			continue;
		if (*missing || !columns[i].name)
			return false;
		*missing = columns[i].name;
	}
	return true;
}

static void add_considered(struct decision *d, const char *rule, const char *missing)
{
	if (d->n_considered == CONSIDERED_MAX || strcmp(rule, d->rule) == 0)
		return;
	for (size_t i = 0; i < d->n_considered; i++)
		if (strcmp(d->considered[i].rule, rule) == 0)
			return;
	d->considered[d->n_considered++] = (struct considered){ rule, missing };
}

/* ------------------------------------------------------------------ the answer */

/* Adds a cause behind those that are as sure, unless it is there or there is no room. */
static void add_candidate(struct decision *d, struct cause cause)
{
	size_t at = d->n_candidates;

	for (size_t i = 0; i < d->n_candidates; i++)
		if (d->candidates[i].diagnosis == cause.diagnosis)
			return;
	if (cause.confidence == 0 || at == CAUSES_MAX)
		return;
	while (at > 1 && d->candidates[at - 1].confidence < cause.confidence) {
		d->candidates[at] = d->candidates[at - 1];
		at--;
	}
	d->candidates[at] = cause;
	d->n_candidates++;
}

/* A row of evidence: its cause, what it may be besides, and of the words' causes what is left. */
static void answer_by_evidence(struct decision *d, const struct rule *rule, const struct facts *f)
{
	d->diagnosis = rule->says.diagnosis;
	d->confidence = rule->says.confidence;
	if (d->diagnosis != DIAG_NONE)
		d->candidates[d->n_candidates++] = rule->says;
	for (size_t i = 0; i < ALSO_MAX; i++)
		if (rule->also[i].diagnosis != 0)
			add_candidate(d, rule->also[i]);
	for (size_t i = 0; i < f->n_causes; i++) {
		struct cause cause = f->causes[i];

		cause.confidence = (cause.confidence * (100 - rule->says.confidence) + 99) / 100;
		add_candidate(d, cause);
	}
}

static void answer_by_words(struct decision *d, const struct facts *f)
{
	static const struct cause unknown = { DIAG_OTHER, 20 };
	const struct cause *first = f->n_causes > 0 ? &f->causes[0] : &unknown;

	d->diagnosis = first->diagnosis;
	d->confidence = first->confidence;
	memcpy(d->candidates, f->causes, f->n_causes * sizeof(f->causes[0]));
	d->n_candidates = f->n_causes;
}

/* A login that works and is sound, but what was asked after it fails: that was seen, not inferred.
 */
static void answer_by_session(struct decision *d, const struct session_record *session)
{
	const struct diagnosis_info *info;

	if (!session || !session_is_bad(&session->facts) || d->at_risk)
		return;
	d->diagnosis = session_diagnosis(session->facts.result);
	d->confidence = 100;
	d->rule = "after-login";
	info = diagnosis_info(d->diagnosis);
	d->remedy = info->remedy;
	d->reference = info->reference;
	d->candidates[0] = (struct cause){ d->diagnosis, d->confidence };
	d->n_candidates = 1;
}

void decide(const struct decision_input *input, struct decision *ret)
{
	const struct diagnosis_info *info;
	const struct rule *rule = rules;
	struct facts f;

	assert(input && input->observation && input->words && ret);
	*ret = (struct decision){ 0 };
	decision_learn(input, &f);
	while (!matches(rule, &f)) /* the last row matches all */
		rule++;
	if (rule->says.confidence == SAID)
		answer_by_words(ret, &f);
	else
		answer_by_evidence(ret, rule, &f);
	info = diagnosis_info(ret->diagnosis);
	ret->rule = rule->says.diagnosis == ANY_DIAGNOSIS && input->words->rule ? input->words->rule
										: rule->id;
	ret->remedy = rule->remedy ? rule->remedy : info->remedy;
	ret->reference = rule->reference ? rule->reference : info->reference;
	ret->at_risk = rule->at_risk;
	for (const struct rule *other = rules; other < rules + ARRAY_SIZE(rules); other++) {
		const char *missing;

		if (other != rule && comes_near(other, &f, &missing))
			add_considered(ret, other->id, missing);
	}
	if (input->observation->outcome == OUTCOME_OK)
		answer_by_session(ret, input->observation->session);
}

bool user_is_anonymous(const char *user)
{
	return strcasecmp(user, "anonymous") == 0 || strcasecmp(user, "ftp") == 0;
}

void decide_login(const struct observation *o, const char *user, const char *password,
	const struct evidence *evidence, struct classification *ret_words, struct decision *ret)
{
	struct decision_input input = {
		.observation = o,
		.words = ret_words,
		.evidence = evidence,
		.named = !user_is_anonymous(user),
	};

	classify(o, user, password, ret_words);
	decide(&input, ret);
}
