#include "cgi/cli/addon_remains.h"

#include <stddef.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/store/addon_forget.h"

struct addon_remains *addon_remains_find(const struct cli *cli, struct db *db,
					 const char *slug, const char *hint)
{
	struct addon_remains *remains;
	int count;

	if (addon_forget_count(db, cli->arena, slug,
			       cli_option(cli, OPTION_MARKETPLACE), &remains,
			       &count)
	    != OUTCOME_OK)
		rows_fail();
	else if (count == 0)
		cli_fail("no resource belongs to an add-on %s; provisor %s",
			 slug, hint);
	else if (count > 1)
		cli_fail("%s has resources at %s and at %s: choose with "
			 "--marketplace",
			 slug, remains[0].marketplace, remains[1].marketplace);
	else
		return remains;
	return NULL;
}
