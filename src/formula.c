/*
 * formula.c
 *		The type formula, and its evaluation over named numbers.
 *
 * Arithmetic is numeric's own, so that a formula gives what the same
 * expression gives in SQL, digit for digit.  It calls nothing else, and its
 * length bounds its work.
 */
#include "postgres.h"

#include "compat.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "formula.h"
#include "wide.h"

/* Leads the binary form. */
#define FORMULA_BINARY_VERSION	1

/* Values of an evaluation that need no allocation. */
#define SMALL_STACK				32

/* A number or a truth value, or NULL. */
typedef struct FormulaValue
{
	bool		is_null;
	bool		truth;
	Numeric		number;
} FormulaValue;

StaticAssertDecl(4 * FORMULA_MAX_NODES <= PG_INT16_MAX, "jumps must fit");

/*
 * The number that vars holds under a name.  A missing name and JSON's null
 * are NULL; anything else that is no number is an error.
 */
static FormulaValue
look_up(const char *name, JsonbContainer *vars)
{
	FormulaValue result = {.is_null = true};
	JsonbValue	value;

	if (getKeyJsonValueFromContainer(vars, name, strlen(name), &value) == NULL ||
		value.type == jbvNull)
		return result;
	if (value.type != jbvNumeric)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value of \"%s\" must be a number, not %s", name,
						value.type == jbvString ? "a string" :
						value.type == jbvBool ? "a boolean" :
						JsonContainerIsArray(value.val.binary.data) ? "an array" : "an object"),
				 errhint("Give numbers without quotes, and null or nothing for what is not known.")));
	result.is_null = false;
	result.number = value.val.numeric;
	return result;
}

/*
 * Arithmetic and comparison of two values; NULL where either is, and where
 * something is divided by 0.
 */
static FormulaValue
apply(FormulaCode code, FormulaValue a, FormulaValue b)
{
	FormulaValue result = {.is_null = a.is_null || b.is_null};

	if (result.is_null)
		return result;
	switch (code)
	{
		case FORMULA_ADD:
			result.number = pm_wide_add(a.number, b.number);
			break;
		case FORMULA_SUBTRACT:
			result.number = pm_wide_subtract(a.number, b.number);
			break;
		case FORMULA_MULTIPLY:
			result.number = pm_wide_multiply(a.number, b.number);
			break;
		case FORMULA_DIVIDE:
			result.is_null = pm_is_zero(b.number);
			if (!result.is_null)
				result.number = pm_wide_divide(a.number, b.number);
			break;
		case FORMULA_LT:
			result.truth = pm_wide_compare(a.number, b.number) < 0;
			break;
		case FORMULA_LE:
			result.truth = pm_wide_compare(a.number, b.number) <= 0;
			break;
		case FORMULA_EQ:
			result.truth = pm_wide_compare(a.number, b.number) == 0;
			break;
		case FORMULA_NE:
			result.truth = pm_wide_compare(a.number, b.number) != 0;
			break;
		case FORMULA_GE:
			result.truth = pm_wide_compare(a.number, b.number) >= 0;
			break;
		case FORMULA_GT:
			result.truth = pm_wide_compare(a.number, b.number) > 0;
			break;
		default:
			elog(ERROR, "unexpected instruction in formula: %d", code);
	}
	return result;
}

/*
 * "and" and "or" with NULL, as in SQL.  The deciding value is false for
 * "and", true for "or".
 */
static FormulaValue
join_truths(FormulaValue a, FormulaValue b, bool deciding)
{
	FormulaValue result = {.truth = deciding};

	if ((!a.is_null && a.truth == deciding) || (!b.is_null && b.truth == deciding))
		return result;
	result.truth = !deciding;
	result.is_null = a.is_null || b.is_null;
	return result;
}

/*
 * The least or the greatest of some values; NULLs are left out, as LEAST()
 * and GREATEST() do.
 */
static FormulaValue
extreme(const FormulaValue *args, int nargs, int sign)
{
	FormulaValue result = args[0];
	int			i;

	for (i = 1; i < nargs; i++)
	{
		if (!args[i].is_null &&
			(result.is_null || sign * pm_wide_compare(args[i].number, result.number) > 0))
			result = args[i];
	}
	return result;
}

/*
 * Runs the program; stack has room for max_stack values.
 */
static FormulaValue
run(const Formula *formula, JsonbContainer *vars, FormulaValue *stack)
{
	FormulaValue *top = stack;	/* one beyond the last value */
	int			next = 0;

	while (next < formula->nops)
	{
		const FormulaOp *op = &formula->ops[next++];

		/* a multiplication of very long numbers takes a while */
		CHECK_FOR_INTERRUPTS();

		switch ((FormulaCode) op->code)
		{
			case FORMULA_NUMBER:
				top->is_null = false;
				top->number = FORMULA_NUMBER_AT(formula, op->arg);
				top++;
				break;
			case FORMULA_NAME:
				*top++ = look_up(FORMULA_NAME_AT(formula, op->arg), vars);
				break;
			case FORMULA_NEGATE:
				if (!top[-1].is_null)
					top[-1].number = pm_wide_negate(top[-1].number);
				break;
			case FORMULA_NOT:
				top[-1].truth = !top[-1].truth;
				break;
			case FORMULA_AND_TEST:
				if (!top[-1].is_null && !top[-1].truth)
					next = op->arg;
				break;
			case FORMULA_OR_TEST:
				if (!top[-1].is_null && top[-1].truth)
					next = op->arg;
				break;
			case FORMULA_AND:
			case FORMULA_OR:
				top--;
				top[-1] = join_truths(top[-1], top[0], op->code == FORMULA_OR);
				break;
			case FORMULA_IF_TEST:
				top--;
				if (top->is_null || !top->truth)
					next = op->arg;
				break;
			case FORMULA_IF_ELSE:
				next = op->arg;
				break;
			case FORMULA_COALESCE_TEST:
				if (top[-1].is_null)
					top--;
				else
					next = op->arg;
				break;
			case FORMULA_IF:
			case FORMULA_COALESCE:
				break;			/* what was asked for is on top */
			case FORMULA_MIN:
			case FORMULA_MAX:
				top -= op->arg - 1;
				top[-1] = extreme(top - 1, op->arg, op->code == FORMULA_MAX ? 1 : -1);
				break;
			case FORMULA_ABS:
				if (!top[-1].is_null)
					top[-1].number = pm_wide_absolute(top[-1].number);
				break;
			case FORMULA_ROUND:
				if (!top[-1].is_null)
					top[-1].number = pm_wide_round(top[-1].number, op->arg);
				break;
			default:
				top--;
				top[-1] = apply(op->code, top[-1], top[0]);
		}
		Assert(top > stack - 1 && top - stack <= formula->max_stack);
	}
	Assert(top == stack + 1);
	return stack[0];
}

/*
 * Text to formula.  Errors: see pm_formula_parse().
 */
PG_FUNCTION_INFO_V1(pm_formula_in);
Datum
pm_formula_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_formula_parse(PG_GETARG_CSTRING(0), 0, fcinfo->context));
}

PG_FUNCTION_INFO_V1(pm_formula_out);
Datum
pm_formula_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pm_formula_print(PG_GETARG_FORMULA(0)));
}

/*
 * Binary to formula: a version byte, then the text.  22P03 for anything else.
 */
PG_FUNCTION_INFO_V1(pm_formula_recv);
Datum
pm_formula_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(buf);
	int			length;

	if (version != FORMULA_BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of binary %s", version, "formula")));
	PG_RETURN_POINTER(pm_formula_parse(pq_getmsgtext(buf, buf->len - buf->cursor, &length),
									   ERRCODE_INVALID_BINARY_REPRESENTATION, NULL));
}

PG_FUNCTION_INFO_V1(pm_formula_send);
Datum
pm_formula_send(PG_FUNCTION_ARGS)
{
	char	   *text = pm_formula_print(PG_GETARG_FORMULA(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, FORMULA_BINARY_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Two formulas are equal where their canonical texts are, which is to say
 * their bytes.
 */
static bool
equal_formulas(FunctionCallInfo fcinfo)
{
	const Formula *a = PG_GETARG_FORMULA(0);
	const Formula *b = PG_GETARG_FORMULA(1);

	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

PG_FUNCTION_INFO_V1(pm_formula_eq);
Datum
pm_formula_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(equal_formulas(fcinfo));
}

PG_FUNCTION_INFO_V1(pm_formula_ne);
Datum
pm_formula_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!equal_formulas(fcinfo));
}

PG_FUNCTION_INFO_V1(pm_formula_hash);
Datum
pm_formula_hash(PG_FUNCTION_ARGS)
{
	const Formula *formula = PG_GETARG_FORMULA(0);

	return hash_any((const unsigned char *) VARDATA(formula), VARSIZE(formula) - VARHDRSZ);
}

/*
 * evaluate(f, vars).  22023 where vars is no object, or holds something other
 * than a number under a name that is needed; 22003 where a result is beyond
 * numeric.
 */
PG_FUNCTION_INFO_V1(pm_formula_evaluate);
Datum
pm_formula_evaluate(PG_FUNCTION_ARGS)
{
	const Formula *formula = PG_GETARG_FORMULA(0);
	Jsonb	   *vars = PG_GETARG_JSONB_P(1);
	FormulaValue small_stack[SMALL_STACK];
	FormulaValue *stack = small_stack;
	FormulaValue result;

	if (!JB_ROOT_IS_OBJECT(vars))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("values of a formula must be a JSON object, not %s",
						JB_ROOT_IS_SCALAR(vars) ? "a single value" : "an array"),
				 errhint("Give an object such as {\"kpi\": 90, \"peer\": null}.")));

	if (formula->max_stack > SMALL_STACK)
		stack = (FormulaValue *) palloc(formula->max_stack * sizeof(FormulaValue));
	result = run(formula, &vars->root, stack);
	if (result.is_null)
		PG_RETURN_NULL();
	/* it may lie inside of an argument */
	PG_RETURN_NUMERIC(DatumGetNumericCopy(NumericGetDatum(result.number)));
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/*
 * variables(f): the names, each once, in the order of their bytes.
 */
PG_FUNCTION_INFO_V1(pm_formula_variables);
Datum
pm_formula_variables(PG_FUNCTION_ARGS)
{
	const Formula *formula = PG_GETARG_FORMULA(0);
	const char **names = (const char **) palloc(formula->nnames * sizeof(char *));
	Datum	   *elems = (Datum *) palloc(formula->nnames * sizeof(Datum));
	int			i;

	for (i = 0; i < formula->nnames; i++)
		names[i] = FORMULA_NAME_AT(formula, i);
	qsort(names, formula->nnames, sizeof(char *), compare_names);
	for (i = 0; i < formula->nnames; i++)
		elems[i] = CStringGetTextDatum(names[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elems, formula->nnames, TEXTOID, -1, false,
										  TYPALIGN_INT));
}
