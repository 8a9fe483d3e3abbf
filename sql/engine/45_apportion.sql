-- Quotas and weights in whole units that total exactly.

CREATE FUNCTION perf_mgmt.apportion(total bigint, shares numeric[])
	RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'pm_apportion'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.apportion(bigint, numeric[]) IS
	'Divides total units by shares, by largest remainder, ties to the earlier; the parts sum to total. Shares need not sum to anything. 22004 for a NULL share, 22023 for a negative total or share or where no share is above 0, 22003 for NaN or an infinity';

CREATE FUNCTION perf_mgmt.normalise_weights(
	weights numeric[],
	total numeric DEFAULT 100,
	scale integer DEFAULT 2
)
	RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'pm_normalise_weights'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.normalise_weights(numeric[], numeric, integer) IS
	'Weights in the same proportion with scale (0..18) decimal places that sum to total exactly, by largest remainder, ties to the earlier. 22004 for a NULL weight, 22023 for a negative one, where none is above 0, and for a total with more places, 22003 for NaN or an infinity';

