/*
 * keys_list.c - provisor keys list.
 */
#include "cgi/cli/commands.h"

#include <inttypes.h>
#include <time.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "lib/base/arena.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/store/reseal.h"

static const char *const key_members[] = { "id", "added", "seals", "values",
					   NULL };

static const char *day_text(struct arena *arena, const char *id)
{
	time_t day = (time_t)sealing_keys_day(id);
	char text[sizeof "2026-11-29"];
	struct tm utc;

	if (day == 0)
		return NULL;
	strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&day, &utc));
	return arena_strdup(arena, text);
}

static void list_keys(const struct cli *cli, const struct sealing_keys *keys,
		      const struct reseal_use *uses)
{
	struct rows *rows = rows_begin(cli, key_members);
	const char *id;

	for (int i = 0; (id = sealing_keys_id(keys, i)); i++) {
		const char *const texts[] = {
			id,
			day_text(cli->arena, id),
			i == 0 ? "yes" : "no",
			arena_printf(cli->arena, "%" PRId64,
				     reseal_uses_of(uses, id)),
		};

		rows_add_texts(rows, texts);
	}
	rows_end(rows);
}

int cli_keys_list(const struct cli *cli)
{
	struct sealing_keys *keys = cli_open_keys(cli);
	struct reseal_use *uses;
	struct db *db;
	enum outcome outcome;

	if (!keys)
		return CLI_FAILED;
	db = db_open(cli->settings.database);
	outcome = reseal_count(db, cli->arena, &uses);
	if (outcome == OUTCOME_OK)
		list_keys(cli, keys, uses);
	db_close(db);
	sealing_keys_close(keys);
	return outcome == OUTCOME_OK ? CLI_OK : rows_fail();
}
