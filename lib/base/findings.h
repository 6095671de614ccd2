/*
 * findings.h - what is wrong, or right, with something an operator looks after.
 *
 * Readers of settings, keys and add-on homes do not log and do not exit: they
 * add findings, and their caller decides whether that is a log line, a table
 * on a terminal or a refusal to start.  Each finding is one sentence that reads
 * "PLACE: cause: remedy".
 */
#ifndef LIB_BASE_FINDINGS_H
#define LIB_BASE_FINDINGS_H

struct arena;

enum finding_verdict {
	FINDING_OK,
	FINDING_WARNING, /* it works, but should be changed */
	FINDING_ERROR
};

struct finding {
	const struct finding *next;
	enum finding_verdict verdict;
	const char *text;
};

struct findings {
	struct arena *arena; /* where the texts live */
	const struct finding *first;
	struct finding *last;
	int errors;
	int warnings;
};

void finding_error(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_warning(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For who asked: nothing is wrong there. */
void finding_ok(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write what is wrong to the log. */
void findings_log(const struct findings *findings);

#endif
