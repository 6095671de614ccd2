#include "cgi/cli/wrap.h"

#include <string.h>

enum { SCREEN = 80 };

void wrap_word(FILE *out, int *column, int indent, int blanks, const char *word,
	       int length)
{
	if (*column + blanks + length >= SCREEN) {
		fputc('\n', out);
		*column = 0;
		blanks = indent;
	}
	*column += fprintf(out, "%*s%.*s", blanks, "", length, word);
}

void wrap_text(int column, const char *text)
{
	int indent = column;

	while (*text) {
		int blanks = (int)strspn(text, " ");
		int length = (int)strcspn(text + blanks, " \n");

		wrap_word(stdout, &column, indent, blanks, text + blanks,
			  length);
		text += blanks + length;
		if (*text == '\n') {
			column = printf("\n%*s", indent, "") - 1;
			text++;
		}
	}
	putchar('\n');
}
