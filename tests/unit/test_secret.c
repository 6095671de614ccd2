#include "unit.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/secret.h"

static struct equal_row {
	const char *name;
	const char *a, *b;
	bool expected;
} equals[] = {
	{ "a text equals itself", "secret", "secret", true },
	{ "empty texts are equal", "", "", true },
	{ "another last character differs", "secret", "secres", false },
	{ "another first character differs", "secret", "tecret", false },
	{ "a beginning differs", "secret", "secre", false },
	{ "case differs", "secret", "Secret", false },
	{ "nothing written differs", "secret", "", false },
	{ "the same bytes in another order differ", "secret", "cresec", false },
	{ "a secret repeated differs", "secret", "secretsecret", false },
	{ "bytes above 127 are compared", "\xc3\xbc", "\xc3\xbd", false },
	{ "texts of bytes above 127 equal themselves", "\xff\x80", "\xff\x80",
	  true },
	{ "NULL equals nothing", NULL, "secret", false },
	{ "nothing equals NULL", "secret", NULL, false },
	{ "NULL does not equal the empty text", NULL, "", false },
	{ "NULL does not equal NULL", NULL, NULL, false },
};

static void equality_is_as_expected(void **state)
{
	const struct equal_row *row = *state;

	assert_bool(secret_equal(row->a, row->b), row->expected);
	assert_bool(secret_equal(row->b, row->a), row->expected);
}

/* ---- constant time ---- */

#ifndef __SANITIZE_ADDRESS__ /* its checks take longer at the end of a text */

/* Return how many instructions a process executes in a comparison and in what
 * surrounds it, which is always the same.  The debugger's interface counts
 * them: it runs the process one instruction at a time. */
static int count_instructions(const char *secret, const char *given)
{
	int status, count = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		(void)!secret_equal(secret, given);
		_Exit(0); /* _exit() does more in the build for gcov */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	for (; WIFSTOPPED(status); count++) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	return count;
}

static struct time_row {
	const char *name;
	const char *secret;
} times[] = {
	{ "the right secret takes as long as a wrong one", "guess-0123456789" },
	{ "a wrong first character does", "Guess-0123456789" },
	{ "a wrong last character does", "guess-012345678x" },
	{ "a shorter secret does", "guess" },
	{ "a longer secret does", "guess-0123456789-and-so-on" },
	{ "an empty secret does", "" },
};

static void the_secret_does_not_change_the_time(void **state)
{
	const struct time_row *row = *state;
	const char *given = "guess-0123456789";

	assert_int_equal(count_instructions(row->secret, given),
			 count_instructions("xxxxx-yyyyyyyyyy", given));
	assert_true(count_instructions(row->secret, given)
		    > count_instructions(row->secret, ""));
}

#endif

int main(void)
{
	UNIT_ROWS(equals, equality_is_as_expected);
#ifndef __SANITIZE_ADDRESS__
	UNIT_ROWS(times, the_secret_does_not_change_the_time);
#endif
	return unit_run("secret");
}
