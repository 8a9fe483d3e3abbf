/*
 * claim.h
 *		The workspace's side: claiming messages and reporting what became of
 *		them.
 */
#ifndef RELAY_CLAIM_H
#define RELAY_CLAIM_H

#include <curl/curl.h>
#include <stdbool.h>

#include "config.h"
#include "platform.h"

typedef struct Database Database;

/* what became of a report */
typedef enum Report
{
	REPORT_DONE,
	REPORT_STALE,				/* the lease is somebody else's by now */
	REPORT_LATER				/* the database did not take it: try again */
} Report;

extern Database *database_create(const Config *config);
extern void database_destroy(Database *database);

extern bool database_failed(const Database *database);
extern bool database_step(Database *database);
extern bool database_wait_for(const Database *database, struct curl_waitfd *fd);
extern double database_next_step(const Database *database);
extern bool database_notified(Database *database);

extern bool database_may_send(Database *database, bool *enabled);
extern int	database_claim(Database *database, int max, Message **messages);
extern Report database_ack(Database *database, const Message *message, const char *remark);
extern bool database_ack_many(Database *database, const Message **messages, int count, Report *reports);
extern Report database_nack(Database *database, const Message *message, const Outcome *outcome);
extern Report database_renew(Database *database, const Message *message);
extern Report database_release(Database *database, const Message *message);
extern void database_tidy(Database *database);

extern void message_clear(Message *message);

#endif
