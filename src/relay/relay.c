/*
 * relay.c
 *		perf_mgmt_relay: takes messages from a workspace's outbox and sends
 *		them.
 *
 * A program of its own, so that no HTTP client ever runs inside the database
 * server, and that the secrets of chats stay outside the database.  One
 * thread, one loop: it waits for the database, for answers and for signals
 * at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claim.h"
#include "config.h"
#include "delivery.h"
#include "send.h"
#include "util.h"

#define DEFAULT_CONFIG "/etc/perf_mgmt_relay.conf"
#define TIDY_SECONDS 3600
#define CHECK_SWITCH_SECONDS 60

typedef struct Relay
{
	const Config *config;
	Database   *database;
	Sender	   *sender;
	Deliveries *deliveries;
	bool		once;
	bool		sending;		/* whether the database lets anybody send */
	bool		stopping;
	bool		has_asked;		/* the switch, since the last connection */
	bool		found_nothing;	/* at the last claim */
	double		stop_until;
	double		next_claim;
	double		next_check;
	double		next_tidy;
} Relay;

static int	signal_pipe[2] = {-1, -1};

static void
handle_signal(int number)
{
	int			saved = errno;
	char		byte = (char) number;

	/* a full pipe says enough */
	if (write(signal_pipe[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

static void
catch_signals(void)
{
	struct sigaction action = {.sa_handler = handle_signal, .sa_flags = SA_RESTART};
	int			i;

	if (pipe(signal_pipe) != 0)
	{
		perror("perf_mgmt_relay: pipe");
		exit(1);
	}
	for (i = 0; i < 2; i++)
	{
		fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
		fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
	}
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void
read_signals(Relay *relay)
{
	char		byte;

	while (read(signal_pipe[0], &byte, 1) == 1)
	{
		if (relay->stopping)
		{
			log_warning("stopped at once");
			_exit(1);
		}
		log_info("stopping");
		relay->stopping = true;
		/* every request ends within its timeout; then the reports */
		relay->stop_until = relay_now() + 2 * relay->config->timeout + 5;
	}
}

/*
 * Asks now and then whether this database may send at all.
 */
static void
check_switch(Relay *relay)
{
	bool		enabled;

	if (relay->has_asked && relay_now() < relay->next_check)
		return;
	if (!database_may_send(relay->database, &enabled))
	{
		/* not connected any more, or not allowed to ask: the claim would fail as well */
		relay->next_claim = relay_now() + relay->config->poll;
		relay->next_check = relay->next_claim;
		relay->sending = false;
		relay->has_asked = true;
		return;
	}
	if (enabled != relay->sending || !relay->has_asked)
	{
		if (!enabled)
			log_warning("sending is not enabled in this database, so nothing is sent; enable_sending() enables it");
		else if (relay->has_asked)
			log_info("sending is enabled");
		relay->next_claim = 0;
	}
	relay->sending = enabled;
	relay->has_asked = true;
	relay->next_check = relay_now() + (enabled ? CHECK_SWITCH_SECONDS : relay->config->poll);
}

static void
claim(Relay *relay)
{
	int			room = relay->config->max_in_flight - deliveries_count(relay->deliveries);
	Message    *messages = NULL;
	int			count;
	int			i;

	if (room <= 0)
		return;
	count = database_claim(relay->database, room, &messages);
	for (i = 0; i < count; i++)
		deliveries_add(relay->deliveries, &messages[i]);
	free(messages);
	relay->found_nothing = count == 0;
	relay->next_claim = relay_now() + relay->config->poll;
}

/*
 * Everything that needs the database.
 */
static void
work_with_database(Relay *relay)
{
	if (database_notified(relay->database))
		relay->next_claim = 0;
	/* what was reported may have freed others to be claimed */
	if (deliveries_unreported(relay->deliveries) && deliveries_report(relay->deliveries, relay->database) > 0)
		relay->next_claim = 0;
	deliveries_renew(relay->deliveries, relay->database);
	if (relay->stopping)
	{
		deliveries_release_waiting(relay->deliveries, relay->database);
		return;
	}
	check_switch(relay);
	if (relay->sending && relay_now() >= relay->next_claim)
		claim(relay);
	if (!relay->once && relay_now() >= relay->next_tidy)
	{
		database_tidy(relay->database);
		relay->next_tidy = relay_now() + TIDY_SECONDS;
	}
}

/* milliseconds that nothing is due for */
static int
time_to_wait(const Relay *relay, bool connected)
{
	double		until = relay_now() + 60;

	if (!connected)
		until = database_next_step(relay->database);
	else if (deliveries_unreported(relay->deliveries))
		until = relay_now() + 1;
	else if (!relay->stopping)
	{
		if (relay->next_check < until)
			until = relay->next_check;
		if (relay->sending && relay->next_claim < until &&
			deliveries_count(relay->deliveries) < relay->config->max_in_flight)
			until = relay->next_claim;
	}
	if (relay->stopping && relay->stop_until < until)
		until = relay->stop_until;
	/* leases are looked at every now and then */
	if (deliveries_count(relay->deliveries) > 0 && relay_now() + 1 < until)
		until = relay_now() + 1;
	until -= relay_now();
	return until > 0 ? (int) (until * 1000) + 1 : 0;
}

/*
 * With --once: everything there was has been sent, or cannot be.
 */
static bool
once_is_over(const Relay *relay, bool connected)
{
	return relay->once && connected && deliveries_count(relay->deliveries) == 0 && relay->has_asked &&
		(!relay->sending || relay->found_nothing);
}

static int
run_relay(Relay *relay)
{
	while (true)
	{
		struct curl_waitfd fds[2] = {{.fd = signal_pipe[0], .events = CURL_WAIT_POLLIN}};
		bool		connected = database_step(relay->database);

		if (!connected)
			relay->has_asked = false;
		else
			work_with_database(relay);
		/* it may have broken meanwhile */
		if (connected && !database_wait_for(relay->database, &fds[1]))
			continue;
		if (relay->stopping && deliveries_count(relay->deliveries) == 0)
			return 0;
		if (relay->stopping && relay_now() >= relay->stop_until)
		{
			log_warning("%d messages could not be reported; they are handed out again when their leases run out",
						deliveries_count(relay->deliveries));
			return 1;
		}
		if (once_is_over(relay, connected))
			return relay->sending ? 0 : 1;
		if (relay->once && !connected && database_failed(relay->database) && deliveries_count(relay->deliveries) == 0)
			return 1;
		sender_wait(relay->sender, fds, database_wait_for(relay->database, &fds[1]) ? 2 : 1, time_to_wait(relay, connected));
		deliveries_collect(relay->deliveries);
		read_signals(relay);
	}
}

static void
usage(void)
{
	printf("perf_mgmt_relay sends the messages of a perf_mgmt workspace to chats and other systems.\n\n"
		   "Usage:\n  perf_mgmt_relay [OPTION]...\n\n"
		   "Options:\n"
		   "  -c, --config=FILE  configuration (default " DEFAULT_CONFIG ")\n"
		   "      --check-config look at the configuration and end\n"
		   "  -1, --once         send what there is and end\n"
		   "  -v, --verbose      log what succeeds, too\n"
		   "  -V, --version      show the version and end\n"
		   "  -?, --help         show this and end\n");
}

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"check-config", no_argument, NULL, 'C'},
	{"once", no_argument, NULL, '1'},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, '?'},
	{NULL, 0, NULL, 0}
};

int
main(int argc, char **argv)
{
	Relay		relay = {0};
	Config		config;
	const char *path = DEFAULT_CONFIG;
	bool		check_only = false;
	int			option;
	int			status;

	setvbuf(stderr, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "c:1vV", options, NULL)) != -1)
	{
		switch (option)
		{
			case 'c':
				path = optarg;
				break;
			case 'C':
				check_only = true;
				break;
			case '1':
				relay.once = true;
				break;
			case 'v':
				log_set_verbose(true);
				break;
			case 'V':
				puts("perf_mgmt_relay " PERF_MGMT_VERSION);
				return 0;
			default:
				usage();
				return optopt == 0 ? 0 : 2;
		}
	}
	if (optind < argc)
	{
		log_warning("there is no argument \"%s\"", argv[optind]);
		return 2;
	}
	if (!config_load(path, &config))
	{
		config_free(&config);
		return 2;
	}
	if (check_only)
	{
		config_print(&config);
		config_free(&config);
		return 0;
	}
	catch_signals();
	relay.config = &config;
	relay.database = database_create(&config);
	relay.sender = sender_create(&config);
	relay.deliveries = deliveries_create(&config, relay.sender);
	status = run_relay(&relay);
	deliveries_destroy(relay.deliveries);
	sender_destroy(relay.sender);
	database_destroy(relay.database);
	config_free(&config);
	return status;
}
