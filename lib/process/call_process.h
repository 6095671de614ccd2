/*
 * call_process.h - the process of the hooks pool that carries out one call.
 *
 * call_server.c forks for each connection; the new process becomes a call
 * process and never returns.  It receives the call, creates the program's
 * pipes, forks a supervisor and waits for its end.  If the supervisor is
 * killed, it ends the processes of the program.  If the supervisor is stopped,
 * it kills both 2 s after they should have ended.
 *
 * If a call process is killed, its supervisor and the program become children
 * of the server, which ends them.  If it is stopped, the server continues it.
 */
#ifndef LIB_PROCESS_CALL_PROCESS_H
#define LIB_PROCESS_CALL_PROCESS_H

enum { CALL_ARRIVAL_LIMIT = 2000 /* ms until the whole call has arrived */ };

/* Standard input may be any descriptor; it is replaced by /dev/null.  The exit
 * status is 0. */
_Noreturn void call_process_run(int connection);

#endif
