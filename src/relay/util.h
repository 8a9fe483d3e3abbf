/*
 * util.h
 *		Memory that is there or the program ends, time, and a log that never
 *		shows a secret.
 */
#ifndef RELAY_UTIL_H
#define RELAY_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_PRINTF(text, values) __attribute__((format(printf, text, values)))

extern void relay_out_of_memory(void) __attribute__((noreturn));
extern void *relay_alloc(size_t size);
extern void *relay_realloc(void *pointer, size_t size);
extern char *relay_strdup(const char *text);
extern char *relay_printf(const char *format, ...) RELAY_PRINTF(1, 2);

/* seconds on a clock that never jumps, and milliseconds since 1970 */
extern double relay_now(void);
extern int64_t relay_unix_ms(void);

extern void log_set_verbose(bool verbose);
extern void log_debug(const char *format, ...) RELAY_PRINTF(1, 2);
extern void log_info(const char *format, ...) RELAY_PRINTF(1, 2);
extern void log_warning(const char *format, ...) RELAY_PRINTF(1, 2);

/* from now on this value is masked wherever it would be shown, or no longer */
extern void hide_secret(const char *value);
extern void forget_secret(const char *value);
extern void mask_secrets(char *text);

#endif
