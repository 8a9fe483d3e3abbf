-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION perf_mgmt" to load this file. \quit

CREATE SCHEMA perf_mgmt;
COMMENT ON SCHEMA perf_mgmt IS 'Engine of performance management: exact scores, lights and goal graphs over anybody''s tables';
GRANT USAGE ON SCHEMA perf_mgmt TO PUBLIC;
