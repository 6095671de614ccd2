/*
 * manifest_lint.h - judges a manifest before the marketplace does.
 *
 * Besides what provisor itself needs, a manifest has members that only the
 * marketplace and its tools use.  Their rules are those of Heroku's manifest
 * (Dev Center, "Add-on Manifest"; heroku addons:admin) and of kensa, its former
 * test client (manifest.rb, check.rb).  What only kensa refuses is a warning.
 */
#ifndef LIB_ADDON_MANIFEST_LINT_H
#define LIB_ADDON_MANIFEST_LINT_H

struct arena;
struct findings;

/*
 * Judge the manifest at path, a file of an add-on of marketplace.  Faults
 * become findings that name the file, the field and the remedy; none quotes a
 * secret. A file that cannot be read, or is not a JSON object, is one error.
 */
void manifest_lint(struct arena *arena, const char *path,
		   const char *marketplace, struct findings *findings);

#endif
