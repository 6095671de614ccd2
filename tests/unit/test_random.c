#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/random.h"

static void random_texts_are_base64url(void)
{
	static const size_t lengths[] = { 0, 2, 3, 4, 6, 7, 8, 10, 11, 12 };

	for (size_t size = 1; size < COUNT(lengths); size++)
		for (int i = 0; i < 100; i++) {
			const char *text = random_text(arena, size);

			assert_int_equal(strlen(text), lengths[size]);
			assert_int_equal(strspn(text,
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"abcdefghijklmnopqrstuvwxyz"
						"0123456789-_"),
					 strlen(text));
		}
}

static void random_texts_differ(void)
{
	enum { MANY = 200 };
	const char *texts[MANY];

	for (int i = 0; i < MANY; i++) {
		texts[i] = random_text(arena, 24);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(texts[i], texts[k]);
	}
}

/* More bytes than random.c keeps, and counts that do not divide them. */
static void no_bytes_are_given_twice(void)
{
	enum { SIZE = 12, MANY = 600, LARGE = 4096 };
	unsigned char bytes[MANY][SIZE], large[2][LARGE];

	for (int i = 0; i < MANY; i++) {
		random_bytes(bytes[i], SIZE);
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(bytes[i], bytes[k], SIZE);
	}
	random_bytes(large[0], LARGE);
	random_bytes(large[1], LARGE);
	for (int i = 0; i + SIZE <= LARGE; i += SIZE)
		assert_memory_not_equal(large[0] + i, large[1] + i, SIZE);
}

static void every_bit_is_random(void)
{
	unsigned char all[16] = { 0 };

	for (int i = 0; i < 100; i++) {
		unsigned char bytes[sizeof all];

		random_bytes(bytes, sizeof bytes);
		for (size_t k = 0; k < sizeof all; k++)
			all[k] |= bytes[k];
	}
	for (size_t k = 0; k < sizeof all; k++)
		assert_int_equal(all[k], 0xff);
}

static void read_all(int from, unsigned char *bytes, size_t size)
{
	assert_int_equal(read(from, bytes, size), size);
}

static void a_child_gets_other_bytes(void)
{
	enum { SIZE = 16 };
	unsigned char ours[SIZE], theirs[SIZE], unused[1];
	int ends[2];
	pid_t child;

	random_bytes(unused, sizeof unused);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		random_bytes(ours, SIZE);
		_exit(write(ends[1], ours, SIZE) == SIZE ? 0 : 1);
	}
	random_bytes(ours, SIZE);
	read_all(ends[0], theirs, SIZE);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
	assert_memory_not_equal(ours, theirs, SIZE);
}

static struct unit_check checks[] = {
	{ "random texts are base64url without padding",
	  random_texts_are_base64url },
	{ "random texts differ", random_texts_differ },
	{ "no bytes are given twice", no_bytes_are_given_twice },
	{ "every bit is random", every_bit_is_random },
	{ "a child gets other bytes", a_child_gets_other_bytes },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("random");
}
