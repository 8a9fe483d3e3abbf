/*
 * literal.c
 *		What the parsers of our types share: places and complaints.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "literal.h"

/* Bytes of an input that an error message repeats. */
#define EXCERPT_BYTES		120

void
pm_literal_start(PmLiteral *literal, const char *type, const char *text)
{
	literal->type = type;
	literal->text = text;
	literal->at = text;
	literal->sqlstate = ERRCODE_INVALID_TEXT_REPRESENTATION;
	literal->message = NULL;
	literal->detail = NULL;
}

void
pm_literal_skip_blanks(PmLiteral *literal)
{
	while (*literal->at == ' ' || (*literal->at >= '\t' && *literal->at <= '\r'))
		literal->at++;
}

/*
 * The character, counted from 1, at a place in the text.
 */
int
pm_literal_position(const PmLiteral *literal, const char *at)
{
	return pg_mbstrlen_with_len(literal->text, at - literal->text) + 1;
}

/*
 * How many bytes of a piece of text a message repeats.
 */
int
pm_literal_excerpt(const char *start, int length)
{
	return pg_mbcliplen(start, length, EXCERPT_BYTES);
}

static char *format_detail(const char *format, va_list args) pg_attribute_printf(1, 0);

static char *
format_detail(const char *format, va_list args)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		copy;
		int			needed;

		va_copy(copy, args);
		needed = appendStringInfoVA(&buf, format, copy);
		va_end(copy);
		if (needed == 0)
			return buf.data;
		enlargeStringInfo(&buf, needed);
	}
}

/*
 * Notes that the text is malformed, and how.  Returns false.
 */
bool
pm_literal_fail(PmLiteral *literal, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	literal->detail = format_detail(format, args);
	va_end(args);
	return false;
}

/*
 * Notes that the text is too much of something.  Returns false.
 */
bool
pm_literal_fail_limit(PmLiteral *literal, int sqlstate, const char *message,
					  const char *format,...)
{
	va_list		args;

	literal->sqlstate = sqlstate;
	literal->message = message;
	va_start(args, format);
	literal->detail = format_detail(format, args);
	va_end(args);
	return false;
}

/*
 * Notes that something else was expected at the present place.  Returns
 * false.
 */
bool
pm_literal_fail_expected(PmLiteral *literal, const char *expected)
{
	int			position;

	pm_literal_skip_blanks(literal);
	position = pm_literal_position(literal, literal->at);
	if (*literal->at == '\0')
		return pm_literal_fail(literal, "Expected %s, but the text ends at character %d.",
							   expected, position);
	return pm_literal_fail(literal, "Expected %s at character %d, found \"%.*s\".",
						   expected, position, pg_mblen(literal->at), literal->at);
}

int
pm_literal_errcode(const PmLiteral *literal, int errcode_override)
{
	return errcode_override != 0 ? errcode_override : literal->sqlstate;
}

/*
 * Primary message and detail.
 */
int
pm_literal_errmsg(const PmLiteral *literal)
{
	int			length = strlen(literal->text);
	int			shown = pm_literal_excerpt(literal->text, length);

	if (literal->message != NULL)
		errmsg_internal("%s", literal->message);
	else
		errmsg("invalid input syntax for type %s: \"%.*s%s\"", literal->type,
			   shown, literal->text, shown < length ? "..." : "");
	return errdetail_internal("%s", literal->detail);
}
