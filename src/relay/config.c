/*
 * config.c
 *		Reads the configuration file: lines "name = value", # begins a comment.
 *
 * A secret is never written there.  "secret.NAME.token = env:VARIABLE" takes
 * it from the environment, "file:PATH" from a file that others cannot read,
 * "credential:NAME" from what systemd's LoadCredential= put there.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

typedef struct Place
{
	const char *path;
	int			line;
	bool		failed;
} Place;

static void complain(Place *place, const char *format, ...) RELAY_PRINTF(2, 3);

static void
complain(Place *place, const char *format,...)
{
	va_list		arguments;
	char		text[500];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (place->line > 0)
		log_warning("%s:%d: %s", place->path, place->line, text);
	else
		log_warning("%s: %s", place->path, text);
	place->failed = true;
}

static char *
trim(char *text)
{
	char	   *end;

	while (isspace((unsigned char) *text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char) end[-1]))
		*--end = '\0';
	return text;
}

static void
read_number(Place *place, const char *name, const char *value, int least, int most, int *result)
{
	char	   *end;
	long		number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || *value == '\0' || *end != '\0' || number < least || number > most)
		complain(place, "%s is a whole number from %d to %d, not \"%s\"", name, least, most, value);
	else
		*result = (int) number;
}

static void
read_switch(Place *place, const char *name, const char *value, bool *result)
{
	if (strcmp(value, "on") == 0)
		*result = true;
	else if (strcmp(value, "off") == 0)
		*result = false;
	else
		complain(place, "%s is on or off, not \"%s\"", name, value);
}

static void
read_text(char **result, const char *value)
{
	free(*result);
	*result = relay_strdup(value);
}

static void
read_hosts(Config *config, const char *value)
{
	char	   *copy = relay_strdup(value);
	char	   *rest = copy;
	char	   *part;

	while ((part = strsep(&rest, ",")) != NULL)
	{
		char	   *host = trim(part);
		char	   *c;

		if (*host == '\0')
			continue;
		for (c = host; *c; c++)
			*c = (char) tolower((unsigned char) *c);
		config->hosts = relay_realloc(config->hosts, sizeof(char *) * (size_t) (config->host_count + 1));
		config->hosts[config->host_count++] = relay_strdup(host);
	}
	free(copy);
}

/*
 * First line of a file that only its owner, or a group, may read.
 */
static char *
secret_from_file(Place *place, const char *path)
{
	FILE	   *file = fopen(path, "r");
	struct stat status;
	char		line[1024];
	char	   *result = NULL;

	if (file == NULL)
	{
		complain(place, "could not open file \"%s\": %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
		complain(place, "\"%s\" is no file", path);
	else if ((status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
		complain(place, "file \"%s\" can be read by everybody or changed by others; chmod 600 it", path);
	else if (fgets(line, sizeof(line), file) == NULL || *trim(line) == '\0')
		complain(place, "file \"%s\" is empty", path);
	else
		result = relay_strdup(trim(line));
	fclose(file);
	memset(line, 0, sizeof(line));
	return result;
}

/*
 * The value that a reference stands for; NULL after a complaint.
 */
static char *
resolve_secret(Place *place, const char *reference)
{
	if (strncmp(reference, "env:", 4) == 0)
	{
		const char *value = getenv(reference + 4);

		if (value != NULL && *value != '\0')
			return relay_strdup(value);
		complain(place, "environment variable %s is not set", reference + 4);
	}
	else if (strncmp(reference, "file:", 5) == 0)
		return secret_from_file(place, reference + 5);
	else if (strncmp(reference, "credential:", 11) == 0)
	{
		const char *folder = getenv("CREDENTIALS_DIRECTORY");
		char	   *path;
		char	   *result;

		if (folder == NULL)
		{
			complain(place, "there are no credentials: CREDENTIALS_DIRECTORY is not set");
			return NULL;
		}
		path = relay_printf("%s/%s", folder, reference + 11);
		result = secret_from_file(place, path);
		free(path);
		return result;
	}
	else
		/* the value is perhaps the secret itself: do not repeat it */
		complain(place, "a secret is given as env:VARIABLE, file:PATH or credential:NAME, never itself");
	return NULL;
}

static Secret *
secret_slot(Config *config, const char *name)
{
	int			i;

	for (i = 0; i < config->secret_count; i++)
	{
		if (strcmp(config->secrets[i].name, name) == 0)
			return &config->secrets[i];
	}
	config->secrets = relay_realloc(config->secrets, sizeof(Secret) * (size_t) (config->secret_count + 1));
	memset(&config->secrets[config->secret_count], 0, sizeof(Secret));
	config->secrets[config->secret_count].name = relay_strdup(name);
	return &config->secrets[config->secret_count++];
}

/*
 * "secret.NAME.token" or "secret.NAME.sign".
 */
static void
read_secret(Place *place, Config *config, const char *setting, const char *reference)
{
	char	   *name = relay_strdup(setting + strlen("secret."));
	char	   *part = strrchr(name, '.');
	Secret	   *secret;
	char	  **field;

	if (part == NULL || part == name || (strcmp(part, ".token") != 0 && strcmp(part, ".sign") != 0))
		complain(place, "\"%s\" is neither secret.NAME.token nor secret.NAME.sign", setting);
	else
	{
		char	   *value = resolve_secret(place, reference);

		*part++ = '\0';
		secret = secret_slot(config, name);
		field = strcmp(part, "token") == 0 ? &secret->token : &secret->sign;
		free(*field);
		*field = value;
		hide_secret(value);
	}
	free(name);
}

static void
read_setting(Place *place, Config *config, const char *name, const char *value)
{
	if (strcmp(name, "connection") == 0)
		read_text(&config->connection, value);
	else if (strcmp(name, "workspace") == 0)
		read_text(&config->workspace, value);
	else if (strcmp(name, "worker") == 0)
		read_text(&config->worker, value);
	else if (strcmp(name, "max_in_flight") == 0)
		read_number(place, name, value, 1, 200, &config->max_in_flight);
	else if (strcmp(name, "lease") == 0)
		read_number(place, name, value, 1, 3600, &config->lease);
	else if (strcmp(name, "poll") == 0)
		read_number(place, name, value, 1, 3600, &config->poll);
	else if (strcmp(name, "timeout") == 0)
		read_number(place, name, value, 1, 600, &config->timeout);
	else if (strcmp(name, "connect_timeout") == 0)
		read_number(place, name, value, 1, 600, &config->connect_timeout);
	else if (strcmp(name, "allow_hosts") == 0)
		read_hosts(config, value);
	else if (strcmp(name, "allow_http") == 0)
		read_switch(place, name, value, &config->allow_http);
	else if (strcmp(name, "allow_private") == 0)
		read_switch(place, name, value, &config->allow_private);
	else if (strcmp(name, "ca_file") == 0)
		read_text(&config->ca_file, value);
	else if (strcmp(name, "proxy") == 0)
		read_text(&config->proxy, value);
	else if (strncmp(name, "secret.", 7) == 0)
		read_secret(place, config, name, value);
	else
		complain(place, "there is no setting \"%s\"", name);
}

static void
set_defaults(Config *config)
{
	char		host[80] = "relay";

	memset(config, 0, sizeof(*config));
	gethostname(host, sizeof(host) - 1);
	config->connection = relay_strdup("");
	config->workspace = relay_strdup("perf");
	config->worker = relay_strdup(host);
	config->max_in_flight = 8;
	config->lease = 60;
	config->poll = 5;
	config->timeout = 10;
	config->connect_timeout = 3;
}

/*
 * Reads the file into config.  False where something is wrong; what it is has
 * been said, all of it.
 */
bool
config_load(const char *path, Config *config)
{
	Place		place = {path, 0, false};
	FILE	   *file = fopen(path, "r");
	char		line[4096];

	set_defaults(config);
	if (file == NULL)
	{
		log_warning("could not open file \"%s\": %s", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), file) != NULL)
	{
		bool		is_whole = strlen(line) < sizeof(line) - 1;
		char	   *name = trim(line);
		char	   *value = strchr(name, '=');

		place.line++;
		if (!is_whole)
		{
			complain(&place, "line too long");
			break;
		}
		if (*name == '\0' || *name == '#')
			continue;
		if (value == NULL)
		{
			complain(&place, "\"=\" is missing");
			continue;
		}
		*value++ = '\0';
		read_setting(&place, config, trim(name), trim(value));
	}
	fclose(file);

	place.line = 0;
	if (config->host_count == 0)
		complain(&place, "allow_hosts names no host, so nothing could be sent");
	/* a message whose access token has to be fetched first needs two requests, and a reserve */
	if (config->lease < 2 * config->timeout + 5)
		complain(&place, "lease is %d seconds, but a timeout of %d needs at least %d", config->lease, config->timeout,
				 2 * config->timeout + 5);
	if (*config->workspace == '\0' || *config->worker == '\0' || strlen(config->worker) > 100)
		complain(&place, "workspace and worker need names, the worker's of at most 100 characters");
	return !place.failed;
}

void
config_free(Config *config)
{
	int			i;

	free(config->connection);
	free(config->workspace);
	free(config->worker);
	free(config->ca_file);
	free(config->proxy);
	for (i = 0; i < config->host_count; i++)
		free(config->hosts[i]);
	free(config->hosts);
	for (i = 0; i < config->secret_count; i++)
	{
		free(config->secrets[i].name);
		free(config->secrets[i].token);
		free(config->secrets[i].sign);
	}
	free(config->secrets);
	memset(config, 0, sizeof(*config));
}

/*
 * What was understood, without what is secret.
 */
void
config_print(const Config *config)
{
	int			i;

	printf("workspace = %s\nworker = %s\nmax_in_flight = %d\nlease = %d\npoll = %d\ntimeout = %d\nconnect_timeout = %d\n",
		   config->workspace, config->worker, config->max_in_flight, config->lease, config->poll, config->timeout,
		   config->connect_timeout);
	printf("allow_hosts =");
	for (i = 0; i < config->host_count; i++)
		printf("%s %s", i > 0 ? "," : "", config->hosts[i]);
	printf("\nallow_http = %s\nallow_private = %s\n", config->allow_http ? "on" : "off", config->allow_private ? "on" : "off");
	for (i = 0; i < config->secret_count; i++)
		printf("secret %s:%s%s\n", config->secrets[i].name, config->secrets[i].token ? " token" : "",
			   config->secrets[i].sign ? " sign" : "");
}

const Secret *
config_secret(const Config *config, const char *name)
{
	int			i;

	for (i = 0; i < config->secret_count; i++)
	{
		if (strcmp(config->secrets[i].name, name) == 0)
			return &config->secrets[i];
	}
	return NULL;
}
