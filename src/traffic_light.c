/*
 * traffic_light.c
 *		The type traffic_light: input and output, order, hashing, and the
 *		transition function of worst().
 *
 * A light travels as its English word in text and in binary, so that any
 * client can show it.
 */
#include "postgres.h"

#include "compat.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"

#include "traffic_light.h"

/* By value of the enum: the word that is written, and one more that is read. */
static const struct
{
	const char *word;
	const char *chinese;		/* in UTF-8 */
}			lights[] = {
	{"grey", "\xe7\x81\xb0"},	/* 灰 */
	{"red", "\xe7\xba\xa2"},	/* 红 */
	{"yellow", "\xe9\xbb\x84"},	/* 黄 */
	{"green", "\xe7\xbb\xbf"}	/* 绿 */
};

StaticAssertDecl(lengthof(lights) == LIGHT_COUNT, "one word for each light");
StaticAssertDecl(LIGHT_GREEN == LIGHT_COUNT - 1, "lights count from 0");

/*
 * A light from a datum.  A one-byte datum can be forged through a cast
 * WITHOUT FUNCTION, so whatever does more than compare comes through here.
 */
TrafficLight
pm_light_from_datum(Datum datum)
{
	unsigned char value = (unsigned char) DatumGetChar(datum);

	if (value >= LIGHT_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("traffic_light holds %d, which is not one of its values 0 to %d",
						value, LIGHT_COUNT - 1)));
	return (TrafficLight) value;
}

const char *
pm_light_word(TrafficLight light)
{
	Assert(light >= LIGHT_GREY && light <= LIGHT_GREEN);
	return lights[light].word;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static bool
equals_ignoring_case(const char *text, int length, const char *word)
{
	int			i;

	if (length != strlen(word))
		return false;
	for (i = 0; i < length; i++)
	{
		if (pg_ascii_tolower((unsigned char) text[i]) != (unsigned char) word[i])
			return false;
	}
	return true;
}

/*
 * Reads a word: English in any case or one Chinese character, blanks around
 * it ignored.  False where it is neither.
 */
static bool
parse_light(const char *text, int length, TrafficLight *result)
{
	int			i;

	while (length > 0 && is_blank(text[0]))
	{
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;

	for (i = 0; i < LIGHT_COUNT; i++)
	{
		if (equals_ignoring_case(text, length, lights[i].word) ||
			(length == strlen(lights[i].chinese) &&
			 memcmp(text, lights[i].chinese, length) == 0))
		{
			*result = (TrafficLight) i;
			return true;
		}
	}
	return false;
}

/*
 * Text to light.  Error 22P02 for any other word, also for the empty text.
 */
PG_FUNCTION_INFO_V1(pm_traffic_light_in);
Datum
pm_traffic_light_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	TrafficLight light;

	if (!parse_light(text, strlen(text), &light))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "traffic_light", text),
				 errhint("The lights are grey, red, yellow and green.")));
	PG_RETURN_TRAFFIC_LIGHT(light);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_out);
Datum
pm_traffic_light_out(PG_FUNCTION_ARGS)
{
	TrafficLight light = pm_light_from_datum(PG_GETARG_DATUM(0));

	PG_RETURN_CSTRING(pstrdup(pm_light_word(light)));
}

/*
 * Binary to light: the word.  Error 22P03 for anything else.
 */
PG_FUNCTION_INFO_V1(pm_traffic_light_recv);
Datum
pm_traffic_light_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length;
	char	   *text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	TrafficLight light;

	if (!parse_light(text, length, &light))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s: \"%s\"", "traffic_light", text),
				 errhint("The lights are grey, red, yellow and green.")));
	PG_RETURN_TRAFFIC_LIGHT(light);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_send);
Datum
pm_traffic_light_send(PG_FUNCTION_ARGS)
{
	TrafficLight light = pm_light_from_datum(PG_GETARG_DATUM(0));
	const char *word = pm_light_word(light);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendtext(&buf, word, strlen(word));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * 0 for grey to 3 for green.
 */
PG_FUNCTION_INFO_V1(pm_traffic_light_rank);
Datum
pm_traffic_light_rank(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT16((int16) pm_light_from_datum(PG_GETARG_DATUM(0)));
}

/*
 * Order.  Total over all 256 bytes, so that the operators never raise and
 * may be called leakproof; hashing follows the same byte.
 */
static inline int
compare_lights(FunctionCallInfo fcinfo)
{
	return (int) (unsigned char) PG_GETARG_CHAR(0) - (int) (unsigned char) PG_GETARG_CHAR(1);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_lt);
Datum
pm_traffic_light_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_le);
Datum
pm_traffic_light_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_eq);
Datum
pm_traffic_light_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_ne);
Datum
pm_traffic_light_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_ge);
Datum
pm_traffic_light_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_gt);
Datum
pm_traffic_light_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_lights(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_cmp);
Datum
pm_traffic_light_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_lights(fcinfo));
}

PG_FUNCTION_INFO_V1(pm_traffic_light_hash);
Datum
pm_traffic_light_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32((uint32) (unsigned char) PG_GETARG_CHAR(0));
}

PG_FUNCTION_INFO_V1(pm_traffic_light_hash_extended);
Datum
pm_traffic_light_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended((uint32) (unsigned char) PG_GETARG_CHAR(0), PG_GETARG_INT64(1));
}

/*
 * The lesser and the greater of two lights, for min() and max(); best() is
 * the same as max(), because grey is the least.
 */
PG_FUNCTION_INFO_V1(pm_traffic_light_smaller);
Datum
pm_traffic_light_smaller(PG_FUNCTION_ARGS)
{
	return compare_lights(fcinfo) <= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1);
}

PG_FUNCTION_INFO_V1(pm_traffic_light_larger);
Datum
pm_traffic_light_larger(PG_FUNCTION_ARGS)
{
	return compare_lights(fcinfo) >= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1);
}

/*
 * The worse of two lights, for worst(): the lesser, where grey yields to any
 * other.
 */
PG_FUNCTION_INFO_V1(pm_traffic_light_worse);
Datum
pm_traffic_light_worse(PG_FUNCTION_ARGS)
{
	TrafficLight a = pm_light_from_datum(PG_GETARG_DATUM(0));
	TrafficLight b = pm_light_from_datum(PG_GETARG_DATUM(1));

	if (a == LIGHT_GREY || b == LIGHT_GREY)
		PG_RETURN_TRAFFIC_LIGHT(Max(a, b));
	PG_RETURN_TRAFFIC_LIGHT(Min(a, b));
}
