/*
 * formula_lex.c
 *		The words of a formula: numbers, names, functions, operators.
 */
#include "postgres.h"

#include "compat.h"

#include "mb/pg_wchar.h"

#include "formula.h"
#include "formula_lex.h"
#include "reader.h"

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
		return true;			/* SQL_ASCII: nobody knows what it is */

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

/*
 * Notes that something else than the next token was expected.  Returns false.
 */
bool
pm_formula_fail_token(FormulaLexer *lexer, const char *expected)
{
	const Token *token = &lexer->token;
	int			position = pm_reader_position(&lexer->reader, token->start);

	if (token->kind == TOKEN_END)
		return pm_reader_fail(&lexer->reader,
							   "Expected %s, but the formula ends at character %d.",
							   expected, position);
	return pm_reader_fail(&lexer->reader, "Expected %s at character %d, found \"%.*s\".",
						   expected, position,
						   pm_reader_excerpt(token->start, token->length), token->start);
}

/*
 * A word that begins like a name: function, operator or the name itself.
 */
static bool
classify_word(FormulaLexer *lexer, Token *token)
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
		lexer->is_reserved = true;
		return pm_reader_fail(&lexer->reader,
							   "\"%.*s\" at character %d is a reserved word.",
							   token->length, token->start,
							   pm_reader_position(&lexer->reader, token->start));
	}
	return true;
}

/*
 * The bytes of a quoted name, with its quotes; a quote inside is doubled.
 */
static bool
scan_quoted_name(FormulaLexer *lexer, Token *token)
{
	const char *c = token->start + 1;

	while (*c != '\0' && !(c[0] == '"' && c[1] != '"'))
		c += (*c == '"') ? 2 : 1;
	if (*c == '\0')
		return pm_reader_fail(&lexer->reader,
							   "The quoted name that begins at character %d does not end.",
							   pm_reader_position(&lexer->reader, token->start));
	token->kind = TOKEN_QUOTED_NAME;
	token->length = c + 1 - token->start;
	if (token->length == 2)
		return pm_reader_fail(&lexer->reader, "The quoted name at character %d is empty.",
							   pm_reader_position(&lexer->reader, token->start));
	return true;
}

static bool
scan_number(FormulaLexer *lexer, Token *token)
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
		return pm_reader_fail(&lexer->reader, "The number at character %d runs into \"%.*s\".",
							   pm_reader_position(&lexer->reader, token->start),
							   pg_mblen(c), c);
	return true;
}

/*
 * Reads the next token.
 */
bool
pm_formula_next_token(FormulaLexer *lexer)
{
	Token	   *token = &lexer->token;
	const char *c;
	int			i;

	pm_reader_skip_blanks(&lexer->reader);
	c = token->start = lexer->reader.at;
	token->length = name_length(c);

	if (token->length > 0)
	{
		if (!classify_word(lexer, token))
			return false;
	}
	else if (is_digit(*c) || (*c == '.' && is_digit(c[1])))
	{
		if (!scan_number(lexer, token))
			return false;
	}
	else if (*c == '"')
	{
		if (!scan_quoted_name(lexer, token))
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
					lexer->is_foreign = IS_HIGHBIT_SET(*c);
					return pm_reader_fail(&lexer->reader,
										   "\"%.*s\" at character %d has no meaning in a formula.",
										   pg_mblen(c), c,
										   pm_reader_position(&lexer->reader, c));
				}
				token->kind = TOKEN_OPERATOR;
				token->operator = &operators[i];
		}
	}
	lexer->reader.at = token->start + token->length;
	return true;
}

/*
 * Takes the next token, which must be of this kind.
 */
bool
pm_formula_need_token(FormulaLexer *lexer, TokenKind kind, const char *expected)
{
	if (lexer->token.kind != kind)
		return pm_formula_fail_token(lexer, expected);
	return pm_formula_next_token(lexer);
}

