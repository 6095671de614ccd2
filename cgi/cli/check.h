/*
 * check.h - what the parts of provisor check share.
 *
 * Each looks at one side of the host and adds its findings; what is missing of
 * check is what an earlier part could not open.
 */
#ifndef CGI_CLI_CHECK_H
#define CGI_CLI_CHECK_H

#include <sys/types.h>

#include "cgi/cli/cli.h"
#include "lib/base/findings.h"

struct sealing_keys;

struct check {
	const struct cli *cli;
	struct arena *arena;
	struct settings settings;
	struct findings findings;
	struct sealing_keys *keys; /* NULL: there are none to be used */
	uid_t pool_user;
};

void check_pools(struct check *check); /* sets pool_user */
void check_keys(struct check *check);  /* sets keys */
void check_homes(struct check *check);
void check_platform(struct check *check);
void check_database(struct check *check);
void check_nginx(struct check *check);

#endif
