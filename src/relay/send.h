/*
 * send.h
 *		HTTP: several requests at once over connections that are kept, only to
 *		hosts that are allowed, never along a redirection.
 */
#ifndef RELAY_SEND_H
#define RELAY_SEND_H

#include <curl/curl.h>
#include <stdbool.h>

#include "config.h"

/* what is sent; everything belongs to the request */
typedef struct Request
{
	char	   *url;
	struct curl_slist *headers;
	char	   *body;			/* NULL: GET */
} Request;

/* what came back */
typedef struct Reply
{
	bool		arrived;		/* whether there is a status at all */
	char		error[CURL_ERROR_SIZE + 64];	/* why not */
	long		status;
	long		retry_after;	/* in seconds; 0: not said */
	char	   *body;			/* never NULL where a status arrived */
} Reply;

typedef struct Sender Sender;

extern Sender *sender_create(const Config *config);
extern void sender_destroy(Sender *sender);

extern void request_clear(Request *request);
extern void request_add_header(Request *request, const char *name, const char *value);
extern char *url_escape(const char *text);

extern bool sender_may_reach(const Config *config, const char *url, char *error, size_t size);
extern bool sender_start(Sender *sender, Request *request, void *owner, char *error, size_t size);
extern int	sender_active(const Sender *sender);
extern void sender_wait(Sender *sender, struct curl_waitfd *others, unsigned int count, int milliseconds);
extern void *sender_next(Sender *sender, Reply *reply);

#endif
