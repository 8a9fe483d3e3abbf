/*
 * delivery.h
 *		Messages on their way: from the claim to the report.
 */
#ifndef RELAY_DELIVERY_H
#define RELAY_DELIVERY_H

#include <stdbool.h>

#include "claim.h"
#include "config.h"
#include "send.h"

typedef struct Deliveries Deliveries;

extern Deliveries *deliveries_create(const Config *config, Sender *sender);
extern void deliveries_destroy(Deliveries *deliveries);

extern int	deliveries_count(const Deliveries *deliveries);
extern void deliveries_add(Deliveries *deliveries, Message *message);
extern void deliveries_collect(Deliveries *deliveries);
extern bool deliveries_unreported(const Deliveries *deliveries);
extern int	deliveries_report(Deliveries *deliveries, Database *database);
extern void deliveries_renew(Deliveries *deliveries, Database *database);
extern void deliveries_release_waiting(Deliveries *deliveries, Database *database);

#endif
