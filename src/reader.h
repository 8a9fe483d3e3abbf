/*
 * reader.h
 *		Reading the text of a type: the place reached, and the first thing
 *		that is wrong with it.
 *
 * A parser notes what is wrong and returns false all the way up; only its
 * caller raises, softly where it may.
 */
#ifndef PM_READER_H
#define PM_READER_H

typedef struct PmReader
{
	const char *type;			/* name of the type, for messages */
	const char *text;
	const char *at;				/* the next byte to read */

	int			sqlstate;
	const char *message;		/* NULL: the usual one for malformed input */
	char	   *detail;			/* NULL: nothing is wrong yet */
} PmReader;

/* in reader.c */
extern void pm_reader_start(PmReader *reader, const char *type, const char *text);
extern void pm_reader_skip_blanks(PmReader *reader);
extern int	pm_reader_position(const PmReader *reader, const char *at);
extern int	pm_reader_excerpt(const char *start, int length);
extern bool pm_reader_fail(PmReader *reader, const char *format,...) pg_attribute_printf(2, 3);
extern bool pm_reader_fail_limit(PmReader *reader, int sqlstate, const char *message,
								  const char *format,...) pg_attribute_printf(4, 5);
extern bool pm_reader_fail_expected(PmReader *reader, const char *expected);

/* For the argument list of ereturn(). */
extern int	pm_reader_errcode(const PmReader *reader, int errcode_override);
extern int	pm_reader_errmsg(const PmReader *reader);

#endif							/* PM_READER_H */
