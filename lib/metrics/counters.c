/*
 * counters.c - opens the file and counts in it.
 */
#include "lib/metrics/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/log.h"

/* Heroku expects a response within 3 s and gives up after 25 s. */
const int64_t metrics_edges[METRICS_EDGES] = { 1,    2,     5,    10,  25,
					       50,   100,   250,  500, 1000,
					       3000, 10000, 25000 };

const char *const metrics_operation_names[METRICS_OPERATIONS] = {
	[METRICS_PROVISION] = "provision",
	[METRICS_CHANGE_PLAN] = "change-plan",
	[METRICS_DEPROVISION] = "deprovision",
	[METRICS_OTHER] = "other",
	[METRICS_SIGN_ON] = "sign-on",
	[METRICS_SESSION] = "session",
	[METRICS_PAGE] = "page",
	[METRICS_EXCHANGE] = "exchange",
};

/* In the order in which they were added.  "other" counts all further kinds. */
const char *const metrics_kind_names[METRICS_KINDS] = {
	"provision", "change-plan", "deprovision", "rotate",    "exchange",
	"complete",  "withdraw",    "push-config", "write-log", "other",
};

static const char signature[16] = "provisor counts";

static struct metrics_slot own_slot;
static struct metrics_file *shared; /* the mapped file, or NULL */
static int descriptor = -1;
static struct metrics_slot *mine = &own_slot;
static enum metrics_role own_role;

/* ---- opening ---- */

/* A running process locks the first byte of its slot, so another process that
 * gets its pid later is not mistaken for it. */
static struct flock slot_lock(const struct metrics_slot *slot)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (const char *)slot - (const char *)shared,
		.l_len = 1,
	};
}

static bool take_slot(enum metrics_role role)
{
	for (int i = 0; i < METRICS_SLOTS; i++) {
		struct metrics_slot *slot = &shared->slots[i];
		struct flock lock = slot_lock(slot);

		if (fcntl(descriptor, F_SETLK, &lock) != 0)
			continue;
		slot->pid = getpid();
		slot->role = role;
		mine = slot;
		return true;
	}
	errno = EUSERS;
	return false;
}

/* The mode lets the whole pool use the file, regardless of the umask. */
static bool create_layout(void)
{
	return fchmod(descriptor, 0660) == 0
		&& ftruncate(descriptor, sizeof *shared) == 0
		&& pwrite(descriptor, signature, sizeof signature, 0)
		== (ssize_t)sizeof signature;
}

static bool has_layout(const struct stat *status)
{
	char found[sizeof signature];

	return status->st_size == sizeof *shared
		&& pread(descriptor, found, sizeof found, 0)
		== (ssize_t)sizeof found
		&& memcmp(found, signature, sizeof found) == 0;
}

/* Check the layout of the file, and create it in an empty one.  A lock lets one
 * process at a time do this.  A reader takes no lock: root reads the file, and
 * the pools' user could hold the lock forever. */
static bool prepare_file(bool may_create)
{
	struct stat status;
	bool is_usable = false;

	if ((may_create && flock(descriptor, LOCK_EX) != 0)
	    || fstat(descriptor, &status) != 0)
		return false;
	if (status.st_size == 0 && may_create)
		is_usable = create_layout();
	else if (has_layout(&status))
		is_usable = true;
	else
		errno = EINVAL; /* do not overwrite a foreign file */
	if (may_create)
		flock(descriptor, LOCK_UN);
	return is_usable;
}

bool metrics_open(const char *path, enum metrics_role role)
{
	bool counts = role != METRICS_READER;
	/* O_NONBLOCK: do not wait for the other end of a FIFO. */
	int flags = counts ? O_RDWR | O_CREAT : O_RDONLY | O_NONBLOCK;
	void *mapped;

	own_role = role;
	descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (descriptor < 0 || !prepare_file(counts))
		return false;
	mapped = mmap(NULL, sizeof *shared,
		      counts ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
		      descriptor, 0);
	if (mapped == MAP_FAILED)
		return false;
	shared = mapped;
	return !counts || take_slot(role);
}

void metrics_join(const char *path, enum metrics_role role)
{
	if (metrics_open(path, role))
		return;
	if (errno == EUSERS)
		log_warning("%s: all %d slots are taken: provisor reload and "
			    "metrics will miss this process; configure fewer "
			    "workers on this host",
			    path, METRICS_SLOTS);
	else
		log_warning("%s: cannot be used for metrics (%s): let "
			    "PROVISOR_METRICS name a file that the pools can "
			    "write",
			    path, strerror(errno));
}

/*
 * Return the pid of the running process that has this slot, or 0.  Ask the
 * kernel which process holds the lock, because any process of the pool could
 * write the slot.
 */
static pid_t find_slot_owner(const struct metrics_slot *slot)
{
	struct flock lock = slot_lock(slot);

	if (slot == mine)
		return getpid();
	if (fcntl(descriptor, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return 0;
	/* -1 for a lock that belongs to an open file and not to a process */
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

static bool has_role(const struct metrics_slot *slot, enum metrics_role role)
{
	return slot->role == (int64_t)role
		|| (role == METRICS_WORKER
		    && (slot->role == METRICS_API
			|| slot->role == METRICS_WEB));
}

int metrics_pids(enum metrics_role role, pid_t pids[], int most)
{
	int count = 0;

	for (int i = 0; shared && i < METRICS_SLOTS && count < most; i++) {
		pid_t pid = has_role(&shared->slots[i], role)
			? find_slot_owner(&shared->slots[i])
			: 0;

		if (pid != 0)
			pids[count++] = pid;
	}
	return count;
}

const char *metrics_pool(void)
{
	return own_role == METRICS_API    ? "api"
		: own_role == METRICS_WEB ? "web"
					  : "other";
}

/* ---- counting ---- */

static size_t find_bucket(int64_t milliseconds)
{
	size_t i = 0;

	while (i < METRICS_EDGES && milliseconds > metrics_edges[i])
		i++;
	return i;
}

void metrics_request(enum metrics_operation operation, enum outcome outcome,
		     int64_t total, int64_t in_database, int64_t in_listener)
{
	struct metrics_counters *counters = &mine->counters;

	counters->requests[operation][outcome]++;
	counters->buckets[operation][find_bucket(total)]++;
	counters->total[operation] += (uint64_t)total;
	counters->in_database[operation] += (uint64_t)in_database;
	counters->in_listener[operation] += (uint64_t)in_listener;
}

static int find_kind_number(const char *name)
{
	int kind = 0;

	while (kind < METRICS_KINDS - 1
	       && strcmp(metrics_kind_names[kind], name) != 0)
		kind++;
	return kind;
}

void metrics_job(const char *name, enum outcome outcome, int64_t total,
		 int64_t in_database, int64_t in_listener)
{
	struct metrics_counters *counters = &mine->counters;
	int kind = find_kind_number(name);

	counters->jobs.steps[kind][outcome]++;
	counters->jobs.total[kind] += (uint64_t)total;
	counters->jobs.in_database[kind] += (uint64_t)in_database;
	counters->jobs.in_listener[kind] += (uint64_t)in_listener;
}

static void write_use_name(char name[static METRICS_LONGEST_NAME],
			   const char *marketplace, const char *addon)
{
	memset(name, 0, METRICS_LONGEST_NAME);
	snprintf(name, METRICS_LONGEST_NAME, "%s/%s", marketplace, addon);
}

/* Return the entry with this name, or else the first unused entry, or else
 * NULL. */
static struct metrics_use *
find_use(const char name[static METRICS_LONGEST_NAME])
{
	for (int i = 0; shared && i < METRICS_ADDONS; i++) {
		struct metrics_use *use = &shared->old_secrets[i];

		if (!*use->name || strcmp(use->name, name) == 0)
			return use;
	}
	return NULL;
}

/* Adding an entry takes a lock, but happens rarely. */
static struct metrics_use *
find_or_add_use(const char name[static METRICS_LONGEST_NAME])
{
	struct metrics_use *use = find_use(name);

	if (!use || *use->name)
		return use;
	flock(descriptor, LOCK_EX);
	use = find_use(name);
	if (use)
		memcpy(use->name, name, METRICS_LONGEST_NAME);
	flock(descriptor, LOCK_UN);
	return use;
}

void metrics_old_secret(const char *marketplace, const char *addon)
{
	char name[METRICS_LONGEST_NAME];
	struct metrics_use *use;

	write_use_name(name, marketplace, addon);
	use = find_or_add_use(name);
	if (!use)
		return;
	atomic_fetch_add(&use->count, 1);
	atomic_store(&use->last, time(NULL));
}

bool metrics_old_secret_used(const char *marketplace, const char *addon,
			     uint64_t *count, int64_t *last)
{
	char name[METRICS_LONGEST_NAME];
	struct metrics_use *use;

	write_use_name(name, marketplace, addon);
	use = find_use(name);
	if (!use || !*use->name)
		return false;
	*count = atomic_load(&use->count);
	*last = atomic_load(&use->last);
	return *count > 0;
}

/* ---- sums ---- */

struct metrics_file *metrics_mapped(void)
{
	return shared;
}

static void add_counts(uint64_t *sums, const uint64_t *more, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += more[i];
}

struct metrics_counters metrics_sum(void)
{
	struct metrics_counters sum = { 0 };

	if (!shared)
		return mine->counters;
	for (int i = 0; i < METRICS_SLOTS; i++)
		add_counts((uint64_t *)&sum,
			   (const uint64_t *)&shared->slots[i].counters,
			   sizeof sum / sizeof(uint64_t));
	return sum;
}
