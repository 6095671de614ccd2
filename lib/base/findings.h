/*
 * findings.h - collects the results of checks for an operator.
 *
 * The readers of settings, keys and homes do not log and do not exit.  They add
 * findings, and the caller turns these into log lines, a table on a terminal or
 * a refusal to start.  A finding is one sentence: "PLACE: CAUSE: REMEDY".
 */
#ifndef LIB_BASE_FINDINGS_H
#define LIB_BASE_FINDINGS_H

struct arena;

enum finding_verdict {
	FINDING_OK,
	FINDING_WARNING, /* it works but should be changed */
	FINDING_ERROR
};

struct finding {
	const struct finding *next;
	enum finding_verdict verdict;
	const char *text;
	const char *field; /* "FIELD ..." follows the place; NULL: no field */
};

struct findings {
	struct arena *arena; /* owns the findings */
	const struct finding *first;
	struct finding *last;
	int errors;
	int warnings;
};

void finding_error(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_warning(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Add "PLACE: FIELD PROBLEM", about a field of a file.  problem includes the
 * remedy. */
void finding_of_field(struct findings *findings, enum finding_verdict verdict,
		      const char *place, const char *field,
		      const char *problem);

/* Record that a check has found no fault. */
void finding_ok(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Add copies of all findings of from. */
void findings_add(struct findings *findings, const struct findings *from);

/* Return the first error, and how many more there are: "TEXT (and 2 more)".
 * Return NULL if there is none. */
const char *findings_first_error(const struct findings *findings);

/* Log the errors and warnings. */
void findings_log(const struct findings *findings);

#endif
