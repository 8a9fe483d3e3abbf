/*
 * score_sum_type.c
 *		The type score_sum: text, binary, equality, and what a sum answers.
 */
#include "postgres.h"

#include "compat.h"

#include <ctype.h>

#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "score_sum.h"

#define WIRE_VERSION	1

/* A number on the wire: sign, power of its first digit, number of digits. */
#define WIRE_NUMBER_HEADER	(1 + 4 + 4)
#define WIRE_HEADER			(2 + 8 + 8)

static const PmWindow no_window = {0, 0};

/* What a score counts as that is not there. */
typedef enum MissingPolicy
{
	MISSING_ZERO,
	MISSING_RENORMALISE,
	MISSING_BLOCK
} MissingPolicy;

static void
total_weight(ScoreSum *sum, PmDigits *result)
{
	int64	   *total = palloc(sizeof(int64) * Max(sum->weights.count, 1));

	for (int i = 0; i < sum->weights.count; i++)
		total[i] = pm_weight_column(sum)[i] + pm_missing_column(sum)[i];
	pm_carry(total, sum->weights, result);
}

/*
 * What is wrong with the numbers of a sum that came from outside, as a
 * sentence; NULL where they could have been gathered.
 */
static const char *
find_contradiction(const ScoreDigits *d, int64 items, int64 scored)
{
	if (d->weight.negative || d->missing.negative)
		return "The weight of the scored items must be between 0 and the total.";
	if (scored < 0 || scored > items)
		return "The number of scored items must be between 0 and the total.";
	if (scored == 0 && d->weight.ndigits > 0)
		return "There is a scored weight without a scored item.";
	if (scored == items && d->missing.ndigits > 0)
		return "All items are scored, but not all of the weight.";
	if (d->weight.ndigits == 0 && d->points.ndigits > 0)
		return "There are points without a weight.";
	return NULL;
}

/* ----------
 * Text
 * ----------
 */

/*
 * Goes past white space and a word.  NULL where something else stands there,
 * so that calls can be chained.
 */
static const char *
skip_word(const char *text, const char *word)
{
	size_t		length = strlen(word);

	if (text == NULL)
		return NULL;
	while (isspace((unsigned char) *text))
		text++;
	return strncmp(text, word, length) == 0 ? text + length : NULL;
}

static const char *
scan_number(const char *text, PmDigits *result)
{
	return (text = skip_word(text, "")) == NULL ? NULL : pm_scan_digits(text, result);
}

static const char *
scan_count(const char *text, int64 *result)
{
	int64		count = 0;

	text = skip_word(text, "");
	if (text == NULL || !isdigit((unsigned char) *text))
		return NULL;
	for (; isdigit((unsigned char) *text); text++)
	{
		if (pg_mul_s64_overflow(count, 10, &count) ||
			pg_add_s64_overflow(count, *text - '0', &count))
			return NULL;
	}
	*result = count;
	return text;
}

/*
 * a - b
 */
static void
subtract(const PmDigits *a, const PmDigits *b, PmDigits *result)
{
	PmWindow	window = pm_window_union(pm_window_of(a), pm_window_of(b));
	int64	   *column = palloc0(sizeof(int64) * Max(window.count, 1));

	pm_add_digits(column, pm_column_of(window, a->weight), a, a->negative ? -1 : 1);
	pm_add_digits(column, pm_column_of(window, b->weight), b, b->negative ? 1 : -1);
	pm_carry(column, window, result);
}

/*
 * score_sum_in: "points 6100, weight 70 of 100, items 2 of 3".
 */
PG_FUNCTION_INFO_V1(pm_score_sum_in);
Datum
pm_score_sum_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = strlen(text) > PM_MAX_SUM_TEXT ? NULL : text;
	const char *problem;
	PmDigits	total;
	ScoreDigits d;
	int64		items;
	int64		scored;

	at = scan_number(skip_word(at, "points "), &d.points);
	at = scan_number(skip_word(skip_word(at, ","), "weight "), &d.weight);
	at = scan_number(skip_word(at, "of "), &total);
	at = scan_count(skip_word(skip_word(at, ","), "items "), &scored);
	at = skip_word(scan_count(skip_word(at, "of "), &items), "");
	if (at == NULL || *at != '\0')
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "score_sum", text),
				 errhint("A sum looks like \"%s\".",
						 "points 6100, weight 70 of 100, items 2 of 3")));

	if (!pm_in_columns(&d.points) || !pm_in_columns(&d.weight) || !pm_in_columns(&total))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value out of range for type %s", "score_sum"),
				 errdetail("A number has more digits than sums of numerics can have.")));

	subtract(&total, &d.weight, &d.missing);
	problem = find_contradiction(&d, items, scored);
	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "score_sum", text),
				 errdetail("%s", problem)));

	PG_RETURN_POINTER(pm_score_sum_from_digits(&d, items, scored, no_window, no_window));
}

/*
 * score_sum_out: numbers in full, so that reading them gives the same sum.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_out);
Datum
pm_score_sum_out(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	PmDigits	total;
	ScoreDigits d;

	pm_score_sum_digits(sum, &d);
	total_weight(sum, &total);
	initStringInfo(&buf);
	appendStringInfoString(&buf, "points ");
	pm_append_digits(&buf, &d.points);
	appendStringInfoString(&buf, ", weight ");
	pm_append_digits(&buf, &d.weight);
	appendStringInfoString(&buf, " of ");
	pm_append_digits(&buf, &total);
	appendStringInfo(&buf, ", items " INT64_FORMAT " of " INT64_FORMAT, sum->scored, sum->items);
	PG_RETURN_CSTRING(buf.data);
}

/* ----------
 * Binary
 * ----------
 */

static void
refuse_binary(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid external \"%s\" value", "score_sum"),
			 errdetail("%s", problem)));
}

static void
require_message(StringInfo buf, int nbytes)
{
	if (buf->len - buf->cursor < nbytes)
		refuse_binary("The value ends too early.");
}

static void
send_digits(StringInfo buf, const PmDigits *d)
{
	pq_sendint8(buf, d->negative ? 1 : 0);
	pq_sendint32(buf, d->weight);
	pq_sendint32(buf, d->ndigits);
	for (int i = 0; i < d->ndigits; i++)
		pq_sendint16(buf, pm_digit(d, i));
}

/*
 * Takes a number in the one form in which it is sent, and no other.
 */
static void
receive_digits(StringInfo buf, PmDigits *d)
{
	uint16	   *digits;
	int			sign;

	require_message(buf, WIRE_NUMBER_HEADER);
	sign = pq_getmsgint(buf, 1);
	d->negative = sign == 1;
	d->weight = (int32) pq_getmsgint(buf, 4);
	d->ndigits = (int32) pq_getmsgint(buf, 4);

	if (d->ndigits < 0 || d->ndigits > (buf->len - buf->cursor) / (int) sizeof(uint16))
		refuse_binary("The value ends too early.");
	if (sign > 1 || (d->ndigits == 0 && (sign != 0 || d->weight != 0)))
		refuse_binary("A number has an invalid sign or weight.");
	if (!pm_in_columns(d))
		refuse_binary("A number is out of range.");

	digits = palloc(sizeof(uint16) * Max(d->ndigits, 1));
	for (int i = 0; i < d->ndigits; i++)
	{
		digits[i] = (uint16) pq_getmsgint(buf, 2);
		if (digits[i] >= PM_BASE)
			refuse_binary("A number has an invalid digit.");
	}
	if (d->ndigits > 0 && (digits[0] == 0 || digits[d->ndigits - 1] == 0))
		refuse_binary("A number has zeros that say nothing.");
	d->digits = (const char *) digits;
}

/*
 * score_sum_send: a version; items, those scored; points, weight of the
 * scored items, weight of the others.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_send);
Datum
pm_score_sum_send(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	ScoreDigits d;

	pm_score_sum_digits(sum, &d);
	pq_begintypsend(&buf);
	pq_sendint16(&buf, WIRE_VERSION);
	pq_sendint64(&buf, sum->items);
	pq_sendint64(&buf, sum->scored);
	send_digits(&buf, &d.points);
	send_digits(&buf, &d.weight);
	send_digits(&buf, &d.missing);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * score_sum_recv: 22P03 for whatever score_sum_send would not have sent.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_recv);
Datum
pm_score_sum_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	const char *problem;
	ScoreDigits d;
	int64		items;
	int64		scored;

	require_message(buf, WIRE_HEADER);
	if (pq_getmsgint(buf, 2) != WIRE_VERSION)
		refuse_binary("It is of a version that this server does not know.");
	items = pq_getmsgint64(buf);
	scored = pq_getmsgint64(buf);
	receive_digits(buf, &d.points);
	receive_digits(buf, &d.weight);
	receive_digits(buf, &d.missing);

	problem = find_contradiction(&d, items, scored);
	if (problem != NULL)
		refuse_binary(problem);
	PG_RETURN_POINTER(pm_score_sum_from_digits(&d, items, scored, no_window, no_window));
}

/* ----------
 * Equality
 * ----------
 */

static bool
same_sum(const ScoreSum *a, const ScoreSum *b)
{
	a = pm_score_sum_canonical(a);
	b = pm_score_sum_canonical(b);
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/*
 * Two sums are equal where they hold the same numbers.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_eq);
Datum
pm_score_sum_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_sum(pm_score_sum_get(PG_GETARG_DATUM(0)), pm_score_sum_get(PG_GETARG_DATUM(1))));
}

PG_FUNCTION_INFO_V1(pm_score_sum_ne);
Datum
pm_score_sum_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_sum(pm_score_sum_get(PG_GETARG_DATUM(0)), pm_score_sum_get(PG_GETARG_DATUM(1))));
}

/*
 * Hashes of the canonical form, so that equal sums have equal hashes.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_hash);
Datum
pm_score_sum_hash(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_canonical(pm_score_sum_get(PG_GETARG_DATUM(0)));

	return hash_any((unsigned char *) VARDATA(sum), VARSIZE(sum) - VARHDRSZ);
}

PG_FUNCTION_INFO_V1(pm_score_sum_hash_extended);
Datum
pm_score_sum_hash_extended(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_canonical(pm_score_sum_get(PG_GETARG_DATUM(0)));

	return hash_any_extended((unsigned char *) VARDATA(sum), VARSIZE(sum) - VARHDRSZ,
							 PG_GETARG_INT64(1));
}

/* ----------
 * Questions to a sum
 * ----------
 */

static MissingPolicy
missing_policy(const text *name)
{
	char	   *word = text_to_cstring(name);

	if (strcmp(word, "zero") == 0)
		return MISSING_ZERO;
	if (strcmp(word, "renormalise") == 0)
		return MISSING_RENORMALISE;
	if (strcmp(word, "block") == 0)
		return MISSING_BLOCK;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid policy for missing scores: \"%s\"", word),
			 errhint("Use \"zero\", \"renormalise\" or \"block\".")));
}

/*
 * The digits of min_coverage; refuses what is outside 0..1.
 */
static void
require_share(Numeric num, PmDigits *d)
{
	const uint16 one = 1;
	const PmDigits unit = {(const char *) &one, 1, 0, false};

	if (pm_is_special(num))
		pm_refuse_special(num, "min_coverage", "Use 0 for no minimum.");
	pm_digits_from_numeric(num, d);
	if (d->negative || pm_compare_to_product(d, &unit, &unit) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_coverage must be between 0 and 1: %s",
						DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(num)))),
				 errhint("It is a fraction: 0.6 stands for 60 percent.")));
}

/*
 * score(score_sum, missing, min_coverage, places): the weighted score, rounded
 * once.  NULL where coverage is below the minimum (compared as exact
 * fractions), where the policy blocks, and where nothing has weight.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_score);
Datum
pm_score_sum_score(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_get(PG_GETARG_DATUM(0));
	MissingPolicy policy = missing_policy(PG_GETARG_TEXT_PP(1));
	int			places = PG_GETARG_INT32(3);
	PmDigits	min_coverage;
	PmDigits	total;
	ScoreDigits d;

	require_share(PM_GETARG_NUMERIC(2), &min_coverage);
	if (places < 0 || places > PM_CARRY_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("places must be between 0 and %d: %d", PM_CARRY_SCALE, places),
				 errhint("Give the number of decimal places of the score, such as 2.")));

	pm_score_sum_digits(sum, &d);
	total_weight(sum, &total);
	if (policy == MISSING_BLOCK && d.missing.ndigits > 0)
		PG_RETURN_NULL();
	if (pm_compare_to_product(&d.weight, &total, &min_coverage) < 0)
		PG_RETURN_NULL();
	if (policy != MISSING_ZERO)
		total = d.weight;
	if (total.ndigits == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(pm_quotient(&d.points, &total, places));
}

/*
 * coverage(score_sum): share of the weight that has a score; NULL where
 * nothing has weight.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_coverage);
Datum
pm_score_sum_coverage(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_get(PG_GETARG_DATUM(0));
	PmDigits	total;
	ScoreDigits d;

	pm_score_sum_digits(sum, &d);
	total_weight(sum, &total);
	if (total.ndigits == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(pm_quotient(&d.weight, &total, PM_OUTPUT_SCALE));
}

/*
 * items(score_sum): rows with a weight, scored or not.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_items);
Datum
pm_score_sum_items(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(pm_score_sum_get(PG_GETARG_DATUM(0))->items);
}

/*
 * scored_items(score_sum): rows with a weight and a score.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_scored_items);
Datum
pm_score_sum_scored_items(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(pm_score_sum_get(PG_GETARG_DATUM(0))->scored);
}
