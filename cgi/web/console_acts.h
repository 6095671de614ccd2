/*
 * console_acts.h - the acts of the console: where each is possible, what it
 * would do, and how it is carried out.
 *
 * console_act.c asks before an act, and carries it out when its form was sent.
 */
#ifndef CGI_WEB_CONSOLE_ACTS_H
#define CGI_WEB_CONSOLE_ACTS_H

#include "lib/base/outcome.h"

struct console;
struct form;
struct html;
struct json;
struct operator_act;

/* An act on target, a resource or a job. */
struct console_act {
	const char *name;  /* in the path */
	const char *title; /* of the link and the button */
	/* The states of the target in which it is possible, each between
	 * blanks. */
	const char *states;
	/* What would happen, in sentences; NULL: explain has it. */
	const char *would;
	const char *(*explain)(const struct json *target);
	/* Add fields to the form; NULL: none. */
	void (*put_fields)(struct console *c, struct html *page,
			   const struct json *target);
	/* Carry it out.  *said is a sentence about the result. */
	enum outcome (*carry_out)(struct console *c, struct operator_act *act,
				  const struct json *target,
				  const struct form *form, const char **said);
};

/* Each ends with an act without a name. */
extern const struct console_act console_resource_acts[];
extern const struct console_act console_job_acts[];

#endif
