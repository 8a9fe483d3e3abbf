/*
 * send.c
 *		HTTP by libcurl.
 *
 * Where a request may go is decided twice: its host must be on the list of
 * the configuration, and the address that the host's name resolves to must
 * not be an inner one, unless the configuration says that it may.
 */
#include "send.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

/* no platform answers more; the rest of a longer answer is not read */
#define LONGEST_REPLY 65536

typedef struct Transfer
{
	CURL	   *easy;
	Request		request;
	void	   *owner;
	char		error[CURL_ERROR_SIZE];
	bool		address_refused;
	bool		too_long;
	char	   *body;
	size_t		length;
	const Config *config;
	struct Transfer *next_idle;
} Transfer;

struct Sender
{
	const Config *config;
	CURLM	   *multi;
	Transfer   *idle;
	int			active;
};

static void
check_curl(CURLcode code)
{
	if (code != CURLE_OK)
	{
		fprintf(stderr, "perf_mgmt_relay: libcurl lacks an option: %s\n", curl_easy_strerror(code));
		exit(1);
	}
}

Sender *
sender_create(const Config *config)
{
	Sender	   *sender = relay_alloc(sizeof(Sender));

	check_curl(curl_global_init(CURL_GLOBAL_DEFAULT));
	sender->config = config;
	sender->multi = curl_multi_init();
	if (sender->multi == NULL)
		relay_out_of_memory();
	return sender;
}

void
sender_destroy(Sender *sender)
{
	while (sender->idle != NULL)
	{
		Transfer   *transfer = sender->idle;

		sender->idle = transfer->next_idle;
		curl_easy_cleanup(transfer->easy);
		free(transfer->body);
		free(transfer);
	}
	curl_multi_cleanup(sender->multi);
	curl_global_cleanup();
	free(sender);
}

void
request_clear(Request *request)
{
	curl_slist_free_all(request->headers);
	free(request->url);
	free(request->body);
	memset(request, 0, sizeof(*request));
}

/*
 * Adds a header; bytes that could end a line are left out.
 */
void
request_add_header(Request *request, const char *name, const char *value)
{
	char	   *line = relay_printf("%s: %s", name, value);
	char	   *from = line;
	char	   *to = line;
	struct curl_slist *longer;

	for (; *from; from++)
	{
		if ((unsigned char) *from >= ' ' && *from != 0x7f)
			*to++ = *from;
	}
	*to = '\0';
	longer = curl_slist_append(request->headers, line);
	if (longer == NULL)
		relay_out_of_memory();
	request->headers = longer;
	free(line);
}

char *
url_escape(const char *text)
{
	char	   *escaped = curl_easy_escape(NULL, text, 0);
	char	   *result;

	if (escaped == NULL)
		relay_out_of_memory();
	result = relay_strdup(escaped);
	curl_free(escaped);
	return result;
}

/*
 * Whether an entry of the list allows a host and port.  Without a port it
 * allows the usual one only.
 */
static bool
entry_allows(const char *entry, const char *host, const char *port, const char *usual_port)
{
	const char *colon = strrchr(entry, ':');
	size_t		length;
	size_t		host_length = strlen(host);

	/* an IPv6 address in brackets has colons of its own */
	if (colon != NULL && strchr(colon, ']') != NULL)
		colon = NULL;
	length = colon != NULL ? (size_t) (colon - entry) : strlen(entry);
	if (strcmp(colon != NULL ? colon + 1 : usual_port, port) != 0)
		return false;
	if (entry[0] == '.')
		return host_length > length && strncasecmp(host + host_length - length, entry, length) == 0;
	return host_length == length && strncasecmp(host, entry, length) == 0;
}

static char *
url_part(CURLU *url, CURLUPart part, unsigned int flags)
{
	char	   *value = NULL;
	char	   *result;

	if (curl_url_get(url, part, &value, flags) != CURLUE_OK || value == NULL)
		return relay_strdup("");
	result = relay_strdup(value);
	curl_free(value);
	return result;
}

/*
 * Whether the configuration lets requests go to a URL.  libcurl takes it
 * apart, the same way as when it connects.
 */
bool
sender_may_reach(const Config *config, const char *url, char *error, size_t size)
{
	CURLU	   *parts = curl_url();
	bool		result = false;

	if (parts == NULL)
		relay_out_of_memory();
	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK)
		snprintf(error, size, "the address of the destination is malformed");
	else
	{
		char	   *scheme = url_part(parts, CURLUPART_SCHEME, 0);
		char	   *host = url_part(parts, CURLUPART_HOST, 0);
		char	   *port = url_part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
		char	   *user = url_part(parts, CURLUPART_USER, 0);
		int			i;

		if (strcmp(scheme, "https") != 0 && !(config->allow_http && strcmp(scheme, "http") == 0))
			snprintf(error, size, "scheme \"%s\" is not allowed", scheme);
		else if (*user != '\0')
			snprintf(error, size, "the address of the destination names a user");
		else
		{
			for (i = 0; i < config->host_count && !result; i++)
				result = entry_allows(config->hosts[i], host, port, strcmp(scheme, "https") == 0 ? "443" : "80");
			if (!result)
				snprintf(error, size, "host %s:%s is not in allow_hosts", host, port);
		}
		free(scheme);
		free(host);
		free(port);
		free(user);
	}
	curl_url_cleanup(parts);
	return result;
}

static bool
is_inner_ipv4(uint32_t address)
{
	static const struct
	{
		uint32_t	network;
		int			bits;
	}			inner[] = {
		{0x00000000, 8},		/* this network */
		{0x0a000000, 8},		/* 10 */
		{0x64400000, 10},		/* 100.64: carriers */
		{0x7f000000, 8},		/* loopback */
		{0xa9fe0000, 16},		/* 169.254: link-local, metadata of clouds */
		{0xac100000, 12},		/* 172.16 */
		{0xc0000000, 24},		/* 192.0.0 */
		{0xc0a80000, 16},		/* 192.168 */
		{0xc6120000, 15},		/* 198.18: benchmarks */
		{0xe0000000, 3}			/* multicast and reserved */
	};
	size_t		i;

	for (i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
	{
		if ((address ^ inner[i].network) >> (32 - inner[i].bits) == 0)
			return true;
	}
	return false;
}

static bool
is_inner_ipv6(const unsigned char *address)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
	static const unsigned char zero[12] = {0};

	/* addresses that carry one of IPv4, and ::1 and :: with the third */
	if (memcmp(address, mapped, 12) == 0 || memcmp(address, nat64, 12) == 0 || memcmp(address, zero, 12) == 0)
		return is_inner_ipv4((uint32_t) address[12] << 24 | (uint32_t) address[13] << 16 |
							 (uint32_t) address[14] << 8 | address[15]);
	/* 6to4 carries one further ahead */
	if (address[0] == 0x20 && address[1] == 0x02)
		return is_inner_ipv4((uint32_t) address[2] << 24 | (uint32_t) address[3] << 16 |
							 (uint32_t) address[4] << 8 | address[5]);
	/* unique local, link-local, multicast */
	return (address[0] & 0xfe) == 0xfc || (address[0] == 0xfe && (address[1] & 0x80) != 0) || address[0] == 0xff;
}

/*
 * Called by libcurl with the address that it is about to connect to.
 */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	Transfer   *transfer = data;
	bool		is_inner = true;

	(void) purpose;
	if (address->family == AF_INET)
	{
		struct sockaddr_in in;

		memcpy(&in, &address->addr, sizeof(in));
		is_inner = is_inner_ipv4(ntohl(in.sin_addr.s_addr));
	}
	else if (address->family == AF_INET6)
	{
		struct sockaddr_in6 in6;

		memcpy(&in6, &address->addr, address->addrlen < sizeof(in6) ? address->addrlen : sizeof(in6));
		is_inner = is_inner_ipv6(in6.sin6_addr.s6_addr);
	}
	/* a proxy stands inside, and resolves names itself */
	if (is_inner && !transfer->config->allow_private && transfer->config->proxy == NULL)
	{
		transfer->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
keep_reply(char *data, size_t size, size_t count, void *owner)
{
	Transfer   *transfer = owner;
	size_t		added = size * count;

	if (transfer->length + added > LONGEST_REPLY)
	{
		transfer->too_long = true;
		return 0;
	}
	memcpy(transfer->body + transfer->length, data, added);
	transfer->length += added;
	transfer->body[transfer->length] = '\0';
	return added;
}

static Transfer *
take_transfer(Sender *sender)
{
	Transfer   *transfer = sender->idle;

	if (transfer != NULL)
		sender->idle = transfer->next_idle;
	else
	{
		transfer = relay_alloc(sizeof(Transfer));
		transfer->body = relay_alloc(LONGEST_REPLY + 1);
		transfer->config = sender->config;
		transfer->easy = curl_easy_init();
		if (transfer->easy == NULL)
			relay_out_of_memory();
	}
	transfer->error[0] = '\0';
	transfer->address_refused = false;
	transfer->too_long = false;
	transfer->length = 0;
	transfer->body[0] = '\0';
	curl_easy_reset(transfer->easy);
	return transfer;
}

static void
set_options(Transfer *transfer)
{
	const Config *config = transfer->config;
	CURL	   *easy = transfer->easy;
	const char *protocols = config->allow_http ? "https,http" : "https";

	check_curl(curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url));
#if LIBCURL_VERSION_NUM >= 0x075500
	check_curl(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols));
#else
	check_curl(curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS | (config->allow_http ? CURLPROTO_HTTP : 0)));
	(void) protocols;
#endif
	check_curl(curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer));
	check_curl(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error));
	check_curl(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
	check_curl(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
	check_curl(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long) config->connect_timeout));
	check_curl(curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long) config->timeout));
	check_curl(curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy != NULL ? config->proxy : ""));
	check_curl(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
	check_curl(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
	check_curl(curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2));
	if (config->ca_file != NULL)
		check_curl(curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file));
	check_curl(curl_easy_setopt(easy, CURLOPT_USERAGENT, "perf_mgmt_relay/" PERF_MGMT_VERSION));
	check_curl(curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket));
	check_curl(curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer));
	check_curl(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_reply));
	check_curl(curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer));
	check_curl(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->request.headers));
	if (transfer->request.body != NULL)
	{
		check_curl(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) strlen(transfer->request.body)));
		check_curl(curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->request.body));
	}
}

/*
 * Starts a request, which is then the sender's; the owner comes back with the
 * reply.  False, with the reason, where it may not go there.
 */
bool
sender_start(Sender *sender, Request *request, void *owner, char *error, size_t size)
{
	Transfer   *transfer;

	if (!sender_may_reach(sender->config, request->url, error, size))
	{
		request_clear(request);
		return false;
	}
	transfer = take_transfer(sender);
	transfer->request = *request;
	memset(request, 0, sizeof(*request));
	transfer->owner = owner;
	set_options(transfer);
	if (curl_multi_add_handle(sender->multi, transfer->easy) != CURLM_OK)
		relay_out_of_memory();
	sender->active++;
	return true;
}

int
sender_active(const Sender *sender)
{
	return sender->active;
}

/*
 * Moves all requests on, until something happens to one or to the other file
 * descriptors, or the time is over.
 */
void
sender_wait(Sender *sender, struct curl_waitfd *others, unsigned int count, int milliseconds)
{
	int			running;

	curl_multi_perform(sender->multi, &running);
	/* one that has ended wants to be looked at, not waited for */
	if (running == sender->active)
		curl_multi_poll(sender->multi, others, count, milliseconds, NULL);
	else
		curl_multi_poll(sender->multi, others, count, 0, NULL);
	curl_multi_perform(sender->multi, &running);
}

/*
 * The owner of the next request that has ended, with what came back; NULL
 * where there is none.  The reply's body holds until the next call.
 */
void *
sender_next(Sender *sender, Reply *reply)
{
	CURLMsg    *message;
	int			left;

	while ((message = curl_multi_info_read(sender->multi, &left)) != NULL)
	{
		Transfer   *transfer;
		CURLcode	code = message->data.result;
		curl_off_t	retry_after = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		memset(reply, 0, sizeof(*reply));
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &transfer);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &reply->status);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RETRY_AFTER, &retry_after);
		curl_multi_remove_handle(sender->multi, transfer->easy);
		sender->active--;
		reply->retry_after = retry_after > 0 ? (long) (retry_after < 864000 ? retry_after : 864000) : 0;
		reply->body = transfer->body;
		reply->arrived = code == CURLE_OK;
		if (transfer->address_refused)
			snprintf(reply->error, sizeof(reply->error), "the host's address is an inner one; allow_private is off");
		else if (transfer->too_long)
			snprintf(reply->error, sizeof(reply->error), "the answer is longer than %d bytes", LONGEST_REPLY);
		else if (code != CURLE_OK)
			snprintf(reply->error, sizeof(reply->error), "%s", transfer->error[0] ? transfer->error : curl_easy_strerror(code));
		request_clear(&transfer->request);
		transfer->next_idle = sender->idle;
		sender->idle = transfer;
		return transfer->owner;
	}
	return NULL;
}
