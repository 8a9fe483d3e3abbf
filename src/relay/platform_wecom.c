/*
 * platform_wecom.c
 *		WeCom: robots of groups, whose key is part of the URL, and
 *		applications, which get an access token first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"

/* fetched again a little before WeCom forgets it */
#define TOKEN_RESERVE 300

static void
make_post(Request *request, char *url, const char *body)
{
	request->url = url;
	request->body = relay_strdup(body);
	request_add_header(request, "Content-Type", "application/json; charset=utf-8");
	/* without it libcurl asks for permission to send longer bodies, a round trip */
	request_add_header(request, "Expect", "");
}

static bool
prepare_robot(const Message *message, const Secret *secret, const char *access_token, Request *request, char *error, size_t size)
{
	char	   *key = escape_secret(secret->token);

	(void) access_token;
	(void) error;
	(void) size;
	make_post(request, relay_printf("%s?key=%s", message->endpoint, key), message->body);
	free(key);
	return true;
}

static void
judge_robot(const Reply *reply, Outcome *outcome)
{
	json_t	   *object = parse_reply(reply, outcome);

	if (object != NULL)
		judge_code(reply, object, "errcode", "errmsg", outcome);
	json_decref(object);
}

static bool
prepare_app(const Message *message, const Secret *secret, const char *access_token, Request *request, char *error, size_t size)
{
	char	   *token = escape_secret(access_token);

	(void) secret;
	(void) error;
	(void) size;
	make_post(request, relay_printf("%s/message/send?access_token=%s", message->endpoint, token), message->body);
	free(token);
	return true;
}

/*
 * An application's message may reach some of its recipients only: then it is
 * sent, with a remark.
 */
static void
judge_app(const Reply *reply, Outcome *outcome)
{
	json_t	   *object = parse_reply(reply, outcome);

	if (object == NULL)
		return;
	judge_code(reply, object, "errcode", "errmsg", outcome);
	if (outcome->verdict == VERDICT_SENT && *json_text(object, "invaliduser") != '\0')
		outcome_set(outcome, VERDICT_SENT, "", "not reached: %s", json_text(object, "invaliduser"));
	else if (strcmp(outcome->code, "40014") == 0 || strcmp(outcome->code, "42001") == 0)
		outcome->verdict = VERDICT_NEW_TOKEN;
	json_decref(object);
}

bool
wecom_token_request(const Message *message, const Secret *secret, Request *request, char *error, size_t size)
{
	json_t	   *settings = json_loads(message->settings, 0, NULL);
	const char *corp_id = json_text(settings, "corp_id");
	bool		result = *corp_id != '\0';

	if (result)
	{
		char	   *escaped_id = url_escape(corp_id);
		char	   *escaped_secret = escape_secret(secret->token);

		request->url = relay_printf("%s/gettoken?corpid=%s&corpsecret=%s", message->endpoint, escaped_id, escaped_secret);
		free(escaped_id);
		free(escaped_secret);
	}
	else
		snprintf(error, size, "the destination's settings have no corp_id");
	json_decref(settings);
	return result;
}

/*
 * The access token in an answer, to be freed, and for how long it holds; NULL
 * with the outcome for all messages that wait for it.
 */
char *
wecom_token_read(const Reply *reply, long *seconds, Outcome *outcome)
{
	json_t	   *object;
	const char *token;
	char	   *result = NULL;

	if (!reply->arrived)
	{
		judge_unreached(reply, outcome);
		return NULL;
	}
	object = parse_reply(reply, outcome);
	if (object == NULL)
		return NULL;
	token = json_text(object, "access_token");
	judge_code(reply, object, "errcode", "errmsg", outcome);
	if (outcome->verdict == VERDICT_SENT && *token == '\0')
		outcome_set(outcome, VERDICT_RETRY, "", "the answer has no access_token");
	else if (outcome->verdict == VERDICT_SENT)
	{
		json_int_t	expires_in = json_integer_value(json_object_get(object, "expires_in"));

		result = relay_strdup(token);
		hide_secret(result);
		*seconds = (long) (expires_in < 86400 ? expires_in : 86400);
		*seconds -= *seconds > 2 * TOKEN_RESERVE ? TOKEN_RESERVE : *seconds / 2;
	}
	json_decref(object);
	return result;
}

const Platform wecom_robot_platform = {"wecom_robot", true, false, prepare_robot, judge_robot};
const Platform wecom_app_platform = {"wecom_app", true, true, prepare_app, judge_app};
