/*
 * platform_dingtalk.c
 *		DingTalk's custom robots.  The signature covers the time in
 *		milliseconds and travels in the URL.
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
	char	   *token = escape_secret(secret->token);

	(void) access_token;
	(void) error;
	(void) size;
	if (secret->sign != NULL)
	{
		int64_t		now = relay_unix_ms();
		char	   *text = relay_printf("%" PRId64 "\n%s", now, secret->sign);
		char	   *signature = sign_base64(secret->sign, text);
		char	   *escaped = url_escape(signature);

		request->url = relay_printf("%s?access_token=%s&timestamp=%" PRId64 "&sign=%s", message->endpoint, token, now, escaped);
		free(text);
		free(signature);
		free(escaped);
	}
	else
		request->url = relay_printf("%s?access_token=%s", message->endpoint, token);
	request->body = relay_strdup(message->body);
	request_add_header(request, "Content-Type", "application/json; charset=utf-8");
	request_add_header(request, "Expect", "");
	free(token);
	return true;
}

static void
judge(const Reply *reply, Outcome *outcome)
{
	json_t	   *object = parse_reply(reply, outcome);

	if (object == NULL)
		return;
	judge_code(reply, object, "errcode", "errmsg", outcome);
	/* one code stands for several refusals; only a wrong time passes by itself */
	if (strcmp(outcome->code, "310000") == 0 && strstr(json_text(object, "errmsg"), "timestamp") != NULL)
		snprintf(outcome->code, sizeof(outcome->code), "310000 timestamp");
	json_decref(object);
}

const Platform dingtalk_robot_platform = {"dingtalk_robot", true, false, prepare, judge};
