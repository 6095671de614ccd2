/*
 * settings.h - the settings that the programs share.
 *
 * A setting is an environment variable.  The table in settings.c has the name,
 * default and meaning of each; help, manual and checks come from it.
 */
#ifndef LIB_SETTINGS_SETTINGS_H
#define LIB_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/base.h"
#include "lib/base/log.h"

struct findings;

/* What the console of operators does. */
enum console_access {
	CONSOLE_OFF,
	CONSOLE_READ, /* it shows resources and jobs, and changes nothing */
	CONSOLE_WRITE
};

struct settings {
	const char *database;        /* may be empty */
	const char *database_direct; /* empty only if database is */
	const char *addons;
	const char *keys;
	int64_t answer_limit;   /* ms */
	int64_t repeat_horizon; /* ms */
	int64_t job_limit;      /* ms */
	int64_t keep_jobs;      /* ms; 0: forever */
	int64_t personal_data;  /* the same */
	int64_t keep_events;    /* ms; 0: forever */
	int api_workers;        /* 0: 3 per core */
	int web_workers;        /* 0: 2 per core */
	int job_workers;        /* 0: 2 per core */
	const char *metrics;
	const char *timeline;
	const char *socket_group; /* of nginx's workers */
	const char *hooks;        /* the path of a socket */
	enum console_access console;
	const char *server_key;   /* of nginx's private sites; empty: none */
	const char *platform_url; /* this and the next two: platform.h */
	const char *token_url;
	const char *platform_ca;
	const char *log_input_hosts; /* outbound_host.h */
	const char *log;             /* for log_to(); empty: the default */
	enum log_level log_level;

	/* Of settings_open(): the file that PROVISOR_ENV names, or NULL, and
	 * the settings that the environment had without it, bit 0 for the first
	 * row of the table. */
	const char *file;
	uint32_t in_environment;
};

/*
 * Fill settings from the environment and borrow its strings.  A setting that
 * cannot be read is an error in findings and has its default.
 */
void settings_load(struct settings *settings, struct findings *findings);

/* Return how many processes of provisor-jobs this host runs. */
int settings_job_workers(const struct settings *settings);

/* Return true if there is a setting of this name. */
MUST_CHECK bool settings_has(const char *name);

/* Open the log that settings name, at their level.  Add a failure as an error
 * to findings. */
void settings_start_log(const struct settings *settings,
			struct findings *findings);

/* Load the settings and start to log, for a process of a pool.  The file that
 * PROVISOR_ENV names, if any, adds to the environment.  Return false after
 * logging the errors. */
MUST_CHECK bool settings_open(struct settings *settings);

/*
 * Fill next with the settings of a process that would start now: those of
 * settings_open(), with the file as it is on disk.  Each reason why it could
 * not start is an error in findings, whose arena owns the strings of next.
 */
void settings_read_again(const struct settings *settings, struct settings *next,
			 struct findings *findings);

/*
 * Write the name, default and meaning of every setting, one setting per line.
 */
void settings_explain(FILE *out);

#endif
