-- A time limit for a part of a transaction.

CREATE FUNCTION perf_mgmt.limit_time(milliseconds integer)
	RETURNS void
	AS 'MODULE_PATHNAME', 'pm_limit_time'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION perf_mgmt.limit_time(integer) IS
	'Cancels what runs (57014) when so many milliseconds are over, until the subtransaction that calls it ends, such as a PL/pgSQL block with an EXCEPTION clause; nothing lifts it before. 22023 below 1, 55000 where a limit is in force already';

CREATE FUNCTION perf_mgmt.time_taken()
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_time_taken'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;		-- not strict: there is no argument
COMMENT ON FUNCTION perf_mgmt.time_taken() IS
	'Milliseconds since this session last called limit_time(), also after that limit has ended; NULL where it never did';
