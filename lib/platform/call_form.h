/*
 * call_form.h - writes and reads the calls of platform.h in the form of a
 * marketplace, which struct dialect_api describes.
 */
#ifndef LIB_PLATFORM_CALL_FORM_H
#define LIB_PLATFORM_CALL_FORM_H

#include "lib/base/base.h"
#include "lib/platform/platform.h"

struct arena;
struct dialect_api;
struct dialect_call;
struct json;

/* Return what a call does, for operators, in static storage. */
const char *call_form_name(enum platform_call call);

/* Return method and path of a call.  The path is NULL if the marketplace does
 * not have it. */
struct dialect_call call_form_find(const struct dialect_api *form,
				   const struct platform_request *request);

/* Return path with the marketplace's id of a resource in the place of {id}, or
 * NULL if the id is missing or not valid. */
const char *call_form_path(struct arena *arena, const struct dialect_api *form,
			   const char *path, const char *id);

/* Return the body of a call; NULL: none. */
const char *call_form_write(struct arena *arena, const struct dialect_api *form,
			    const struct platform_request *request,
			    const char *method);

/* Return the body of a successful response in the form that is the same for all
 * marketplaces (enum platform_call), or NULL if it is not the expected one. */
const struct json *call_form_read(struct arena *arena,
				  const struct dialect_api *form,
				  enum platform_call call,
				  const struct json *body);

#endif
