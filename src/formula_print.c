/*
 * formula_print.c
 *		The text of a formula: as few brackets as it takes, blanks around
 *		operators.  It reads back to the same bytes.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "formula.h"

/* A finished piece of text, and how tight its outermost operator binds. */
typedef struct Fragment
{
	char	   *text;
	int			precedence;
} Fragment;

static void
append_operand(StringInfo buf, const Fragment *operand, int min_precedence)
{
	if (operand->precedence >= min_precedence)
		appendStringInfoString(buf, operand->text);
	else
		appendStringInfo(buf, "(%s)", operand->text);
}

static void
append_name(StringInfo buf, const char *name)
{
	if (pm_formula_is_plain_name(name))
	{
		appendStringInfoString(buf, name);
		return;
	}
	appendStringInfoChar(buf, '"');
	for (; *name != '\0'; name++)
	{
		if (*name == '"')
			appendStringInfoChar(buf, '"');
		appendStringInfoChar(buf, *name);
	}
	appendStringInfoChar(buf, '"');
}

static void
append_call(StringInfo buf, const char *function, const Fragment *args, int nargs)
{
	int			i;

	appendStringInfo(buf, "%s(", function);
	for (i = 0; i < nargs; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", args[i].text);
	appendStringInfoChar(buf, ')');
}

/*
 * Writes one instruction, whose operands end below top.  Returns how many it
 * took, or -1 where it stands for nothing in the text.
 */
static int
append_op(StringInfo buf, const Formula *formula, const FormulaOp *op, const Fragment *top,
		  int *precedence)
{
	const FormulaOperator *operator;

	*precedence = PRECEDENCE_ATOM;
	switch ((FormulaCode) op->code)
	{
		case FORMULA_NUMBER:
			appendStringInfoString(buf,
								   DatumGetCString(DirectFunctionCall1(numeric_out,
																	   NumericGetDatum(FORMULA_NUMBER_AT(formula, op->arg)))));
			return 0;
		case FORMULA_NAME:
			append_name(buf, FORMULA_NAME_AT(formula, op->arg));
			return 0;
		case FORMULA_NEGATE:
			*precedence = PRECEDENCE_NEGATE;
			/* two signs in a row would look like a comment of SQL */
			appendStringInfoString(buf, top[-1].text[0] == '-' ? "- " : "-");
			append_operand(buf, &top[-1], PRECEDENCE_NEGATE);
			return 1;
		case FORMULA_NOT:
			*precedence = PRECEDENCE_NOT;
			appendStringInfoString(buf, "not ");
			append_operand(buf, &top[-1], PRECEDENCE_NOT);
			return 1;
		case FORMULA_AND_TEST:
		case FORMULA_OR_TEST:
		case FORMULA_IF_TEST:
		case FORMULA_IF_ELSE:
		case FORMULA_COALESCE_TEST:
			return -1;
		case FORMULA_IF:
			append_call(buf, "if", top - 3, 3);
			return 3;
		case FORMULA_COALESCE:
			append_call(buf, "coalesce", top - op->arg, op->arg);
			return op->arg;
		case FORMULA_MIN:
			append_call(buf, "min", top - op->arg, op->arg);
			return op->arg;
		case FORMULA_MAX:
			append_call(buf, "max", top - op->arg, op->arg);
			return op->arg;
		case FORMULA_ABS:
			append_call(buf, "abs", top - 1, 1);
			return 1;
		case FORMULA_ROUND:
			if (op->arg == 0)
				append_call(buf, "round", top - 1, 1);
			else
				appendStringInfo(buf, "round(%s, %d)", top[-1].text, op->arg);
			return 1;
		default:
			break;
	}

	operator = pm_formula_operator(op->code);
	if (operator == NULL)
		elog(ERROR, "unexpected instruction in formula: %d", op->code);
	*precedence = operator->precedence;
	append_operand(buf, &top[-2], operator->precedence);
	appendStringInfo(buf, " %s ", operator->text);
	append_operand(buf, &top[-1], operator->precedence + 1);
	return 2;
}

/*
 * The canonical text of a formula.
 */
char *
pm_formula_print(const Formula *formula)
{
	/* nothing is dropped here, so there is at most one piece an instruction */
	Fragment   *stack = (Fragment *) palloc(formula->nops * sizeof(Fragment));
	int			depth = 0;
	int			i;

	for (i = 0; i < formula->nops; i++)
	{
		StringInfoData buf;
		int			precedence;
		int			taken;

		initStringInfo(&buf);
		taken = append_op(&buf, formula, &formula->ops[i], &stack[depth], &precedence);
		if (taken < 0)
		{
			pfree(buf.data);
			continue;
		}
		while (taken-- > 0)
			pfree(stack[--depth].text);
		stack[depth].text = buf.data;
		stack[depth].precedence = precedence;
		depth++;
	}
	Assert(depth == 1);
	return stack[0].text;
}
