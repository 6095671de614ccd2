#include "lib/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/base.h"

/* Upper edges of the histogram, in milliseconds: Heroku wishes for an answer
 * within 3 s and wants one within 25 s. */
static const int64_t edges[] = { 1,   2,   5,    10,   25,    50,   100,
				 250, 500, 1000, 3000, 10000, 25000 };

enum { EDGES = COUNT(edges), SLOTS = 256, ADDONS = 256, LONGEST_NAME = 96 };

/*
 * Workers of two releases count in one file while the pools are rolled, so its
 * layout never changes but by using what is reserved: operations, outcomes and
 * edges are added behind those there are.
 */
enum { ROOM = 16, RESERVED = 256 };

_Static_assert((int)METRICS_OPERATIONS <= (int)ROOM, "the layout has room");
_Static_assert((int)OUTCOME_COUNT <= (int)ROOM, "the layout has room");
_Static_assert((int)EDGES < (int)ROOM, "the layout has room");

static const char signature[16] = "provisor counts";

struct counters {
	uint64_t requests[ROOM][ROOM]; /* by operation and outcome */
	uint64_t buckets[ROOM][ROOM];  /* by operation; not cumulative */
	uint64_t total[ROOM];          /* ms, by operation */
	uint64_t in_database[ROOM];    /* ms, by operation */
	uint64_t reserved[RESERVED];
};

struct slot {
	int64_t pid;       /* of the process that has it, or had it last */
	int64_t is_worker; /* or was */
	struct counters counters;
};

struct addon_use {
	char name[LONGEST_NAME]; /* "MARKETPLACE/ADDON"; empty: unused */
	_Atomic uint64_t count;
	_Atomic int64_t last;
};

struct shared {
	char signature[sizeof signature];
	struct slot slots[SLOTS];
	struct addon_use old_secrets[ADDONS];
};

static struct slot own_slot;
static struct shared *shared; /* NULL: there is no file */
static int descriptor = -1;
static struct slot *mine = &own_slot;

/* ---- opening ---- */

/* A process holds a lock on its slot's first byte for as long as it lives, so
 * a pid that was given again is not mistaken for it. */
static struct flock lock_of(const struct slot *slot)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (const char *)slot - (const char *)shared,
		.l_len = 1,
	};
}

static bool take_slot(bool is_worker)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &shared->slots[i];
		struct flock lock = lock_of(slot);

		if (fcntl(descriptor, F_SETLK, &lock) != 0)
			continue;
		slot->pid = getpid();
		slot->is_worker = is_worker;
		mine = slot;
		return true;
	}
	errno = EUSERS;
	return false;
}

/* Write what a new file begins with; whatever the umask, the whole pool may
 * use it. */
static bool lay_out(void)
{
	return fchmod(descriptor, 0660) == 0
		&& ftruncate(descriptor, sizeof *shared) == 0
		&& pwrite(descriptor, signature, sizeof signature, 0)
		== (ssize_t)sizeof signature;
}

/* Is it laid out, or could that be done?  One process at a time looks. */
static bool is_usable(bool may_lay_out)
{
	char found[sizeof signature];
	struct stat status;
	bool is_good = false;

	if (flock(descriptor, LOCK_EX) != 0 || fstat(descriptor, &status) != 0)
		return false;
	if (status.st_size == 0 && may_lay_out)
		is_good = lay_out();
	else if (status.st_size == sizeof *shared
		 && pread(descriptor, found, sizeof found, 0)
			 == (ssize_t)sizeof found
		 && memcmp(found, signature, sizeof found) == 0)
		is_good = true;
	else
		errno = EINVAL; /* somebody else's: not to be written over */
	flock(descriptor, LOCK_UN);
	return is_good;
}

bool metrics_open(const char *path, enum metrics_role role)
{
	bool counts = role != METRICS_READER;
	int flags = counts ? O_RDWR | O_CREAT : O_RDONLY;
	void *mapped;

	descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (descriptor < 0 || !is_usable(counts))
		return false;
	mapped = mmap(NULL, sizeof *shared,
		      counts ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
		      descriptor, 0);
	if (mapped == MAP_FAILED)
		return false;
	shared = mapped;
	return !counts || take_slot(role == METRICS_WORKER);
}

static bool is_alive(const struct slot *slot)
{
	struct flock lock = lock_of(slot);

	if (slot == mine)
		return true;
	return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int metrics_workers(pid_t pids[], int most)
{
	int count = 0;

	for (int i = 0; shared && i < SLOTS && count < most; i++)
		if (shared->slots[i].is_worker && is_alive(&shared->slots[i]))
			pids[count++] = (pid_t)shared->slots[i].pid;
	return count;
}

/* ---- counting ---- */

static size_t bucket_of(int64_t milliseconds)
{
	size_t i = 0;

	while (i < EDGES && milliseconds > edges[i])
		i++;
	return i;
}

void metrics_request(enum metrics_operation operation, enum outcome outcome,
		     int64_t total, int64_t in_database)
{
	struct counters *counters = &mine->counters;

	counters->requests[operation][outcome]++;
	counters->buckets[operation][bucket_of(total)]++;
	counters->total[operation] += (uint64_t)total;
	counters->in_database[operation] += (uint64_t)in_database;
}

static void write_name(char name[static LONGEST_NAME], const char *marketplace,
		       const char *addon)
{
	memset(name, 0, LONGEST_NAME);
	snprintf(name, LONGEST_NAME, "%s/%s", marketplace, addon);
}

/* The entry of that name, else the first that is unused; NULL: all are taken by
 * others. */
static struct addon_use *find_use(const char name[static LONGEST_NAME])
{
	for (int i = 0; shared && i < ADDONS; i++) {
		struct addon_use *use = &shared->old_secrets[i];

		if (!*use->name || strcmp(use->name, name) == 0)
			return use;
	}
	return NULL;
}

/* It is rare that one is added, so that may take a lock. */
static struct addon_use *find_or_add_use(const char name[static LONGEST_NAME])
{
	struct addon_use *use = find_use(name);

	if (!use || *use->name)
		return use;
	flock(descriptor, LOCK_EX);
	use = find_use(name);
	if (use)
		memcpy(use->name, name, LONGEST_NAME);
	flock(descriptor, LOCK_UN);
	return use;
}

void metrics_old_secret(const char *marketplace, const char *addon)
{
	char name[LONGEST_NAME];
	struct addon_use *use;

	write_name(name, marketplace, addon);
	use = find_or_add_use(name);
	if (!use)
		return;
	atomic_fetch_add(&use->count, 1);
	atomic_store(&use->last, time(NULL));
}

bool metrics_old_secret_used(const char *marketplace, const char *addon,
			     uint64_t *count, int64_t *last)
{
	char name[LONGEST_NAME];
	struct addon_use *use;

	write_name(name, marketplace, addon);
	use = find_use(name);
	if (!use || !*use->name)
		return false;
	*count = atomic_load(&use->count);
	*last = atomic_load(&use->last);
	return *count > 0;
}

/* ---- telling ---- */

static const char *const operation_names[] = {
	[METRICS_PROVISION] = "provision",
	[METRICS_CHANGE_PLAN] = "change-plan",
	[METRICS_DEPROVISION] = "deprovision",
	[METRICS_OTHER] = "other",
};

_Static_assert(COUNT(operation_names) == METRICS_OPERATIONS,
	       "a name for each operation");

static void add(uint64_t *sums, const uint64_t *more, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += more[i];
}

static struct counters sum_up(void)
{
	struct counters sum = { 0 };

	if (!shared)
		return mine->counters;
	for (int i = 0; i < SLOTS; i++)
		add((uint64_t *)&sum,
		    (const uint64_t *)&shared->slots[i].counters,
		    sizeof sum / sizeof(uint64_t));
	return sum;
}

static void tell_requests(FILE *out, const struct counters *sum)
{
	fputs("# HELP provisor_requests_total Requests answered.\n"
	      "# TYPE provisor_requests_total counter\n",
	      out);
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		for (int end = 0; end < OUTCOME_COUNT; end++)
			if (sum->requests[op][end] > 0)
				fprintf(out,
					"provisor_requests_total{operation="
					"\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
					operation_names[op],
					outcome_name((enum outcome)end),
					sum->requests[op][end]);
}

static void tell_histogram(FILE *out, const struct counters *sum, int op)
{
	uint64_t count = 0;

	for (int i = 0; i < EDGES; i++) {
		count += sum->buckets[op][i];
		fprintf(out,
			"provisor_request_seconds_bucket{operation=\"%s\","
			"le=\"%g\"} %" PRIu64 "\n",
			operation_names[op], (double)edges[i] / 1000, count);
	}
	count += sum->buckets[op][EDGES];
	fprintf(out,
		"provisor_request_seconds_bucket{operation=\"%s\",le=\"+Inf\"}"
		" %" PRIu64 "\n"
		"provisor_request_seconds_sum{operation=\"%s\"} %.3f\n"
		"provisor_request_seconds_count{operation=\"%s\"} %" PRIu64
		"\n",
		operation_names[op], count, operation_names[op],
		(double)sum->total[op] / 1000, operation_names[op], count);
}

static void tell_database(FILE *out, const struct counters *sum)
{
	fputs("# HELP provisor_database_seconds_total Time of requests that "
	      "was spent waiting for the database.\n"
	      "# TYPE provisor_database_seconds_total counter\n",
	      out);
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		fprintf(out,
			"provisor_database_seconds_total{operation=\"%s\"} "
			"%.3f\n",
			operation_names[op],
			(double)sum->in_database[op] / 1000);
}

/* Marketplaces are our own words and ids are letters, digits and dashes, so
 * that no label needs escaping. */
static void tell_old_secrets(FILE *out)
{
	fputs("# HELP provisor_old_secret_uses_total Calls with a password or "
	      "salt that is being rotated out.\n"
	      "# TYPE provisor_old_secret_uses_total counter\n",
	      out);
	for (int i = 0; shared && i < ADDONS; i++) {
		struct addon_use *use = &shared->old_secrets[i];

		if (*use->name)
			fprintf(out,
				"provisor_old_secret_uses_total{addon=\"%s\"} "
				"%" PRIu64 "\n",
				use->name, atomic_load(&use->count));
	}
}

static void tell_workers(FILE *out)
{
	pid_t pids[SLOTS];

	fprintf(out,
		"# HELP provisor_workers Workers that are alive.\n"
		"# TYPE provisor_workers gauge\n"
		"provisor_workers %d\n",
		metrics_workers(pids, SLOTS));
}

const char *metrics_text(struct arena *arena)
{
	struct counters sum = sum_up();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	if (!out)
		return "";
	tell_requests(out, &sum);
	fputs("# HELP provisor_request_seconds Time from the request's "
	      "arrival at nginx to its answer.\n"
	      "# TYPE provisor_request_seconds histogram\n",
	      out);
	for (int op = 0; op < METRICS_OPERATIONS; op++)
		tell_histogram(out, &sum, op);
	tell_database(out, &sum);
	tell_old_secrets(out);
	tell_workers(out);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}
