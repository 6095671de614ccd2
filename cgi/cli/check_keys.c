/*
 * check_keys.c - checks the keys file.
 */
#include "cgi/cli/check.h"

#include <sys/stat.h>

#include "cgi/cli/cli.h"
#include "lib/crypto/sealing_keys.h"

static int count_keys(const struct sealing_keys *keys)
{
	int count = 0;

	while (sealing_keys_id(keys, count))
		count++;
	return count;
}

/*
 * Check that the pools' user owns the file, because only its owner can read it.
 */
static bool check_keys_owner(struct check *check)
{
	const char *path = check->settings.keys;
	const char *user = cli_user_name(check->arena, check->pool_user);
	struct stat status;

	if (stat(path, &status) != 0 || status.st_uid == check->pool_user)
		return true;
	finding_error(&check->findings,
		      "%s: belongs to %s, but the pools run as %s: chown %s %s",
		      path, cli_user_name(check->arena, status.st_uid), user,
		      user, path);
	return false;
}

void check_keys(struct check *check)
{
	int errors = check->findings.errors;

	check->keys = sealing_keys_open(check->settings.keys, &check->findings);
	if (check->findings.errors == errors && check_keys_owner(check))
		finding_ok(&check->findings, "%s: \"%s\" seals; other keys: %d",
			   check->settings.keys,
			   sealing_keys_id(check->keys, 0),
			   count_keys(check->keys) - 1);
}
