/*
 * time_limit.c
 *		A time limit for a part of a transaction.
 *
 * statement_timeout holds for what a client sends as one statement; a function
 * that runs several things cannot give each its own.  Here a limit holds until
 * the subtransaction that asked for it ends, such as a block of PL/pgSQL with
 * an EXCEPTION clause.  Nothing lifts it before, so what runs inside cannot.
 */
#include "postgres.h"

#include "compat.h"

#include <signal.h>

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/numeric.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

/* What catches the cancellation and goes on is cancelled again after so many ms. */
#define CANCEL_AGAIN_AFTER 100

static TimeoutId limit_timeout = MAX_TIMEOUTS;
static SubTransactionId limited = InvalidSubTransactionId;
static instr_time limit_began;
static bool has_begun = false;

/* Runs in a signal handler; as statement_timeout does. */
static void
limit_reached(void)
{
	kill(MyProcPid, SIGINT);
}

static void
end_limit(void)
{
	limited = InvalidSubTransactionId;
	disable_timeout(limit_timeout, true);

	/* a cancellation that came when all was done is for nobody */
	if (get_timeout_indicator(limit_timeout, true))
		QueryCancelPending = false;
}

static void
limit_subxact_callback(SubXactEvent event, SubTransactionId subxact, SubTransactionId parent,
					   void *arg)
{
	if (subxact == limited &&
		(event == SUBXACT_EVENT_COMMIT_SUB || event == SUBXACT_EVENT_ABORT_SUB))
		end_limit();
}

static void
limit_xact_callback(XactEvent event, void *arg)
{
	if (limited != InvalidSubTransactionId)
		end_limit();
}

PG_FUNCTION_INFO_V1(pm_limit_time);
Datum
pm_limit_time(PG_FUNCTION_ARGS)
{
	int32 milliseconds = PG_GETARG_INT32(0);

	if (milliseconds < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a time limit of %d milliseconds is out of range", milliseconds),
						errhint("Give 1 millisecond or more.")));
	if (limited != InvalidSubTransactionId)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a time limit is in force already"),
						errhint("It ends with the block that set it.")));

	if (limit_timeout == MAX_TIMEOUTS)
	{
		limit_timeout = RegisterTimeout(USER_TIMEOUT, limit_reached);
		RegisterSubXactCallback(limit_subxact_callback, NULL);
		RegisterXactCallback(limit_xact_callback, NULL);
	}
	limited = GetCurrentSubTransactionId();
	INSTR_TIME_SET_CURRENT(limit_began);
	has_begun = true;
	enable_timeout_every(limit_timeout,
						 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds),
						 CANCEL_AGAIN_AFTER);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(pm_time_taken);
Datum
pm_time_taken(PG_FUNCTION_ARGS)
{
	instr_time elapsed;

	if (!has_begun)
		PG_RETURN_NULL();
	INSTR_TIME_SET_CURRENT(elapsed);
	INSTR_TIME_SUBTRACT(elapsed, limit_began);
	PG_RETURN_NUMERIC(int64_div_fast_to_numeric((int64) INSTR_TIME_GET_MICROSEC(elapsed), 3));
}
