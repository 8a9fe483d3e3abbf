/*
 * platform.h
 *		What the relay knows of each kind of destination: how a request looks
 *		and what an answer means.
 */
#ifndef RELAY_PLATFORM_H
#define RELAY_PLATFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "send.h"
#include "util.h"

/* one claimed message */
typedef struct Message
{
	int64_t		id;
	int64_t		token;
	char	   *destination;
	char	   *kind;
	char	   *endpoint;
	char	   *secret;			/* name; NULL: none is needed */
	char	   *settings;		/* JSON */
	char	   *key;			/* idempotency key */
	char	   *body;			/* JSON, unsigned */
} Message;

typedef enum Verdict
{
	VERDICT_SENT,
	VERDICT_RETRY,
	VERDICT_GIVE_UP,
	VERDICT_NEW_TOKEN			/* the access token is too old: get another and send again */
} Verdict;

typedef struct Outcome
{
	Verdict		verdict;
	char		code[32];		/* the platform's, or "http 503"; empty: none */
	char		error[400];		/* why not; a remark on what was sent; empty: nothing to say */
	long		retry_after;	/* in seconds; 0: not said */
} Outcome;

typedef struct Platform
{
	const char *kind;

	/* whether the secret must have a token */
	bool		needs_token;

	/* whether requests carry an access token that is fetched with the secret */
	bool		has_access_token;

	/* makes the request; false with the reason in error */
	bool		(*prepare) (const Message *message, const Secret *secret, const char *access_token, Request *request,
							char *error, size_t size);

	/* says what an answer that arrived means */
	void		(*judge) (const Reply *reply, Outcome *outcome);
} Platform;

extern const Platform wecom_robot_platform;
extern const Platform wecom_app_platform;
extern const Platform dingtalk_robot_platform;
extern const Platform feishu_robot_platform;
extern const Platform cloudevents_platform;

extern const Platform *platform_of(const char *kind);

extern char *escape_secret(const char *value);
extern void outcome_set(Outcome *outcome, Verdict verdict, const char *code, const char *format, ...) RELAY_PRINTF(4, 5);
extern void judge_unreached(const Reply *reply, Outcome *outcome);
extern bool judge_status(const Reply *reply, Outcome *outcome);
extern json_t *parse_reply(const Reply *reply, Outcome *outcome);
extern const char *json_text(const json_t *object, const char *name);
extern void judge_code(const Reply *reply, const json_t *object, const char *code_name, const char *text_name, Outcome *outcome);

/* WeCom's access token */
extern bool wecom_token_request(const Message *message, const Secret *secret, Request *request, char *error, size_t size);
extern char *wecom_token_read(const Reply *reply, long *seconds, Outcome *outcome);

#endif
