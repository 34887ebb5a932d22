/* SPDX-License-Identifier: ISC */
/* From observation, words and evidence to the facts that the decision table asks for. */
#include "probes/decision_facts.h"

#include <stdlib.h>
#include <string.h>

/* Words of at least this confidence are believed whatever a document says. */
enum { PLAIN_FROM = 80 };

/* A number of a log and what it stands for. */
struct meaning {
	uint32_t first, last;
	unsigned bit;
};

/* Q155011, Q155012. */
static const struct meaning win32_meanings[] = {
	/* clang-format off */
	{ 0,    0,    W_UNKNOWN },
	{ 5,    5,    W_ACCESS },
	{ 126,  126,  W_MODULE },
	{ 1311, 1311, W_DOMAIN },
	{ 1326, 1326, W_PASSWORD },
	{ 1327, 1331, W_ACCOUNT },
	{ 1355, 1355, W_DOMAIN },
	{ 1385, 1385, W_RIGHT },
	{ 1793, 1793, W_ACCOUNT },
	{ 1907, 1907, W_ACCOUNT },
	{ 1909, 1909, W_ACCOUNT },
	{ 0,    UINT32_MAX, W_OTHER },
	/* clang-format on */
};

/* KB969061. */
static const struct meaning substatus_meanings[] = {
	/* clang-format off */
	{ 0,  0,  S_UNKNOWN },
	{ 1,  3,  S_HOME },
	{ 4,  4,  S_ADDRESS },
	{ 18, 18, S_CONFIGURATION },
	{ 19, 19, S_FULL },
	{ 25, 26, S_TLS },
	{ 33, 33, S_HOME },
	{ 34, 34, S_CONFIGURATION },
	{ 36, 36, S_CONFIGURATION },
	{ 37, 37, S_HOST },
	{ 40, 40, S_ANONYMOUS },
	{ 41, 41, S_LOGON },
	{ 42, 42, S_ANONYMOUS },
	{ 47, 47, S_TLS },
	{ 51, 51, S_CONFIGURATION },
	{ 55, 55, S_TLS },
	{ 0,  UINT32_MAX, S_OTHER },
	/* clang-format on */
};

static unsigned mean(const struct meaning *meaning, uint32_t number)
{
	while (number < meaning->first || number > meaning->last)
		meaning++;
	return meaning->bit;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* IIS by the major number in its banner; without one by what the classifier calls it. */
static unsigned iis_of(const char *product, const char *version)
{
	unsigned major = (unsigned)strtoul(version, NULL, 10);

	switch (major) {
	case 0:
		break;
	case 1 ... 3:
		return IIS_1_TO_3;
	case 4:
		return IIS_4;
	case 5:
		return IIS_5;
	case 6:
		return IIS_6;
	default:
		return IIS_7;
	}
	if (starts(product, "IIS4"))
		return IIS_OLD;
	if (strcmp(product, "IIS6") == 0)
		return IIS_6;
	return starts(product, "IIS7") ? IIS_7 : IIS_6_OR_LATER;
}

static unsigned product_of(const char *product, const char *version)
{
	if (!product || *product == '\0')
		return PRODUCT_UNKNOWN;
	if (starts(product, "WinNT"))
		return IIS_1_TO_3;
	if (starts(product, "IIS") || starts(product, "Microsoft"))
		return iis_of(product, version);
	if (strstr(product, "vsftpd"))
		return VSFTPD;
	if (strstr(product, "ProFTPD"))
		return PROFTPD;
	return starts(product, "FileZilla") ? FILEZILLA : PRODUCT_OTHER;
}

static unsigned ended_how(const struct observation *o)
{
	if (o->outcome == OUTCOME_OK)
		return END_LOGGED_IN;
	if (o->outcome == OUTCOME_LOGIN_REFUSED && o->code == 530)
		return END_530;
	if ((o->outcome == OUTCOME_TIMEOUT || o->outcome == OUTCOME_CONNECTION_CLOSED) &&
		o->stage == STAGE_PASSWORD)
		return END_BROKE_OFF;
	return END_OTHER;
}

/* A zero counts as unknown. */
static unsigned known(unsigned value)
{
	return value == 0 ? NOT_KNOWN : BIT(value);
}

/* The replies are of this minute, a document may be old: it is not the reason of a refusal that
 * came to a login that the server takes for anonymous. Beside a login that works it is news. */
static unsigned allowed(enum setting anonymous, const struct classification *words, bool works)
{
	if (anonymous == SETTING_DISABLED && !works &&
		(words->user_hint == USER_HINT_ANONYMOUS || words->echo == ECHO_PASSWORD))
		return NOT_KNOWN;
	if (anonymous != SETTING_DISABLED && words->user_hint == USER_HINT_NAMED)
		return SEEMS_OFF;
	return known(anonymous);
}

static void learn_words(struct facts *f, const struct classification *words)
{
	f->bits[COLUMN_PRODUCT] = product_of(words->product, words->version);
	f->bits[COLUMN_HINT] = BIT(words->user_hint);
	f->bits[COLUMN_ECHO] = BIT(words->echo);
	f->bits[COLUMN_BRANCH] =
		words->user_hint == USER_HINT_ANONYMOUS || words->echo == ECHO_PASSWORD
		? ANONYMOUS_BRANCH
		: OPEN_BRANCH;
	for (size_t i = 0; i < words->n_causes && i < CAUSES_MAX; i++)
		f->causes[f->n_causes++] = words->causes[i];
}

static void learn_evidence(
	struct facts *f, const struct evidence *e, const struct classification *words)
{
	f->bits[COLUMN_MODULE] = known(e->module);
	f->bits[COLUMN_SYNC] = known(e->sync);
	f->bits[COLUMN_ALLOWED] =
		allowed(e->anonymous, words, f->bits[COLUMN_ENDED] == END_LOGGED_IN);
	f->bits[COLUMN_ONLY] = known(e->anonymous_only);
	f->bits[COLUMN_REGISTERED] = known(e->registered);
	f->bits[COLUMN_PASSWORD] = BIT(e->password_absent);
	f->bits[COLUMN_HOME] = BIT(e->unc_home);
	f->bits[COLUMN_WEB] = BIT(e->web);
	f->bits[COLUMN_WIN32] = mean(win32_meanings, e->win32);
	f->bits[COLUMN_SUBSTATUS] = mean(substatus_meanings, e->substatus);
	f->bits[COLUMN_SINCE] = BIT(0);
	if (e->module_newer)
		f->bits[COLUMN_SINCE] |= MODULE_NEWER;
	if (e->restarted)
		f->bits[COLUMN_SINCE] |= RESTARTED;
}

/* ------------------------------------------------------------------ causes that evidence rules out
 */

static bool rules_out(const struct facts *f, const struct evidence *e, const struct cause *cause)
{
	if (cause->confidence >= PLAIN_FROM)
		return false;
	switch (cause->diagnosis) {
	case DIAG_SUB_AUTH_MODULE_MISSING:
		return e->module == PRESENCE_PRESENT || e->sync == SETTING_DISABLED;
	case DIAG_ANONYMOUS_DISABLED:
		return e->anonymous == SETTING_ENABLED && !(f->bits[COLUMN_ALLOWED] & SEEMS_OFF);
	case DIAG_HOST_DENIED:
		return e->others_fail;
	default:
		return false;
	}
}

/* Takes out what evidence rules out; the others share its confidence, and grow to twice their own
 * at most: what is left need not be all there is. */
static void weigh(struct facts *f, const struct evidence *e)
{
	unsigned out = 0;
	size_t n = 0;

	for (size_t i = 0; i < f->n_causes; i++)
		if (rules_out(f, e, &f->causes[i]))
			out += f->causes[i].confidence;
		else
			f->causes[n++] = f->causes[i];
	if (n == f->n_causes)
		return;
	f->n_causes = n;
	out = out < 50 ? out : 50;
	for (size_t i = 0; i < n; i++) {
		unsigned shared = f->causes[i].confidence * 100 / (100 - out);

		if (f->causes[i].confidence < PLAIN_FROM)
			f->causes[i].confidence = shared < PLAIN_FROM ? shared : PLAIN_FROM - 1;
	}
}

/* Words are vague when they name no cause, or one that is behind the same words of many others. */
static unsigned clarity(const struct facts *f)
{
	if (f->n_causes == 0 || f->causes[0].confidence < PLAIN_FROM)
		return CLARITY_VAGUE;
	switch (f->causes[0].diagnosis) {
	case DIAG_OTHER:
	case DIAG_WRONG_CREDENTIALS:
	case DIAG_SUB_AUTH_MODULE_MISSING:
		return CLARITY_VAGUE;
	default:
		return CLARITY_PLAIN;
	}
}

void decision_learn(const struct decision_input *input, struct facts *f)
{
	static const struct evidence nothing;
	const struct evidence *e = input->evidence ? input->evidence : &nothing;

	*f = (struct facts){ 0 };
	f->bits[COLUMN_ENDED] = ended_how(input->observation);
	f->bits[COLUMN_WHO] = input->named ? WHO_NAMED : WHO_ANONYMOUS;
	learn_words(f, input->words);
	learn_evidence(f, e, input->words);
	weigh(f, e);
	if (f->n_causes == 0 && f->bits[COLUMN_ENDED] != END_LOGGED_IN)
		f->causes[f->n_causes++] = (struct cause){ DIAG_OTHER, 20 };
	f->bits[COLUMN_CLARITY] = clarity(f);
	f->bits[COLUMN_WORDS] = f->n_causes > 0 ? BIT(f->causes[0].diagnosis) : BIT(DIAG_NONE);
}
