#include "cgi/cli/reconcile_parts.h"

#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi/cli/interrupts.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/provider/provider.h"
#include "lib/text/json.h"

enum { LONGEST_FINDING = 256 * 1024 /* bytes of a message */ };

/* The result of a part, in memory that the processes share. */
struct part_result {
	struct reconcile_counts counts;
	enum outcome outcome;
	bool is_complete;
	bool is_stopped;
	char last[UUID_LENGTH + 1];
	char no_list[256];
};

struct parts {
	struct arena *arena;
	const struct reconcile *run;
	void (*add)(void *context, const struct json *finding);
	void *context;
	int channel;  /* to the parent; -1: this process prints itself */
	void *listed; /* a tree of texts; see is_repeated() */
	struct reconcile_counts repeats; /* of findings that were dropped */
	pid_t *processes;
	/* Shared. */
	atomic_int *removals_left;
	struct part_result *results; /* one for each part */
};

/* ---- findings ---- */

static void put_cell(struct json *object, const char *name, const char *text)
{
	if (text)
		json_put_text(object, name, text);
	else
		json_put(object, name, NULL);
}

/* Each message holds one whole finding (SOCK_SEQPACKET).  If the parent has
 * ended, ignore the error and continue: the next signal ends this process. */
static void send_finding(const struct parts *parts, const struct json *finding)
{
	struct arena *arena = arena_create();
	const char *text = json_print(arena, finding);

	(void)!send(parts->channel, text, strlen(text), MSG_NOSIGNAL);
	arena_destroy(arena);
}

static void take_finding(void *context, const struct reconcile_finding *finding)
{
	const struct parts *parts = context;
	struct arena *arena = arena_create();
	struct json *object = json_object(arena);

	put_cell(object, "id", finding->id);
	put_cell(object, "marketplace", finding->marketplace);
	put_cell(object, "addon", finding->addon);
	put_cell(object, "difference",
		 reconcile_difference_name(finding->difference));
	put_cell(object, "here", finding->here);
	put_cell(object, "there", finding->there);
	put_cell(object, "repair", finding->repair);
	if (parts->channel < 0)
		parts->add(parts->context, object);
	else
		send_finding(parts, object);
	arena_destroy(arena);
}

static int compare_texts(const void *one, const void *other)
{
	return strcmp(one, other);
}

/* If tokens see the resources of others, each process finds the same ones in
 * its lists. */
static bool is_repeated(struct parts *parts, const struct json *finding)
{
	const char *difference = json_text(json_member(finding, "difference"));
	const char *id = json_text(json_member(finding, "id"));
	const char *key;

	if (!id || !difference
	    || (strcmp(difference, "lost") != 0
		&& strcmp(difference, "state") != 0))
		return false;
	key = arena_printf(parts->arena, "%s %s", difference, id);
	if (tfind(key, &parts->listed, compare_texts)) {
		if (json_text(json_member(finding, "repair")))
			parts->repeats.repaired++;
		else
			parts->repeats.differing++;
		return true;
	}
	must(tsearch(key, &parts->listed, compare_texts));
	return false;
}

static void leave_text(void *text)
{
	(void)text; /* the arena owns it */
}

/* Pass on the findings of all processes, until each has closed its end. */
static void receive_findings(struct parts *parts, int channel)
{
	char *text = must(malloc(LONGEST_FINDING));
	const struct json *finding;
	const char *why;
	ssize_t length;

	while ((length = recv(channel, text, LONGEST_FINDING, 0)) != 0) {
		if (length > 0) {
			finding = json_parse(parts->arena, text, (size_t)length,
					     &why);
			if (!is_repeated(parts, finding))
				parts->add(parts->context, finding);
		} else if (errno != EINTR) {
			break;
		} else {
			for (int i = 0; i < parts->run->parts; i++)
				kill(parts->processes[i], SIGTERM);
		}
	}
	tdestroy(parts->listed, leave_text);
	free(text);
}

/* ---- a part ---- */

static void run_part(struct parts *parts, int part)
{
	struct part_result *result = &parts->results[part];
	struct reconcile run = *parts->run;

	run.part = part;
	run.removals_left = parts->removals_left;
	run.interrupted = &interrupts_caught;
	run.report = take_finding;
	run.context = parts;
	provider_open_platform(run.provider);
	result->outcome = reconcile_run(&run);
	result->counts = run.counts;
	result->is_stopped = run.is_stopped;
	result->is_complete = result->outcome == OUTCOME_OK && !run.is_stopped
		&& !interrupts_caught;
	snprintf(result->last, sizeof result->last, "%s", run.last);
	snprintf(result->no_list, sizeof result->no_list, "%s",
		 run.no_list ? run.no_list : "");
	reconcile_close(&run);
}

static _Noreturn void become_part(struct parts *parts, int part, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		interrupts_caught = 1;
	run_part(parts, part);
	_exit(EXIT_SUCCESS);
}

static void start_parts(struct parts *parts, const int channels[2])
{
	pid_t parent = getpid();

	parts->processes = arena_alloc(
		parts->arena, (size_t)parts->run->parts * sizeof(pid_t));
	fflush(NULL);
	/* Each process opens a connection of its own. */
	db_disconnect(parts->run->provider->db);
	for (int i = 0; i < parts->run->parts; i++) {
		parts->processes[i] = fork();
		if (parts->processes[i] < 0) {
			perror("provisor: fork");
			exit(EXIT_FAILURE);
		}
		if (parts->processes[i] == 0) {
			close(channels[0]);
			parts->channel = channels[1];
			become_part(parts, i, parent);
		}
	}
	close(channels[1]);
}

static void run_parts(struct parts *parts)
{
	int channels[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels)
	    != 0) {
		perror("provisor: socketpair");
		exit(EXIT_FAILURE);
	}
	start_parts(parts, channels);
	receive_findings(parts, channels[0]);
	close(channels[0]);
	for (int i = 0; i < parts->run->parts; i++)
		while (waitpid(parts->processes[i], NULL, 0) < 0
		       && errno == EINTR)
			;
}

/* ---- all parts ---- */

static void add_part_counts(struct reconcile_counts *sum,
			    const struct reconcile_counts *counts)
{
	sum->agreeing += counts->agreeing;
	sum->differing += counts->differing;
	sum->repaired += counts->repaired;
	sum->revoked += counts->revoked;
	sum->unchecked += counts->unchecked;
}

/* The parts take resources in the order of their ids, each at its own pace. */
static void add_part(struct reconcile_total *total,
		     const struct part_result *part)
{
	add_part_counts(&total->counts, &part->counts);
	total->is_stopped |= part->is_stopped;
	if (part->outcome != OUTCOME_OK)
		total->outcome = part->outcome;
	if (*part->no_list)
		memcpy(total->no_list, part->no_list, sizeof part->no_list);
	if (part->is_complete)
		return;
	if (!total->ended_early || strcmp(part->last, total->last) < 0)
		memcpy(total->last, part->last, sizeof part->last);
	total->ended_early = true;
}

static void *share_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return must(memory == MAP_FAILED ? NULL : memory);
}

void reconcile_parts_run(struct arena *arena, const struct reconcile *run,
			 int most_removals,
			 void (*add)(void *context, const struct json *finding),
			 void *context, struct reconcile_total *total)
{
	struct parts parts = {
		.arena = arena,
		.run = run,
		.add = add,
		.context = context,
		.channel = -1,
		.removals_left = share_memory(sizeof(atomic_int)),
		.results = share_memory((size_t)run->parts
					* sizeof(struct part_result)),
	};

	*total = (struct reconcile_total){ .outcome = OUTCOME_OK };
	atomic_init(parts.removals_left, most_removals);
	/* The result of a process that ends without storing one. */
	for (int i = 0; i < run->parts; i++)
		parts.results[i].outcome = OUTCOME_BROKEN;
	interrupts_catch();
	if (run->parts == 1)
		run_part(&parts, 0);
	else
		run_parts(&parts);
	for (int i = 0; i < run->parts; i++)
		add_part(total, &parts.results[i]);
	total->counts.differing -= parts.repeats.differing;
	total->counts.repaired -= parts.repeats.repaired;
}
