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

static enum metrics_pool pool_of(int64_t role)
{
	return role == METRICS_API    ? METRICS_POOL_API
		: role == METRICS_WEB ? METRICS_POOL_WEB
				      : METRICS_POOL_OTHER;
}

static void add_counts(struct metrics_counters *sums,
		       const struct metrics_counters *more)
{
	uint64_t *to = (uint64_t *)sums;
	const uint64_t *from = (const uint64_t *)more;

	for (size_t i = 0; i < sizeof *sums / sizeof *to; i++)
		to[i] += from[i];
}

/* The counts of a pool do not move to another one. */
static void retire_counts(struct metrics_slot *slot)
{
	metrics_lock();
	add_counts(&shared->retired[pool_of(slot->role)], &slot->counters);
	memset(&slot->counters, 0, sizeof slot->counters);
	metrics_unlock();
}

/* Any process of the pool could write the number. */
static int count_slots_taken(void)
{
	int64_t taken = shared ? atomic_load(&shared->slots_taken) : 0;

	return taken >= 0 && taken <= METRICS_SLOTS ? (int)taken
						    : METRICS_SLOTS;
}

static void note_slots_taken(int64_t count)
{
	int64_t taken = atomic_load(&shared->slots_taken);

	while (taken < count
	       && !atomic_compare_exchange_weak(&shared->slots_taken, &taken,
						count))
		;
}

/* How well a free slot suits a process. */
enum slot_choice { SLOT_OF_POOL, SLOT_UNUSED, SLOT_ANY, SLOT_CHOICES };

static bool slot_suits(const struct metrics_slot *slot, enum metrics_role role,
		       enum slot_choice choice)
{
	if (choice == SLOT_OF_POOL)
		return slot->pid != 0 && pool_of(slot->role) == pool_of(role);
	return choice == SLOT_ANY || slot->pid == 0;
}

static bool try_slot(struct metrics_slot *slot, enum metrics_role role,
		     enum slot_choice choice)
{
	struct flock lock = slot_lock(slot);

	if (!slot_suits(slot, role, choice)
	    || fcntl(descriptor, F_SETLK, &lock) != 0)
		return false;
	if (slot->pid != 0 && pool_of(slot->role) != pool_of(role))
		retire_counts(slot);
	slot->pid = getpid();
	slot->role = role;
	note_slots_taken(slot - shared->slots + 1);
	mine = slot;
	metrics_set_busy(false);
	return true;
}

static bool take_slot(enum metrics_role role)
{
	for (int choice = 0; choice < SLOT_CHOICES; choice++)
		for (int i = 0; i < METRICS_SLOTS; i++)
			if (try_slot(&shared->slots[i], role,
				     (enum slot_choice)choice))
				return true;
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

	return status->st_size >= METRICS_OLDEST_SIZE
		&& pread(descriptor, found, sizeof found, 0)
		== (ssize_t)sizeof found
		&& memcmp(found, signature, sizeof found) == 0;
}

/* Extend the file of an earlier version, and reserve space for all of it:
 * writing to a mapped page for which there is none would end the process with
 * SIGBUS. */
static bool reserve_space(void)
{
	errno = posix_fallocate(descriptor, 0, sizeof *shared);
	return errno == 0;
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
		errno = EINVAL; /* a file of another program */
	if (may_create) {
		is_usable = is_usable && reserve_space();
		flock(descriptor, LOCK_UN);
	}
	return is_usable;
}

/* A reader does not extend the file of an earlier version: what this lacks is
 * zero. */
static void *map_for_reading(void)
{
	struct stat status;
	size_t length = sizeof *shared;
	void *zeros = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (zeros == MAP_FAILED || fstat(descriptor, &status) != 0)
		return MAP_FAILED;
	if (status.st_size < (off_t)length)
		length = (size_t)status.st_size;
	return mmap(zeros, length, PROT_READ, MAP_SHARED | MAP_FIXED,
		    descriptor, 0);
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
	mapped = counts ? mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
			       MAP_SHARED, descriptor, 0)
			: map_for_reading();
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
	int taken = count_slots_taken();
	int count = 0;

	for (int i = 0; i < taken && count < most; i++) {
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
	return metrics_pool_names[pool_of(own_role)];
}

bool metrics_has_run(enum metrics_role role)
{
	int taken = count_slots_taken();

	for (int i = 0; i < taken; i++)
		if (shared->slots[i].pid != 0
		    && shared->slots[i].role == (int64_t)role)
			return true;
	return false;
}

/* ---- counting ---- */

void metrics_set_busy(bool is_busy)
{
	if (mine != &own_slot)
		atomic_store(&shared->is_busy[mine - shared->slots], is_busy);
}

void metrics_request(enum metrics_operation operation, enum outcome outcome,
		     int64_t total, int64_t in_database, int64_t in_listener)
{
	struct metrics_counters *counters = &mine->counters;

	counters->requests[operation][outcome]++;
	counters->buckets[operation][metrics_bucket(metrics_edges,
						    METRICS_EDGES, total)]++;
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

/* ---- sums ---- */

struct metrics_file *metrics_mapped(void)
{
	return shared;
}

struct metrics_file *metrics_writable(void)
{
	return own_role == METRICS_READER ? NULL : shared;
}

void metrics_lock(void)
{
	flock(descriptor, LOCK_EX);
}

void metrics_unlock(void)
{
	flock(descriptor, LOCK_UN);
}

void metrics_sum(struct metrics_counters sums[METRICS_POOLS])
{
	int taken = count_slots_taken();

	memset(sums, 0, METRICS_POOLS * sizeof *sums);
	if (!shared) {
		sums[pool_of(own_role)] = mine->counters;
		return;
	}
	memcpy(sums, shared->retired, sizeof shared->retired);
	for (int i = 0; i < taken; i++)
		add_counts(&sums[pool_of(shared->slots[i].role)],
			   &shared->slots[i].counters);
}

struct metrics_pool_size metrics_pool_size(enum metrics_pool pool)
{
	static const enum metrics_role roles[METRICS_POOLS] = {
		[METRICS_POOL_API] = METRICS_API,
		[METRICS_POOL_WEB] = METRICS_WEB,
		[METRICS_POOL_OTHER] = METRICS_WORKER,
	};
	struct metrics_pool_size size = { 0, 0 };
	int taken = count_slots_taken();

	for (int i = 0; i < taken; i++) {
		const struct metrics_slot *slot = &shared->slots[i];

		if (slot->role != (int64_t)roles[pool]
		    || find_slot_owner(slot) == 0)
			continue;
		size.workers++;
		size.busy +=
			slot != mine && atomic_load(&shared->is_busy[i]) != 0;
	}
	return size;
}
