/*
 * platform_events.c
 *		Any receiver of CloudEvents 1.0, in structured mode.  The signature
 *		covers time and body and travels in a header.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "sign.h"

static bool
prepare(const Message *message, const Secret *secret, const char *access_token, Request *request, char *error, size_t size)
{
	char	   *key = url_escape(message->key);

	(void) access_token;
	(void) error;
	(void) size;
	request->url = relay_strdup(message->endpoint);
	request->body = relay_strdup(message->body);
	request_add_header(request, "Content-Type", "application/cloudevents+json; charset=utf-8");
	request_add_header(request, "Expect", "");
	request_add_header(request, "Idempotency-Key", key);
	free(key);
	if (secret != NULL && secret->token != NULL)
	{
		char	   *bearer = relay_printf("Bearer %s", secret->token);

		request_add_header(request, "Authorization", bearer);
		free(bearer);
	}
	if (secret != NULL && secret->sign != NULL)
	{
		int64_t		now = relay_unix_ms() / 1000;
		char	   *text = relay_printf("%" PRId64 ".%s", now, message->body);
		char	   *signature = sign_hex(secret->sign, text);
		char	   *header = relay_printf("t=%" PRId64 ",v1=%s", now, signature);

		request_add_header(request, "X-Perf-Mgmt-Signature", header);
		free(text);
		free(signature);
		free(header);
	}
	return true;
}

static void
judge(const Reply *reply, Outcome *outcome)
{
	if (judge_status(reply, outcome))
		outcome_set(outcome, VERDICT_SENT, "", "%s", "");
}

const Platform cloudevents_platform = {"cloudevents", false, false, prepare, judge};
