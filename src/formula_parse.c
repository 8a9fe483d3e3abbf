/*
 * formula_parse.c
 *		A formula from its text.
 *
 * Precedence climbing.  It recurses where the text nests, so nesting is
 * counted before each step down; so are the parts, before each is kept.
 *
 *		or < and < not < comparisons < + - < * / < unary -
 *
 * Comparisons give truth values, everything else numbers, and the parser
 * keeps the two apart, so that evaluation need not.
 */
#include "postgres.h"

#include "compat.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "formula.h"
#include "formula_lex.h"
#include "reader.h"

/* An instruction that is a part of the text can bring three that are not. */
#define MAX_OPS			(4 * FORMULA_MAX_NODES)

typedef struct FormulaParse
{
	FormulaLexer lexer;

	FormulaOp	ops[MAX_OPS];
	Numeric		numbers[FORMULA_MAX_NODES];
	const char *names[FORMULA_MAX_NODES];
	int			nops;
	int			nnumbers;
	int			nnames;
	int			nodes;
	int			nesting;
} FormulaParse;

#define READER(parse)	(&(parse)->lexer.reader)
#define TOKEN(parse)	((parse)->lexer.token)

static bool parse_expression(FormulaParse *parse, int min_precedence, bool *is_truth);

static bool
next_token(FormulaParse *parse)
{
	return pm_formula_next_token(&parse->lexer);
}

static bool
need_token(FormulaParse *parse, TokenKind kind, const char *expected)
{
	return pm_formula_need_token(&parse->lexer, kind, expected);
}

static int
position(const FormulaParse *parse, const Token *token)
{
	return pm_reader_position(READER(parse), token->start);
}

/*
 * Appends an instruction, and returns where.
 */
static int
emit(FormulaParse *parse, FormulaCode code, int arg)
{
	FormulaOp  *op = &parse->ops[parse->nops];

	Assert(parse->nops < MAX_OPS);
	op->code = code;
	op->unused = 0;
	op->arg = arg;
	return parse->nops++;
}

/*
 * Lets a jump lead to the next instruction.
 */
static void
land_here(FormulaParse *parse, int jump)
{
	parse->ops[jump].arg = parse->nops;
}

/*
 * Counts one more number, name, operator or call.
 */
static bool
count_node(FormulaParse *parse)
{
	if (parse->nodes == FORMULA_MAX_NODES)
		return pm_reader_fail_limit(READER(parse), ERRCODE_PROGRAM_LIMIT_EXCEEDED,
									 "formula has too many parts",
									 "A formula has at most %d numbers, names, operators and calls.",
									 FORMULA_MAX_NODES);
	parse->nodes++;
	return true;
}

/*
 * Counts one more level down; the caller takes it off again.
 */
static bool
count_level(FormulaParse *parse)
{
	if (parse->nesting == FORMULA_MAX_NESTING)
		return pm_reader_fail_limit(READER(parse), ERRCODE_STATEMENT_TOO_COMPLEX,
									 "formula is nested too deeply",
									 "At character %d there are more than %d brackets, calls and prefixes within each other.",
									 position(parse, &TOKEN(parse)),
									 FORMULA_MAX_NESTING);
	parse->nesting++;
	return true;
}

static bool
check_kind(FormulaParse *parse, const Token *taker, bool is_truth, bool wants_truth)
{
	if (is_truth == wants_truth)
		return true;
	return pm_reader_fail(READER(parse), "\"%.*s\" at character %d takes %s.",
						   taker->length, taker->start,
						   position(parse, taker),
						   wants_truth ? "comparisons, not numbers" : "numbers, not comparisons");
}

static bool
parse_number(FormulaParse *parse)
{
	char	   *text = pnstrdup(TOKEN(parse).start, TOKEN(parse).length);

	if (!count_node(parse))
		return false;
	parse->numbers[parse->nnumbers] =
		DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	emit(parse, FORMULA_NUMBER, parse->nnumbers++);
	return next_token(parse);
}

static bool
parse_name(FormulaParse *parse)
{
	const Token *token = &TOKEN(parse);
	char	   *name = pnstrdup(token->start, token->length);
	int			i;

	if (!count_node(parse))
		return false;

	if (token->kind == TOKEN_QUOTED_NAME)
	{
		const char *from = token->start + 1;
		const char *end = token->start + token->length - 1;
		char	   *to = name;

		while (from < end)
		{
			if (*from == '"')
				from++;
			*to++ = *from++;
		}
		*to = '\0';
	}

	for (i = 0; i < parse->nnames; i++)
	{
		if (strcmp(parse->names[i], name) == 0)
			break;
	}
	if (i == parse->nnames)
		parse->names[parse->nnames++] = name;
	emit(parse, FORMULA_NAME, i);

	if (!next_token(parse))
		return false;
	if (TOKEN(parse).kind == TOKEN_OPEN)
		return pm_reader_fail(READER(parse),
							   "\"%.*s\" before character %d is not a function; there are if, min, max, coalesce, abs and round.",
							   pm_reader_excerpt(name, strlen(name)), name,
							   position(parse, &TOKEN(parse)));
	return true;
}

/*
 * The arguments of if(), after its bracket.
 */
static bool
parse_if(FormulaParse *parse, const Token *function)
{
	bool		is_truth;
	int			test;
	int			skip;

	if (!parse_expression(parse, 0, &is_truth))
		return false;
	if (!is_truth)
		return pm_reader_fail(READER(parse),
							   "The first argument of \"if\" at character %d must be a comparison.",
							   position(parse, function));
	test = emit(parse, FORMULA_IF_TEST, 0);
	if (!need_token(parse, TOKEN_COMMA, "\",\"") ||
		!parse_expression(parse, 0, &is_truth) ||
		!check_kind(parse, function, is_truth, false))
		return false;
	skip = emit(parse, FORMULA_IF_ELSE, 0);
	land_here(parse, test);
	if (!need_token(parse, TOKEN_COMMA, "\",\"") ||
		!parse_expression(parse, 0, &is_truth) ||
		!check_kind(parse, function, is_truth, false))
		return false;
	land_here(parse, skip);
	emit(parse, FORMULA_IF, 0);
	return need_token(parse, TOKEN_CLOSE, "\")\"");
}

/*
 * The places of round(), after the comma: a whole number, perhaps signed.
 */
static bool
parse_places(FormulaParse *parse, const Token *function, int *places)
{
	bool		negative = TOKEN(parse).kind == TOKEN_OPERATOR &&
		TOKEN(parse).operator->code == FORMULA_SUBTRACT;

	if (negative && !next_token(parse))
		return false;
	*places = FORMULA_MAX_PLACES + 1;
	if (TOKEN(parse).kind == TOKEN_NUMBER && TOKEN(parse).length <= 4 &&
		strspn(TOKEN(parse).start, "0123456789") >= TOKEN(parse).length)
		*places = atoi(TOKEN(parse).start);
	if (*places > FORMULA_MAX_PLACES)
		return pm_reader_fail(READER(parse),
							   "The places of \"round\" at character %d must be a whole number from -%d to %d.",
							   position(parse, function),
							   FORMULA_MAX_PLACES, FORMULA_MAX_PLACES);
	if (negative)
		*places = -*places;
	return next_token(parse);
}

/*
 * The arguments of any other function, after its bracket.
 */
static bool
parse_arguments(FormulaParse *parse, const Token *function)
{
	int		   *tests = palloc(FORMULA_MAX_NODES * sizeof(int));
	int			nargs = 0;
	int			arg;
	bool		is_truth;

	for (;;)
	{
		if (!parse_expression(parse, 0, &is_truth) ||
			!check_kind(parse, function, is_truth, false))
			return false;
		nargs++;
		if (function->code == FORMULA_ABS || function->code == FORMULA_ROUND ||
			TOKEN(parse).kind != TOKEN_COMMA)
			break;
		if (function->code == FORMULA_COALESCE)
			tests[nargs - 1] = emit(parse, FORMULA_COALESCE_TEST, 0);
		if (!next_token(parse))
			return false;
	}

	arg = nargs;
	if (function->code == FORMULA_ABS || function->code == FORMULA_ROUND)
		arg = 0;
	if (function->code == FORMULA_ROUND && TOKEN(parse).kind == TOKEN_COMMA)
	{
		if (!next_token(parse) || !parse_places(parse, function, &arg))
			return false;
	}
	if (function->code == FORMULA_COALESCE)
	{
		while (--nargs > 0)
			land_here(parse, tests[nargs - 1]);
	}
	pfree(tests);
	emit(parse, function->code, arg);
	return need_token(parse, TOKEN_CLOSE, "\",\" or \")\"");
}

static bool
parse_call(FormulaParse *parse)
{
	Token		function = TOKEN(parse);

	if (!count_node(parse) || !next_token(parse))
		return false;
	parse->lexer.is_reserved = (TOKEN(parse).kind != TOKEN_OPEN);
	if (!need_token(parse, TOKEN_OPEN, "\"(\" after the name of a function"))
		return false;
	return function.code == FORMULA_IF ? parse_if(parse, &function) :
		parse_arguments(parse, &function);
}

static bool
parse_prefix(FormulaParse *parse, FormulaCode code, bool *is_truth)
{
	Token		prefix = TOKEN(parse);
	bool		wants_truth = (code == FORMULA_NOT);

	if (!count_node(parse) || !next_token(parse) ||
		!parse_expression(parse, wants_truth ? PRECEDENCE_NOT : PRECEDENCE_NEGATE, is_truth) ||
		!check_kind(parse, &prefix, *is_truth, wants_truth))
		return false;
	emit(parse, code, 0);
	return true;
}

static bool
parse_brackets(FormulaParse *parse, bool *is_truth)
{
	return next_token(parse) && parse_expression(parse, 0, is_truth) &&
		need_token(parse, TOKEN_CLOSE, "an operator or \")\"");
}

/*
 * What stands between operators.
 */
static bool
parse_operand(FormulaParse *parse, int min_precedence, bool *is_truth)
{
	bool		done;

	*is_truth = false;
	switch (TOKEN(parse).kind)
	{
		case TOKEN_NUMBER:
			return parse_number(parse);
		case TOKEN_NAME:
		case TOKEN_QUOTED_NAME:
			return parse_name(parse);
		default:
			break;
	}

	/* everything else nests */
	if (!count_level(parse))
		return false;
	if (TOKEN(parse).kind == TOKEN_OPEN)
		done = parse_brackets(parse, is_truth);
	else if (TOKEN(parse).kind == TOKEN_FUNCTION)
		done = parse_call(parse);
	else if (TOKEN(parse).kind == TOKEN_NOT && min_precedence <= PRECEDENCE_NOT)
		done = parse_prefix(parse, FORMULA_NOT, is_truth);
	else if (TOKEN(parse).kind == TOKEN_OPERATOR && TOKEN(parse).operator->code == FORMULA_SUBTRACT)
		done = parse_prefix(parse, FORMULA_NEGATE, is_truth);
	else
		done = pm_formula_fail_token(&parse->lexer, "a number, a name, a function or \"(\"");
	parse->nesting--;
	return done;
}

/*
 * Operands joined by operators that bind at least as tight as
 * min_precedence.  Recursion is bounded by FORMULA_MAX_NESTING times the
 * number of precedences.
 */
static bool
parse_expression(FormulaParse *parse, int min_precedence, bool *is_truth)
{
	if (!parse_operand(parse, min_precedence, is_truth))
		return false;

	while (TOKEN(parse).kind == TOKEN_OPERATOR &&
		   TOKEN(parse).operator->precedence >= min_precedence)
	{
		Token		token = TOKEN(parse);
		FormulaCode code = token.operator->code;
		bool		joins_truths = (code == FORMULA_AND || code == FORMULA_OR);
		bool		right_is_truth;
		int			test = 0;

		if (!count_node(parse) || !next_token(parse) ||
			!check_kind(parse, &token, *is_truth, joins_truths))
			return false;
		if (joins_truths)
			test = emit(parse, code == FORMULA_AND ? FORMULA_AND_TEST : FORMULA_OR_TEST, 0);
		if (!parse_expression(parse, token.operator->precedence + 1, &right_is_truth) ||
			!check_kind(parse, &token, right_is_truth, joins_truths))
			return false;
		emit(parse, code, 0);
		if (joins_truths)
			land_here(parse, test);
		*is_truth = joins_truths || (code >= FORMULA_LT && code <= FORMULA_GT);
	}
	return true;
}

static bool
parse_formula(FormulaParse *parse)
{
	int			length = strlen(parse->lexer.reader.text);
	bool		is_truth;

	if (length > FORMULA_MAX_BYTES)
		return pm_reader_fail_limit(READER(parse), ERRCODE_PROGRAM_LIMIT_EXCEEDED,
									 "formula is too long",
									 "A formula has at most %d bytes, and this one has %d.",
									 FORMULA_MAX_BYTES, length);
	if (!next_token(parse) || !parse_expression(parse, 0, &is_truth))
		return false;
	if (TOKEN(parse).kind != TOKEN_END)
		return pm_formula_fail_token(&parse->lexer, "an operator or the end");
	if (is_truth)
		return pm_reader_fail(READER(parse),
							   "The formula is a comparison and gives no number; write if(comparison, 1, 0).");
	return true;
}

/*
 * How many values are on the stack at most.
 */
static int
deepest_stack(const FormulaParse *parse)
{
	int			depth = 0;
	int			deepest = 0;
	int			i;

	for (i = 0; i < parse->nops; i++)
	{
		const FormulaOp *op = &parse->ops[i];

		switch ((FormulaCode) op->code)
		{
			case FORMULA_NUMBER:
			case FORMULA_NAME:
				depth++;
				break;
			case FORMULA_MIN:
			case FORMULA_MAX:
				depth -= op->arg - 1;
				break;
			case FORMULA_NEGATE:
			case FORMULA_NOT:
			case FORMULA_AND_TEST:
			case FORMULA_OR_TEST:
			case FORMULA_IF:
			case FORMULA_COALESCE:
			case FORMULA_ABS:
			case FORMULA_ROUND:
				break;
			default:
				depth--;		/* two become one, or one is dropped */
		}
		deepest = Max(deepest, depth);
	}
	Assert(depth == 1);
	return deepest;
}

static Formula *
build_formula(const FormulaParse *parse)
{
	Size		size = offsetof(Formula, ops) + parse->nops * sizeof(FormulaOp) +
		(parse->nnumbers + parse->nnames) * sizeof(int32);
	Formula    *formula;
	int32	   *offsets;
	int			i;

	for (i = 0; i < parse->nnumbers; i++)
		size += INTALIGN(VARSIZE(parse->numbers[i]));
	for (i = 0; i < parse->nnames; i++)
		size += strlen(parse->names[i]) + 1;

	formula = (Formula *) palloc0(size);
	SET_VARSIZE(formula, size);
	formula->nops = parse->nops;
	formula->nnumbers = parse->nnumbers;
	formula->nnames = parse->nnames;
	formula->max_stack = deepest_stack(parse);
	memcpy(formula->ops, parse->ops, parse->nops * sizeof(FormulaOp));

	offsets = (int32 *) &formula->ops[parse->nops];
	size = (char *) (offsets + parse->nnumbers + parse->nnames) - (char *) formula;
	for (i = 0; i < parse->nnumbers; i++)
	{
		*offsets++ = size;
		memcpy((char *) formula + size, parse->numbers[i], VARSIZE(parse->numbers[i]));
		size += INTALIGN(VARSIZE(parse->numbers[i]));
	}
	for (i = 0; i < parse->nnames; i++)
	{
		*offsets++ = size;
		strcpy((char *) formula + size, parse->names[i]);
		size += strlen(parse->names[i]) + 1;
	}
	Assert(size == VARSIZE(formula));
	return formula;
}

/*
 * What is stored must read back from its own text, so that text has to keep
 * to the limit as well.
 */
static bool
check_printed_length(FormulaParse *parse, const Formula *formula)
{
	int			length = strlen(pm_formula_print(formula));

	if (length <= FORMULA_MAX_BYTES)
		return true;
	return pm_reader_fail_limit(READER(parse), ERRCODE_PROGRAM_LIMIT_EXCEEDED,
								 "formula is too long",
								 "A formula has at most %d bytes, and this one, with a blank around each operator, has %d.",
								 FORMULA_MAX_BYTES, length);
}

/*
 * Reads a formula.  Errors are soft where escontext allows it: 22P02 for
 * malformed text, 54000 for too much of it, 54001 for too deep nesting; or
 * errcode_override for all of them, where it is not 0.
 */
Formula *
pm_formula_parse(const char *text, int errcode_override, Node *escontext)
{
	FormulaParse *parse = (FormulaParse *) palloc0(sizeof(FormulaParse));
	Formula    *formula = NULL;

	pm_reader_start(&parse->lexer.reader, "formula", text);
	if (parse_formula(parse))
		formula = build_formula(parse);

	if (formula == NULL || !check_printed_length(parse, formula))
		ereturn(escontext, NULL,
				(errcode(pm_reader_errcode(&parse->lexer.reader, errcode_override)),
				 pm_reader_errmsg(&parse->lexer.reader),
				 parse->lexer.is_reserved ?
				 errhint("Put a name that is a reserved word in double quotes.") : 0,
				 parse->lexer.is_foreign ?
				 errhint("Write digits, operators, brackets and commas in half width, and put a name that has other characters in double quotes.") : 0));
	pfree(parse);
	return formula;
}
