/*
 * next_start.h - checks whether another process could start with the settings
 * on disk.
 *
 * A process reads the settings file when it starts, so a mistake in the file
 * shows only when the host boots or a process is replaced.
 */
#ifndef LIB_PROVIDER_NEXT_START_H
#define LIB_PROVIDER_NEXT_START_H

struct findings;
struct provider;

/*
 * Add each reason why a process with the settings file of this one could not
 * start now to findings.  The keys file and the homes are read only if the file
 * names others than those in force.  The database is not asked.
 */
void provider_try_next_start(const struct provider *provider,
			     struct findings *findings);

#endif
