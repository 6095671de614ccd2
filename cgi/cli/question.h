/*
 * question.h - asks the operator at a terminal.
 */
#ifndef CGI_CLI_QUESTION_H
#define CGI_CLI_QUESTION_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;

/* Print the question, and return true if the next line of the terminal is yes.
 * Unless standard input and output are terminals, return false and print
 * nothing: scripts use an option. */
MUST_CHECK bool question_is_confirmed(const char *question);

/* Print the question, and return the next line of the terminal, without blanks
 * around it.  Unless standard input and output are terminals, print nothing.
 * Then, and without a line, return NULL. */
MUST_CHECK const char *question_answer(struct arena *arena,
				       const char *question);

#endif
