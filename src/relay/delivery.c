/*
 * delivery.c
 *		Messages on their way.
 *
 * A message is sent at once or waits until its access token is fetched; then
 * an answer, or none, makes its outcome, which stays here until the database
 * has taken it.  Nothing is lost in between: what is not reported is handed
 * out again when its lease has run out.
 */
#include "delivery.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "util.h"

/* a report that the database does not take for another reason than being away */
#define MOST_REPORTS 5

typedef enum JobKind
{
	JOB_MESSAGE,
	JOB_TOKEN
} JobKind;

typedef enum Stage
{
	STAGE_WAITING,				/* for its access token */
	STAGE_SENDING,
	STAGE_DONE					/* to be reported */
} Stage;

/* an access token, shared by all messages that use the same secret there */
typedef struct AccessToken
{
	JobKind		job;			/* JOB_TOKEN; first, see deliveries_collect() */
	char	   *name;
	char	   *value;			/* NULL: to be fetched */
	double		valid_until;
	bool		is_fetching;
	struct AccessToken *next;
} AccessToken;

typedef struct Delivery
{
	JobKind		job;			/* JOB_MESSAGE */
	Stage		stage;
	Message		message;
	const Platform *platform;
	const Secret *secret;
	AccessToken *access;		/* NULL where the platform needs none */
	char	   *used_token;		/* with which it was sent */
	bool		has_new_token;	/* whether it was sent with a second one */
	bool		is_lost;		/* its lease is somebody else's */
	double		lease_until;
	int			reports;
	Outcome		outcome;
	struct Delivery *next;
} Delivery;

struct Deliveries
{
	const Config *config;
	Sender	   *sender;
	Delivery   *first;
	int			count;
	AccessToken *tokens;
};

Deliveries *
deliveries_create(const Config *config, Sender *sender)
{
	Deliveries *deliveries = relay_alloc(sizeof(Deliveries));

	deliveries->config = config;
	deliveries->sender = sender;
	return deliveries;
}

static void
delivery_free(Delivery *delivery)
{
	message_clear(&delivery->message);
	free(delivery->used_token);
	free(delivery);
}

void
deliveries_destroy(Deliveries *deliveries)
{
	while (deliveries->first != NULL)
	{
		Delivery   *delivery = deliveries->first;

		deliveries->first = delivery->next;
		delivery_free(delivery);
	}
	while (deliveries->tokens != NULL)
	{
		AccessToken *token = deliveries->tokens;

		deliveries->tokens = token->next;
		free(token->name);
		free(token->value);
		free(token);
	}
	free(deliveries);
}

/* all that are not reported yet */
int
deliveries_count(const Deliveries *deliveries)
{
	return deliveries->count;
}

static void
finish(Delivery *delivery)
{
	delivery->stage = STAGE_DONE;
}

static AccessToken *
access_token_of(Deliveries *deliveries, const Message *message)
{
	char	   *name = relay_printf("%s %s", message->secret, message->endpoint);
	AccessToken *token;

	for (token = deliveries->tokens; token != NULL; token = token->next)
	{
		if (strcmp(token->name, name) == 0)
		{
			free(name);
			return token;
		}
	}
	token = relay_alloc(sizeof(AccessToken));
	token->job = JOB_TOKEN;
	token->name = name;
	token->next = deliveries->tokens;
	deliveries->tokens = token;
	return token;
}

/*
 * Drops a token that holds no more; it need not be kept from the log either,
 * which would remember one every two hours for ever.
 */
static void
forget_token(AccessToken *token)
{
	char	   *escaped;

	if (token->value == NULL)
		return;
	escaped = url_escape(token->value);
	forget_secret(token->value);
	forget_secret(escaped);
	free(escaped);
	free(token->value);
	token->value = NULL;
}

static void
send_message(Deliveries *deliveries, Delivery *delivery)
{
	Request		request = {0};
	char		error[300] = "";

	free(delivery->used_token);
	delivery->used_token = delivery->access != NULL ? relay_strdup(delivery->access->value) : NULL;
	delivery->stage = STAGE_SENDING;
	if (delivery->platform->prepare(&delivery->message, delivery->secret, delivery->used_token, &request, error, sizeof(error)) &&
		sender_start(deliveries->sender, &request, delivery, error, sizeof(error)))
		return;
	request_clear(&request);
	outcome_set(&delivery->outcome, VERDICT_RETRY, "", "%s", error);
	finish(delivery);
}

/*
 * Ends what waits for a token with the same outcome.
 */
static void
finish_waiting(Deliveries *deliveries, const AccessToken *token, const Outcome *outcome)
{
	Delivery   *delivery;

	for (delivery = deliveries->first; delivery != NULL; delivery = delivery->next)
	{
		if (delivery->stage == STAGE_WAITING && delivery->access == token)
		{
			delivery->outcome = *outcome;
			finish(delivery);
		}
	}
}

static void
fetch_token(Deliveries *deliveries, Delivery *delivery)
{
	AccessToken *token = delivery->access;
	Request		request = {0};
	char		error[300] = "";
	Outcome		outcome = {0};

	if (wecom_token_request(&delivery->message, delivery->secret, &request, error, sizeof(error)) &&
		sender_start(deliveries->sender, &request, token, error, sizeof(error)))
	{
		token->is_fetching = true;
		return;
	}
	request_clear(&request);
	outcome_set(&outcome, VERDICT_RETRY, "", "%s", error);
	finish_waiting(deliveries, token, &outcome);
}

/*
 * Sends a message, or fetches what it needs before.
 */
static void
advance(Deliveries *deliveries, Delivery *delivery)
{
	AccessToken *token = delivery->access;

	if (token != NULL && token->value != NULL && token->valid_until <= relay_now())
		forget_token(token);
	if (token == NULL || token->value != NULL)
	{
		send_message(deliveries, delivery);
		return;
	}
	delivery->stage = STAGE_WAITING;
	if (!token->is_fetching)
		fetch_token(deliveries, delivery);
}

/*
 * Takes a claimed message, which is emptied, and sends it.
 */
void
deliveries_add(Deliveries *deliveries, Message *message)
{
	Delivery   *delivery = relay_alloc(sizeof(Delivery));

	delivery->job = JOB_MESSAGE;
	delivery->message = *message;
	memset(message, 0, sizeof(*message));
	message = &delivery->message;
	delivery->lease_until = relay_now() + deliveries->config->lease;
	delivery->platform = platform_of(message->kind);
	if (message->secret != NULL)
		delivery->secret = config_secret(deliveries->config, message->secret);
	delivery->next = deliveries->first;
	deliveries->first = delivery;
	deliveries->count++;

	if (delivery->platform == NULL)
		outcome_set(&delivery->outcome, VERDICT_RETRY, "", "this relay does not know the kind \"%s\"", message->kind);
	else if (message->secret != NULL && delivery->secret == NULL)
		outcome_set(&delivery->outcome, VERDICT_RETRY, "", "this relay has no secret \"%s\"", message->secret);
	else if (delivery->platform->needs_token && (delivery->secret == NULL || delivery->secret->token == NULL))
		outcome_set(&delivery->outcome, VERDICT_RETRY, "", "this relay has no token for secret \"%s\"",
					message->secret != NULL ? message->secret : "");
	else
	{
		if (delivery->platform->has_access_token)
			delivery->access = access_token_of(deliveries, message);
		advance(deliveries, delivery);
		return;
	}
	finish(delivery);
}

static void
token_arrived(Deliveries *deliveries, AccessToken *token, const Reply *reply)
{
	Outcome		outcome = {0};
	long		seconds = 0;
	Delivery   *delivery;

	token->is_fetching = false;
	forget_token(token);
	token->value = wecom_token_read(reply, &seconds, &outcome);
	if (token->value == NULL)
	{
		finish_waiting(deliveries, token, &outcome);
		return;
	}
	/* even one that is said to hold no time serves those that wait now */
	token->valid_until = relay_now() + (double) seconds;
	for (delivery = deliveries->first; delivery != NULL; delivery = delivery->next)
	{
		if (delivery->stage == STAGE_WAITING && delivery->access == token)
			send_message(deliveries, delivery);
	}
}

static void
message_answered(Deliveries *deliveries, Delivery *delivery, const Reply *reply)
{
	if (reply->arrived)
		delivery->platform->judge(reply, &delivery->outcome);
	else
		judge_unreached(reply, &delivery->outcome);
	if (delivery->outcome.verdict == VERDICT_NEW_TOKEN)
	{
		AccessToken *token = delivery->access;

		if (token->value != NULL && strcmp(token->value, delivery->used_token) == 0)
			forget_token(token);
		if (!delivery->has_new_token)
		{
			delivery->has_new_token = true;
			advance(deliveries, delivery);
			return;
		}
		delivery->outcome.verdict = VERDICT_RETRY;
	}
	finish(delivery);
}

/*
 * Takes in all answers that have arrived.
 */
void
deliveries_collect(Deliveries *deliveries)
{
	Reply		reply;
	void	   *owner;

	while ((owner = sender_next(deliveries->sender, &reply)) != NULL)
	{
		/* both kinds of owners begin with their JobKind */
		if (*(JobKind *) owner == JOB_TOKEN)
			token_arrived(deliveries, owner, &reply);
		else
			message_answered(deliveries, owner, &reply);
	}
}

bool
deliveries_unreported(const Deliveries *deliveries)
{
	Delivery   *delivery;

	for (delivery = deliveries->first; delivery != NULL; delivery = delivery->next)
	{
		if (delivery->stage == STAGE_DONE)
			return true;
	}
	return false;
}

static void
log_outcome(const Delivery *delivery, Report report)
{
	const Message *message = &delivery->message;
	const Outcome *outcome = &delivery->outcome;

	if (report == REPORT_STALE)
		log_warning("message %" PRId64 " to \"%s\" was handed to somebody else meanwhile%s", message->id, message->destination,
					outcome->verdict == VERDICT_SENT ? "; it is sent twice" : "");
	else if (outcome->verdict != VERDICT_SENT)
		log_warning("message %" PRId64 " to \"%s\" not sent%s: %s", message->id, message->destination,
					outcome->verdict == VERDICT_GIVE_UP ? ", given up" : "", outcome->error);
	else if (outcome->error[0] != '\0')
		log_info("message %" PRId64 " to \"%s\" sent, %s", message->id, message->destination, outcome->error);
	else
		log_debug("message %" PRId64 " to \"%s\" sent", message->id, message->destination);
}

/*
 * Reports whatever is done.  All that were simply sent go in one transaction.
 */
static void
report_sent(Deliveries *deliveries, Database *database, Report *reports, Delivery **done)
{
	const Message **messages = relay_alloc(sizeof(Message *) * (size_t) deliveries->count);
	Delivery   *delivery;
	int			count = 0;

	for (delivery = deliveries->first; delivery != NULL; delivery = delivery->next)
	{
		if (delivery->stage == STAGE_DONE && delivery->outcome.verdict == VERDICT_SENT && delivery->outcome.error[0] == '\0' &&
			!delivery->is_lost)
		{
			messages[count] = &delivery->message;
			done[count++] = delivery;
		}
	}
	done[count] = NULL;
	if (count > 0 && !database_ack_many(database, messages, count, reports))
	{
		int			i;

		for (i = 0; i < count; i++)
			reports[i] = REPORT_LATER;
	}
	free(messages);
}

/*
 * Whether a delivery is over, after a report with this result.
 */
static bool
is_over(Delivery *delivery, Report report)
{
	if (report != REPORT_LATER)
	{
		log_outcome(delivery, report);
		return true;
	}
	if (++delivery->reports < MOST_REPORTS || relay_now() < delivery->lease_until)
		return false;
	log_warning("message %" PRId64 " to \"%s\" could not be reported", delivery->message.id, delivery->message.destination);
	return true;
}

/*
 * Reports what is done; how many are over.
 */
int
deliveries_report(Deliveries *deliveries, Database *database)
{
	Report	   *reports = relay_alloc(sizeof(Report) * (size_t) (deliveries->count + 1));
	Delivery  **done = relay_alloc(sizeof(Delivery *) * (size_t) (deliveries->count + 1));
	Delivery  **link = &deliveries->first;
	int			over = 0;

	report_sent(deliveries, database, reports, done);
	while (*link != NULL)
	{
		Delivery   *delivery = *link;
		Report		report = REPORT_STALE;
		int			i;

		if (delivery->stage != STAGE_DONE)
		{
			link = &delivery->next;
			continue;
		}
		for (i = 0; done[i] != NULL && done[i] != delivery; i++)
			;
		if (done[i] == delivery)
			report = reports[i];
		else if (delivery->is_lost)
			report = REPORT_STALE;
		else if (delivery->outcome.verdict == VERDICT_SENT)
			report = database_ack(database, &delivery->message, delivery->outcome.error);
		else
			report = database_nack(database, &delivery->message, &delivery->outcome);
		if (!is_over(delivery, report))
		{
			link = &delivery->next;
			continue;
		}
		*link = delivery->next;
		delivery_free(delivery);
		deliveries->count--;
		over++;
	}
	free(reports);
	free(done);
	return over;
}

/*
 * Keeps the leases of what takes long.
 */
void
deliveries_renew(Deliveries *deliveries, Database *database)
{
	Delivery   *delivery;

	for (delivery = deliveries->first; delivery != NULL; delivery = delivery->next)
	{
		if (delivery->stage == STAGE_DONE || delivery->is_lost ||
			delivery->lease_until - relay_now() > deliveries->config->lease / 2.0)
			continue;
		switch (database_renew(database, &delivery->message))
		{
			case REPORT_DONE:
				delivery->lease_until = relay_now() + deliveries->config->lease;
				break;
			case REPORT_STALE:
				delivery->is_lost = true;
				break;
			case REPORT_LATER:
				return;
		}
	}
}

/*
 * Gives back what has not been sent yet.
 */
void
deliveries_release_waiting(Deliveries *deliveries, Database *database)
{
	Delivery  **link = &deliveries->first;

	while (*link != NULL)
	{
		Delivery   *delivery = *link;

		if (delivery->stage == STAGE_WAITING && database_release(database, &delivery->message) != REPORT_LATER)
		{
			*link = delivery->next;
			delivery_free(delivery);
			deliveries->count--;
		}
		else
			link = &delivery->next;
	}
}
