/*
 * private.h - keeps a process private from others of the same user.
 */
#ifndef LIB_PROCESS_PRIVATE_H
#define LIB_PROCESS_PRIVATE_H

/*
 * Let only root trace this process, dump its memory, and read in /proc its
 * memory, environment, open files and program.  A program that it runs is not
 * private.  Builds for a sanitizer ignore this call, because LeakSanitizer
 * traces its own process.
 */
void private_begin(void);

#endif
