/*
 * contacts.c - provisor contacts: prints the e-mail addresses of a resource's
 * customer.
 */
#include "cgi/cli/commands.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/with_api.h"
#include "lib/base/base.h"
#include "lib/provider/operator_api.h"
#include "lib/text/json.h"

static const char *const contact_columns[] = { "email", "role", NULL };

static const char *email_of(const struct json *object, const char *member)
{
	return json_text(json_member(json_member(object, member), "email"));
}

static void add_contact(struct rows *rows, const char *email, const char *role)
{
	const char *const texts[] = { email, role };

	rows_add_texts(rows, texts);
}

/* The owner is also in the list of collaborators. */
static void add_collaborators(struct rows *rows, const struct json *list,
			      const char *owner)
{
	for (list = json_first(list); list; list = json_next(list)) {
		const char *email = email_of(list, "user");
		const char *role = json_text(json_member(list, "role"));

		if (email && (!owner || strcmp(email, owner) != 0))
			add_contact(rows, email, role ? role : "collaborator");
	}
}

/* Add all pages of collaborators.  Return false after printing why the
 * marketplace does not list them. */
static bool add_all_collaborators(const struct cli *cli,
				  const struct operator_api *api,
				  struct rows *rows, const char *owner)
{
	struct platform_response page = { .next_range = NULL };

	do {
		page = operator_api_ask(api, "GET", "/apps/{app}/collaborators",
					NULL, page.next_range);
		if (page.verdict != PLATFORM_DONE) {
			with_api_fail(cli, &page);
			return false;
		}
		add_collaborators(rows, page.body, owner);
	} while (page.next_range);
	return true;
}

static int print_contacts(const struct cli *cli, const struct operator_api *api,
			  const void *context)
{
	const struct platform_response app =
		operator_api_ask(api, "GET", "/apps/{app}", NULL, NULL);
	const char *owner = email_of(app.body, "owner");
	struct rows *rows;
	bool is_complete;

	(void)context;
	if (app.verdict != PLATFORM_DONE)
		return with_api_fail(cli, &app);
	rows = rows_begin(cli, contact_columns);
	if (owner)
		add_contact(rows, owner, "owner");
	is_complete = add_all_collaborators(cli, api, rows, owner);
	rows_end(rows);
	return is_complete ? CLI_OK : CLI_FAILED;
}

int cli_contacts(const struct cli *cli)
{
	return with_api(cli, "contacts-revealed", NULL, print_contacts, NULL);
}
