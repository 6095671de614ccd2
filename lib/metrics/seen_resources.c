/*
 * seen_resources.c - a table of hashes, in the file that all processes map.
 *
 * An entry is 32 bits of a hash; other bits of it select one of the sets.  The
 * newest entry of a set is the first.  Processes that change a set at the same
 * time may lose an entry of it, which is only a hint.
 */
#include "lib/metrics/seen_resources.h"

#include "lib/metrics/counters.h"

/* A set, and the entry of a resource in it. */
struct place {
	_Atomic uint32_t
		*entries; /* METRICS_SEEN_WAYS; NULL: there is no file */
	uint32_t entry;   /* never 0, which is an unused entry */
};

/* FNV-1a, over the final NUL, too. */
static uint64_t add_to_hash(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	while (*text++);
	return hash;
}

static struct place find_place(struct metrics_file *file,
			       const char *marketplace, const char *addon,
			       const char *key)
{
	uint64_t hash = 14695981039346656037u;

	if (!file)
		return (struct place){ NULL, 0 };
	hash = add_to_hash(hash, marketplace);
	hash = add_to_hash(hash, addon);
	hash = add_to_hash(hash, key);
	return (struct place){
		.entries = file->seen[hash % METRICS_SEEN_SETS],
		.entry = (uint32_t)(hash >> 32) | 1,
	};
}

/* Return the number of the place's entry in its set, or that of the last. */
static int find_seen_entry(const struct place *place)
{
	int i = 0;

	while (i < METRICS_SEEN_WAYS - 1
	       && atomic_load_explicit(&place->entries[i], memory_order_relaxed)
		       != place->entry)
		i++;
	return i;
}

bool seen_resource_has(const char *marketplace, const char *addon,
		       const char *key)
{
	struct place place =
		find_place(metrics_mapped(), marketplace, addon, key);

	return place.entries
		&& atomic_load_explicit(&place.entries[find_seen_entry(&place)],
					memory_order_relaxed)
		== place.entry;
}

/* The newest entry comes first: move an entry of the set to the front, or else
 * drop the last one. */
void seen_resource_add(const char *marketplace, const char *addon,
		       const char *key)
{
	struct place place =
		find_place(metrics_writable(), marketplace, addon, key);

	if (!place.entries)
		return;
	for (int i = find_seen_entry(&place); i > 0; i--)
		atomic_store_explicit(
			&place.entries[i],
			atomic_load_explicit(&place.entries[i - 1],
					     memory_order_relaxed),
			memory_order_relaxed);
	atomic_store_explicit(&place.entries[0], place.entry,
			      memory_order_relaxed);
}
