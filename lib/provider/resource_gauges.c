#include "lib/provider/resource_gauges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/metrics/exposition.h"
#include "lib/provider/provider.h"
#include "lib/store/inventory.h"
#include "lib/store/resource.h"

enum {
	RECOUNT_EVERY = 60000, /* ms; a count reads an index of all resources */
	RECOUNT_SHARE = 100    /* at most this part of the time is for counts */
};

static void write_resource_count(FILE *out, const char *marketplace,
				 const char *addon, const char *state,
				 int64_t count)
{
	fprintf(out,
		"provisor_resources{marketplace=\"%s\",addon=\"%s\",state=\"%s\"}"
		" %" PRId64 "\n",
		marketplace, addon, state, count);
}

static void write_plan_count(FILE *out, const struct inventory_resource *r)
{
	fprintf(out,
		"provisor_plan_resources{marketplace=\"%s\",addon=\"%s\",state="
		"\"%s\",plan=\"",
		r->marketplace, r->addon, r->state);
	exposition_write_value(out, r->plan);
	fprintf(out, "\"} %" PRId64 "\n", r->count);
}

static bool is_counted(const struct inventory_resources *resources,
		       const struct addon *addon, const char *state)
{
	for (int i = 0; i < resources->count; i++) {
		const struct inventory_resource *r = &resources->list[i];

		if (strcmp(r->marketplace, addon->dialect->marketplace) == 0
		    && strcmp(r->addon, addon->id) == 0
		    && strcmp(r->state, state) == 0)
			return true;
	}
	return false;
}

/* List the states that no resource of an add-on has. */
static void write_zeros(FILE *out, const struct addon *addon,
			const struct inventory_resources *resources)
{
	for (int i = 0; i < RESOURCE_STATES; i++) {
		const char *state = resource_state_name((enum resource_state)i);

		if (!is_counted(resources, addon, state))
			write_resource_count(out, addon->dialect->marketplace,
					     addon->id, state, 0);
	}
}

static void write_resource_counts(FILE *out, const struct addons *addons,
				  const struct inventory_resources *resources)
{
	exposition_declare(out, "provisor_resources", "gauge",
			   "Resources in the database.");
	for (int i = 0; i < resources->count; i++) {
		const struct inventory_resource *r = &resources->list[i];

		if (!r->plan)
			write_resource_count(out, r->marketplace, r->addon,
					     r->state, r->count);
	}
	for (int i = 0; i < addons->count; i++)
		if (addons->list[i]->is_valid)
			write_zeros(out, addons->list[i], resources);
	exposition_declare(out, "provisor_plan_resources", "gauge",
			   "The same, by plan.  Of each add-on, the most "
			   "frequent plans are listed, and the others as "
			   "other.");
	for (int i = 0; i < resources->count; i++)
		if (resources->list[i].plan)
			write_plan_count(out, &resources->list[i]);
}

static void keep_resource_counts(struct provider *provider,
				 const struct inventory_resources *resources)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	write_resource_counts(out, provider->addons, resources);
	fclose(out);
	free(provider->resource_counts);
	provider->resource_counts = text;
}

/* Count again if the last count is too old: the longer a count takes, the rarer
 * it is.  If it fails, the last one stays. */
static void refresh_resource_counts(struct provider *provider,
				    struct arena *arena)
{
	struct inventory_resources resources;
	int64_t start = clock_now();
	int64_t pause = 0;

	if (start < provider->next_count_at)
		return;
	if (inventory_count_resources(provider->db, arena, &resources)
	    == OUTCOME_OK) {
		keep_resource_counts(provider, &resources);
		pause = RECOUNT_EVERY;
	}
	if (pause < (clock_now() - start) * RECOUNT_SHARE)
		pause = (clock_now() - start) * RECOUNT_SHARE;
	provider->next_count_at = clock_now() + pause;
}

void resource_gauges_write(FILE *out, struct provider *provider,
			   struct arena *arena)
{
	refresh_resource_counts(provider, arena);
	if (provider->resource_counts)
		fputs(provider->resource_counts, out);
}
