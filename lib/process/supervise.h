/*
 * supervise.h - runs a program and leaves nothing of it behind.
 *
 * Between the caller and the program stands a supervisor, a process of ours.
 * When the program ends, its deadline passes, or the caller gives up or dies,
 * the supervisor ends all processes that the program has started: SIGTERM, and
 * after a grace SIGKILL, to those that have made themselves daemons as well.
 * Where the supervisor is killed, the caller does that in its stead.
 *
 * The program has descriptors 0, 1 and 2 and no other, no handlers and no
 * blocked signals, no terminal, and umask 077.
 *
 * From its first call on, the caller's children are reaped by the kernel, and
 * processes that lose their parents below it become its own.  So a caller has
 * one thread, and no children by other means.
 */
#ifndef LIB_PROCESS_SUPERVISE_H
#define LIB_PROCESS_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

struct supervise_program {
	const char *path;               /* absolute */
	const char *const *arguments;   /* the first is its name; up to NULL */
	const char *const *environment; /* all of it, up to NULL */
	const char *folder;             /* to be in */
	uid_t user;                     /* to be, where the caller is root */
	const char *input;              /* on its standard input */
	size_t input_length;
	size_t output_limit; /* more on its standard output is too much */
	int64_t deadline;    /* of clock_now(): SIGTERM */
	int grace;           /* ms until SIGKILL */
	/* Called with what it writes to standard error, as it comes. */
	void (*complain)(void *context, const char *bytes, size_t length);
	void *context;
};

enum supervise_ending {
	SUPERVISE_EXITED,   /* status is its exit status */
	SUPERVISE_KILLED,   /* status is the signal */
	SUPERVISE_LATE,     /* the deadline, or wait_until */
	SUPERVISE_TOO_MUCH, /* it wrote more than output_limit */
	SUPERVISE_NOT_RUN,  /* it could not be; status is errno, and step what
			       had failed */
	SUPERVISE_LOST      /* its supervisor was killed */
};

struct supervise_end {
	enum supervise_ending ending;
	int status;
	const char *step;
	const char *output; /* terminated; belongs to the arena */
	size_t output_length;
	/* It left processes behind when it ended, or was given up: its
	 * supervisor has the grace, from now on, to end them. */
	bool may_still_run;
};

/*
 * Run the program, and return when it has ended and what it has written is
 * read, at wait_until (of clock_now()) at the latest.  Processes it leaves
 * behind are ended and not waited for.
 */
struct supervise_end supervise(const struct supervise_program *program,
			       struct arena *arena, int64_t wait_until);

#endif
