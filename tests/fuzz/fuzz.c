#include "fuzz.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"

/* libFuzzer calls these and has no header for them. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *folder;

const char *fuzz_bare(struct arena *arena, const char *text, size_t length)
{
	return memcpy(arena_alloc(arena, length), text, length);
}

const char *fuzz_folder(void)
{
	return folder;
}

const char *fuzz_write(struct arena *arena, const char *name, const char *text,
		       size_t length)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert(file >= 0 && write(file, text, length) == (ssize_t)length);
	close(file);
	return path;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	(void)!log_to("/dev/null");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_create();

	fuzz_input(arena, arena_strndup(arena, (const char *)bytes, size),
		   size);
	arena_destroy(arena);
	return 0;
}
