/* Whatever a marketplace lists, reading its pages ends, each request has the
 * range that the previous page named, and a lost resource is reported once.
 *
 * The input is a list of pages, separated by empty lines.  The first line of a
 * page is its Next-Range, "-" if it has none, and the rest its body.  After the
 * last page the list begins again. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/dialect/dialect.h"
#include "lib/import/import.h"
#include "lib/provider/call.h"
#include "lib/reconcile/lost.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { MOST_PAGES = 10001, LONGEST_RANGE = 255, MOST_REPORTS = 1000 };

static const char end_of_page[] = "\n\n";

static struct list {
	struct arena *arena;
	const char *pages, *next;
	const char *next_range; /* of the last page; NULL: none */
	int requests;
	int reports;
	char ids[MOST_REPORTS][UUID_LENGTH + 1];
} list;

/* ---- instead of lib/reconcile/one_resource.c and lib/provider ---- */

static void assert_asks_for_next(const char *range)
{
	assert(++list.requests <= MOST_PAGES);
	assert(!range == !list.next_range);
	if (range)
		assert(strcmp(range, list.next_range) == 0
		       && strlen(range) <= LONGEST_RANGE);
}

static const char *take_page(void)
{
	const char *page = *list.next ? list.next : list.pages;
	const char *end = strstr(page, end_of_page);

	list.next = end ? end + strlen(end_of_page) : "";
	return end ? arena_strndup(list.arena, page, (size_t)(end - page))
		   : page;
}

struct platform_response reconcile_query(struct reconcile_item *item,
					 struct arena *arena,
					 struct platform_request request)
{
	struct platform_response response = { .verdict = PLATFORM_DONE };
	const char *page, *body, *why;

	(void)item;
	assert(request.call == PLATFORM_LIST);
	assert_asks_for_next(request.range);
	page = take_page();
	body = page + strcspn(page, "\n");
	list.next_range = strncmp(page, "-\n", 2) == 0
		? NULL
		: arena_strndup(list.arena, page, (size_t)(body - page));
	response.next_range = list.next_range;
	response.body = json_parse(arena, body, strlen(body), &why);
	if (!json_is_array(response.body))
		return (struct platform_response){ .verdict = PLATFORM_LATER,
						   .why = "no list" };
	return response;
}

const char *reconcile_state_of(const struct json *addon)
{
	return json_text(json_member(addon, "state"));
}

const char *reconcile_plan_of(const struct json *addon)
{
	(void)addon;
	return NULL;
}

const struct json *reconcile_config_of(const struct reconcile_item *item,
				       const struct json *config)
{
	(void)item;
	(void)config;
	abort(); /* nothing is repaired */
}

struct provider_call reconcile_begin_call(const struct reconcile_item *item)
{
	return (struct provider_call){ .arena = item->arena };
}

const char *reconcile_queue_job(const struct reconcile_item *item,
				const char *id, enum job_kind kind)
{
	(void)item;
	(void)id;
	(void)kind;
	return NULL;
}

void reconcile_report(const struct reconcile_item *item,
		      enum reconcile_difference difference, const char *id,
		      const char *here, const char *there, const char *repair)
{
	char uuid[UUID_LENGTH + 1];

	(void)item;
	(void)here;
	(void)there;
	assert(difference == RECONCILE_LOST && !repair);
	assert(uuid_read(id, uuid) && strcmp(id, uuid) == 0);
	for (int i = 0; i < list.reports; i++)
		assert(strcmp(list.ids[i], id) != 0);
	if (list.reports < MOST_REPORTS)
		strcpy(list.ids[list.reports++], id);
}

enum outcome provider_find(struct provider *provider,
			   struct provider_call *call, const char *id,
			   bool is_key, struct resource *resource, bool *found)
{
	(void)provider;
	(void)call;
	(void)is_key;
	(void)resource;
	assert(*id);
	*found = false;
	return OUTCOME_OK;
}

enum outcome import_apply(struct provider *provider, struct provider_call *call,
			  const struct import_row *row, bool updates,
			  struct import_comparison *comparison)
{
	(void)provider;
	(void)call;
	(void)row;
	(void)updates;
	(void)comparison;
	abort(); /* nothing is repaired */
}

/* ---- the target ---- */

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	const struct addon addon = { .id = "one",
				     .dialect = dialect_find("heroku", "3") };
	struct reconcile run = { .seen = reconcile_seen_create() };
	struct reconcile_item item = {
		.run = &run,
		.arena = arena,
		.addon = &addon,
		.resource = { .marketplace = "heroku",
			      .addon = "one",
			      .marketplace_id = "no uuid" },
	};

	if (strlen(text) == length) {
		list = (struct list){ .arena = arena,
				      .pages = text,
				      .next = text };
		assert(reconcile_find_lost(&item));
		assert(list.requests > 0 && run.counts.repaired == 0);
		assert(run.counts.differing >= list.reports);
		/* Its resource has been seen. */
		assert(!reconcile_find_lost(&item));
	}
	reconcile_seen_destroy(run.seen);
}
