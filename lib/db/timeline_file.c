#include "lib/db/timeline_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"

static const char signature[16] = "timelines of db";

static const char *used_path; /* NULL: none */
static int descriptor = -1;   /* of the mapped file */
static struct timeline_file *mapped;

void timeline_file_use(const char *path)
{
	used_path = path;
}

const char *timeline_file_path(void)
{
	return used_path;
}

struct timeline_file *timeline_file_mapped(void)
{
	return mapped;
}

static bool is_mapped_file(const struct stat *status)
{
	struct stat own;

	return mapped && fstat(descriptor, &own) == 0
		&& own.st_dev == status->st_dev && own.st_ino == status->st_ino
		&& own.st_size == status->st_size;
}

/* Writing to a mapped page for which there is no space would end the process
 * with SIGBUS, so reserve it. */
static bool write_signature(int file)
{
	errno = posix_fallocate(file, 0, sizeof *mapped);
	return errno == 0
		&& pwrite(file, signature, sizeof signature, 0)
		== (ssize_t)sizeof signature;
}

static bool has_signature(int file, const struct stat *status)
{
	char found[sizeof signature];

	if (S_ISREG(status->st_mode) && status->st_size == sizeof *mapped
	    && pread(file, found, sizeof found, 0) == (ssize_t)sizeof found
	    && memcmp(found, signature, sizeof found) == 0)
		return true;
	errno = EINVAL; /* a file of another program */
	return false;
}

/* Map a locked file in place of the one that was mapped.  The file belongs to
 * this function. */
static bool map_file(int file, const struct stat *status)
{
	void *place = MAP_FAILED;

	if (status->st_size == 0 ? write_signature(file)
				 : has_signature(file, status))
		place = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE,
			     MAP_SHARED, file, 0);
	if (place == MAP_FAILED) {
		close(file);
		return false;
	}
	if (mapped) {
		munmap(mapped, sizeof *mapped);
		close(descriptor);
	}
	mapped = place;
	descriptor = file;
	return true;
}

/* Map what is at the path and lock it, whether or not it was mapped before.
 * O_NONBLOCK: do not wait for the other end of a FIFO. */
static bool lock_file(int flags)
{
	int file = open(used_path,
			O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags,
			0640);
	struct stat status;

	if (file < 0)
		return false;
	if (flock(file, LOCK_EX) != 0 || fstat(file, &status) != 0) {
		close(file);
		return false;
	}
	if (!is_mapped_file(&status))
		return map_file(file, &status);
	close(file); /* which unlocks it */
	return flock(descriptor, LOCK_EX) == 0;
}

void timeline_file_refresh(void)
{
	struct stat status;

	if (used_path && stat(used_path, &status) == 0
	    && !is_mapped_file(&status) && lock_file(0))
		timeline_file_unlock();
}

struct timeline_file *timeline_file_lock(void)
{
	if (lock_file(O_CREAT))
		return mapped;
	log_warning("%s: cannot be used (%s), so a server that has fallen "
		    "behind is not recognized: let PROVISOR_TIMELINE name a "
		    "file that the pools can write",
		    used_path, strerror(errno));
	return NULL;
}

void timeline_file_unlock(void)
{
	flock(descriptor, LOCK_UN);
}
