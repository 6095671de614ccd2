/*
 * hidden_input.h - lets a user type a secret that the terminal does not show.
 */
#ifndef CGI_CLI_HIDDEN_INPUT_H
#define CGI_CLI_HIDDEN_INPUT_H

/*
 * If standard input is a terminal, print "PROMPT: " and stop showing what is
 * typed, until hidden_input_end().  A signal that would end the process first
 * interrupts the reading (EINTR), so that the terminal is itself again.
 */
void hidden_input_begin(const char *prompt);
void hidden_input_end(void);

#endif
