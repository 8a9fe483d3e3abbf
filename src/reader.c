/*
 * reader.c
 *		What the parsers of our types share: places and complaints.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "reader.h"

/* Bytes of an input that an error message repeats. */
#define EXCERPT_BYTES		120

void
pm_reader_start(PmReader *reader, const char *type, const char *text)
{
	reader->type = type;
	reader->text = text;
	reader->at = text;
	reader->sqlstate = ERRCODE_INVALID_TEXT_REPRESENTATION;
	reader->message = NULL;
	reader->detail = NULL;
}

void
pm_reader_skip_blanks(PmReader *reader)
{
	while (*reader->at == ' ' || (*reader->at >= '\t' && *reader->at <= '\r'))
		reader->at++;
}

/*
 * The character, counted from 1, at a place in the text.
 */
int
pm_reader_position(const PmReader *reader, const char *at)
{
	return pg_mbstrlen_with_len(reader->text, at - reader->text) + 1;
}

/*
 * How many bytes of a piece of text a message repeats.
 */
int
pm_reader_excerpt(const char *start, int length)
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
pm_reader_fail(PmReader *reader, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	reader->detail = format_detail(format, args);
	va_end(args);
	return false;
}

/*
 * Notes that the text is too much of something.  Returns false.
 */
bool
pm_reader_fail_limit(PmReader *reader, int sqlstate, const char *message,
					  const char *format,...)
{
	va_list		args;

	reader->sqlstate = sqlstate;
	reader->message = message;
	va_start(args, format);
	reader->detail = format_detail(format, args);
	va_end(args);
	return false;
}

/*
 * Notes that something else was expected at the present place.  Returns
 * false.
 */
bool
pm_reader_fail_expected(PmReader *reader, const char *expected)
{
	int			position;

	pm_reader_skip_blanks(reader);
	position = pm_reader_position(reader, reader->at);
	if (*reader->at == '\0')
		return pm_reader_fail(reader, "Expected %s, but the text ends at character %d.",
							   expected, position);
	return pm_reader_fail(reader, "Expected %s at character %d, found \"%.*s\".",
						   expected, position, pg_mblen(reader->at), reader->at);
}

int
pm_reader_errcode(const PmReader *reader, int errcode_override)
{
	return errcode_override != 0 ? errcode_override : reader->sqlstate;
}

/*
 * Primary message and detail.
 */
int
pm_reader_errmsg(const PmReader *reader)
{
	int			length = strlen(reader->text);
	int			shown = pm_reader_excerpt(reader->text, length);

	if (reader->message != NULL)
		errmsg_internal("%s", reader->message);
	else
		errmsg("invalid input syntax for type %s: \"%.*s%s\"", reader->type,
			   shown, reader->text, shown < length ? "..." : "");
	return errdetail_internal("%s", reader->detail);
}
