/*
 * settings.h - the settings all three programs share.
 *
 * They come from the environment; one table in settings.c is the truth about
 * their names, defaults and meanings.
 */
#ifndef LIB_BASE_SETTINGS_H
#define LIB_BASE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/log.h"

struct findings;

struct settings {
	const char *database;        /* libpq conninfo; may be empty */
	const char *database_direct; /* past any pooler; never empty if
					database is not */
	const char *addons;          /* folder of the add-ons' homes */
	const char *keys;            /* file of the sealing keys */
	int64_t answer_limit;        /* ms; an answer later is no answer */
	int64_t repeat_horizon;      /* ms */
	int64_t job_limit;           /* ms a listener may take in a job */
	int api_workers;             /* 0: three a core */
	int web_workers;             /* 0: one a core */
	int job_workers;             /* 0: one a core */
	const char *metrics;         /* file that all processes count in */
	const char *platform_url;    /* these three as platform_config */
	const char *token_url;
	const char *platform_ca;
	const char *log_input_hosts; /* as outbound_host_judge() takes it */
	const char *log;             /* as log_to() takes it */
	enum log_level log_level;
};

/*
 * Fill settings from the environment, whose texts it borrows.  Each setting
 * that cannot be read is an error in findings and keeps its default.
 */
void settings_load(struct settings *settings, struct findings *findings);

/*
 * Put the settings of a file into the environment, where they do not already
 * stand.  It is written as for systemd's EnvironmentFile=: NAME=VALUE a line,
 * comments behind # or ; and one pair of quotes around a value (but no escapes
 * and no continued lines).  Of two lines for one name the last counts.  Other
 * lines, and a PROVISOR_ name that is no setting, are errors in findings. False
 * when it cannot be read; errno tells why.
 */
bool settings_read_file(const char *path, struct findings *findings);

/* Read "25s", "2min" or "1h" as milliseconds; false for every other form and
 * for nothing at all ("0s"). */
bool settings_read_duration(const char *text, int64_t *duration);

/* Start logging as settings says; what goes wrong is a finding. */
void settings_start_log(const struct settings *settings,
			struct findings *findings);

/* Name, default and meaning of every setting, a line each. */
void settings_explain(FILE *out);

#endif
