/*
 * platform.c
 *		What all kinds of destinations have in common: HTTP's own answers, and
 *		answers in JSON.
 */
#include <stdio.h>
#include <string.h>

#include "platform.h"

static const Platform *const platforms[] = {
	&wecom_robot_platform,
	&wecom_app_platform,
	&dingtalk_robot_platform,
	&feishu_robot_platform,
	&cloudevents_platform
};

/* NULL for a kind that this relay does not know */
const Platform *
platform_of(const char *kind)
{
	size_t		i;

	for (i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
	{
		if (strcmp(platforms[i]->kind, kind) == 0)
			return platforms[i];
	}
	return NULL;
}

/*
 * A secret as it stands in a URL, to be freed; in that form, too, it is never
 * shown.
 */
char *
escape_secret(const char *value)
{
	char	   *result = url_escape(value);

	hide_secret(result);
	return result;
}

void
outcome_set(Outcome *outcome, Verdict verdict, const char *code, const char *format,...)
{
	va_list		arguments;

	outcome->verdict = verdict;
	snprintf(outcome->code, sizeof(outcome->code), "%s", code);
	va_start(arguments, format);
	vsnprintf(outcome->error, sizeof(outcome->error), format, arguments);
	va_end(arguments);
	mask_secrets(outcome->error);
}

/*
 * No answer: refused, broken off, or too late.  Whether the message got
 * through nobody knows, so it is sent again.
 */
void
judge_unreached(const Reply *reply, Outcome *outcome)
{
	outcome_set(outcome, VERDICT_RETRY, "", "%s", reply->error);
}

/*
 * What HTTP's status says.  True for 2xx: then the answer itself decides.
 */
bool
judge_status(const Reply *reply, Outcome *outcome)
{
	char		code[32];
	long		status = reply->status;

	if (status >= 200 && status < 300)
		return true;
	snprintf(code, sizeof(code), "http %ld", status);
	if (status >= 300 && status < 400)
		outcome_set(outcome, VERDICT_GIVE_UP, code, "HTTP status %ld: redirections are not followed", status);
	else if (status >= 500 || status == 408 || status == 425 || status == 429)
	{
		outcome_set(outcome, VERDICT_RETRY, code, "HTTP status %ld", status);
		outcome->retry_after = reply->retry_after;
	}
	else
		outcome_set(outcome, VERDICT_GIVE_UP, code, "HTTP status %ld", status);
	return false;
}

/*
 * The object that a chat platform answers.  NULL where it is none: a captive
 * portal's page is no proof that a message was sent.
 */
json_t *
parse_reply(const Reply *reply, Outcome *outcome)
{
	json_t	   *object = json_loads(reply->body, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(object))
	{
		json_decref(object);
		if (judge_status(reply, outcome))
			outcome_set(outcome, VERDICT_RETRY, "", "the answer is not the platform's: %.60s", reply->body);
		return NULL;
	}
	return object;
}

/* a member that is a text; "" where it is not there */
const char *
json_text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL ? value : "";
}

/*
 * What the code in an answer means.  Status 200 alone says nothing: these
 * platforms refuse with it too.  And a code of 0 says nothing where the
 * status speaks of an error.
 */
void
judge_code(const Reply *reply, const json_t *object, const char *code_name, const char *text_name, Outcome *outcome)
{
	const json_t *member = json_object_get(object, code_name);
	long long	number = json_integer_value(member);
	char		code[32];

	if (json_is_integer(member) && number != 0)
	{
		snprintf(code, sizeof(code), "%lld", number);
		outcome_set(outcome, VERDICT_RETRY, code, "%lld %s", number, json_text(object, text_name));
		outcome->retry_after = reply->retry_after;
	}
	else if (!judge_status(reply, outcome))
		return;
	else if (json_is_integer(member))
		outcome_set(outcome, VERDICT_SENT, "", "%s", "");
	else
		outcome_set(outcome, VERDICT_RETRY, "", "the answer has no %s", code_name);
}
