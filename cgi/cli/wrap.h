/*
 * wrap.h - prints text in lines that fit a screen of 80 columns.
 */
#ifndef CGI_CLI_WRAP_H
#define CGI_CLI_WRAP_H

#include <stdio.h>

/*
 * Print a word of length bytes after the given number of blanks, or on a new
 * line with the given indent if it does not fit on the line.  Update *column.
 */
void wrap_word(FILE *out, int *column, int indent, int blanks, const char *word,
	       int length);

/*
 * Print text to standard output, starting at the given column, and end the
 * line.  Indent further lines to the same column.  Keep line breaks in the
 * text.
 */
void wrap_text(int column, const char *text);

#endif
