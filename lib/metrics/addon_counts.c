/*
 * addon_counts.c - counts for each add-on.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/metrics/counters.h"

/* ---- entries ---- */

static void write_addon_name(char name[static METRICS_LONGEST_NAME],
			     const char *marketplace, const char *addon)
{
	memset(name, 0, METRICS_LONGEST_NAME);
	snprintf(name, METRICS_LONGEST_NAME, "%s/%s", marketplace, addon);
}

bool metrics_addon_name(const struct metrics_addon *entry,
			char name[static METRICS_LONGEST_NAME])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	size_t slash, end;

	memcpy(name, entry->name, METRICS_LONGEST_NAME);
	if (name[METRICS_LONGEST_NAME - 1])
		return false;
	slash = strspn(name, letters);
	if (slash == 0 || name[slash] != '/')
		return false;
	end = slash + 1 + strspn(name + slash + 1, letters);
	return end > slash + 1 && !name[end];
}

struct metrics_addon_times *metrics_times(const struct metrics_addon *entry)
{
	struct metrics_file *file = metrics_mapped();

	return &file->times[entry - file->addons];
}

static bool has_name(const struct metrics_addon *entry, const char *name)
{
	return strncmp(entry->name, name, METRICS_LONGEST_NAME) == 0;
}

/* Return the entry with this name, or else the first unused one, or else the
 * one that all further add-ons share, or NULL without a file. */
static struct metrics_addon *
find_counts(struct metrics_file *file,
	    const char name[static METRICS_LONGEST_NAME])
{
	struct metrics_addon *entry;
	int i = 0;

	if (!file)
		return NULL;
	for (entry = file->addons; i < METRICS_ADDONS; i++, entry++)
		if (!*entry->name || has_name(entry, name))
			break;
	return entry;
}

/* Adding an entry takes a lock, but happens rarely. */
static struct metrics_addon *find_or_add_counts(const char *marketplace,
						const char *addon)
{
	char name[METRICS_LONGEST_NAME];
	struct metrics_addon *entry;
	struct metrics_file *file = metrics_writable();

	write_addon_name(name, marketplace, addon);
	entry = find_counts(file, name);
	if (!entry || *entry->name)
		return entry;
	metrics_lock();
	entry = find_counts(file, name);
	if (entry != &file->addons[METRICS_ADDONS])
		memcpy(entry->name, name, METRICS_LONGEST_NAME);
	else
		strcpy(entry->name, "other/other");
	metrics_unlock();
	return entry;
}

/* Return NULL if the add-on has no entry of its own. */
static struct metrics_addon *find_own_counts(const char *marketplace,
					     const char *addon)
{
	char name[METRICS_LONGEST_NAME];
	struct metrics_addon *entry;

	write_addon_name(name, marketplace, addon);
	entry = find_counts(metrics_mapped(), name);
	return entry && has_name(entry, name) ? entry : NULL;
}

void metrics_addon_known(const char *marketplace, const char *addon,
			 bool runs_code)
{
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);

	if (entry && runs_code)
		atomic_store(&entry->runs_code, 1);
}

/* ---- requests ---- */

void metrics_addon_request(const char *marketplace, const char *addon,
			   enum metrics_operation operation, int status,
			   int64_t total)
{
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);
	int class = status / 100 - 2;
	int bucket =
		metrics_bucket(metrics_addon_edges, METRICS_ADDON_EDGES, total);
	struct metrics_addon_times *times;

	if (!entry || class < 0 || class >= METRICS_STATUSES)
		return;
	atomic_fetch_add(&entry->requests[operation][class], 1);
	times = metrics_times(entry);
	atomic_fetch_add(&times->buckets[operation][bucket], 1);
	atomic_fetch_add(&times->total[operation], (uint64_t)total);
}

void metrics_old_secret(const char *marketplace, const char *addon)
{
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);

	if (!entry)
		return;
	atomic_fetch_add(&entry->old_secrets, 1);
	atomic_store(&entry->last_old_secret, time(NULL));
}

bool metrics_old_secret_used(const char *marketplace, const char *addon,
			     uint64_t *count, int64_t *last)
{
	struct metrics_addon *entry = find_own_counts(marketplace, addon);

	if (!entry)
		return false;
	*count = atomic_load(&entry->old_secrets);
	*last = atomic_load(&entry->last_old_secret);
	return *count > 0;
}

/* Two processes at midnight may disagree on the day by a few requests. */
void metrics_wrong_password(const char *marketplace, const char *addon)
{
	enum { DAY = 24 * 3600 };
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);
	int64_t now = time(NULL);

	if (!entry)
		return;
	if (atomic_exchange(&entry->last_wrong_password, now) / DAY
	    != now / DAY)
		atomic_store(&entry->wrong_passwords_before,
			     atomic_load(&entry->wrong_passwords));
	atomic_fetch_add(&entry->wrong_passwords, 1);
}

uint64_t metrics_wrong_passwords(const char *marketplace, const char *addon,
				 int64_t *last)
{
	struct metrics_addon *entry = find_own_counts(marketplace, addon);

	if (!entry)
		return 0;
	*last = atomic_load(&entry->last_wrong_password);
	return atomic_load(&entry->wrong_passwords)
		- atomic_load(&entry->wrong_passwords_before);
}

/* ---- calls of the vendor's code ---- */

/* Return the index of a name, which must be among them. */
static int find_name(const char *const names[], int count, const char *name)
{
	int i = 0;

	while (i < count - 1 && strcmp(names[i], name) != 0)
		i++;
	return i;
}

void metrics_call(const char *marketplace, const char *addon,
		  const char *action, const char *result, bool has_failed)
{
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);
	int a = find_name(metrics_action_names, METRICS_ACTIONS, action);
	int r = find_name(metrics_result_names, METRICS_RESULTS, result);

	if (!entry)
		return;
	atomic_store(&entry->runs_code, 1);
	atomic_fetch_add(&entry->calls[a][r], 1);
	if (!has_failed)
		atomic_store(&entry->failures[a], 0);
	else if (atomic_fetch_add(&entry->failures[a], 1) == 0)
		atomic_store(&entry->failing_since[a], time(NULL));
}

void metrics_platform_call(const char *marketplace, const char *addon,
			   const char *verdict, int64_t total)
{
	struct metrics_addon *entry = find_or_add_counts(marketplace, addon);
	int v = find_name(metrics_verdict_names, METRICS_VERDICTS, verdict);
	struct metrics_addon_times *times;

	if (!entry)
		return;
	times = metrics_times(entry);
	atomic_fetch_add(&times->platform_calls[v], 1);
	atomic_fetch_add(&times->platform_total, (uint64_t)total);
}

uint64_t metrics_call_failures(const char *marketplace, const char *addon,
			       const char *action, int64_t *since,
			       bool *is_every)
{
	struct metrics_addon *entry = find_own_counts(marketplace, addon);
	int a = find_name(metrics_action_names, METRICS_ACTIONS, action);
	uint64_t failures, calls = 0;

	if (!entry)
		return 0;
	failures = atomic_load(&entry->failures[a]);
	for (int r = 0; r < METRICS_RESULTS; r++)
		calls += atomic_load(&entry->calls[a][r]);
	*since = atomic_load(&entry->failing_since[a]);
	*is_every = calls <= failures;
	return failures;
}
