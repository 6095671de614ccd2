/*
 * wrap.h - prints text in lines that fit a screen of 80 columns.
 */
#ifndef CGI_CLI_WRAP_H
#define CGI_CLI_WRAP_H

#include <stdio.h>

/* Print a word of this length after so many blanks, or on a new line with this
 * indent if the line has no room for it.  Update *column. */
void wrap_word(FILE *out, int *column, int indent, int blanks, const char *word,
	       int length);

/* Print text to standard output, from this column on, and end the line. Further
 * lines are indented to the same column.  Line breaks in the text stay. */
void wrap_text(int column, const char *text);

#endif
