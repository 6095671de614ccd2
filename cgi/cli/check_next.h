/*
 * check_next.h - the next step of setting up or upgrading a host.
 *
 * Findings describe one problem each, and most problems of a new host follow
 * from a step that has not been done.  The parts of provisor check note the
 * steps that are missing, and the first of them is printed as a command.
 */
#ifndef CGI_CLI_CHECK_NEXT_H
#define CGI_CLI_CHECK_NEXT_H

struct check;

/* In the order in which an operator does them. */
enum check_step {
	CHECK_STEP_DATABASE, /* create roles and database */
	CHECK_STEP_MIGRATE,
	CHECK_STEP_HOME, /* of the first add-on */
	CHECK_STEP_START,
	CHECK_STEP_SITE, /* of nginx */
	CHECK_STEP_RELOAD,
	CHECK_STEP_RESTART_HOOKS,
	CHECK_STEPS
};

/* Note that the step is missing. */
void check_next_note(struct check *check, enum check_step step);

/* Print what to do for the first step that is missing.  Print nothing if no
 * step is missing, or if the settings are not those of an installed host. */
void check_next_print(const struct check *check);

#endif
