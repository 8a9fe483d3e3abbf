/*
 * config.h
 *		What the relay is told: a file of settings, and secrets that the file
 *		only refers to.
 */
#ifndef RELAY_CONFIG_H
#define RELAY_CONFIG_H

#include <stdbool.h>

typedef struct Secret
{
	char	   *name;
	char	   *token;			/* key, access token, hook, corpsecret or bearer token */
	char	   *sign;			/* what requests are signed with; NULL: they are not */
} Secret;

typedef struct Config
{
	char	   *connection;		/* for libpq */
	char	   *workspace;
	char	   *worker;
	int			max_in_flight;
	int			lease;			/* all times in seconds */
	int			poll;
	int			timeout;
	int			connect_timeout;
	char	  **hosts;			/* "host", "host:port" or ".suffix" */
	int			host_count;
	bool		allow_http;
	bool		allow_private;
	char	   *ca_file;		/* NULL: the system's */
	char	   *proxy;			/* NULL: none */
	Secret	   *secrets;
	int			secret_count;
} Config;

extern bool config_load(const char *path, Config *config);
extern void config_free(Config *config);
extern void config_print(const Config *config);
extern const Secret *config_secret(const Config *config, const char *name);

#endif
