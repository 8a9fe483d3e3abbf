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
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "score_curve.h"

/* Bytes of an input that an error message repeats. */
#define EXCERPT_BYTES		120

/* A number as written: mantissa / 10^scale, without zeros at its end. */
typedef struct CurveNumber
{
	int64		mantissa;		/* less than CURVE_LIMIT; or CURVE_VETO */
	int			scale;			/* 0 .. CURVE_DIGITS */
} CurveNumber;

/* What is being read, and the first thing wrong with it. */
typedef struct CurveParse
{
	const char *text;
	const char *at;				/* the next byte to read */

	CurveKind	kind;
	int			flags;
	CurveNumber *x;				/* CURVE_MAX_POINTS of each */
	CurveNumber *y;
	int			count;

	int			sqlstate;
	const char *message;		/* NULL: the usual one for malformed input */
	char	   *detail;
	const char *hint;
} CurveParse;

static bool fail(CurveParse *parse, const char *format,...) pg_attribute_printf(2, 3);

/*
 * Notes what is wrong and returns false.
 */
static bool
fail(CurveParse *parse, const char *format,...)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&buf, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	parse->detail = buf.data;
	return false;
}

static void
skip_blanks(CurveParse *parse)
{
	while (*parse->at == ' ' || (*parse->at >= '\t' && *parse->at <= '\r'))
		parse->at++;
}

/*
 * Notes that something else was expected at the present place.
 */
static bool
fail_expected(CurveParse *parse, const char *expected)
{
	int			position;
	int			length;

	skip_blanks(parse);
	position = pg_mbstrlen_with_len(parse->text, parse->at - parse->text) + 1;
	if (*parse->at == '\0')
		return fail(parse, "Expected %s, but the text ends at character %d.", expected, position);
	length = pg_mblen(parse->at);
	return fail(parse, "Expected %s at character %d, found \"%.*s\".",
				expected, position, length, parse->at);
}

/*
 * Takes one character of punctuation, where it is there.
 */
static bool
accept_mark(CurveParse *parse, char mark)
{
	skip_blanks(parse);
	if (*parse->at != mark)
		return false;
	parse->at++;
	return true;
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
accept_word(CurveParse *parse, const char *word)
{
	int			length = strlen(word);

	skip_blanks(parse);
	if (pg_strncasecmp(parse->at, word, length) != 0 || is_word_byte(parse->at[length]))
		return false;
	parse->at += length;
	return true;
}

static bool
fail_range(CurveParse *parse, const char *start)
{
	parse->sqlstate = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
	parse->message = "number in score_curve is out of range";
	return fail(parse, "\"%.*s\" at character %d has more than %d digits.",
				pg_mbcliplen(start, (int) (parse->at - start), EXCERPT_BYTES), start,
				pg_mbstrlen_with_len(parse->text, start - parse->text) + 1, CURVE_DIGITS);
}

/*
 * Reads digits with at most one point among them, and a sign before.
 */
static bool
read_number(CurveParse *parse, const char *expected, CurveNumber *number)
{
	const char *start;
	const char *c;
	bool		negative;
	bool		after_point = false;
	bool		fits = true;
	int			ndigits = 0;
	int			zeros = 0;		/* zeros after the point that may be its last digits */

	skip_blanks(parse);
	start = c = parse->at;
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
		return fail_expected(parse, expected);
	parse->at = c;
	if (!fits)
		return fail_range(parse, start);
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
	do
	{
		CurveNumber *x = &parse->x[parse->count];
		CurveNumber *y = &parse->y[parse->count];

		CHECK_FOR_INTERRUPTS();

		if (parse->count == CURVE_MAX_POINTS)
		{
			parse->sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
			parse->message = "score_curve has too many points";
			return fail(parse, "A curve has at most %d points.", CURVE_MAX_POINTS);
		}
		if (!read_number(parse, "a point x:y", x))
			return false;
		if (!accept_mark(parse, ':'))
			return fail_expected(parse, "\":\" between x and y");
		if (accept_word(parse, "veto"))
		{
			if (parse->kind != CURVE_STEP)
				return fail(parse, "Point %d is a veto, which only a step curve can have.",
							parse->count + 1);
			y->mantissa = CURVE_VETO;
			y->scale = 0;
		}
		else if (!read_number(parse, "the y of a point", y))
			return false;
		parse->count++;
	} while (accept_mark(parse, ','));

	if (!accept_mark(parse, ')'))
		return fail_expected(parse, "\",\" or \")\"");
	return true;
}

/*
 * full F, above X, U per N, floor L [, prorata] )
 */
static bool
read_deduction(CurveParse *parse)
{
	static const char *const comma = "\",\"";

	parse->count = DEDUCT_POINTS;

	if (!accept_word(parse, "full"))
		return fail_expected(parse, "\"full\"");
	if (!read_number(parse, "the full score", &parse->y[DEDUCT_LIMIT]))
		return false;
	if (!accept_mark(parse, ','))
		return fail_expected(parse, comma);

	if (accept_word(parse, "below"))
		parse->flags |= CURVE_BELOW;
	else if (!accept_word(parse, "above"))
		return fail_expected(parse, "\"above\" or \"below\"");
	if (!read_number(parse, "the limit", &parse->x[DEDUCT_LIMIT]))
		return false;
	if (!accept_mark(parse, ','))
		return fail_expected(parse, comma);

	if (!read_number(parse, "the points off for each unit", &parse->y[DEDUCT_UNIT]))
		return false;
	if (!accept_word(parse, "per"))
		return fail_expected(parse, "\"per\"");
	if (!read_number(parse, "the size of a unit", &parse->x[DEDUCT_UNIT]))
		return false;
	if (!accept_mark(parse, ','))
		return fail_expected(parse, comma);

	if (!accept_word(parse, "floor"))
		return fail_expected(parse, "\"floor\"");
	if (!read_number(parse, "the least score", &parse->y[DEDUCT_FLOOR]))
		return false;
	parse->x[DEDUCT_FLOOR].mantissa = 0;
	parse->x[DEDUCT_FLOOR].scale = 0;

	if (accept_mark(parse, ','))
	{
		if (!accept_word(parse, "prorata"))
			return fail_expected(parse, "\"prorata\"");
		parse->flags |= CURVE_PRORATA;
	}
	if (!accept_mark(parse, ')'))
		return fail_expected(parse, "\",\" or \")\"");
	return true;
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
	int			i;

	for (i = 0; i < lengthof(kinds); i++)
	{
		if (accept_word(parse, kinds[i].word))
			break;
	}
	if (i == lengthof(kinds))
	{
		parse->hint = "Curves are written linear(0:0, 80:60, 100:100), step(0:veto, 60:60, 100:100) "
			"or deduct(full 20, above 2, 5 per 1, floor 0).";
		return fail_expected(parse, "\"linear\", \"step\" or \"deduct\"");
	}
	parse->kind = kinds[i].kind;

	if (!accept_mark(parse, '('))
		return fail_expected(parse, "\"(\"");
	if (parse->kind == CURVE_DEDUCT ? !read_deduction(parse) : !read_points(parse))
		return false;
	skip_blanks(parse);
	if (*parse->at != '\0')
		return fail_expected(parse, "the end");
	return true;
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
			parse->sqlstate = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
			parse->message = "number in score_curve is out of range";
			return fail(parse, "%s, written with the %d decimal places of another number of the curve, has more than %d digits.",
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
			return fail(parse, "The x of point %d (%s) must be greater than that of point %d (%s).",
						i + 1, point_text(curve, i), i, point_text(curve, i - 1));
		rises = rises || p[i].y > p[i - 1].y;
		falls = falls || p[i].y < p[i - 1].y;
		if (curve->kind == CURVE_STEP && rises && falls)
			return fail(parse, "The y of point %d (%s) turns back; steps only rise or only fall, and a veto is below all.",
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
		return fail(parse, "The points off for each unit must be greater than 0.");
	if (p[DEDUCT_UNIT].x <= 0)
		return fail(parse, "The size of a unit must be greater than 0.");
	if (p[DEDUCT_FLOOR].y > p[DEDUCT_LIMIT].y)
		return fail(parse, "The floor must not be above the full score.");
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
	CurveParse	parse = {.text = text, .at = text};
	ScoreCurve *curve = NULL;

	parse.sqlstate = ERRCODE_INVALID_TEXT_REPRESENTATION;
	parse.x = (CurveNumber *) palloc(CURVE_MAX_POINTS * sizeof(CurveNumber));
	parse.y = (CurveNumber *) palloc(CURVE_MAX_POINTS * sizeof(CurveNumber));

	if (read_curve(&parse))
		curve = build_curve(&parse);
	pfree(parse.x);
	pfree(parse.y);

	if (curve == NULL)
	{
		int			length = strlen(text);
		int			shown = pg_mbcliplen(text, length, EXCERPT_BYTES);

		ereturn(escontext, NULL,
				(errcode(errcode_override != 0 ? errcode_override : parse.sqlstate),
				 parse.message != NULL ? errmsg("%s", parse.message) :
				 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "score_curve",
						shown, text, shown < length ? "..." : ""),
				 errdetail_internal("%s", parse.detail),
				 parse.hint != NULL ? errhint("%s", parse.hint) : 0));
	}
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
