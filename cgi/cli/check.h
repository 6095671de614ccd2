/*
 * check.h - declarations that the parts of provisor check share.
 *
 * Each part examines one subject and adds findings: "PLACE: cause: remedy" for
 * a problem, or what is in order.  A part skips what an earlier part could not
 * open.
 */
#ifndef CGI_CLI_CHECK_H
#define CGI_CLI_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgi/cli/check_next.h"
#include "lib/base/findings.h"
#include "lib/settings/settings.h"

struct addons;
struct arena;
struct cli;
struct db;
struct sealing_keys;

/* The add-ons that are sold by the marketplace of PROVISOR_PLATFORM_URL. */
struct check_platform_addons {
	bool exist;
	bool may_call;    /* one of them has a client secret */
	int64_t max_age;  /* of a sign-on, in ms; the shortest of them all */
	int64_t max_skew; /* the same, if its timestamp is ahead of our clock */
};

struct check {
	const struct cli *cli;
	struct arena *arena;
	struct settings settings;
	struct findings findings;
	struct sealing_keys *keys; /* NULL: none can be used */
	uid_t pool_user;           /* the user that they run as */
	struct check_platform_addons platform_addons;
	bool is_step_missing[CHECK_STEPS];
};

/* Return how many processes of the pools this host runs according to its
 * settings. */
int check_count_pools(const struct settings *settings);

void check_pools(struct check *check); /* sets pool_user */
void check_settings_in_force(struct check *check);
void check_programs_in_force(struct check *check);
void check_sockets(struct check *check);
void check_keys(struct check *check);  /* sets keys */
void check_homes(struct check *check); /* sets platform_addons */
void check_hooks(struct check *check, const struct addons *addons);
void check_platform(struct check *check);
void check_database(struct check *check);
void check_jobs(struct check *check, struct db *db);
void check_retention(struct check *check, struct db *db);
void check_nginx(struct check *check);
void check_console(struct check *check);

#endif
