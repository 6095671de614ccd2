/*
 * new_home.h - what the files of a new add-on's home say.
 *
 * slug is of lower-case letters, digits and dashes; url has no slash at its end
 * and no character that JSON would want escaped.
 */
#ifndef NEW_HOME_H
#define NEW_HOME_H

struct arena;
struct dialect;

/* A manifest as the marketplace's own tool generates it, with new secrets. */
const char *new_home_manifest(struct arena *arena,
			      const struct dialect *dialect, const char *url,
			      const char *slug);

/* A template that gives the manifest's one config var a value. */
const char *new_home_template(struct arena *arena, const char *url,
			      const char *slug);

#endif
