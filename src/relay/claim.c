/*
 * claim.c
 *		The workspace's side, by libpq.
 *
 * The connection is made without waiting, so that requests under way go on
 * meanwhile, and made again when it breaks.
 */
#include "claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "util.h"

#define CONNECT_SECONDS 10
#define LONGEST_PAUSE 30
#define TIDY_BATCH 1000

typedef enum State
{
	STATE_DOWN,
	STATE_CONNECTING,
	STATE_UP
} State;

struct Database
{
	const Config *config;
	PGconn	   *connection;
	State		state;
	PostgresPollingStatusType polling;
	double		next_step;		/* when to try or to give up */
	int			pause;			/* seconds before the next attempt */
	bool		failed;			/* the last attempt to connect */
	char	   *claim_sql;
	char	   *ack_sql;
	char	   *ack_many_sql;
	char	   *nack_sql;
	char	   *renew_sql;
	char	   *release_sql;
	char	   *may_send_sql;
	char	   *tidy_sql;
};

static char *
quote_identifier(const char *name)
{
	char	   *result = relay_alloc(2 * strlen(name) + 3);
	char	   *to = result;

	*to++ = '"';
	for (; *name; name++)
	{
		if (*name == '"')
			*to++ = '"';
		*to++ = *name;
	}
	*to = '"';
	return result;
}

Database *
database_create(const Config *config)
{
	Database   *database = relay_alloc(sizeof(Database));
	char	   *schema = quote_identifier(config->workspace);

	database->config = config;
	database->pause = 1;
	database->claim_sql =
		relay_printf("SELECT id, token, destination, kind, endpoint, secret, settings, idempotency_key, body"
					 " FROM %s.claim_messages($1, $2::integer, $3::interval)", schema);
	database->ack_sql = relay_printf("SELECT %s.ack_message($1::bigint, $2::bigint, $3)", schema);
	database->ack_many_sql =
		relay_printf("SELECT %s.ack_message(a.id, a.token)"
					 " FROM ROWS FROM (unnest($1::bigint[]), unnest($2::bigint[])) WITH ORDINALITY AS a(id, token, n) ORDER BY a.n",
					 schema);
	database->nack_sql =
		relay_printf("SELECT %s.nack_message($1::bigint, $2::bigint, $3, $4::boolean, $5::interval, $6)", schema);
	database->renew_sql = relay_printf("SELECT %s.renew_message($1::bigint, $2::bigint, $3::interval)", schema);
	database->release_sql = relay_printf("SELECT %s.release_message($1::bigint, $2::bigint)", schema);
	database->may_send_sql = relay_printf("SELECT %s.sending_enabled()", schema);
	database->tidy_sql = relay_printf("SELECT %s.tidy_outbox(%d)", schema, TIDY_BATCH);
	free(schema);
	return database;
}

void
database_destroy(Database *database)
{
	PQfinish(database->connection);
	free(database->claim_sql);
	free(database->ack_sql);
	free(database->ack_many_sql);
	free(database->nack_sql);
	free(database->renew_sql);
	free(database->release_sql);
	free(database->may_send_sql);
	free(database->tidy_sql);
	free(database);
}

static void
show_notice(void *owner, const PGresult *result)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void) owner;
	log_info("the database says: %s", text != NULL ? text : "");
}

/*
 * Gives the connection up, and says when to try again: each time later, up
 * to half a minute.
 */
static void
go_down(Database *database, const char *what)
{
	char	   *text = relay_strdup(database->connection != NULL ? PQerrorMessage(database->connection) : "");
	size_t		length = strlen(text);

	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	log_warning("%s%s%s; trying again in %d s", what, *text ? ": " : "", text, database->pause);
	free(text);
	PQfinish(database->connection);
	database->connection = NULL;
	database->state = STATE_DOWN;
	database->failed = true;
	database->next_step = relay_now() + database->pause;
	database->pause = database->pause * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : database->pause * 2;
}

/*
 * Runs one statement.  NULL where it fails, which has been logged then, and
 * the connection given up if that is why.
 */
static PGresult *
run(Database *database, const char *sql, int count, const char *const *values)
{
	PGresult   *result;

	if (database->state != STATE_UP)
		return NULL;
	result = PQexecParams(database->connection, sql, count, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK)
		return result;
	if (PQstatus(database->connection) == CONNECTION_BAD)
		go_down(database, "the connection to the database broke");
	else
	{
		const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
		const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

		log_warning("the database says: %s%s%s", text != NULL ? text : "", hint != NULL ? " / " : "", hint != NULL ? hint : "");
	}
	PQclear(result);
	return NULL;
}

static void
start_connecting(Database *database)
{
	static const char *const names[] = {
		"fallback_application_name", "client_encoding", "keepalives_idle", "tcp_user_timeout", "dbname", NULL
	};
	const char *values[] = {"perf_mgmt_relay", "UTF8", "30", "30000", NULL, NULL};

	/* what stands in the configuration overrides what comes before it */
	values[4] = database->config->connection;
	database->connection = PQconnectStartParams(names, values, 1);
	if (database->connection == NULL || PQstatus(database->connection) == CONNECTION_BAD)
	{
		go_down(database, "could not connect to the database");
		return;
	}
	PQsetNoticeReceiver(database->connection, show_notice, NULL);
	database->state = STATE_CONNECTING;
	database->polling = PGRES_POLLING_WRITING;
	database->next_step = relay_now() + CONNECT_SECONDS;
}

static void
go_up(Database *database)
{
	PGresult   *result;

	database->state = STATE_UP;
	result = PQexec(database->connection,
					"SET search_path = pg_catalog, pg_temp; SET statement_timeout = '30s'; LISTEN perf_mgmt_outbox");
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		go_down(database, "could not set up the session");
	else
	{
		log_info("connected to database \"%s\", workspace \"%s\"", PQdb(database->connection), database->config->workspace);
		database->pause = 1;
		database->failed = false;
	}
	PQclear(result);
}

/*
 * Moves the connection on; true when it is there.
 */
bool
database_step(Database *database)
{
	if (database->state == STATE_DOWN && relay_now() >= database->next_step)
		start_connecting(database);
	else if (database->state == STATE_CONNECTING)
	{
		database->polling = PQconnectPoll(database->connection);
		if (database->polling == PGRES_POLLING_OK)
			go_up(database);
		else if (database->polling == PGRES_POLLING_FAILED)
			go_down(database, "could not connect to the database");
		else if (relay_now() >= database->next_step)
			go_down(database, "the database does not answer");
	}
	return database->state == STATE_UP;
}

/* whether the last attempt to connect, or the connection, failed */
bool
database_failed(const Database *database)
{
	return database->failed && database->state == STATE_DOWN;
}

/*
 * What to wait for so that the connection gets on; false for nothing.
 */
bool
database_wait_for(const Database *database, struct curl_waitfd *fd)
{
	if (database->state == STATE_DOWN)
		return false;
	fd->fd = PQsocket(database->connection);
	fd->events = database->state == STATE_CONNECTING && database->polling == PGRES_POLLING_WRITING ?
		CURL_WAIT_POLLOUT : CURL_WAIT_POLLIN;
	fd->revents = 0;
	return fd->fd >= 0;
}

/* when the connection wants another step, whatever happens on the wire */
double
database_next_step(const Database *database)
{
	return database->next_step;
}

/*
 * Takes what the server sent by itself; whether it said that there is
 * something to do.
 */
bool
database_notified(Database *database)
{
	bool		result = false;
	PGnotify   *notification;

	if (database->state != STATE_UP)
		return false;
	if (!PQconsumeInput(database->connection))
	{
		go_down(database, "the connection to the database broke");
		return false;
	}
	while ((notification = PQnotifies(database->connection)) != NULL)
	{
		result = true;
		PQfreemem(notification);
	}
	return result;
}

/* false where the database did not say */
bool
database_may_send(Database *database, bool *enabled)
{
	PGresult   *result = run(database, database->may_send_sql, 0, NULL);

	if (result == NULL)
		return false;
	*enabled = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return true;
}

static char *
field(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL : relay_strdup(PQgetvalue(result, row, column));
}

/*
 * Claims up to max messages into *messages, which the caller frees; how many,
 * or -1 where the database did not answer.
 */
int
database_claim(Database *database, int max, Message **messages)
{
	char		max_text[16];
	char		lease_text[32];
	const char *values[3];
	PGresult   *result;
	int			count;
	int			i;

	snprintf(max_text, sizeof(max_text), "%d", max);
	snprintf(lease_text, sizeof(lease_text), "%d seconds", database->config->lease);
	values[0] = database->config->worker;
	values[1] = max_text;
	values[2] = lease_text;
	result = run(database, database->claim_sql, 3, values);
	if (result == NULL)
		return -1;
	count = PQntuples(result);
	*messages = relay_alloc(sizeof(Message) * (size_t) (count > 0 ? count : 1));
	for (i = 0; i < count; i++)
	{
		Message    *message = &(*messages)[i];

		message->id = strtoll(PQgetvalue(result, i, 0), NULL, 10);
		message->token = strtoll(PQgetvalue(result, i, 1), NULL, 10);
		message->destination = field(result, i, 2);
		message->kind = field(result, i, 3);
		message->endpoint = field(result, i, 4);
		message->secret = field(result, i, 5);
		message->settings = field(result, i, 6);
		message->key = field(result, i, 7);
		message->body = field(result, i, 8);
	}
	PQclear(result);
	return count;
}

void
message_clear(Message *message)
{
	free(message->destination);
	free(message->kind);
	free(message->endpoint);
	free(message->secret);
	free(message->settings);
	free(message->key);
	free(message->body);
	memset(message, 0, sizeof(*message));
}

static Report
report(Database *database, const char *sql, const Message *message, int count, const char **values)
{
	char		id[24];
	char		token[24];
	PGresult   *result;
	Report		verdict;

	snprintf(id, sizeof(id), "%" PRId64, message->id);
	snprintf(token, sizeof(token), "%" PRId64, message->token);
	values[0] = id;
	values[1] = token;
	result = run(database, sql, count, values);
	if (result == NULL)
		return REPORT_LATER;
	verdict = strcmp(PQgetvalue(result, 0, 0), "t") == 0 ? REPORT_DONE : REPORT_STALE;
	PQclear(result);
	return verdict;
}

Report
database_ack(Database *database, const Message *message, const char *remark)
{
	const char *values[3] = {NULL, NULL, remark};

	return report(database, database->ack_sql, message, 3, values);
}

/*
 * Acknowledges several messages in one transaction.  False where the database
 * did not take it.
 */
bool
database_ack_many(Database *database, const Message **messages, int count, Report *reports)
{
	size_t		size = (size_t) count * 24 + 3;
	char	   *ids = relay_alloc(size);
	char	   *tokens = relay_alloc(size);
	const char *values[2] = {ids, tokens};
	PGresult   *result;
	int			i;

	for (i = 0; i < count; i++)
	{
		sprintf(ids + strlen(ids), "%c%" PRId64, i == 0 ? '{' : ',', messages[i]->id);
		sprintf(tokens + strlen(tokens), "%c%" PRId64, i == 0 ? '{' : ',', messages[i]->token);
	}
	strcat(ids, "}");
	strcat(tokens, "}");
	result = run(database, database->ack_many_sql, 2, values);
	free(ids);
	free(tokens);
	if (result == NULL)
		return false;
	for (i = 0; i < count; i++)
		reports[i] = strcmp(PQgetvalue(result, i, 0), "t") == 0 ? REPORT_DONE : REPORT_STALE;
	PQclear(result);
	return true;
}

Report
database_nack(Database *database, const Message *message, const Outcome *outcome)
{
	char		pause[32];
	const char *values[6] = {NULL, NULL, outcome->error, NULL, NULL, NULL};

	values[3] = outcome->verdict == VERDICT_GIVE_UP ? "f" : "t";
	snprintf(pause, sizeof(pause), "%ld seconds", outcome->retry_after);
	if (outcome->retry_after > 0)
		values[4] = pause;
	if (outcome->code[0] != '\0')
		values[5] = outcome->code;
	return report(database, database->nack_sql, message, 6, values);
}

Report
database_renew(Database *database, const Message *message)
{
	char		lease[32];
	const char *values[3] = {NULL, NULL, lease};

	snprintf(lease, sizeof(lease), "%d seconds", database->config->lease);
	return report(database, database->renew_sql, message, 3, values);
}

Report
database_release(Database *database, const Message *message)
{
	const char *values[2] = {NULL, NULL};

	return report(database, database->release_sql, message, 2, values);
}

/*
 * Lets the workspace throw away what is old, a few batches at most.
 */
void
database_tidy(Database *database)
{
	int			i;

	for (i = 0; i < 10; i++)
	{
		PGresult   *result = run(database, database->tidy_sql, 0, NULL);
		bool		is_last = result == NULL || atoi(PQgetvalue(result, 0, 0)) < TIDY_BATCH;

		PQclear(result);
		if (is_last)
			break;
	}
}
