/*
 * vendor_socket.h - the socket of the local API (provisor-api(7)).
 *
 * nginx makes it, lets every user connect to it, and cannot make it again if it
 * was killed and has left it.  So it is in a folder that only root and one
 * group can enter.
 */
#ifndef CGI_CLI_VENDOR_SOCKET_H
#define CGI_CLI_VENDOR_SOCKET_H

#include <stdbool.h>

#include "lib/base/base.h"

struct check;

#define VENDOR_GROUP "provisor-vendor" /* whose users may call the API */

/*
 * If the group exists, make the folder, which belongs to root and the group
 * with mode 0750, and the link to the socket, and remove a socket on which no
 * process listens.  Anything else in their places stays.  tmpfiles.conf and
 * nginx.service.conf do so with systemd.  Return false after printing what
 * cannot be done.
 */
MUST_CHECK bool vendor_socket_prepare(void);

/* Check the folder, if there is one in the folder of the pools' sockets, and
 * the socket in it. */
void vendor_socket_check(struct check *check, const char *sockets);

#endif
