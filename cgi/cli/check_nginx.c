/*
 * check_nginx.c - checks that nginx reaches a pool that is ready.
 *
 * It requests /ready/api and /ready/web from nginx's operations address.
 */
#include "cgi/cli/check.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/nginx_request.h"
#include "cgi/cli/pools.h"
#include "cgi/cli/ready_response.h"
#include "lib/base/arena.h"
#include "lib/metrics/metrics.h"

static void judge_response(struct check *check, const char *address,
			   const char *pool,
			   const struct ready_response *response)
{
	struct findings *findings = &check->findings;
	const char *trouble = ready_response_trouble(check->arena, response);

	if (trouble && findings->errors > 0)
		finding_ok(findings,
			   "%s: nginx reaches the pool %s, which also reports "
			   "an error (%s)",
			   address, pool, trouble);
	else if (trouble)
		finding_error(findings,
			      "%s: the pool %s reports an error that this "
			      "command does not find (%s): start it with the "
			      "settings of this command, and let its user read "
			      "the files that they name",
			      address, pool, trouble);
	else if (response->status == 200)
		finding_ok(findings,
			   "%s: nginx reaches the pool %s, and it is ready",
			   address, pool);
	else if (response->status > 0 && pools_count(METRICS_WORKER) == 0)
		finding_ok(findings, "%s: nginx responds, but no pool runs",
			   address);
	else
		finding_error(findings,
			      "%s: nginx does not reach the pool %s (status "
			      "%d): start it, set provisor_%s to its socket, "
			      "and let nginx's user write to this socket",
			      address, pool, response->status, pool);
}

/* Return false if nginx cannot be reached. */
static bool check_pool(struct check *check, const char *address,
		       const char *pool)
{
	const char *request = arena_printf(check->arena,
					   "GET /ready/%s HTTP/1.0\r\n"
					   "Host: localhost\r\n\r\n",
					   pool);
	const char *why;
	const char *text = nginx_request(check->arena, address, request, &why);
	struct ready_response response;

	if (!text) {
		finding_error(&check->findings,
			      "%s: cannot connect to nginx (%s): start it "
			      "with provisor's site, or name its operations "
			      "address with --ops",
			      address, why);
		check_next_note(check, CHECK_STEP_SITE);
		return false;
	}
	response = ready_response_read(check->arena, text);
	judge_response(check, address, pool, &response);
	return true;
}

void check_nginx(struct check *check)
{
	const char *address = cli_option(check->cli, OPTION_OPS);

	if (check_pool(check, address, "api"))
		(void)!check_pool(check, address, "web");
}
