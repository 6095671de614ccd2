/*
 * platform_log.c - writes lines to a customer's log.
 */
#include "lib/platform/platform_handle.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/platform/https.h"
#include "lib/platform/logplex.h"
#include "lib/platform/outbound_host.h"
#include "lib/text/url.h"

/* Heroku's credentials for a log are token:t.UUID, and its examples use the
 * UUID as the host of the line. */
static const char *find_source_host(const struct url *url)
{
	return url->password && strncmp(url->password, "t.", 2) == 0
		? url->password + 2
		: "";
}

static struct platform_response send_frames(struct platform *platform,
					    struct arena *arena,
					    const struct url *url,
					    bool is_guarded, const char *frames,
					    size_t size, int64_t deadline)
{
	struct https_response received =
		https_perform(platform->https, arena,
			      &(struct https_request){
				      .method = "POST",
				      .url = url->text,
				      .type = "application/logplex-1",
				      .body = frames,
				      .length = size,
				      .user = url->user,
				      .password = url->password,
				      .is_alone = true,
				      .is_guarded = is_guarded,
				      .deadline = deadline,
			      });

	struct platform_response response;

	received.length = 0; /* only the status counts */
	response = platform_response_read(
		arena, arena_printf(arena, "log at %s", url->host), &received);
	if (response.status == 404)
		response.verdict = PLATFORM_GONE;
	return response;
}

struct platform_response platform_log(struct platform *platform,
				      struct arena *arena, const char *url,
				      const char *allowed, const char *app,
				      const char *const lines[], int count,
				      int64_t deadline)
{
	const struct url parts = url_read(arena, url, URL_HTTPS);
	const char *frames;
	enum outbound_host host;
	size_t size;

	if (parts.fault)
		return platform_response_none(
			arena, PLATFORM_REFUSED, "log of an app",
			arena_printf(arena, "its address %s", parts.fault));
	host = outbound_host_judge(arena, allowed, parts.host, parts.port);
	if (host == OUTBOUND_HOST_NOWHERE)
		return platform_response_none(
			arena, PLATFORM_REFUSED, "log of an app",
			"its host is not in PROVISOR_LOG_INPUT_HOSTS");
	frames = logplex_frames(
		arena,
		&(struct logplex_source){ find_source_host(&parts), app,
					  "provisor" },
		clock_wall() / 1000, lines, count, &size);
	return send_frames(platform, arena, &parts,
			   host == OUTBOUND_HOST_PUBLIC, frames, size,
			   deadline);
}
