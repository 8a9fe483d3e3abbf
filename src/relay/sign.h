/*
 * sign.h
 *		Signatures, made when a message is sent: they hold for an hour at most.
 */
#ifndef RELAY_SIGN_H
#define RELAY_SIGN_H

/* each returns what the caller frees */
extern char *sign_base64(const char *key, const char *text);
extern char *sign_hex(const char *key, const char *text);

#endif
