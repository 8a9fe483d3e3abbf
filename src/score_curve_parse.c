/*
 * score_curve_parse.c
 *		A score_curve from its text, and back.
 *
 * The grammar is flat, so the parser is a loop:
 *
 *		linear(x:y, ...)
 *		step(x:y, ...)					y may be the word veto
 *		deduct(full F, above X, U per N, floor L [, prorata])	or below
 *
 * Blanks and the case of words do not matter.  pm_curve_print() writes the
 * form that reads back to the same bytes.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "reader.h"
#include "score_curve.h"

static const char *const range_message = "number in score_curve is out of range";

/* A number as written: mantissa / 10^scale, without zeros at its end. */
typedef struct CurveNumber
{
	int64		mantissa;		/* less than CURVE_LIMIT; or CURVE_VETO */
	int			scale;			/* 0 .. CURVE_DIGITS */
} CurveNumber;

/* What is being read. */
typedef struct CurveParse
{
	PmReader	reader;
	bool		is_curve;		/* the text begins like one */

	CurveKind	kind;
	int			flags;
	CurveNumber *x;				/* CURVE_MAX_POINTS of each */
	CurveNumber *y;
	int			count;
} CurveParse;

/*
 * Takes one character of punctuation, where it is there.
 */
static bool
accept_mark(PmReader *reader, char mark)
{
	pm_reader_skip_blanks(reader);
	if (*reader->at != mark)
		return false;
	reader->at++;
	return true;
}

static bool
need_mark(PmReader *reader, char mark, const char *expected)
{
	return accept_mark(reader, mark) || pm_reader_fail_expected(reader, expected);
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || IS_HIGHBIT_SET(c);
}

/*
 * Takes a whole word, where it is there.
 */
static bool
accept_word(PmReader *reader, const char *word)
{
	int			length = strlen(word);

	pm_reader_skip_blanks(reader);
	if (pg_strncasecmp(reader->at, word, length) != 0 || is_word_byte(reader->at[length]))
		return false;
	reader->at += length;
	return true;
}

static bool
need_word(PmReader *reader, const char *word, const char *expected)
{
	return accept_word(reader, word) || pm_reader_fail_expected(reader, expected);
}

static bool
fail_range(PmReader *reader, const char *start)
{
	return pm_reader_fail_limit(reader, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, range_message,
								 "\"%.*s\" at character %d has more than %d digits.",
								 pm_reader_excerpt(start, reader->at - start), start,
								 pm_reader_position(reader, start), CURVE_DIGITS);
}

/*
 * Reads digits with at most one point among them, and a sign before.
 */
static bool
read_number(PmReader *reader, CurveNumber *number, const char *expected)
{
	const char *start;
	const char *c;
	bool		negative;
	bool		after_point = false;
	bool		fits = true;
	int			ndigits = 0;
	int			zeros = 0;		/* zeros after the point that may be its last digits */

	pm_reader_skip_blanks(reader);
	start = c = reader->at;
	negative = (*c == '-');
	if (*c == '-' || *c == '+')
		c++;

	number->mantissa = 0;
	number->scale = 0;
	for (;; c++)
	{
		if (*c == '.' && !after_point)
		{
			after_point = true;
			continue;
		}
		if (*c < '0' || *c > '9')
			break;
		ndigits++;
		if (after_point && *c == '0')
		{
			zeros++;
			continue;
		}
		do
		{
			number->mantissa *= 10;
			number->scale += after_point ? 1 : 0;
			fits = fits && number->mantissa < CURVE_LIMIT && number->scale <= CURVE_DIGITS;
		} while (fits && zeros-- > 0);
		zeros = 0;
		number->mantissa += *c - '0';
		if (!fits)
			number->mantissa = 0;	/* read on to the number's end */
	}

	if (ndigits == 0)
		return pm_reader_fail_expected(reader, expected);
	reader->at = c;
	if (!fits)
		return fail_range(reader, start);
	if (negative)
		number->mantissa = -number->mantissa;
	return true;
}

/*
 * x:y, x:y, ... )
 */
static bool
read_points(CurveParse *parse)
{
	PmReader  *reader = &parse->reader;

	do
	{
		CurveNumber *x = &parse->x[parse->count];
		CurveNumber *y = &parse->y[parse->count];

		CHECK_FOR_INTERRUPTS();

		if (parse->count == CURVE_MAX_POINTS)
			return pm_reader_fail_limit(reader, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
										 "score_curve has too many points",
										 "A curve has at most %d points.", CURVE_MAX_POINTS);
		if (!read_number(reader, x, "a point x:y") ||
			!need_mark(reader, ':', "\":\" between x and y"))
			return false;
		if (accept_word(reader, "veto"))
		{
			if (parse->kind != CURVE_STEP)
				return pm_reader_fail(reader,
									   "Point %d is a veto, which only a step curve can have.",
									   parse->count + 1);
			y->mantissa = CURVE_VETO;
			y->scale = 0;
		}
		else if (!read_number(reader, y, "the y of a point"))
			return false;
		parse->count++;
	} while (accept_mark(reader, ','));

	return need_mark(reader, ')', "\",\" or \")\"");
}

/*
 * full F, above X, U per N, floor L [, prorata] )
 */
static bool
read_deduction(CurveParse *parse)
{
	static const char *const comma = "\",\"";
	PmReader  *reader = &parse->reader;
	CurveNumber *x = parse->x;
	CurveNumber *y = parse->y;

	if (!need_word(reader, "full", "\"full\"") ||
		!read_number(reader, &y[DEDUCT_LIMIT], "the full score") ||
		!need_mark(reader, ',', comma))
		return false;

	if (accept_word(reader, "below"))
		parse->flags |= CURVE_BELOW;
	else if (!need_word(reader, "above", "\"above\" or \"below\""))
		return false;

	if (!read_number(reader, &x[DEDUCT_LIMIT], "the limit") ||
		!need_mark(reader, ',', comma) ||
		!read_number(reader, &y[DEDUCT_UNIT], "the points off for each unit") ||
		!need_word(reader, "per", "\"per\"") ||
		!read_number(reader, &x[DEDUCT_UNIT], "the size of a unit") ||
		!need_mark(reader, ',', comma) ||
		!need_word(reader, "floor", "\"floor\"") ||
		!read_number(reader, &y[DEDUCT_FLOOR], "the least score"))
		return false;

	if (accept_mark(reader, ','))
	{
		if (!need_word(reader, "prorata", "\"prorata\""))
			return false;
		parse->flags |= CURVE_PRORATA;
	}
	x[DEDUCT_FLOOR].mantissa = 0;
	x[DEDUCT_FLOOR].scale = 0;
	parse->count = DEDUCT_POINTS;
	return need_mark(reader, ')', "\",\" or \")\"");
}

static bool
read_curve(CurveParse *parse)
{
	static const struct
	{
		const char *word;
		CurveKind	kind;
	}			kinds[] = {
		{"linear", CURVE_LINEAR}, {"step", CURVE_STEP}, {"deduct", CURVE_DEDUCT}
	};
	PmReader  *reader = &parse->reader;
	int			i;

	for (i = 0; i < lengthof(kinds); i++)
	{
		if (accept_word(reader, kinds[i].word))
			break;
	}
	if (i == lengthof(kinds))
		return pm_reader_fail_expected(reader, "\"linear\", \"step\" or \"deduct\"");
	parse->is_curve = true;
	parse->kind = kinds[i].kind;

	if (!need_mark(reader, '(', "\"(\"") ||
		!(parse->kind == CURVE_DEDUCT ? read_deduction(parse) : read_points(parse)))
		return false;
	pm_reader_skip_blanks(reader);
	return *reader->at == '\0' || pm_reader_fail_expected(reader, "the end");
}

/*
 * value / 10^scale without zeros at its end.
 */
static void
append_number(StringInfo buf, int64 value, int scale)
{
	uint64		magnitude = value < 0 ? -(uint64) value : (uint64) value;
	uint64		unit;

	while (scale > 0 && magnitude % 10 == 0)
	{
		magnitude /= 10;
		scale--;
	}
	unit = (uint64) pm_power_of_ten(scale);
	appendStringInfo(buf, "%s" UINT64_FORMAT, value < 0 ? "-" : "", magnitude / unit);
	if (scale > 0)
	{
		char		digits[CURVE_DIGITS + 1];
		int			i;

		for (i = scale - 1, magnitude %= unit; i >= 0; i--, magnitude /= 10)
			digits[i] = '0' + magnitude % 10;
		digits[scale] = '\0';
		appendStringInfo(buf, ".%s", digits);
	}
}

/*
 * Brings the numbers of one coordinate to a common scale, the least that
 * holds them all.
 */
static bool
common_scale(CurveParse *parse, const CurveNumber *numbers, int *scale)
{
	int			i;

	*scale = 0;
	for (i = 0; i < parse->count; i++)
		*scale = Max(*scale, numbers[i].scale);

	for (i = 0; i < parse->count; i++)
	{
		int128		scaled;

		if (numbers[i].mantissa == CURVE_VETO)
			continue;
		scaled = numbers[i].mantissa * pm_power_of_ten(*scale - numbers[i].scale);
		if (scaled >= CURVE_LIMIT || scaled <= -CURVE_LIMIT)
		{
			StringInfoData number;

			initStringInfo(&number);
			append_number(&number, numbers[i].mantissa, numbers[i].scale);
			return pm_reader_fail_limit(&parse->reader, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
										 range_message,
										 "%s, written with the %d decimal places of another number of the curve, has more than %d digits.",
										 number.data, *scale, CURVE_DIGITS);
		}
	}
	return true;
}

static void
append_point(StringInfo buf, const ScoreCurve *curve, int i)
{
	append_number(buf, curve->points[i].x, curve->x_scale);
	appendStringInfoChar(buf, ':');
	if (curve->points[i].y == CURVE_VETO)
		appendStringInfoString(buf, "veto");
	else
		append_number(buf, curve->points[i].y, curve->y_scale);
}

static char *
point_text(const ScoreCurve *curve, int i)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_point(&buf, curve, i);
	return buf.data;
}

/*
 * What the numbers must keep to, and the direction of a step curve, which
 * rises where it does not fall.
 */
static bool
check_points(CurveParse *parse, ScoreCurve *curve)
{
	const CurvePoint *p = curve->points;
	bool		rises = false;
	bool		falls = false;
	int			i;

	for (i = 1; i < curve->count; i++)
	{
		if (p[i].x <= p[i - 1].x)
			return pm_reader_fail(&parse->reader,
								   "The x of point %d (%s) must be greater than that of point %d (%s).",
								   i + 1, point_text(curve, i), i, point_text(curve, i - 1));
		rises = rises || p[i].y > p[i - 1].y;
		falls = falls || p[i].y < p[i - 1].y;
		if (curve->kind == CURVE_STEP && rises && falls)
			return pm_reader_fail(&parse->reader,
								   "The y of point %d (%s) turns back; steps only rise or only fall, and a veto is below all.",
								   i + 1, point_text(curve, i));
	}
	if (curve->kind == CURVE_STEP && falls)
		curve->flags |= CURVE_FALLING;
	return true;
}

static bool
check_deduction(CurveParse *parse, const ScoreCurve *curve)
{
	const CurvePoint *p = curve->points;

	if (p[DEDUCT_UNIT].y <= 0)
		return pm_reader_fail(&parse->reader, "The points off for each unit must be greater than 0.");
	if (p[DEDUCT_UNIT].x <= 0)
		return pm_reader_fail(&parse->reader, "The size of a unit must be greater than 0.");
	if (p[DEDUCT_FLOOR].y > p[DEDUCT_LIMIT].y)
		return pm_reader_fail(&parse->reader, "The floor must not be above the full score.");
	return true;
}

/*
 * The curve from what was read, or NULL.
 */
static ScoreCurve *
build_curve(CurveParse *parse)
{
	ScoreCurve *curve;
	int			x_scale;
	int			y_scale;
	int			i;

	if (!common_scale(parse, parse->x, &x_scale) || !common_scale(parse, parse->y, &y_scale))
		return NULL;

	curve = (ScoreCurve *) palloc0(CURVE_SIZE(parse->count));
	SET_VARSIZE(curve, CURVE_SIZE(parse->count));
	curve->kind = parse->kind;
	curve->flags = parse->flags;
	curve->x_scale = x_scale;
	curve->y_scale = y_scale;
	curve->count = parse->count;
	for (i = 0; i < parse->count; i++)
	{
		const CurveNumber *x = &parse->x[i];
		const CurveNumber *y = &parse->y[i];

		curve->points[i].x = x->mantissa * (int64) pm_power_of_ten(x_scale - x->scale);
		curve->points[i].y = y->mantissa == CURVE_VETO ? CURVE_VETO :
			y->mantissa * (int64) pm_power_of_ten(y_scale - y->scale);
	}

	if (curve->kind == CURVE_DEDUCT ? !check_deduction(parse, curve) : !check_points(parse, curve))
		return NULL;
	return curve;
}

/*
 * Reads a curve.  Errors are soft where escontext allows it: 22P02 for
 * malformed text, 54000 for too many points, 22003 for a number with too many
 * digits; or errcode_override for all of them, where it is not 0.
 */
ScoreCurve *
pm_curve_parse(const char *text, int errcode_override, Node *escontext)
{
	CurveParse	parse = {.count = 0};
	ScoreCurve *curve = NULL;

	pm_reader_start(&parse.reader, "score_curve", text);
	parse.x = (CurveNumber *) palloc(CURVE_MAX_POINTS * sizeof(CurveNumber));
	parse.y = (CurveNumber *) palloc(CURVE_MAX_POINTS * sizeof(CurveNumber));
	if (read_curve(&parse))
		curve = build_curve(&parse);
	pfree(parse.x);
	pfree(parse.y);

	if (curve == NULL)
		ereturn(escontext, NULL,
				(errcode(pm_reader_errcode(&parse.reader, errcode_override)),
				 pm_reader_errmsg(&parse.reader),
				 parse.is_curve ? 0 :
				 errhint("Curves are written linear(0:0, 80:60, 100:100), step(0:veto, 60:60, 100:100) "
						 "or deduct(full 20, above 2, 5 per 1, floor 0).")));
	return curve;
}

/*
 * The canonical text of a curve.
 */
char *
pm_curve_print(const ScoreCurve *curve)
{
	const CurvePoint *p = curve->points;
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	switch ((CurveKind) curve->kind)
	{
		case CURVE_LINEAR:
		case CURVE_STEP:
			appendStringInfoString(&buf, curve->kind == CURVE_LINEAR ? "linear(" : "step(");
			for (i = 0; i < curve->count; i++)
			{
				if (i > 0)
					appendStringInfoString(&buf, ", ");
				append_point(&buf, curve, i);
			}
			break;
		case CURVE_DEDUCT:
			appendStringInfoString(&buf, "deduct(full ");
			append_number(&buf, p[DEDUCT_LIMIT].y, curve->y_scale);
			appendStringInfoString(&buf, (curve->flags & CURVE_BELOW) ? ", below " : ", above ");
			append_number(&buf, p[DEDUCT_LIMIT].x, curve->x_scale);
			appendStringInfoString(&buf, ", ");
			append_number(&buf, p[DEDUCT_UNIT].y, curve->y_scale);
			appendStringInfoString(&buf, " per ");
			append_number(&buf, p[DEDUCT_UNIT].x, curve->x_scale);
			appendStringInfoString(&buf, ", floor ");
			append_number(&buf, p[DEDUCT_FLOOR].y, curve->y_scale);
			if (curve->flags & CURVE_PRORATA)
				appendStringInfoString(&buf, ", prorata");
			break;
		default:
			elog(ERROR, "unexpected kind of score_curve: %d", curve->kind);
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}
