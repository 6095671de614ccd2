#include "cgi/cli/question.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cgi/cli/wrap.h"
#include "lib/base/arena.h"

enum { LONGEST_ANSWER = 4096 };

static bool can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* Print the question and prompt, and read a line without its newline. */
static bool read_answer(const char *question, const char *prompt, char *answer,
			size_t size)
{
	wrap_text(0, question);
	fputs(prompt, stdout);
	fflush(stdout);
	if (!fgets(answer, (int)size, stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return true;
}

bool question_is_confirmed(const char *question)
{
	char answer[8];

	return can_ask()
		&& read_answer(question, "[y/N] ", answer, sizeof answer)
		&& (strcasecmp(answer, "y") == 0
		    || strcasecmp(answer, "yes") == 0);
}

const char *question_answer(struct arena *arena, const char *question)
{
	static const char blanks[] = " \t\r";
	char answer[LONGEST_ANSWER];
	const char *start = answer;
	size_t length;

	if (!can_ask() || !read_answer(question, "> ", answer, sizeof answer))
		return NULL;
	start += strspn(start, blanks);
	length = strlen(start);
	while (length > 0 && strchr(blanks, start[length - 1]))
		length--;
	return length > 0 ? arena_strndup(arena, start, length) : NULL;
}
