/*
 * template.h - the listener kind "template": config vars without vendor code.
 *
 * The home's template.json has the form
 *
 *     {"id":"…", "config":{"NAME":"…"}, "message":"…", "plan_message":"…",
 *      "log_drain_url":"…", "regions":{"REGION":{"NAME":"…"}}}
 *
 * Its strings may refer to ${id}, ${uuid}, ${plan}, ${old_plan}, ${region},
 * ${name}, ${callback_url}, ${log_drain_token} and ${option.NAME}, each empty
 * if absent; to ${region.NAME}, a value that "regions" has for the region of
 * the resource; and to ${secret:NAME}: 24 random bytes as base64url, created
 * once for a resource and stored.  In log_drain_url, and in a config var whose
 * name ends in _URL, their values are percent-encoded, except those of
 * "regions", which the vendor has written.
 *
 * "id" is the vendor's own id for a resource.  It contains ${uuid}, so that no
 * other resource has it, and neither ${id} nor secrets.
 *
 * template_file.c reads the file, template_text.c cuts each string into pieces,
 * and template.c puts them together.
 */
#ifndef LIB_LISTENER_TEMPLATE_H
#define LIB_LISTENER_TEMPLATE_H

#include <stdbool.h>

#include "lib/base/base.h"
#include "lib/listener/template_text.h"

struct addon;
struct findings;
struct json;

struct template
{
	const struct template_text *id;     /* or NULL */
	const struct template_text *config; /* in the order of the file */
	const struct template_text *message;
	const struct template_text *plan_message;
	const struct template_text *log_drain_url;
	const struct json *regions; /* an object of objects of strings, which
				       have the same names; or NULL */
	bool uses_options;          /* a text has ${option.NAME} */
};

/*
 * Read and check the template of an add-on.  It lives as long as the add-on.
 * Return NULL, with errors in findings, if it cannot be used.
 */
MUST_CHECK struct template *template_read(const struct addon *addon,
					  struct findings *findings);

#endif
