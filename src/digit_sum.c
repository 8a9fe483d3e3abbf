/*
 * digit_sum.c
 *		Exact sums of products of numbers of any length: carries, comparison,
 *		quotient, text.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "digit_sum.h"

/* Digits that the carry out of a 64-bit column can take. */
#define CARRY_DIGITS	4

/*
 * The smallest window that holds both; one without columns holds nothing.
 */
PmWindow
pm_window_union(PmWindow a, PmWindow b)
{
	PmWindow	result;
	int			bottom;

	if (a.count == 0)
		return b;
	if (b.count == 0)
		return a;
	bottom = Min(a.top - a.count, b.top - b.count);
	result.top = Max(a.top, b.top);
	result.count = result.top - bottom;
	return result;
}

/*
 * The columns that the digits touch.
 */
PmWindow
pm_window_of(const PmDigits *d)
{
	PmWindow	result;

	result.top = d->ndigits > 0 ? d->weight : 0;
	result.count = d->ndigits;
	return result;
}

static int64 *
new_columns(PmWindow window)
{
	return palloc0(sizeof(int64) * Max(window.count, 1));
}

/*
 * Carries from the lowest column to the highest of the columns times sign;
 * returns what goes out at the top.
 */
static int64
carry_once(const int64 *column, int count, int sign, uint16 *digits)
{
	int64		carry = 0;

	for (int i = count - 1; i >= 0; i--)
	{
		int64		sum = sign * column[i] + carry;
		int64		digit = sum % PM_BASE;

		if (digit < 0)
			digit += PM_BASE;
		digits[i] = (uint16) digit;
		carry = (sum - digit) / PM_BASE;
	}
	return carry;
}

/*
 * The number that the columns add up to, without leading and trailing zeros.
 * No column may be beyond half the range of int64.
 */
void
pm_carry(const int64 *column, PmWindow window, PmDigits *result)
{
	int			size = window.count + CARRY_DIGITS;
	uint16	   *digits = palloc(sizeof(uint16) * size);
	int64		carry;
	int			first = 0;
	int			last = size;

	/* what is below the top is not negative, so the carry has the sign */
	carry = carry_once(column, window.count, 1, digits + CARRY_DIGITS);
	result->negative = carry < 0;
	if (result->negative)
		carry = carry_once(column, window.count, -1, digits + CARRY_DIGITS);
	for (int i = CARRY_DIGITS - 1; i >= 0; i--)
	{
		digits[i] = (uint16) (carry % PM_BASE);
		carry /= PM_BASE;
	}
	Assert(carry == 0);

	while (first < last && digits[first] == 0)
		first++;
	while (last > first && digits[last - 1] == 0)
		last--;
	result->digits = (const char *) (digits + first);
	result->ndigits = last - first;
	result->weight = result->ndigits > 0 ? window.top + CARRY_DIGITS - first : 0;
}

/*
 * The sign of a - b * c.
 */
int
pm_compare_to_product(const PmDigits *a, const PmDigits *b, const PmDigits *c)
{
	PmWindow	window = pm_window_of(a);
	PmWindow	product = {0, 0};
	PmDigits	difference;
	int64	   *column;

	if (b->ndigits > 0 && c->ndigits > 0)
	{
		product.top = b->weight + c->weight;
		product.count = b->ndigits + c->ndigits - 1;
	}
	window = pm_window_union(window, product);
	column = new_columns(window);
	pm_add_digits(column, pm_column_of(window, a->weight), a, a->negative ? -1 : 1);
	for (int i = 0; i < c->ndigits && product.count > 0; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pm_add_digits(column, pm_column_of(window, product.top) + i, b,
					  (b->negative == c->negative ? -1 : 1) * pm_digit(c, i));
	}
	pm_carry(column, window, &difference);
	return difference.ndigits == 0 ? 0 : difference.negative ? -1 : 1;
}

/*
 * The digits times factor, carried.
 */
static void
multiply(const PmDigits *d, int factor, PmDigits *result)
{
	PmWindow	window = pm_window_of(d);
	int64	   *column = new_columns(window);

	pm_add_digits(column, 0, d, factor);
	pm_carry(column, window, result);
}

/*
 * Copies count digits from PM_BASE^top downwards, zeros where there are none.
 */
static void
copy_digits(const PmDigits *d, int top, int count, int32 *result)
{
	for (int i = 0; i < count; i++)
	{
		int			source = d->weight - top + i;

		result[i] = source >= 0 && source < d->ndigits ? pm_digit(d, source) : 0;
	}
}

static void
scale_digits(int32 *digits, int count, int factor)
{
	int32		carry = 0;

	for (int i = count - 1; i >= 0; i--)
	{
		int32		product = digits[i] * factor + carry;

		digits[i] = product % PM_BASE;
		carry = product / PM_BASE;
	}
	Assert(carry == 0);
}

/*
 * One digit of a long division: how often does divisor[0..m-1] go into
 * rest[0..m], less than PM_BASE times?  Leaves the remainder in rest.
 *
 * Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D: the
 * estimate from the leading digits is at most one too large.
 */
static int
divide_step(int32 *rest, const int32 *divisor, int m)
{
	int32		leading = rest[0] * PM_BASE + rest[1];
	int32		estimate = leading / divisor[0];
	int32		left = leading % divisor[0];
	int32		borrow = 0;

	while (estimate >= PM_BASE || estimate * divisor[1] > left * PM_BASE + rest[2])
	{
		estimate--;
		left += divisor[0];
		if (left >= PM_BASE)
			break;
	}

	for (int i = m - 1; i >= 0; i--)
	{
		int32		difference = rest[i + 1] - estimate * divisor[i] - borrow;
		int32		digit = difference % PM_BASE;

		if (digit < 0)
			digit += PM_BASE;
		rest[i + 1] = digit;
		borrow = (digit - difference) / PM_BASE;
	}

	if (rest[0] < borrow)
	{
		int32		carry = 0;

		estimate--;
		for (int i = m - 1; i >= 0; i--)
		{
			int32		sum = rest[i + 1] + divisor[i] + carry;

			carry = sum >= PM_BASE ? 1 : 0;
			rest[i + 1] = sum - carry * PM_BASE;
		}
	}
	rest[0] = 0;
	return estimate;
}

/*
 * Integer part of dividend / divisor, both positive, highest digit first;
 * NULL where it is 0.
 */
static uint16 *
divide(const PmDigits *dividend, const PmDigits *divisor, int *ndigits)
{
	int			m = Max(divisor->ndigits, 2);
	int			n = dividend->weight - divisor->weight + 1;
	int			normalise = PM_BASE / (pm_digit(divisor, 0) + 1);
	int32	   *rest;
	int32	   *v;
	uint16	   *result;

	*ndigits = Max(n, 0);
	if (n <= 0)
		return NULL;

	/* digits of the dividend below the divisor's last one cannot matter */
	rest = palloc(sizeof(int32) * (n + m));
	v = palloc(sizeof(int32) * m);
	copy_digits(dividend, dividend->weight + 1, n + m, rest);
	copy_digits(divisor, divisor->weight, m, v);
	scale_digits(rest, n + m, normalise);
	scale_digits(v, m, normalise);

	result = palloc(sizeof(uint16) * n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result[i] = (uint16) divide_step(rest + i, v, m);
	}
	return result;
}

/*
 * dividend / divisor at the given decimal places, in 128 bits; NULL where
 * they do not suffice.
 */
static Numeric
short_quotient(const PmDigits *dividend, const PmDigits *divisor, int places)
{
	PmDecimal	a;
	PmDecimal	b;
	int			shift;

	if (!pm_decimal_from_digits(dividend, &a) || !pm_decimal_from_digits(divisor, &b))
		return NULL;
	shift = places + b.scale - a.scale;
	if (shift > PM_MAX_POWER || shift < -PM_MAX_POWER)
		return NULL;
	if (shift >= 0 ?
		__builtin_mul_overflow(a.value, pm_power_of_ten(shift), &a.value) :
		__builtin_mul_overflow(b.value, pm_power_of_ten(-shift), &b.value))
		return NULL;
	return pm_decimal_to_numeric(pm_divide_rounded(a.value, b.value), places, places);
}

/*
 * The quotient of numbers of any length: the integer part of
 * (2 * dividend * 10^places + divisor) / (2 * divisor), so that it is
 * rounded once, half away from zero, and never through a rounded quotient.
 */
static Numeric
long_quotient(const PmDigits *dividend, const PmDigits *divisor, int places)
{
	int			fraction = (places + PM_BASE_DIGITS - 1) / PM_BASE_DIGITS;
	int			pad = (int) pm_power_of_ten(fraction * PM_BASE_DIGITS - places);
	PmDigits	shifted = *dividend;
	PmDigits	numerator;
	PmDigits	denominator;
	PmDigits	quotient;
	PmWindow	window;
	int64	   *column;

	/* 10^places is PM_BASE^fraction / pad; the pad goes to the divisor */
	shifted.weight += fraction;
	window = pm_window_union(pm_window_of(&shifted), pm_window_of(divisor));
	column = new_columns(window);
	pm_add_digits(column, pm_column_of(window, shifted.weight), &shifted, 2);
	pm_add_digits(column, pm_column_of(window, divisor->weight), divisor, pad);
	pm_carry(column, window, &numerator);
	multiply(divisor, 2 * pad, &denominator);

	quotient.digits = (const char *) divide(&numerator, &denominator, &quotient.ndigits);
	quotient.weight = quotient.ndigits - 1 - fraction;
	quotient.negative = false;

	/* align the decimal point with a digit boundary */
	multiply(&quotient, pad, &quotient);
	quotient.negative = dividend->negative;
	return pm_numeric_from_digits(&quotient, places);
}

/*
 * dividend / divisor at the given decimal places, rounded once from the exact
 * rational, half away from zero.  The divisor must be positive.
 *
 * 22003 where the quotient is beyond the range of numeric.
 */
Numeric
pm_quotient(const PmDigits *dividend, const PmDigits *divisor, int places)
{
	Numeric		result;

	Assert(divisor->ndigits > 0 && !divisor->negative);

	result = short_quotient(dividend, divisor, places);
	if (result == NULL)
		result = long_quotient(dividend, divisor, places);
	return result;
}

static void
append_four(StringInfo buf, int digit)
{
	char		text[PM_BASE_DIGITS];

	for (int i = PM_BASE_DIGITS - 1; i >= 0; i--)
	{
		text[i] = (char) ('0' + digit % 10);
		digit /= 10;
	}
	appendBinaryStringInfo(buf, text, PM_BASE_DIGITS);
}

static int
digit_at(const PmDigits *d, int power)
{
	int			i = d->weight - power;

	return i >= 0 && i < d->ndigits ? pm_digit(d, i) : 0;
}

/*
 * Appends the number in full: no exponent, no zeros that say nothing.
 */
void
pm_append_digits(StringInfo buf, const PmDigits *d)
{
	int			bottom = d->weight - d->ndigits + 1;

	if (d->negative)
		appendStringInfoChar(buf, '-');
	appendStringInfo(buf, "%d", d->weight < 0 ? 0 : digit_at(d, d->weight));
	for (int power = d->weight - 1; power >= 0; power--)
	{
		CHECK_FOR_INTERRUPTS();
		append_four(buf, digit_at(d, power));
	}
	if (bottom >= 0 || d->ndigits == 0)
		return;
	appendStringInfoChar(buf, '.');
	for (int power = -1; power >= bottom; power--)
	{
		CHECK_FOR_INTERRUPTS();
		append_four(buf, digit_at(d, power));
	}
	while (buf->data[buf->len - 1] == '0')
		buf->data[--buf->len] = '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
count_digits(const char *text)
{
	int			count = 0;

	while (is_digit(text[count]))
		count++;
	return count;
}

/*
 * Reads what pm_append_digits() writes: an optional minus, digits, and
 * perhaps a point with more digits.  Returns the end of it, or NULL where
 * the text begins otherwise.  The caller limits the length of the text.
 */
const char *
pm_scan_digits(const char *text, PmDigits *result)
{
	bool		negative = *text == '-';
	const char *whole = text + (negative ? 1 : 0);
	int			nwhole = count_digits(whole);
	const char *fraction = whole + nwhole;
	int			nfraction = 0;
	PmWindow	window;
	int64	   *column;
	int			power = 1000;
	int			at;

	if (nwhole == 0)
		return NULL;
	if (*fraction == '.')
	{
		fraction++;
		nfraction = count_digits(fraction);
		if (nfraction == 0)
			return NULL;
	}

	window.top = (nwhole - 1) / PM_BASE_DIGITS;
	window.count = window.top + 1 + (nfraction + PM_BASE_DIGITS - 1) / PM_BASE_DIGITS;
	column = new_columns(window);
	for (int i = 0; i < nwhole; i++)
	{
		at = (nwhole - 1 - i) / PM_BASE_DIGITS;
		at = pm_column_of(window, at);
		column[at] = column[at] * 10 + (whole[i] - '0');
	}
	for (int i = 0; i < nfraction; i++)
	{
		at = window.top + 1 + i / PM_BASE_DIGITS;
		column[at] += (fraction[i] - '0') * power;
		power = power == 1 ? 1000 : power / 10;
	}
	pm_carry(column, window, result);
	result->negative = negative && result->ndigits > 0;
	return nfraction > 0 ? fraction + nfraction : whole + nwhole;
}
