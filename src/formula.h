/*
 * formula.h
 *		A formula over named numbers, stored as a program for a stack machine.
 */
#ifndef PM_FORMULA_H
#define PM_FORMULA_H

#include "nodes/nodes.h"
#include "utils/numeric.h"

/* Limits, so that neither parsing nor evaluation can be made to run away. */
#define FORMULA_MAX_BYTES	10000	/* of text, as written and as printed */
#define FORMULA_MAX_NODES	1000	/* numbers, names, operators and calls */
#define FORMULA_MAX_NESTING	64		/* brackets, calls and prefixes within each other */
#define FORMULA_MAX_PLACES	20		/* of round(), to either side */

/*
 * Instructions, on disk: never renumber.
 *
 * Arguments come before what takes them.  Tests jump over arguments that are
 * not wanted; they stand for nothing in the text.
 */
typedef enum FormulaCode
{
	FORMULA_NUMBER = 1,			/* push numbers[arg] */
	FORMULA_NAME = 2,			/* push the value of names[arg] */

	FORMULA_NEGATE = 10,
	FORMULA_ADD = 11,
	FORMULA_SUBTRACT = 12,
	FORMULA_MULTIPLY = 13,
	FORMULA_DIVIDE = 14,

	FORMULA_LT = 20,
	FORMULA_LE = 21,
	FORMULA_EQ = 22,
	FORMULA_NE = 23,
	FORMULA_GE = 24,
	FORMULA_GT = 25,

	FORMULA_NOT = 30,
	FORMULA_AND_TEST = 31,		/* false: go to arg */
	FORMULA_AND = 32,
	FORMULA_OR_TEST = 33,		/* true: go to arg */
	FORMULA_OR = 34,

	FORMULA_IF_TEST = 40,		/* pop; not true: go to arg */
	FORMULA_IF_ELSE = 41,		/* go to arg */
	FORMULA_IF = 42,
	FORMULA_COALESCE_TEST = 43, /* not NULL: go to arg; else pop */
	FORMULA_COALESCE = 44,		/* of arg arguments */
	FORMULA_MIN = 45,			/* of arg arguments */
	FORMULA_MAX = 46,			/* of arg arguments */
	FORMULA_ABS = 47,
	FORMULA_ROUND = 48			/* to arg places */
} FormulaCode;

typedef struct FormulaOp
{
	uint8		code;			/* FormulaCode */
	uint8		unused;			/* 0 */
	int16		arg;
} FormulaOp;

/*
 * A formula as stored: the instructions, then the offsets of the numbers and
 * of the names from the start of the struct, then numbers (aligned) and names
 * (each ended by a zero byte) themselves.  Equal formulas are equal byte by
 * byte.
 */
typedef struct Formula
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int16		nops;
	int16		nnumbers;
	int16		nnames;
	int16		max_stack;
	FormulaOp	ops[FLEXIBLE_ARRAY_MEMBER];
} Formula;

#define FORMULA_OFFSETS(f)		((const int32 *) &(f)->ops[(f)->nops])
#define FORMULA_NUMBER_AT(f, i) \
	((Numeric) ((char *) (f) + FORMULA_OFFSETS(f)[i]))
#define FORMULA_NAME_AT(f, i) \
	((const char *) (f) + FORMULA_OFFSETS(f)[(f)->nnumbers + (i)])

#define DatumGetFormula(datum)	((const Formula *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_FORMULA(n)	DatumGetFormula(PG_GETARG_DATUM(n))

/* What an infix operator looks like; a higher precedence binds tighter. */
typedef struct FormulaOperator
{
	FormulaCode code;
	int			precedence;
	const char *text;
} FormulaOperator;

#define PRECEDENCE_NOT			3	/* prefix: between "and" and comparisons */
#define PRECEDENCE_NEGATE		7	/* prefix: tighter than any operator */
#define PRECEDENCE_ATOM			8

/* in formula_parse.c */
extern Formula *pm_formula_parse(const char *text, int errcode_override, Node *escontext);

/* in formula_lex.c */
extern const FormulaOperator *pm_formula_operator(FormulaCode code);
extern bool pm_formula_is_plain_name(const char *name);

/* in formula_print.c */
extern char *pm_formula_print(const Formula *formula);

#endif							/* PM_FORMULA_H */
