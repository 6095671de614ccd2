/*
 * handlers.h - who answers what.
 *
 * A handler reads the request half of an exchange, sees to what that asks for,
 * sets the answer, and returns how it went.  It writes nothing to the client
 * and sees no SQL.  routes.c calls the handlers of api.c only for callers it
 * has authenticated, with x->addon set.
 */
#ifndef CGI_WEB_HANDLERS_H
#define CGI_WEB_HANDLERS_H

#include "lib/base/outcome.h"

struct exchange;
struct url_path;

/* id is the decoded segment behind the resources' path; NULL for the first. */
enum outcome api_provision(struct exchange *x, const char *id);
enum outcome api_change_plan(struct exchange *x, const char *id);
enum outcome api_deprovision(struct exchange *x, const char *id);

/* A browser with a token, in a form; or, for the resource id at a path of
 * resources, in the query. */
enum outcome sign_on_post(struct exchange *x);
enum outcome sign_on_get(struct exchange *x, const struct url_path *resources,
			 const char *id);

/* Is the browser signed on?  For a web server that protects other things. */
enum outcome session_check(struct exchange *x);

/* Sign off. */
enum outcome session_end(struct exchange *x);

/* The page about a resource, and the same with the values of its config. */
enum outcome dashboard_show(struct exchange *x);
enum outcome dashboard_reveal(struct exchange *x);
enum outcome dashboard_style(struct exchange *x);

/* Is this process alive? */
enum outcome ops_health(struct exchange *x);

/* Can it serve: database, migrations, homes? */
enum outcome ops_ready(struct exchange *x);

/* What has been counted on this host, for Prometheus. */
enum outcome ops_metrics(struct exchange *x);

#endif
