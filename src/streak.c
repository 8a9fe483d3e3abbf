/*
 * streak.c
 *		Weeks kept in a row: the aggregate streak().
 *
 * Weeks run from Monday to Sunday and are numbered from that of 0001-01-01,
 * which was a Monday, so that a new year is nothing special.  A week is
 * missed, kept or excused; where rows disagree about it, excused beats kept
 * and kept beats missed.  Those are the codes 1 to 3 and the rule is their
 * maximum, so neither the order of the rows nor repeating some can matter.
 * A week that no row decides has code 0 and, like an excused one, neither
 * counts nor breaks.
 *
 * The state holds two bits a week from the first week seen to the last.
 */
#include "postgres.h"

#include "compat.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"

#include "agg_state.h"

#define TYPE_NAME			"streak_state"

#define DAYS_PER_ISO_WEEK	7
#define WEEKS_PER_BYTE		4
#define BITS_PER_WEEK		2

/* Weeks between the first and the last one of a state, both included. */
#define MAX_WEEKS			10000

#define DEFAULT_BLOCK		4

/* What is known of a week; on disk, so never to be renumbered. */
typedef enum WeekCode
{
	WEEK_OPEN = 0,
	WEEK_MISSED = 1,
	WEEK_KEPT = 2,
	WEEK_EXCUSED = 3
} WeekCode;

/* Letters of the codes in a literal. */
static const char week_letters[] = ".mkx";

StaticAssertDecl(lengthof(week_letters) == WEEK_EXCUSED + 2, "every code needs a letter");

/*
 * The state.  Codes start with week "base", a multiple of four, and may go
 * on beyond the last week seen with zeros.
 */
typedef struct StreakState
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int32		version;
	int32		block;			/* kept weeks in a row that make a block */
	int32		first;			/* first week seen */
	int32		last;			/* last week seen */
	int32		base;
	uint8		codes[FLEXIBLE_ARRAY_MEMBER];
} StreakState;

#define STATE_BYTES(state)	((int) (VARSIZE(state) - offsetof(StreakState, codes)))
#define STATE_END(state)	((state)->base + STATE_BYTES(state) * WEEKS_PER_BYTE)

typedef struct Streaks
{
	int			current;
	int			longest;
	int			blocks;
} Streaks;

/*
 * A state of one open week.
 */
static StreakState *
make_state(int block, int week)
{
	Size		size = offsetof(StreakState, codes) + sizeof(int32);
	StreakState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->version = PM_STATE_VERSION;
	state->block = block;
	state->first = week;
	state->last = week;
	state->base = week - week % WEEKS_PER_BYTE;
	return state;
}

/*
 * Refuses a span that no working life fills; a mistyped year would be costly.
 */
static void
check_span(int first, int last)
{
	if (last - first >= MAX_WEEKS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a streak takes at most %d weeks, not %d", MAX_WEEKS, last - first + 1),
				 errhint("Look for a date with a mistyped year.")));
}

/*
 * A state like the given one that covers the weeks from first to last too.
 * The given one, if it has room.  New room is made for as much again, on the
 * side where it was needed.
 */
static StreakState *
cover_weeks(StreakState *state, int first, int last)
{
	StreakState *result = state;

	first = Min(first, state->first);
	last = Max(last, state->last);
	check_span(first, last);

	if (first < state->base || last >= STATE_END(state))
	{
		int			base = state->base;
		int			end = STATE_END(state);
		int			more = end - base;
		Size		size;

		if (first < base)
			base = Max(Min(base - more, first - first % WEEKS_PER_BYTE), 0);
		if (last >= end)
			end = Max(end + more, last - last % WEEKS_PER_BYTE + WEEKS_PER_BYTE);
		size = offsetof(StreakState, codes) + (end - base) / WEEKS_PER_BYTE;
		result = palloc0(size);
		memcpy(result, state, offsetof(StreakState, codes));
		memcpy(result->codes + (state->base - base) / WEEKS_PER_BYTE, state->codes,
			   STATE_BYTES(state));
		SET_VARSIZE(result, size);
		result->base = base;
	}
	result->first = first;
	result->last = last;
	return result;
}

static inline WeekCode
get_week(const StreakState *state, int week)
{
	int			offset = week - state->base;
	int			shift = (offset % WEEKS_PER_BYTE) * BITS_PER_WEEK;

	return (WeekCode) ((state->codes[offset / WEEKS_PER_BYTE] >> shift) & WEEK_EXCUSED);
}

/*
 * Adds what a row says about a week that the state covers.
 */
static inline void
mark_week(StreakState *state, int week, WeekCode code)
{
	int			offset = week - state->base;
	int			shift = (offset % WEEKS_PER_BYTE) * BITS_PER_WEEK;

	if (code > get_week(state, week))
	{
		uint8	   *byte = &state->codes[offset / WEEKS_PER_BYTE];

		*byte = (uint8) ((*byte & ~(WEEK_EXCUSED << shift)) | (code << shift));
	}
}

/*
 * Number of the week of a date.  Errors: 22008 outside the years 1 to 9999.
 */
static int
week_of_date(DateADT date)
{
	int64		day = (int64) date + POSTGRES_EPOCH_JDATE - date2j(1, 1, 1);
	int			end = date2j(10000, 1, 1) - date2j(1, 1, 1);

	if (DATE_NOT_FINITE(date) || day < 0 || day >= end)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("week is out of range: \"%s\"",
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(date)))),
				 errhint("Give any day of the week, in the years 1 to 9999.")));
	return (int) (day / DAYS_PER_ISO_WEEK);
}

/*
 * Refuses blocks of different lengths.
 */
static void
check_same_block(int one, int other)
{
	if (one != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("block must be the same in all rows of a streak, not %d and %d",
						Min(one, other), Max(one, other)),
				 errhint("Use a constant, or group by it.")));
}

/*
 * Reads what the output function writes.  Errors: 22P02, from binary 22P03.
 */
static bool
read_state(PmReader *reader, void **result)
{
	int64		block;
	int64		year;
	int64		month;
	int64		day;
	int			first;
	int			last;
	Size		length;
	const char *letters;
	StreakState *state;

	if (!pm_take_text(reader, "streak(block ") ||
		!pm_take_count(reader, &block) ||
		!pm_take_text(reader, ", from ") ||
		!pm_take_count(reader, &year) ||
		!pm_take_text(reader, "-") ||
		!pm_take_count(reader, &month) ||
		!pm_take_text(reader, "-") ||
		!pm_take_count(reader, &day) ||
		!pm_take_text(reader, ", "))
		return pm_reader_fail_expected(reader,
										"the next part of \"streak(block number, from date, weeks)\"");
	letters = reader->at;
	length = strspn(letters, week_letters);
	reader->at += length;
	if (!pm_take_end(reader))
		return pm_reader_fail_expected(reader,
										"k (kept), m (missed), x (excused), a point or the end");

	if (block < 1 || block > PG_INT32_MAX)
		return pm_reader_fail(reader, "The block is out of range.");
	if (year < 1 || year > 9999 || month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1])
		return pm_reader_fail(reader, "There is no such date in the years 1 to 9999.");
	first = date2j(year, month, day) - date2j(1, 1, 1);
	if (first % DAYS_PER_ISO_WEEK != 0)
		return pm_reader_fail(reader, "The date is no Monday.");
	first /= DAYS_PER_ISO_WEEK;
	if (length == 0 || length > MAX_WEEKS || letters[0] == '.' || letters[length - 1] == '.')
		return pm_reader_fail(reader,
							   "The weeks must be 1 to 10000, and the first and the last one known.");
	last = first + (int) length - 1;
	if (last > (date2j(9999, 12, 31) - date2j(1, 1, 1)) / DAYS_PER_ISO_WEEK)
		return pm_reader_fail(reader, "The last week is out of range.");

	state = cover_weeks(make_state((int) block, first), first, last);
	for (int week = first; week <= last; week++)
		mark_week(state, week, (WeekCode) (strchr(week_letters, letters[week - first]) - week_letters));
	*result = state;
	return true;
}

/*
 * The literal of a state.  The same rows give the same literal.
 */
static char *
write_state(const StreakState *state)
{
	int			year;
	int			month;
	int			day;
	StringInfoData text;

	initStringInfo(&text);
	j2date(state->first * DAYS_PER_ISO_WEEK + date2j(1, 1, 1), &year, &month, &day);
	appendStringInfo(&text, "streak(block %d, from %04d-%02d-%02d, ",
					 state->block, year, month, day);
	for (int week = state->first; week <= state->last; week++)
		appendStringInfoChar(&text, week_letters[get_week(state, week)]);
	appendStringInfoChar(&text, ')');
	return text.data;
}

/*
 * Counts the weeks from the first to the last.
 */
static void
count_streaks(const StreakState *state, Streaks *streaks)
{
	int			run = 0;

	memset(streaks, 0, sizeof(*streaks));
	for (int week = state->first; week <= state->last; week++)
	{
		switch (get_week(state, week))
		{
			case WEEK_KEPT:
				run++;
				/* a block is complete with its last week, whatever follows */
				if (run % state->block == 0)
					streaks->blocks++;
				streaks->longest = Max(streaks->longest, run);
				break;
			case WEEK_MISSED:
				run = 0;
				break;
			case WEEK_OPEN:
			case WEEK_EXCUSED:
				break;
		}
	}
	streaks->current = run;
}

/*
 * Text and binary forms of a state.  Errors: 22P02 and 22P03.
 */
PG_FUNCTION_INFO_V1(pm_streak_state_in);
Datum
pm_streak_state_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_in(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_streak_state_out);
Datum
pm_streak_state_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME)));
}

PG_FUNCTION_INFO_V1(pm_streak_state_recv);
Datum
pm_streak_state_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_recv(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_streak_state_send);
Datum
pm_streak_state_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(pm_state_send(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME))));
}

/*
 * Transition: what one more row says about its week; the length of a block
 * may follow.  Not strict: an excuse holds whether or not the week was kept.
 * A NULL excuse is none; rows without a week or with nothing to say about it
 * change nothing.
 *
 * Errors: 22008 for a date outside the years 1 to 9999, 22023 for a block
 * that is NULL, below 1 or not always the same, 54000 for too many weeks.
 */
PG_FUNCTION_INFO_V1(pm_streak_add);
Datum
pm_streak_add(PG_FUNCTION_ARGS)
{
	StreakState *state;
	WeekCode	code;
	int			block = DEFAULT_BLOCK;
	int			week;

	if (PG_NARGS() > 4)
	{
		if (PG_ARGISNULL(4))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("block must not be NULL"),
					 errhint("Leave it out for blocks of %d weeks.", DEFAULT_BLOCK)));
		block = PG_GETARG_INT32(4);
		if (block < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("block must be at least 1 week, not %d", block),
					 errhint("It is the number of kept weeks in a row that earn a reward.")));
	}

	if (!PG_ARGISNULL(2) && PG_GETARG_BOOL(2))
		code = WEEK_EXCUSED;
	else if (!PG_ARGISNULL(1))
		code = PG_GETARG_BOOL(1) ? WEEK_KEPT : WEEK_MISSED;
	else
		code = WEEK_OPEN;

	if (PG_ARGISNULL(3) || code == WEEK_OPEN)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}

	week = week_of_date(PG_GETARG_DATEADT(3));
	if (PG_ARGISNULL(0))
		state = make_state(block, week);
	else
	{
		state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
		check_same_block(state->block, block);
		state = cover_weeks(state, week, week);
	}
	mark_week(state, week, code);
	PG_RETURN_POINTER(state);
}

/*
 * Combine: what either state knows.  Strict.
 *
 * Errors: 22023 for blocks of different lengths, 54000 for too many weeks.
 */
PG_FUNCTION_INFO_V1(pm_streak_merge);
Datum
pm_streak_merge(PG_FUNCTION_ARGS)
{
	StreakState *state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
	const StreakState *other = pm_state_argument(fcinfo, 1, TYPE_NAME);

	check_same_block(state->block, other->block);
	state = cover_weeks(state, other->first, other->last);
	for (int week = other->first; week <= other->last; week++)
		mark_week(state, week, get_week(other, week));
	PG_RETURN_POINTER(state);
}

/*
 * Final: the streaks; zeros where no week was seen.
 */
PG_FUNCTION_INFO_V1(pm_streak_final);
Datum
pm_streak_final(PG_FUNCTION_ARGS)
{
	Streaks		streaks = {0};
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	if (!PG_ARGISNULL(0))
		count_streaks(pm_state_argument(fcinfo, 0, TYPE_NAME), &streaks);
	values[0] = Int32GetDatum(streaks.current);
	values[1] = Int32GetDatum(streaks.longest);
	values[2] = Int32GetDatum(streaks.blocks);
	return pm_form_record(fcinfo, values, nulls, lengthof(values));
}
