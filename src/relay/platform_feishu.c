/*
 * platform_feishu.c
 *		Feishu's custom bots.  The hook is the last part of the URL; the
 *		signature covers the time in seconds and travels in the body.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "sign.h"

static bool
prepare(const Message *message, const Secret *secret, const char *access_token, Request *request, char *error, size_t size)
{
	json_t	   *body = json_loads(message->body, 0, NULL);
	char	   *hook;

	(void) access_token;
	if (!json_is_object(body))
	{
		json_decref(body);
		snprintf(error, size, "the body is no object");
		return false;
	}
	if (secret->sign != NULL)
	{
		char	   *now = relay_printf("%" PRId64, relay_unix_ms() / 1000);
		/* the other way round than DingTalk: this is the key, and nothing is signed */
		char	   *key = relay_printf("%s\n%s", now, secret->sign);
		char	   *signature = sign_base64(key, "");

		json_object_set_new(body, "timestamp", json_string(now));
		json_object_set_new(body, "sign", json_string(signature));
		free(now);
		free(key);
		free(signature);
	}
	request->body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (request->body == NULL)
	{
		snprintf(error, size, "the body cannot be written");
		return false;
	}
	hook = escape_secret(secret->token);
	request->url = relay_printf("%s/%s", message->endpoint, hook);
	request_add_header(request, "Content-Type", "application/json; charset=utf-8");
	request_add_header(request, "Expect", "");
	free(hook);
	return true;
}

/*
 * Bots answer "code", older ones "StatusCode"; neither may be other than 0.
 */
static void
judge(const Reply *reply, Outcome *outcome)
{
	json_t	   *object = parse_reply(reply, outcome);

	if (object == NULL)
		return;
	if (json_object_get(object, "code") != NULL || json_object_get(object, "StatusCode") == NULL)
		judge_code(reply, object, "code", "msg", outcome);
	else
		judge_code(reply, object, "StatusCode", "StatusMessage", outcome);
	if (outcome->verdict == VERDICT_SENT && json_object_get(object, "StatusCode") != NULL)
		judge_code(reply, object, "StatusCode", "StatusMessage", outcome);
	json_decref(object);
}

const Platform feishu_robot_platform = {"feishu_robot", true, false, prepare, judge};
