/*
 * util.c
 *		Memory, time and the log.
 */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* shorter values would mask ordinary words */
#define SHORTEST_SECRET 6

static char **secrets = NULL;
static int	secret_count = 0;
static bool verbose_log = false;

void
relay_out_of_memory(void)
{
	fputs("perf_mgmt_relay: out of memory\n", stderr);
	exit(1);
}

void *
relay_alloc(size_t size)
{
	void	   *result = calloc(1, size);

	if (result == NULL)
		relay_out_of_memory();
	return result;
}

void *
relay_realloc(void *pointer, size_t size)
{
	void	   *result = realloc(pointer, size);

	if (result == NULL)
		relay_out_of_memory();
	return result;
}

char *
relay_strdup(const char *text)
{
	size_t		size = strlen(text) + 1;
	char	   *result = relay_alloc(size);

	memcpy(result, text, size);
	return result;
}

static char *format_text(const char *format, va_list arguments) RELAY_PRINTF(1, 0);
static void write_log(const char *level, const char *format, va_list arguments) RELAY_PRINTF(2, 0);

static char *
format_text(const char *format, va_list arguments)
{
	va_list		again;
	int			length;
	char	   *result;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		relay_out_of_memory();
	result = relay_alloc((size_t) length + 1);
	vsnprintf(result, (size_t) length + 1, format, arguments);
	return result;
}

char *
relay_printf(const char *format,...)
{
	va_list		arguments;
	char	   *result;

	va_start(arguments, format);
	result = format_text(format, arguments);
	va_end(arguments);
	return result;
}

double
relay_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

int64_t
relay_unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
hide_secret(const char *value)
{
	int			i;

	if (value == NULL || strlen(value) < SHORTEST_SECRET)
		return;
	for (i = 0; i < secret_count; i++)
	{
		if (strcmp(secrets[i], value) == 0)
			return;
	}
	secrets = relay_realloc(secrets, sizeof(char *) * (size_t) (secret_count + 1));
	secrets[secret_count++] = relay_strdup(value);
}

void
forget_secret(const char *value)
{
	int			i;

	for (i = 0; i < secret_count; i++)
	{
		if (strcmp(secrets[i], value) == 0)
		{
			free(secrets[i]);
			secrets[i] = secrets[--secret_count];
			return;
		}
	}
}

/*
 * Puts asterisks in the place of every secret within a text.
 */
void
mask_secrets(char *text)
{
	int			i;

	for (i = 0; i < secret_count; i++)
	{
		size_t		length = strlen(secrets[i]);
		char	   *found = text;

		while ((found = strstr(found, secrets[i])) != NULL)
		{
			memset(found, '*', length);
			found += length;
		}
	}
}

void
log_set_verbose(bool verbose)
{
	verbose_log = verbose;
}

/*
 * One line to standard error.  What comes from outside cannot begin a line.
 */
static void
write_log(const char *level, const char *format, va_list arguments)
{
	char	   *text = format_text(format, arguments);
	char	   *c;

	for (c = text; *c; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = ' ';
	}
	mask_secrets(text);
	fprintf(stderr, "perf_mgmt_relay: %s%s\n", level, text);
	free(text);
}

void
log_debug(const char *format,...)
{
	va_list		arguments;

	if (!verbose_log)
		return;
	va_start(arguments, format);
	write_log("debug: ", format, arguments);
	va_end(arguments);
}

void
log_info(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	write_log("", format, arguments);
	va_end(arguments);
}

void
log_warning(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	write_log("warning: ", format, arguments);
	va_end(arguments);
}
