/*
 * settings.h - the settings that the three programs share.
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

struct settings {
	const char *database;        /* may be empty */
	const char *database_direct; /* empty only if database is */
	const char *addons;
	const char *keys;
	int64_t answer_limit;   /* ms */
	int64_t repeat_horizon; /* ms */
	int64_t job_limit;      /* ms */
	int api_workers;        /* 0: 3 per core */
	int web_workers;        /* 0: 1 per core */
	int job_workers;        /* 0: 1 per core */
	const char *metrics;
	const char *platform_url; /* this and the next two: platform.h */
	const char *token_url;
	const char *platform_ca;
	const char *log_input_hosts; /* outbound_host.h */
	const char *log;             /* for log_to(); empty: the default */
	enum log_level log_level;
};

/*
 * Fill settings from the environment and borrow its texts.  A setting that
 * cannot be read is an error in findings and has its default.
 */
void settings_load(struct settings *settings, struct findings *findings);

/* Return true if there is a setting of this name. */
bool settings_has(const char *name);

/* Open the log that settings name, at their level.  Add a failure as an error
 * to findings. */
void settings_start_log(const struct settings *settings,
			struct findings *findings);

/* Load the settings and start to log, for a process of a pool.  The file that
 * PROVISOR_ENV names, if any, adds to the environment.  Return false after
 * logging the errors. */
MUST_CHECK bool settings_open(struct settings *settings);

/*
 * Write the name, default and meaning of every setting, one setting per line.
 */
void settings_explain(FILE *out);

#endif
