#include "cgi/web/routes.h"

#include <stdlib.h>
#include <string.h>

#include "cgi/web/console.h"
#include "cgi/web/exchange_log.h"
#include "cgi/web/handlers.h"
#include "cgi/web/http.h"
#include "cgi/web/local.h"
#include "cgi/web/page.h"
#include "lib/addon/addon.h"
#include "lib/addon/addon_index.h"
#include "lib/addon/addons.h"
#include "lib/auth/basic_auth.h"
#include "lib/auth/sso.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/crypto/secret.h"
#include "lib/dialect/dialect.h"
#include "lib/provider/missing_homes.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

/* clang-format off */
static const struct fixed_route {
	unsigned int methods;
	enum metrics_operation operation;
	const char *path;
	enum outcome (*handle)(struct exchange *x);
} fixed_routes[] = {
	{ HTTP_GET | HTTP_HEAD,   METRICS_OTHER,   "/health",        ops_health },
	{ HTTP_GET | HTTP_HEAD,   METRICS_OTHER,   "/ready",         ops_ready },
	{ HTTP_GET | HTTP_HEAD,   METRICS_OTHER,   "/metrics",       ops_metrics },
	{ HTTP_GET | HTTP_HEAD,   METRICS_SESSION, "/session",       session_check },
	{ HTTP_POST,              METRICS_PAGE,    "/session/end",   session_end },
	{ HTTP_GET | HTTP_HEAD,   METRICS_PAGE,    "/dashboard",     dashboard_show },
	{ HTTP_POST,              METRICS_PAGE,    "/dashboard",     dashboard_reveal },
	{ HTTP_GET | HTTP_HEAD,   METRICS_PAGE,    "/dashboard.css", dashboard_style },
};

/* What follows the path of the add-ons' resources, which their manifests set. */
enum api_place {
	API_COLLECTION,
	API_RESOURCE,
	API_SUSPEND,
	API_RESUME,
	API_NOTIFICATIONS /* not after it: a path of its own */
};

static const struct api_place_path {
	const char *path;    /* for the log */
	const char *segment; /* after the id, or NULL */
} api_places[] = {
	[API_COLLECTION] =    { NULL,           NULL },
	[API_RESOURCE] =      { "/:id",         NULL },
	[API_SUSPEND] =       { "/:id/suspend", "suspend" },
	[API_RESUME] =        { "/:id/resume",  "resume" },
	[API_NOTIFICATIONS] = { NULL,           NULL },
};

static const struct api_route {
	enum http_method method;
	enum api_place place;
	enum metrics_operation operation;
	enum outcome (*handle)(struct exchange *x, const char *id);
} api_routes[] = {
	{ HTTP_POST,   API_COLLECTION,    METRICS_PROVISION,    api_provision },
	{ HTTP_PUT,    API_RESOURCE,      METRICS_CHANGE_PLAN,  api_change_plan },
	{ HTTP_DELETE, API_RESOURCE,      METRICS_DEPROVISION,  api_deprovision },
	{ HTTP_POST,   API_SUSPEND,       METRICS_SUSPEND,      api_suspend },
	{ HTTP_POST,   API_RESUME,        METRICS_RESUME,       api_resume },
	{ HTTP_POST,   API_NOTIFICATIONS, METRICS_NOTIFICATION, api_notify },
};
/* clang-format on */

/* How a path relates to the resources path of an add-on. */
struct mount {
	const struct addon_mount *at; /* NULL: it is not related to any */
	enum api_place place;
	const char *id; /* NULL: of no resource */
};

/* ---- fixed paths ---- */

/* Return a route of the path, if possible one with the request's method.  Add
 * the methods of the path to x->allowed. */
static const struct fixed_route *find_fixed_route(struct exchange *x)
{
	const char *path = url_path_text(x->arena, &x->path);
	const struct fixed_route *found = NULL;

	for (size_t i = 0; i < COUNT(fixed_routes); i++) {
		const struct fixed_route *route = &fixed_routes[i];

		if (x->path.ends_in_slash || strcmp(route->path, path) != 0)
			continue;
		x->allowed |= route->methods;
		if (!found || (x->method & route->methods))
			found = route;
	}
	return found;
}

static enum outcome serve_fixed_route(struct exchange *x,
				      const struct fixed_route *route)
{
	x->route = route->path;
	if (!(x->method & route->methods))
		return OUTCOME_WRONG_METHOD;
	x->operation = route->operation;
	return route->handle(x);
}

static enum outcome serve_sign_on(struct exchange *x)
{
	x->route = url_path_text(x->arena, &x->path);
	x->allowed = HTTP_POST;
	if (sso_accepts_get(x->provider->addons, &x->path))
		x->allowed |= HTTP_GET;
	if (!(x->method & x->allowed))
		return OUTCOME_WRONG_METHOD;
	x->operation = METRICS_SIGN_ON;
	return x->method == HTTP_POST ? sign_on_post(x) : sign_on_get(x);
}

/* ---- paths of add-ons ---- */

/* Return the mount whose path is this one without its last segments. */
static const struct addon_mount *find_mount_above(const struct exchange *x,
						  int segments)
{
	const struct url_path above = {
		.count = x->path.count - segments,
		.segments = x->path.segments,
	};

	return above.count > 0
		? addons_find_mount(x->provider->addons, x->arena, &above)
		: NULL;
}

/* Return true for the path of notifications.  There is nothing below it. */
static bool has_notifications(const struct addon_mount *mount)
{
	return mount->path != mount->resources;
}

/* Find the mount of a path such as RESOURCES/ID/suspend. */
static struct mount find_mount_of_act(const struct exchange *x)
{
	const int last = x->path.count - 1;

	for (size_t i = 0; i < COUNT(api_places); i++) {
		const char *segment = api_places[i].segment;
		const struct addon_mount *at = last > 1 && segment
				&& strcmp(x->path.segments[last], segment) == 0
			? find_mount_above(x, 2)
			: NULL;

		if (at && at->suspends)
			return (struct mount){ at, (enum api_place)i,
					       x->path.segments[last - 1] };
	}
	return (struct mount){ 0 };
}

/* Prefer an exact path to one with an id. */
static struct mount find_mount(const struct exchange *x)
{
	struct mount mount = { .at = find_mount_above(x, 0) };

	if (mount.at && has_notifications(mount.at))
		mount.place = API_NOTIFICATIONS;
	if (mount.at || x->path.ends_in_slash)
		return mount;
	mount.at = find_mount_above(x, 1);
	if (!mount.at || has_notifications(mount.at))
		return find_mount_of_act(x);
	mount.place = API_RESOURCE;
	mount.id = x->path.segments[x->path.count - 1];
	return mount;
}

/* Return true if an add-on whose home is unreadable or missing may be mounted
 * here.  After "not found", the marketplace could assume that the resource is
 * gone. */
static bool may_be_mounted(const struct exchange *x)
{
	const struct url_path *path = &x->path;

	for (int i = path->count - 2; i < path->count; i++)
		if (i >= 0 && strcmp(path->segments[i], "resources") == 0)
			return true;
	return path->count > 0
		&& strcmp(path->segments[path->count - 1], "notifications")
		== 0;
}

static const struct api_route *find_api_route(struct exchange *x,
					      enum api_place place)
{
	const struct api_route *found = NULL;

	for (size_t i = 0; i < COUNT(api_routes); i++) {
		if (api_routes[i].place != place)
			continue;
		x->allowed |= api_routes[i].method;
		if (api_routes[i].method == x->method)
			found = &api_routes[i];
	}
	return found;
}

static enum outcome refuse_without_home(struct exchange *x)
{
	x->reason = "missing-home";
	return OUTCOME_UNAVAILABLE;
}

/* Count and log a request that may be a guess at a password.  The response is
 * the same for a wrong user and a wrong password.  An unknown user may be an
 * add-on whose home is missing. */
static enum outcome judge_wrong_credentials(struct exchange *x)
{
	if (!x->addon && provider_lacks_home(x->provider))
		return refuse_without_home(x);
	x->has_wrong_credentials = true;
	x->reason = x->addon ? "wrong-password" : "unknown-user";
	if (x->addon)
		metrics_wrong_password(x->addon->dialect->marketplace,
				       x->addon->id);
	return OUTCOME_UNAUTHENTICATED;
}

static enum outcome serve_mount(struct exchange *x, const struct mount *mount)
{
	const struct api_route *route = find_api_route(x, mount->place);
	enum outcome outcome;

	x->route =
		arena_join(x->arena, url_path_text(x->arena, mount->at->path),
			   api_places[mount->place].path);
	if (mount->place == API_RESOURCE && mount->at->accepts_get) {
		x->allowed |= HTTP_GET;
		if (x->method == HTTP_GET) {
			x->operation = METRICS_SIGN_ON;
			return sign_on_get_resource(x, mount->at->resources,
						    mount->id);
		}
	}
	if (!route)
		return OUTCOME_WRONG_METHOD;
	x->operation = route->operation;
	if (!x->authorization)
		x->reason = "no-authorization-header";
	outcome = basic_auth_verify(x->provider->addons, mount->at->resources,
				    x->authorization, x->arena, &x->addon,
				    &x->has_old_secret);
	if (x->has_old_secret)
		metrics_old_secret(x->addon->dialect->marketplace,
				   x->addon->id);
	if (outcome == OUTCOME_UNAUTHENTICATED && x->authorization)
		outcome = judge_wrong_credentials(x);
	if (x->addon && x->addon->dialect)
		x->message_member = x->addon->dialect->reason;
	if (outcome != OUTCOME_OK)
		return outcome;
	return route->handle(x, mount->id);
}

/*
 * base_url and sso_url may be the same.  A browser then posts a form there, or
 * sends a GET, and the marketplace posts JSON.  curl calls JSON a form too,
 * unless told otherwise, but it sends credentials, which the marketplace's form
 * does not.
 */
static bool is_of_browser(const struct exchange *x)
{
	static const char form[] = "application/x-www-form-urlencoded";

	if (x->authorization)
		return false;
	if (x->method == HTTP_GET)
		return sso_accepts_get(x->provider->addons, &x->path);
	return x->method == HTTP_POST && x->content_type
		&& strncasecmp(x->content_type, form, strlen(form)) == 0;
}

static bool is_sign_on(const struct exchange *x, const struct mount *mount)
{
	bool is_collection = mount->at && mount->place == API_COLLECTION;

	return (!is_collection || is_of_browser(x))
		&& sso_is_served(x->provider->addons, x->arena, &x->path);
}

/* Every program of nginx's group can send requests to the pool, and name a
 * private server.  Only nginx's own know the key. */
static bool is_private_server(const struct exchange *x)
{
	const char *key = x->provider->settings->server_key;

	return *key && secret_equal(key, x->server_key);
}

static enum outcome refuse_server(struct exchange *x)
{
	x->reason = "wrong-server-key";
	x->message = "nginx does not have the PROVISOR_SERVER_KEY of this "
		     "host: see provisor.env(5).";
	return OUTCOME_FORBIDDEN;
}

static enum outcome serve_path(struct exchange *x)
{
	const struct fixed_route *fixed;
	struct mount mount;

	if (x->is_hung_up)
		return OUTCOME_HUNG_UP;
	if (x->server && !is_private_server(x))
		return refuse_server(x);
	if (console_is_meant(x))
		return console_serve(x);
	if (x->path_outcome != OUTCOME_OK)
		return x->path_outcome;
	if (local_is_meant(x))
		return local_serve(x);
	fixed = find_fixed_route(x);
	if (fixed)
		return serve_fixed_route(x, fixed);
	mount = find_mount(x);
	if (is_sign_on(x, &mount))
		return serve_sign_on(x);
	if (x->is_late)
		return OUTCOME_UNAVAILABLE;
	if (mount.at)
		return serve_mount(x, &mount);
	if (!may_be_mounted(x))
		return OUTCOME_NOT_FOUND;
	if (x->provider->addons->unreadable > 0)
		return OUTCOME_UNAVAILABLE;
	return provider_lacks_home(x->provider) ? refuse_without_home(x)
						: OUTCOME_NOT_FOUND;
}

/* ---- requests ---- */

/* Return true for a call of a marketplace, which always gets JSON. */
static bool is_call(enum metrics_operation operation)
{
	for (size_t i = 0; i < COUNT(api_routes); i++)
		if (api_routes[i].operation == operation)
			return true;
	return false;
}

void routes_serve(struct exchange *x)
{
	enum outcome outcome;

	x->operation = METRICS_OTHER;
	provider_set_deadline(x->provider, x->deadline);
	outcome = serve_path(x);
	if (!is_call(x->operation) && !local_is_meant(x))
		page_replace_json(x, outcome);
	http_set_outcome(x, outcome);
	exchange_record(x);
}
