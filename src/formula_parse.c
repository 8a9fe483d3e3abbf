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
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "formula.h"
#include "literal.h"

/* An instruction that is a part of the text can bring three that are not. */
#define MAX_OPS			(4 * FORMULA_MAX_NODES)

typedef enum TokenKind
{
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_NAME,
	TOKEN_QUOTED_NAME,
	TOKEN_FUNCTION,
	TOKEN_NOT,
	TOKEN_OPERATOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA
} TokenKind;

typedef struct Token
{
	TokenKind	kind;
	const char *start;
	int			length;
	FormulaCode code;			/* of a function */
	const FormulaOperator *operator;	/* of an operator */
} Token;

typedef struct FormulaParse
{
	PmLiteral	literal;
	bool		is_foreign;		/* what is wrong is a character beyond ASCII ... */
	bool		is_reserved;	/* ... or a word that is no name */
	Token		token;			/* the next one, not taken yet */

	FormulaOp	ops[MAX_OPS];
	Numeric		numbers[FORMULA_MAX_NODES];
	const char *names[FORMULA_MAX_NODES];
	int			nops;
	int			nnumbers;
	int			nnames;
	int			nodes;
	int			nesting;
} FormulaParse;

static const FormulaOperator operators[] = {
	{FORMULA_OR, 1, "or"},
	{FORMULA_AND, 2, "and"},
	{FORMULA_LE, 4, "<="},
	{FORMULA_NE, 4, "<>"},
	{FORMULA_NE, 4, "!="},
	{FORMULA_GE, 4, ">="},
	{FORMULA_LT, 4, "<"},
	{FORMULA_EQ, 4, "="},
	{FORMULA_GT, 4, ">"},
	{FORMULA_ADD, 5, "+"},
	{FORMULA_SUBTRACT, 5, "-"},
	{FORMULA_MULTIPLY, 6, "*"},
	{FORMULA_DIVIDE, 6, "/"}
};

static const struct
{
	const char *word;
	FormulaCode code;
}			functions[] = {
	{"if", FORMULA_IF},
	{"min", FORMULA_MIN},
	{"max", FORMULA_MAX},
	{"coalesce", FORMULA_COALESCE},
	{"abs", FORMULA_ABS},
	{"round", FORMULA_ROUND}
};

static bool parse_expression(FormulaParse *parse, int min_precedence, bool *is_truth);

/*
 * The infix operator that an instruction stands for, or NULL.
 */
const FormulaOperator *
pm_formula_operator(FormulaCode code)
{
	int			i;

	for (i = 0; i < lengthof(operators); i++)
	{
		if (operators[i].code == code)
			return &operators[i];
	}
	return NULL;
}

static bool
is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Whether a name may hold this character without quotes.  Of the characters
 * beyond ASCII, those that look like operators, brackets, digits, commas or
 * blanks may not: somebody meant the real ones.
 */
static bool
is_letter(const char *c)
{
	static const struct
	{
		pg_wchar	first;
		pg_wchar	last;
	}			refused[] = {
		{0x0080, 0x00BF},		/* Latin-1 punctuation */
		{0x00D7, 0x00D7},		/* multiplication sign */
		{0x00F7, 0x00F7},		/* division sign */
		{0x2000, 0x2BFF},		/* punctuation, symbols, arrows, mathematics */
		{0x2E00, 0x2E7F},		/* more punctuation */
		{0x3000, 0x3004},		/* ideographic blank and punctuation */
		{0x3008, 0x3020},
		{0x3030, 0x303F},
		{0xFE10, 0xFE6F},		/* vertical and small forms */
		{0xFEFF, 0xFF65},		/* byte order mark, full-width ASCII */
		{0xFFE0, 0xFFFF}
	};
	pg_wchar	code;
	int			i;

	if (!IS_HIGHBIT_SET(*c))
		return is_ascii_letter(*c);
	if (GetDatabaseEncoding() != PG_UTF8)
		return true;

	code = utf8_to_unicode((const unsigned char *) c);
	for (i = 0; i < lengthof(refused); i++)
	{
		if (code >= refused[i].first && code <= refused[i].last)
			return false;
	}
	return true;
}

/*
 * Length of the plain name that begins at c; 0 where none does.  A dot may
 * join two parts.
 */
static int
name_length(const char *c)
{
	const char *start = c;

	while (is_letter(c) || (c > start && is_digit(*c)) ||
		   (c > start && *c == '.' && (is_digit(c[1]) || is_letter(c + 1))))
		c += pg_mblen(c);
	return c - start;
}

static bool
is_word(const char *start, int length, const char *word)
{
	return length == strlen(word) && pg_strncasecmp(start, word, length) == 0;
}

/*
 * Words with a meaning in formulas, or with one that somebody would expect;
 * names of this kind must be quoted.
 */
static bool
is_reserved(const char *start, int length)
{
	static const char *const others[] = {"and", "or", "not", "null", "true", "false"};
	int			i;

	for (i = 0; i < lengthof(functions); i++)
	{
		if (is_word(start, length, functions[i].word))
			return true;
	}
	for (i = 0; i < lengthof(others); i++)
	{
		if (is_word(start, length, others[i]))
			return true;
	}
	return false;
}

/*
 * Whether a name can be written without quotes.
 */
bool
pm_formula_is_plain_name(const char *name)
{
	int			length = strlen(name);

	return length > 0 && name_length(name) == length && !is_reserved(name, length);
}

static bool
fail_token(FormulaParse *parse, const char *expected)
{
	const Token *token = &parse->token;
	int			position = pm_literal_position(&parse->literal, token->start);

	if (token->kind == TOKEN_END)
		return pm_literal_fail(&parse->literal,
							   "Expected %s, but the formula ends at character %d.",
							   expected, position);
	return pm_literal_fail(&parse->literal, "Expected %s at character %d, found \"%.*s\".",
						   expected, position,
						   pm_literal_excerpt(token->start, token->length), token->start);
}

/*
 * A word that begins like a name: function, operator or the name itself.
 */
static bool
classify_word(FormulaParse *parse, Token *token)
{
	int			i;

	token->kind = TOKEN_NAME;
	if (is_word(token->start, token->length, "not"))
		token->kind = TOKEN_NOT;
	for (i = 0; i < lengthof(functions); i++)
	{
		if (is_word(token->start, token->length, functions[i].word))
		{
			token->kind = TOKEN_FUNCTION;
			token->code = functions[i].code;
		}
	}
	for (i = 0; i < lengthof(operators); i++)
	{
		if (is_word(token->start, token->length, operators[i].text))
		{
			token->kind = TOKEN_OPERATOR;
			token->operator = &operators[i];
		}
	}
	if (token->kind == TOKEN_NAME && is_reserved(token->start, token->length))
	{
		parse->is_reserved = true;
		return pm_literal_fail(&parse->literal,
							   "\"%.*s\" at character %d is a reserved word.",
							   token->length, token->start,
							   pm_literal_position(&parse->literal, token->start));
	}
	return true;
}

/*
 * The bytes of a quoted name, with its quotes; a quote inside is doubled.
 */
static bool
scan_quoted_name(FormulaParse *parse, Token *token)
{
	const char *c = token->start + 1;

	while (*c != '\0' && !(c[0] == '"' && c[1] != '"'))
		c += (*c == '"') ? 2 : 1;
	if (*c == '\0')
		return pm_literal_fail(&parse->literal,
							   "The quoted name that begins at character %d does not end.",
							   pm_literal_position(&parse->literal, token->start));
	token->kind = TOKEN_QUOTED_NAME;
	token->length = c + 1 - token->start;
	if (token->length == 2)
		return pm_literal_fail(&parse->literal, "The quoted name at character %d is empty.",
							   pm_literal_position(&parse->literal, token->start));
	return true;
}

static bool
scan_number(FormulaParse *parse, Token *token)
{
	const char *c = token->start;

	while (is_digit(*c))
		c++;
	if (*c == '.')
		c++;
	while (is_digit(*c))
		c++;
	token->kind = TOKEN_NUMBER;
	token->length = c - token->start;
	if (*c == '.' || is_letter(c))
		return pm_literal_fail(&parse->literal, "The number at character %d runs into \"%.*s\".",
							   pm_literal_position(&parse->literal, token->start),
							   pg_mblen(c), c);
	return true;
}

/*
 * Reads the next token.
 */
static bool
next_token(FormulaParse *parse)
{
	Token	   *token = &parse->token;
	const char *c;
	int			i;

	pm_literal_skip_blanks(&parse->literal);
	c = token->start = parse->literal.at;
	token->length = name_length(c);

	if (token->length > 0)
	{
		if (!classify_word(parse, token))
			return false;
	}
	else if (is_digit(*c) || (*c == '.' && is_digit(c[1])))
	{
		if (!scan_number(parse, token))
			return false;
	}
	else if (*c == '"')
	{
		if (!scan_quoted_name(parse, token))
			return false;
	}
	else
	{
		token->length = 1;
		switch (*c)
		{
			case '\0':
				token->kind = TOKEN_END;
				token->length = 0;
				break;
			case '(':
				token->kind = TOKEN_OPEN;
				break;
			case ')':
				token->kind = TOKEN_CLOSE;
				break;
			case ',':
				token->kind = TOKEN_COMMA;
				break;
			default:
				for (i = 0; i < lengthof(operators); i++)
				{
					token->length = strlen(operators[i].text);
					if (strncmp(c, operators[i].text, token->length) == 0)
						break;
				}
				if (i == lengthof(operators))
				{
					parse->is_foreign = IS_HIGHBIT_SET(*c);
					return pm_literal_fail(&parse->literal,
										   "\"%.*s\" at character %d has no meaning in a formula.",
										   pg_mblen(c), c,
										   pm_literal_position(&parse->literal, c));
				}
				token->kind = TOKEN_OPERATOR;
				token->operator = &operators[i];
		}
	}
	parse->literal.at = token->start + token->length;
	return true;
}

static bool
need_token(FormulaParse *parse, TokenKind kind, const char *expected)
{
	if (parse->token.kind != kind)
		return fail_token(parse, expected);
	return next_token(parse);
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
		return pm_literal_fail_limit(&parse->literal, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
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
		return pm_literal_fail_limit(&parse->literal, ERRCODE_STATEMENT_TOO_COMPLEX,
									 "formula is nested too deeply",
									 "At character %d there are more than %d brackets, calls and prefixes within each other.",
									 pm_literal_position(&parse->literal, parse->token.start),
									 FORMULA_MAX_NESTING);
	parse->nesting++;
	return true;
}

static bool
check_kind(FormulaParse *parse, const Token *taker, bool is_truth, bool wants_truth)
{
	if (is_truth == wants_truth)
		return true;
	return pm_literal_fail(&parse->literal, "\"%.*s\" at character %d takes %s.",
						   taker->length, taker->start,
						   pm_literal_position(&parse->literal, taker->start),
						   wants_truth ? "comparisons, not numbers" : "numbers, not comparisons");
}

static bool
parse_number(FormulaParse *parse)
{
	char	   *text = pnstrdup(parse->token.start, parse->token.length);

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
	const Token *token = &parse->token;
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
	if (parse->token.kind == TOKEN_OPEN)
		return pm_literal_fail(&parse->literal,
							   "\"%.*s\" before character %d is not a function; there are if, min, max, coalesce, abs and round.",
							   pm_literal_excerpt(name, strlen(name)), name,
							   pm_literal_position(&parse->literal, parse->token.start));
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
		return pm_literal_fail(&parse->literal,
							   "The first argument of \"if\" at character %d must be a comparison.",
							   pm_literal_position(&parse->literal, function->start));
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
	bool		negative = parse->token.kind == TOKEN_OPERATOR &&
		parse->token.operator->code == FORMULA_SUBTRACT;

	if (negative && !next_token(parse))
		return false;
	*places = FORMULA_MAX_PLACES + 1;
	if (parse->token.kind == TOKEN_NUMBER && parse->token.length <= 4 &&
		strspn(parse->token.start, "0123456789") >= parse->token.length)
		*places = atoi(parse->token.start);
	if (*places > FORMULA_MAX_PLACES)
		return pm_literal_fail(&parse->literal,
							   "The places of \"round\" at character %d must be a whole number from -%d to %d.",
							   pm_literal_position(&parse->literal, function->start),
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
			parse->token.kind != TOKEN_COMMA)
			break;
		if (function->code == FORMULA_COALESCE)
			tests[nargs - 1] = emit(parse, FORMULA_COALESCE_TEST, 0);
		if (!next_token(parse))
			return false;
	}

	arg = nargs;
	if (function->code == FORMULA_ABS || function->code == FORMULA_ROUND)
		arg = 0;
	if (function->code == FORMULA_ROUND && parse->token.kind == TOKEN_COMMA)
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
	Token		function = parse->token;

	if (!count_node(parse) || !next_token(parse))
		return false;
	parse->is_reserved = (parse->token.kind != TOKEN_OPEN);
	if (!need_token(parse, TOKEN_OPEN, "\"(\" after the name of a function"))
		return false;
	return function.code == FORMULA_IF ? parse_if(parse, &function) :
		parse_arguments(parse, &function);
}

static bool
parse_prefix(FormulaParse *parse, FormulaCode code, bool *is_truth)
{
	Token		prefix = parse->token;
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
	switch (parse->token.kind)
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
	if (parse->token.kind == TOKEN_OPEN)
		done = parse_brackets(parse, is_truth);
	else if (parse->token.kind == TOKEN_FUNCTION)
		done = parse_call(parse);
	else if (parse->token.kind == TOKEN_NOT && min_precedence <= PRECEDENCE_NOT)
		done = parse_prefix(parse, FORMULA_NOT, is_truth);
	else if (parse->token.kind == TOKEN_OPERATOR && parse->token.operator->code == FORMULA_SUBTRACT)
		done = parse_prefix(parse, FORMULA_NEGATE, is_truth);
	else
		done = fail_token(parse, "a number, a name, a function or \"(\"");
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

	while (parse->token.kind == TOKEN_OPERATOR &&
		   parse->token.operator->precedence >= min_precedence)
	{
		Token		token = parse->token;
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
	int			length = strlen(parse->literal.text);
	bool		is_truth;

	if (length > FORMULA_MAX_BYTES)
		return pm_literal_fail_limit(&parse->literal, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
									 "formula is too long",
									 "A formula has at most %d bytes, and this one has %d.",
									 FORMULA_MAX_BYTES, length);
	if (!next_token(parse) || !parse_expression(parse, 0, &is_truth))
		return false;
	if (parse->token.kind != TOKEN_END)
		return fail_token(parse, "an operator or the end");
	if (is_truth)
		return pm_literal_fail(&parse->literal,
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
	return pm_literal_fail_limit(&parse->literal, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
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

	pm_literal_start(&parse->literal, "formula", text);
	if (parse_formula(parse))
		formula = build_formula(parse);

	if (formula == NULL || !check_printed_length(parse, formula))
		ereturn(escontext, NULL,
				(errcode(pm_literal_errcode(&parse->literal, errcode_override)),
				 pm_literal_errmsg(&parse->literal),
				 parse->is_reserved ?
				 errhint("Put a name that is a reserved word in double quotes.") : 0,
				 parse->is_foreign ?
				 errhint("Write digits, operators, brackets and commas in half width, and put a name that has other characters in double quotes.") : 0));
	pfree(parse);
	return formula;
}
