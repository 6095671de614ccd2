/*
 * handlers.h - the functions that respond to requests.
 *
 * A handler reads the request half of an exchange, carries out the request,
 * sets the response half and returns the outcome.  It writes nothing to the
 * client and runs no SQL.
 */
#ifndef CGI_WEB_HANDLERS_H
#define CGI_WEB_HANDLERS_H

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct exchange;
struct url_path;

/* Marketplace calls.  The caller has authenticated the add-on and set x->addon.
 * id is the decoded segment of the path after that of the resources; NULL for
 * api_provision(). */
MUST_CHECK enum outcome api_provision(struct exchange *x, const char *id);
MUST_CHECK enum outcome api_change_plan(struct exchange *x, const char *id);
MUST_CHECK enum outcome api_deprovision(struct exchange *x, const char *id);
MUST_CHECK enum outcome api_suspend(struct exchange *x, const char *id);
MUST_CHECK enum outcome api_resume(struct exchange *x, const char *id);
MUST_CHECK enum outcome api_notify(struct exchange *x, const char *id);

/* Single sign-on, by a form in the body, by the query of a GET of the same
 * path, or by that of a GET of RESOURCES/ID, where resources is the path of the
 * add-ons' resources. */
MUST_CHECK enum outcome sign_on_post(struct exchange *x);
MUST_CHECK enum outcome sign_on_get(struct exchange *x);
MUST_CHECK enum outcome sign_on_get_resource(struct exchange *x,
					     const struct url_path *resources,
					     const char *id);

/* Describe the session of a browser, for a web server that protects other
 * applications. */
MUST_CHECK enum outcome session_check(struct exchange *x);

/* Sign a browser out, or all browsers of its resource. */
MUST_CHECK enum outcome session_end(struct exchange *x);

/* Respond with the page about a resource, without or with the values of config
 * vars, or with its style sheet. */
MUST_CHECK enum outcome dashboard_show(struct exchange *x);
MUST_CHECK enum outcome dashboard_reveal(struct exchange *x);
MUST_CHECK enum outcome dashboard_style(struct exchange *x);

/* Report that this process is alive. */
MUST_CHECK enum outcome ops_health(struct exchange *x);

/* Report whether this process can serve requests. */
MUST_CHECK enum outcome ops_ready(struct exchange *x);

/* Respond with the metrics of this host, for Prometheus. */
MUST_CHECK enum outcome ops_metrics(struct exchange *x);

#endif
