/*
 * check.h - what the parts of provisor check share.
 *
 * Each part examines one subject and adds findings: "PLACE: cause: remedy" for
 * a problem, or what is in order.  A part skips what an earlier part could not
 * open.
 */
#ifndef CGI_CLI_CHECK_H
#define CGI_CLI_CHECK_H

#include <sys/types.h>

#include "lib/base/findings.h"
#include "lib/settings/settings.h"

struct arena;
struct cli;
struct sealing_keys;

struct check {
	const struct cli *cli;
	struct arena *arena;
	struct settings settings;
	struct findings findings;
	struct sealing_keys *keys; /* NULL: none can be used */
	uid_t pool_user;           /* the user that they run as */
};

void check_pools(struct check *check); /* sets pool_user */
void check_settings_in_force(struct check *check);
void check_sockets(struct check *check);
void check_keys(struct check *check); /* sets keys */
void check_homes(struct check *check);
void check_platform(struct check *check);
void check_database(struct check *check);
void check_nginx(struct check *check);

#endif
