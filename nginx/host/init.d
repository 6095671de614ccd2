#!/bin/sh
### BEGIN INIT INFO
# Provides:          provisor
# Required-Start:    $remote_fs $network $syslog
# Required-Stop:     $remote_fs $network $syslog
# Should-Start:      postgresql $named $time
# Should-Stop:       postgresql
# X-Start-Before:    nginx
# X-Stop-After:      nginx
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: provisor's pools of workers
# Description:       provisor sells add-ons on marketplaces.  Its pools of workers
#                    and provisor-jobs run as provisor start and stop say.
### END INIT INFO

# For a host without systemd: copy this file to /etc/init.d/provisor, and type
# update-rc.d provisor defaults.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
DAEMON=@BINDIR@/provisor
SETTINGS=@SYSCONFDIR@/provisor/provisor.env

# 5: the program is not installed (LSB).
test -x "$DAEMON" || exit 5

# shellcheck disable=SC1091 # a file of Debian
. /lib/lsb/init-functions

case ${1-} in
start | stop | restart | reload | status)
	exec "$DAEMON" --env "$SETTINGS" "$1"
	;;
force-reload)
	exec "$DAEMON" --env "$SETTINGS" restart
	;;
*)
	echo "usage: $0 start|stop|restart|reload|force-reload|status" >&2
	exit 2
	;;
esac
