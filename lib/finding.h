/*
 * finding.h - what is wrong with something that an operator wrote.
 *
 * Readers of settings, keys and add-on homes do not log and do not exit: they
 * add findings, and their caller decides whether that is a log line, a table
 * on a terminal or a refusal to start.  Each finding names the place and the
 * remedy in one sentence.
 */
#ifndef FINDING_H
#define FINDING_H

#include <stdbool.h>

struct arena;

struct finding {
	const struct finding *next;
	bool is_warning; /* it works, but should be changed */
	const char *text;
};

struct findings {
	struct arena *arena; /* where the texts live */
	const struct finding *first;
	struct finding *last;
	int errors; /* warnings are not counted */
};

void finding_error(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_warning(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write each to the log. */
void findings_log(const struct findings *findings);

#endif
