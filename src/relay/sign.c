/*
 * sign.c
 *		HMAC-SHA256 of a text, in base64 and in hexadecimal.
 */
#include "sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "util.h"

#define SHA256_BYTES 32

static void
hmac_sha256(const char *key, const char *text, unsigned char *result)
{
	unsigned int length = 0;

	if (HMAC(EVP_sha256(), key, (int) strlen(key), (const unsigned char *) text, strlen(text), result, &length) == NULL ||
		length != SHA256_BYTES)
	{
		fputs("perf_mgmt_relay: OpenSSL has no HMAC-SHA256\n", stderr);
		exit(1);
	}
}

char *
sign_base64(const char *key, const char *text)
{
	unsigned char digest[SHA256_BYTES];
	char	   *result = relay_alloc(4 * ((SHA256_BYTES + 2) / 3) + 1);

	hmac_sha256(key, text, digest);
	EVP_EncodeBlock((unsigned char *) result, digest, SHA256_BYTES);
	return result;
}

char *
sign_hex(const char *key, const char *text)
{
	unsigned char digest[SHA256_BYTES];
	char	   *result = relay_alloc(2 * SHA256_BYTES + 1);
	int			i;

	hmac_sha256(key, text, digest);
	for (i = 0; i < SHA256_BYTES; i++)
		snprintf(result + 2 * i, 3, "%02x", digest[i]);
	return result;
}
