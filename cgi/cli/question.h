/*
 * question.h - asks the operator to confirm something.
 */
#ifndef CGI_CLI_QUESTION_H
#define CGI_CLI_QUESTION_H

#include <stdbool.h>

#include "lib/base/base.h"

/* Print the question, and return true if the next line of the terminal is yes.
 * Unless standard input and output are terminals, return false and print
 * nothing: scripts use an option. */
MUST_CHECK bool question_is_confirmed(const char *question);

#endif
