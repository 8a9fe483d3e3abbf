/*
 * literal.h
 *		Reading the text of a type: the place reached, and the first thing
 *		that is wrong with it.
 *
 * A parser notes what is wrong and returns false all the way up; only its
 * caller raises, softly where it may.
 */
#ifndef PM_LITERAL_H
#define PM_LITERAL_H

typedef struct PmLiteral
{
	const char *type;			/* name of the type, for messages */
	const char *text;
	const char *at;				/* the next byte to read */

	int			sqlstate;
	const char *message;		/* NULL: the usual one for malformed input */
	char	   *detail;			/* NULL: nothing is wrong yet */
} PmLiteral;

/* in literal.c */
extern void pm_literal_start(PmLiteral *literal, const char *type, const char *text);
extern void pm_literal_skip_blanks(PmLiteral *literal);
extern int	pm_literal_position(const PmLiteral *literal, const char *at);
extern int	pm_literal_excerpt(const char *start, int length);
extern bool pm_literal_fail(PmLiteral *literal, const char *format,...) pg_attribute_printf(2, 3);
extern bool pm_literal_fail_limit(PmLiteral *literal, int sqlstate, const char *message,
								  const char *format,...) pg_attribute_printf(4, 5);
extern bool pm_literal_fail_expected(PmLiteral *literal, const char *expected);

/* For the argument list of ereturn(). */
extern int	pm_literal_errcode(const PmLiteral *literal, int errcode_override);
extern int	pm_literal_errmsg(const PmLiteral *literal);

#endif							/* PM_LITERAL_H */
