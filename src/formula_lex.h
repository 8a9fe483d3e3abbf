/*
 * formula_lex.h
 *		The words of a formula, one at a time.
 */
#ifndef PM_FORMULA_LEX_H
#define PM_FORMULA_LEX_H

#include "formula.h"
#include "reader.h"

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

typedef struct FormulaLexer
{
	PmReader	reader;
	bool		is_foreign;		/* what is wrong is a character beyond ASCII ... */
	bool		is_reserved;	/* ... or a word that is no name */
	Token		token;			/* the next one, not taken yet */
} FormulaLexer;

/* in formula_lex.c; false where something is wrong, noted in the reader */
extern bool pm_formula_next_token(FormulaLexer *lexer);
extern bool pm_formula_need_token(FormulaLexer *lexer, TokenKind kind, const char *expected);
extern bool pm_formula_fail_token(FormulaLexer *lexer, const char *expected);

#endif							/* PM_FORMULA_LEX_H */
