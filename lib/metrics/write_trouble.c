/*
 * write_trouble.c - whether the database accepts writes.
 */
#include "lib/metrics/counters.h"

static enum metrics_write own_write_trouble; /* without a file */

void metrics_write_failed(enum metrics_write trouble)
{
	struct metrics_file *file = metrics_writable();

	own_write_trouble = trouble;
	if (!file)
		return;
	atomic_fetch_add(&file->write_failures, 1);
	atomic_store(&file->write_trouble, trouble);
}

void metrics_write_worked(void)
{
	struct metrics_file *file = metrics_writable();

	own_write_trouble = METRICS_WRITES_WORK;
	if (file)
		atomic_store(&file->write_trouble, METRICS_WRITES_WORK);
}

enum metrics_write metrics_write_trouble(void)
{
	struct metrics_file *file = metrics_mapped();
	int64_t trouble =
		file ? atomic_load(&file->write_trouble) : own_write_trouble;

	/* Any process of the pool could write the file. */
	return trouble >= 0 && trouble < METRICS_WRITE_TROUBLES
		? (enum metrics_write)trouble
		: METRICS_WRITES_WORK;
}
