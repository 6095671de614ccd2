/*
 * resources_export.c - provisor resources export.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/provider/resource_page.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { PAGE = 500 }; /* resources per statement */

struct export
{
	const struct cli *cli;
	struct arena *arena; /* of one page */
	struct db *db;
	struct sealing_keys *keys; /* NULL: reveal nothing */
	enum import_format format;
	FILE *out;
};

static bool is_sealed(const char *name)
{
	return strcmp(name, "config") == 0
		|| strcmp(name, "log_drain_url") == 0;
}

/* Add the sealed values to a line.  Return false after logging the reason. */
static bool reveal_secrets(const struct export *e, const struct json *resource,
			   struct json *line)
{
	const char *id = target_text(resource, "id");
	const char *config = target_text(resource, "config");
	const char *sealed = target_text(resource, "log_drain_url");
	const char *drain;
	struct resource_secrets secrets;

	if (!config && !sealed)
		return true;
	if (provider_reveal(e->db, e->keys, e->arena, id,
			    cli_operator(e->arena), config, &secrets)
	    != OUTCOME_OK) {
		rows_fail();
		return false;
	}
	drain = resource_secrets_open_text(e->keys, e->arena, id,
					   RESOURCE_SECRET_LOG_DRAIN, sealed);
	if (sealed && !drain)
		return false;
	json_put_text(line, "log_drain_url", drain);
	if (config)
		json_put(line, "config", secrets.config);
	if (config && json_is_object(secrets.secrets))
		json_put(line, "secrets", secrets.secrets);
	return true;
}

static bool export_resource(const struct export *e, const struct json *resource)
{
	struct json *line = json_object(e->arena);

	for (const struct json *m = json_first(resource); m; m = json_next(m))
		if (!is_sealed(json_name(m)) && strcmp(json_name(m), "id") != 0)
			json_put(line, json_name(m), m);
	if (e->keys && !reveal_secrets(e, resource, line))
		return false;
	fputs(import_file_line(e->arena, e->format, line), e->out);
	return true;
}

/*
 * Export page by page, so that each statement is short even for many resources.
 */
static bool export_resources(struct export *e,
			     struct resource_list_query *query)
{
	const char *header = import_file_header(e->arena, e->format);
	char last[UUID_LENGTH + 1] = "";
	struct json_rows found = { .is_cut = true };

	if (header)
		fputs(header, e->out);
	for (query->limit = PAGE; found.is_cut; arena_reset(e->arena)) {
		if (resource_list_page(e->db, e->arena, query,
				       *last ? last : NULL, &found)
		    != OUTCOME_OK) {
			rows_fail();
			return false;
		}
		for (int i = 0; i < found.count; i++)
			if (!export_resource(e, found.list[i]))
				return false;
		if (found.count > 0)
			snprintf(
				last, sizeof last, "%s",
				target_text(found.list[found.count - 1], "id"));
	}
	return true;
}

/* ---- the file ---- */

static bool open_output(struct export *e, const char *path)
{
	int file;

	e->out = stdout;
	if (!path)
		return true;
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e->out = file < 0 ? NULL : fdopen(file, "w");
	if (!e->out)
		cli_fail("%s: cannot be created (%s): write the name of a new "
			 "file",
			 path, strerror(errno));
	return e->out;
}

/* Close the file, and remove it if it is incomplete. */
static bool close_output(struct export *e, const char *path, bool is_written)
{
	bool is_flushed;

	if (!path)
		return is_written; /* main() checks standard output */
	is_flushed = fflush(e->out) == 0 && !ferror(e->out);
	if (fclose(e->out) != 0 || !is_flushed) {
		cli_fail("%s: cannot be written (%s): free some space", path,
			 strerror(errno));
		is_written = false;
	}
	if (!is_written)
		unlink(path);
	return is_written;
}

static bool open_export_keys(struct export *e)
{
	if (!cli_has(e->cli, OPTION_REVEAL))
		return true;
	e->keys = cli_open_keys(e->cli);
	return e->keys;
}

static bool is_exportable(const char *state)
{
	return !state || strcmp(state, "provisioned") == 0
		|| strcmp(state, "deprovisioned") == 0;
}

int cli_resources_export(const struct cli *cli)
{
	const char *path = cli->count > 0 ? cli->words[0] : NULL;
	struct export e = { .cli = cli };
	struct resource_list_query query;
	bool is_written = false;

	if (!resources_read_format(cli, path, &e.format)
	    || !resources_read_query(cli, &query))
		return CLI_USAGE;
	if (!is_exportable(query.state))
		return cli_refuse("option --state must be provisioned or "
				  "deprovisioned: other states cannot be "
				  "exported");
	if (open_export_keys(&e) && open_output(&e, path)) {
		e.arena = arena_create();
		e.db = db_open(cli->settings.database);
		is_written =
			close_output(&e, path, export_resources(&e, &query));
		db_close(e.db);
		arena_destroy(e.arena);
	}
	sealing_keys_close(e.keys);
	return is_written ? CLI_OK : CLI_FAILED;
}
