#!/usr/bin/perl
# A newcomer types the sections Deploy and Upgrading of README.md on a Debian host that
# runs PostgreSQL, and nginx with the site of another application.  The commands come
# from README.md unchanged.  Then the package is removed, and purged.
#
#	tests/deploy/stranger.t [RELEASE]	# default: the release of this host
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP qw(decode_json);
use ReadmeCommands;
use Test::More;
use DeployedHost;

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my $host = eval { DeployedHost->new(release => $ARGV[0], packages => [qw(curl gcc libc6-dev)]) };
plan skip_all => "a private host is impossible: $@" =~ s/\n+/ /gr unless $host;

# ---- the commands: one block after the other in one shell ----

# The block with systemd is typed after the boot, with all others again, except that the
# package is installed and an add-on is created once.
my @steps = $host->steps_without_systemd;

sub again { grep { $_->{text} !~ /^(?:apt-get install|provisor init) / } @_ }

sub also { $host->then(@_) }
sub also_typed { $host->then_typed(@_) }
sub output { $host->output(@_) }

# Commands that are typed again change no file in /etc.
my $note_files = <<'SH';
find /etc/provisor /etc/nginx -type f -exec cksum {} + | sort >/srv/before
SH
my $compare_files = <<'SH';
find /etc/provisor /etc/nginx -type f -exec cksum {} + | sort | diff /srv/before -
SH

# The files and folders that root uses by name and that other users can change.
my $show_writable = <<'SH';
for user in provisor provisor-hooks www-data nobody; do
	as="setpriv --reuid $user --regid $(id -g $user) --init-groups"
	$as find /run/provisor /run/nginx.pid /etc/provisor /etc/nginx /usr/lib/provisor \
		-writable ! -type l 2>/dev/null | sed "s/^/$user /"
	for folder in / /run /etc /usr /var/log /var/log/nginx; do
		$as test ! -w $folder || echo $user $folder
	done
done | grep -v /run/provisor/state/ | sort
SH

# The other application, whose files nobody changes.
my $note_shop = "find /etc/nginx /srv/shop -type f ! -path '*provisor*' -exec cksum {} + | sort";
my $see_shop = <<'SH';
for i in $(seq 100); do
	curl -s http://127.0.0.1:8081/ >/srv/seen && break
	sleep 0.1
done
cmp /srv/seen /srv/shop/index.html
SH
my $see_next = "provisor check >/srv/checked && exit 1\ngrep ^next /srv/checked\n";

$host->then_begin('alone');
also('another application', <<"SH");
mkdir /srv/shop
echo 'the shop' >/srv/shop/index.html
cat >/etc/nginx/sites-available/shop <<'END'
server {
	listen 127.0.0.1:8081;
	root /srv/shop;
}
END
ln -s ../sites-available/shop /etc/nginx/sites-enabled/
service nginx restart
$see_shop
$note_shop >/srv/shop.before
SH
also_typed('', shift @steps);
my $installed = also('the installed package', <<"SH");
stat -c '%a %U %G %n' /etc/provisor /etc/provisor/* /run/provisor /run/provisor/*
getent passwd provisor provisor-hooks | cut -d: -f 1,6-
getent group provisor-vendor | cut -d: -f 1,4
for exe in /proc/[0-9]*/exe; do
	case \$(readlink \$exe) in */multiwatch | */provisor*) readlink \$exe ;; esac
done
find /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/systemd -name '*provisor*'
find /etc/rc?.d -name 'S*provisor'
bash -c '. /usr/share/bash-completion/completions/provisor; complete -p provisor'
wc -l </etc/provisor/keys
! command -v debconf-show >/dev/null || debconf-show provisor
$see_shop
SH
my @next = also('check names the first step', $see_next);
my $next_object = also('... as JSON, too', "provisor check --json | grep '\"next\"'\n");
also('the server does not run', <<'SH');
service postgresql stop
provisor-create-database 2>/srv/refusal && exit 1
grep 'service postgresql start' /srv/refusal
test ! -e /etc/provisor/owner.env
service postgresql start
SH
also('provisor-create-database, as another user', <<'SH');
runuser -u www-data -- provisor-create-database 2>/srv/refusal && exit 1
grep 'as root' /srv/refusal
SH
also_typed('', shift @steps);
my $created = also('provisor-create-database, interrupted and repeated', <<'SH');
sed -i '/^PROVISOR_DATABASE=/d' /etc/provisor/provisor.env
mv /etc/provisor/owner.env /srv/
provisor-create-database 2>/srv/refusal && exit 1
grep 'restore both files' /srv/refusal
mv /srv/owner.env /etc/provisor/
provisor-create-database
cp /etc/provisor/owner.env /srv/
provisor-create-database
cmp /etc/provisor/owner.env /srv/owner.env
mv /etc/provisor/owner.env /srv/
provisor-create-database 2>/srv/refusal && exit 1
grep 'names a database already' /srv/refusal
mv /srv/owner.env /etc/provisor/
SH
push @next, also('check names the next step', $see_next);
also_typed('', shift @steps);
also('the template in README.md', <<'SH');
install -g provisor -m 0640 template.json /etc/provisor/addons/heroku/fast-db
SH
push @next, also('check names the next step', $see_next);
also_typed('', shift @steps);
push @next, also('check names the next step', $see_next);
my $answer = also_typed('', @steps);
@steps = $host->steps_without_systemd;
my $well = also('all is well', "provisor check\nprovisor check --json\n$see_shop");
my $again = also('the same request again', $steps[-1]{text});
my $refused = also('a wrong password', <<'SH');
curl -s -w '\n%{http_code}' -u fast-db:wrong -d '{}' \
	https://addons.example.com/heroku/resources
SH
my $modes = also('files and sockets', <<'SH');
cd /run/provisor
stat -c '%a %U %G %n' . api.sock web.sock hooks.sock state state/metrics
stat -c '%a %U %G %n' /etc/provisor/keys /etc/provisor/*.env
cd /srv/provisor
SH
my $foreign = also('files and folders that belong to other users than root', <<'SH');
find /run/provisor /etc/provisor /etc/nginx /usr/lib/provisor \( ! -user root -o -perm /o+w ! -type l \) |
	sort
provisor check
SH
my $writable = also('files and folders that other users can write', $show_writable);
also('the files in /etc are noted', $note_files);
my $all_again = also_typed(', typed again', again(@steps));
also('nothing in /etc has changed', $compare_files);
also('check as the user of the pools', <<'SH');
cd /
runuser -u provisor -- provisor check
cd /srv/provisor
SH
also('a changed password of the database', <<'SH');
runuser -u postgres -- psql -qc "ALTER ROLE provisor_worker PASSWORD 'changed'"
provisor reload && exit 1
sed -i "s/^\(PROVISOR_DATABASE=.*password=\)[0-9a-f]*/\1changed/" /etc/provisor/provisor.env
provisor reload
curl --fail http://127.0.0.1:918/ready
SH
my $users = also('processes', <<'SH');
for exe in /proc/[0-9]*/exe; do
	case $(readlink $exe) in
	*/multiwatch | */provisor.fcgi | */provisor-jobs | */provisor-hooks)
		id -nu "$(awk '/^Uid:/ { print $2 }' "${exe%/exe}/status")" ;;
	esac
done | sort -u
tr '\0' '\n' </proc/$(cat /run/provisor/api.pid)/environ
tr '\0' '\n' </proc/$(cat /run/provisor/jobs.pid)/environ
curl -s http://127.0.0.1:918/metrics
SH
my ($start) = map { $_->{text} } grep { $_->{says} =~ /Without systemd/ } @steps;
my @upgrade = map { split /^/, $_->{text} } ReadmeCommands::blocks('Upgrading');
my $release = also('Upgrading under load, with edited files', <<'SH' . join "provisor check >/srv/checked || true\ngrep ^next /srv/checked || true\n", @upgrade, <<"END");
sed -i 's/server_tokens off;/& # edited/' /etc/nginx/sites-available/provisor
echo '# edited' >>/etc/provisor/provisor.env
provisor reload
call() {
	curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db:$password" -d "{\"uuid\":\"$1\",\"plan\":\"basic\"}" \
		https://addons.example.com/heroku/resources
}
find /etc/provisor /etc/nginx -type f -exec cksum {} + | sort >/srv/before
(i=0; while test ! -e /srv/enough; do
	i=$((i + 1))
	call "$(printf '01234567-89ab-cdef-0123-%012d' $i)"
	call 01234567-89ab-cdef-0123-456789abcdef
done >/srv/calls) &
load=$!
SH
: >/srv/enough
wait \$load
sort -u /srv/calls
$compare_files
provisor version
curl --fail http://127.0.0.1:918/ready
END
also('nginx starts again', <<'SH');
service nginx restart
curl --fail https://addons.example.com/health
# After a kill, too: nginx removes nothing then.  Workers of the restarted nginx
# may end or begin meanwhile.
while pidof nginx; do
	kill -KILL $(pidof nginx) || true
	sleep 0.1
done
service nginx start
curl --fail https://addons.example.com/health
SH
my $verdict = also('systemd accepts the units', <<'SH');
systemd-analyze verify provisor@api.socket provisor@api.service \
	provisor@web.socket provisor@web.service provisor-jobs.service \
	provisor-hooks.socket provisor-hooks.service
SH
my $manuals = also('the manuals', <<'SH');
for page in /usr/share/man/man?/provisor*; do
	zcat $page | mandoc -Tlint -Wwarning
done
SH
my $typed_again = also('the pools start, typed again', <<"SH");
cksum /run/provisor/*.pid >/srv/before
$start
provisor status
cksum /run/provisor/*.pid | cmp - /srv/before
SH
my $init = also('the init script', <<'SH');
service provisor restart
/etc/init.d/provisor status
curl --fail http://127.0.0.1:918/ready
cut -d: -f1 /etc/rc?.d/S??provisor | sort -u | wc -l
SH
my $stopped = also('the pools stop', <<'SH');
for i in 1 2; do provisor stop; done
provisor status || echo "status $?"
for exe in /proc/[0-9]*/exe; do
	case $(readlink $exe) in */provisor.fcgi | */provisor-jobs | */provisor-hooks) exit 1 ;; esac
done
SH
# ---- the same host, booted with systemd ----

$host->then_log_in;
also('the files in /etc are noted', $note_files);
my @with_systemd = again($host->steps_with_systemd);
my $kept = also_typed(', with systemd', @with_systemd);
also_typed(', with systemd, typed again', @with_systemd);
also('nothing in /etc has changed', $compare_files);
my $writable_booted = also('files and folders that other users can write', $show_writable);
my $active = also('the pools, their sockets, and provisor-jobs', <<'SH');
units='provisor-hooks.socket provisor-hooks'
units="$units provisor@api.socket provisor@api provisor@web.socket provisor@web provisor-jobs"
systemctl is-active $units
systemctl is-enabled $units
ls -l /proc/$(systemctl show -P MainPID provisor@api)/exe
cd /run/provisor
stat -c '%a %U %G %n' . api.sock web.sock hooks.sock state state/metrics
cd /srv/provisor
SH
my $restarts = also('restarts under load', <<'SH');
call() {
	curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db:$password" \
		-d '{"uuid":"01234567-89ab-cdef-0123-456789abcdef","plan":"basic"}' \
		https://addons.example.com/heroku/resources
}
rm -f /srv/enough
(while test ! -e /srv/enough; do call; done >/srv/calls) &
for i in 1 2 3 4 5 6 7 8; do
	systemctl restart provisor@api
	provisor reload >/dev/null
done
: >/srv/enough
wait
sort -u /srv/calls
SH
my $left = also('a job is done', <<'SH');
runuser -u postgres -- psql -qX -d provisor -c "INSERT INTO jobs (kind, lane, resource)
	SELECT 'deprovision', 'listener', id FROM resources LIMIT 1"
for i in $(seq 100); do
	provisor jobs list --all --json | grep -q done && break
	sleep 0.1
done
provisor jobs list --all --json
provisor reload
systemctl stop provisor-jobs
systemctl show -P Result provisor-jobs
SH
my $by_systemd = also('start, stop, restart and status, typed twice', <<'SH');
for i in 1 2; do provisor stop; done
provisor status api && exit 1
for i in 1 2; do provisor start; done
for i in 1 2; do provisor restart; done
provisor status
systemctl is-active $units
SH
my $reloads = also('systemctl reload', <<'SH');
for i in $(seq 100); do
	provisor check --ops 127.0.0.1:918 | grep -q 'processes of provisor-jobs: [1-9]' && break
	sleep 0.1
done
before=$(systemctl show -P MainPID provisor@api)
systemctl reload provisor@api provisor@web provisor-jobs
test "$before" = "$(systemctl show -P MainPID provisor@api)"
journalctl -u provisor@api -u provisor@web -u provisor-jobs | grep ' replaced: '
SH
# A hook says who runs it, and what it could do.
my $hooked = also('a create of an add-on with hooks', <<'SH');
home=$(provisor init heroku hooked --listener exec --url https://addons.example.com |
	sed -n 1p)
cat >$home/hooks/provision <<'END'
#!/bin/sh
cat >/dev/null
could=
for file in /etc/provisor/keys /etc/provisor/provisor.env $PWD/addon-manifest.json; do
	cat $file >/dev/null 2>&1 && could="$could read $file"
done
for folder in /run/provisor /etc/provisor /usr/lib/provisor $PWD /srv; do
	touch $folder/touched 2>/dev/null && could="$could write $folder"
done
printf '{"config":{"HOOKED_URL":"https://%s.example.com"},"message":"could:%s"}\n' \
	"$(id -un)" "$could"
END
password=$(sed -n 's/.*"password": *"\(.*\)".*/\1/p' $home/addon-manifest.json)
for i in $(seq 100); do
	curl -s --fail -u "hooked:$password" https://addons.example.com/heroku/resources \
		-d '{"uuid":"01234567-89ab-cdef-0123-456789abcdee","plan":"basic"}' && break
	sleep 0.1
done
provisor check
SH
# A library says the same, and then is broken in each way.
my $library = also('a create of an add-on with a library', <<'SH');
home=$(provisor init heroku shared --listener so --url https://addons.example.com |
	sed -n 1p)
password=$(sed -n 's/.*"password": *"\(.*\)".*/\1/p' $home/addon-manifest.json)
create() {
	curl -s "$@" -u "shared:$password" https://addons.example.com/heroku/resources \
		-d "{\"uuid\":\"$uuid\",\"plan\":\"basic\"}"
}
cat >$home/listener.c <<'END'
#include <provisor/listener.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void try(char *could, const char *what, const char *path, int flags)
{
	if (open(path, flags, 0600) >= 0)
		strcat(strcat(strcat(could, " could "), what), path);
}

static enum provisor_verdict provision(const struct provisor_call *call,
				       struct provisor_answer *answer)
{
	static char url[256], could[4096] = "could:";
	static struct provisor_pair config[2] = { { "SHARED_URL", url } };

	(void)call;
	try(could, "read ", "/etc/provisor/keys", O_RDONLY);
	try(could, "read ", "/etc/provisor/provisor.env", O_RDONLY);
	try(could, "read ", "addon-manifest.json", O_RDONLY);
	try(could, "write ", "touched", O_CREAT | O_WRONLY);
	try(could, "write ", "listener.so", O_WRONLY);
	try(could, "write ", "/run/provisor/touched", O_CREAT | O_WRONLY);
	try(could, "write ", "/srv/touched", O_CREAT | O_WRONLY);
	snprintf(url, sizeof url, "https://%s.example.com",
		 getpwuid(geteuid())->pw_name);
	answer->config = config;
	answer->message = could;
	return PROVISOR_DONE;
}

const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
};
END
(cd $home && cc -Wall -Werror -O2 -shared -fPIC -o listener.so listener.c)
uuid=01234567-89ab-cdef-0123-456789abcdec
for i in $(seq 100); do
	create --fail && break
	sleep 0.1
done
stat -c ' %a %U %n' $home/listener.so
provisor check
SH
my @faults = map { { what => $_->[0], named => $_->[2],
		part => also("a library $_->[0]", "$_->[1]\n" . <<'SH') } } (
provisor check >/srv/checked || true
grep listener.so /srv/checked
curl -s http://127.0.0.1:918/ready
mv $home/good.so $home/listener.so
for i in $(seq 100); do
	provisor check && break
	sleep 0.1
done
SH
	[ 'that hooks may not read', 'cp -p $home/listener.so $home/good.so; chmod 700 $home/listener.so',
		qr/the user of the hooks pool cannot read it .*chmod a\+rx/ ],
	[ 'that another user can change', 'cp -p $home/listener.so $home/good.so; chown nobody $home/listener.so',
		qr/its owner, user \d+, can change .*chown it to root/ ],
	[ 'that is none', 'cp -p $home/listener.so $home/good.so
echo "int x;" | cc -shared -fPIC -x c -o $home/new.so -; mv $home/new.so $home/listener.so',
		qr/provisor_listener/ ],
	[ 'that needs a symbol', 'cp -p $home/listener.so $home/good.so
(echo "extern int missing(void);"; sed "s/(void)call;/return missing();/" $home/listener.c) |
	cc -shared -fPIC -x c -o $home/new.so -
mv $home/new.so $home/listener.so',
		qr/missing/ ],
);
my $crashes = also('a library that crashes', <<'SH');
cp -p $home/listener.so $home/good.so
sed 's/(void)call;/__builtin_trap();/' $home/listener.c | cc -shared -fPIC -x c -o $home/new.so -
mv $home/new.so $home/listener.so
for uuid in 01234567-89ab-cdef-0123-4567000000a1 01234567-89ab-cdef-0123-4567000000a2 \
	01234567-89ab-cdef-0123-4567000000a3; do
	create -o /dev/null -w '%{http_code}\n'
done
provisor check
mv $home/good.so $home/listener.so
create --fail
provisor check
SH
my $exposure = also('the sandbox', <<'SH');
for unit in provisor@api provisor-jobs provisor-hooks; do
	systemd-analyze security --no-pager $unit | tail -n 1
done
SH

# ---- the package goes ----

my $removed = also('the package is removed', <<"SH");
apt-get remove provisor
find /usr /lib/systemd -xdev -name '*provisor*' ! -path '/usr/share/doc/*'
ls /etc/provisor
for exe in /proc/[0-9]*/exe; do
	case \$(readlink \$exe) in */multiwatch | */provisor*) readlink \$exe ;; esac
done
systemctl list-units --no-legend --type service,socket '*provisor*'
nginx -t
$see_shop
SH
my $back = also('it is installed again, and continues', <<'SH');
apt-get install ./provisor_0.2.0_amd64.deb
provisor check >/srv/checked || true
grep ^next /srv/checked
systemctl enable --now provisor-hooks provisor@api provisor@web provisor-jobs
sleep 1
curl -s --fail -u "fast-db:$(jq -r .api.password /etc/provisor/addons/heroku/fast-db/addon-manifest.json)" \
	-d '{"uuid":"01234567-89ab-cdef-0123-456789abcdef","plan":"basic"}' https://addons.example.com/heroku/resources
SH
my $purged = also('the package is purged', <<"SH");
cp /etc/provisor/keys /srv/keys
apt-get purge provisor
cmp /srv/keys /var/backups/provisor-keys.*
stat -c '%a %U' /var/backups/provisor-keys.*
for folder in /etc /usr /var /run /root /lib /opt; do
	find \$folder/ -xdev -name '*provisor*' ! -path '/run/systemd/*' ! -path '/var/cache/*'
done
getent passwd provisor provisor-hooks | cut -d: -f 1
find /etc -xtype l -path '*provisor*'
systemctl list-units --all --no-legend --type service,socket '*provisor*'
nginx -t
$see_shop
systemctl restart nginx
$see_shop
$note_shop >/srv/shop.after
diff /srv/shop.before /srv/shop.after
SH

# ---- the run ----

my $may_write = <<'TEXT';
provisor /etc/provisor/keys
provisor /run/provisor/hooks.sock
provisor /run/provisor/state
www-data /run/provisor/api.sock
www-data /run/provisor/web.sock
TEXT

my $is_done = $host->run('alone', $stopped);
if ($is_done) {
	is(output($installed), <<'TEXT', 'the package creates users, settings, a key, and starts and enables nothing');
755 root root /etc/provisor
755 root root /etc/provisor/addons
600 provisor root /etc/provisor/keys
640 root provisor /etc/provisor/provisor.env
755 root root /run/provisor
750 provisor provisor /run/provisor/state
750 root provisor-vendor /run/provisor/vendor
777 root root /run/provisor/vendor.sock
provisor:/:/usr/sbin/nologin
provisor-hooks:/:/usr/sbin/nologin
provisor-vendor:
complete -F _provisor provisor
1
TEXT
	is(join('', map { output($_) } @next), <<'TEXT', 'check names each next step');
next     provisor-create-database
next     provisor init heroku SLUG --url https://HOST
next     provisor start && update-rc.d provisor enable
next     write the name of the host and the paths of its certificate into /etc/nginx/sites-available/provisor, and then: ln -sf ../sites-available/provisor /etc/nginx/sites-enabled/ && nginx -t && nginx -s reload
TEXT
	is(output($next_object), qq({"verdict":"next","place":"","text":"provisor-create-database"}\n), '... also as JSON');
	like(output($created), qr/no migration is pending/, 'provisor-create-database can be repeated');
	unlike(output($well), qr/^(?!ok|\{"verdict":"ok")/m, 'then all is well');
	my ($json) = output($answer) =~ /(\{"id".*)/;
	my $resource = eval { decode_json($json // '') } // {};
	is($resource->{id}, '01234567-89ab-cdef-0123-456789abcdef',
		'the last step provisions through nginx');
	like($resource->{config}{FAST_DB_URL}, qr{\Apostgres://},
		'... with the config vars of the template');
	is(output($again), output($answer), '... and the response can be repeated');
	like(output($refused), qr/\A\{"message":.*\}\n?401\z/s,
		'a wrong password gets 401');
	is(output($modes), <<'TEXT', 'files and sockets are private');
755 root root .
660 root www-data api.sock
660 root www-data web.sock
660 provisor provisor hooks.sock
750 provisor provisor state
660 provisor provisor state/metrics
600 provisor root /etc/provisor/keys
600 root root /etc/provisor/owner.env
640 root provisor /etc/provisor/provisor.env
TEXT
	like(output($foreign), qr{\A/etc/provisor/keys
/run/provisor/hooks\.sock
/run/provisor/state
(?:/run/provisor/state/\w+
)+(?!/)}, 'root owns all files and folders except these');
	is(output($writable), $may_write, '... and others can write only what they need');
	is(output($all_again), output($answer), 'the commands, typed again, print the same');
	unlike((join '', map { $host->errors($_) } 0 .. $stopped), qr/\[warn\]/,
		'nginx warns of nothing');
	like(output($foreign), qr/^ok +\S+sock: no other user can replace/m, 'check agrees');
	like(output($users), qr/\Aprovisor\nprovisor-hooks\n(?!root)/, 'the pools are not root');
	unlike(output($users), qr/OWNER|user=provisor_owner/, '... and do not know the password of the owner');
	like(output($users), qr/^provisor_job_workers [1-9]/m, 'provisor-jobs is in the metrics');
	like(output($release), qr/^workers replaced: \d+\nprocesses of provisor-jobs replaced: \d+/m,
		'the upgrade replaces all processes');
	like(output($release), qr/^20\d\n(?!\d).*^provisor 9\.9\.9$/ms, '... and no request fails');
	is(join('', map { "$_\n" } output($release) =~ /^next +(.*)/mg), <<'TEXT', 'check names each step of it');
provisor --env /etc/provisor/owner.env migrate
provisor reload
provisor restart hooks
TEXT
	like(output($typed_again), qr/\A(?:\w+: is already running\n){4}.*^api +running/ms,
		'start can be repeated');
	like(output($init), qr/(?:\w+: started\n){4}.*^jobs +running/ms, 'the init script does the same');
	like(output($stopped), qr/\A(?:\w+: stopped\n){4}(?:\w+: is not running\n){4}.*^status 3\n\z/ms,
		'stop can be repeated');
	is($host->errors($verdict), '', 'systemd reports no error');
	is(output($manuals), '', 'the manual pages are well formed');
}

SKIP: {
	last SKIP unless $is_done;
	skip 'systemd cannot boot here', 1 unless $host->system->can_boot;
	$host->run('booted') or last SKIP;
	is(output($kept), output($answer), 'the resource survives the boot');
	like(output($active), qr/\A(?:active\n){7}(?:enabled\n){7}.*multiwatch$/m,
		'all units are active and enabled');
	like(output($active), qr{^755 root root \.
660 root www-data api\.sock
660 root www-data web\.sock
600 provisor provisor hooks\.sock
750 provisor provisor state
660 provisor provisor state/metrics$}m, '... and as private as without systemd');
	is(output($writable_booted), $may_write, '... and others can write as little');
	is(output($restarts), "200\n", 'no request is lost');
	like(output($left), qr/"state":"done".*processes of provisor-jobs replaced: \d+\nsuccess\n\z/s,
		'provisor-jobs does its work, is replaced, and stops cleanly');
	is((() = output($by_systemd) =~ /Active: active \(running\)/g), 4, 'systemd runs the pools');
	is((() = output($reloads) =~ /replaced: [1-9]/g), 3, 'each unit can be reloaded');
	like(output($hooked), qr{"HOOKED_URL":"https://provisor-hooks\.example\.com"},
		'a hook runs as the user of hooks, for a request');
	like(output($hooked), qr/"message":"could:"/, '... and its unit lets it do nothing more');
	like(output($library), qr{"SHARED_URL":"https://provisor-hooks\.example\.com"},
		'a library runs as the user of hooks');
	like(output($library), qr/"message":"could:"/, '... and its unit lets it do nothing more');
	like(output($library), qr{ 755 root /etc/provisor/addons/heroku/shared/listener\.so$}m,
		'... and the commands of the manual leave it as it must be');
	for my $fault (@faults) {
		like(output($fault->{part}), qr/^error +\S+listener\.so: .*$fault->{named}/m,
			"check names a library $fault->{what}");
	}
	like(output($crashes), qr/\A(?:503\n){3}/, 'a create whose library crashes gets 503');
	like(output($crashes), qr/^warning .*shared: provision has failed 3 times in a row/m, '... and check names it');
	like(output($removed), qr{^Removing provisor.*\n(?!/usr|/lib)addons\nkeys\nowner\.env\nprovisor\.env\n\z}ms,
		'a removal stops the pools and keeps the configuration');
	like(output($back), qr/^next +systemctl enable --now .*"01234567-89ab-cdef-0123-456789abcdef"/ms,
		'... with which it continues');
	my ($kept_keys) = output($purged) =~ /The sealing keys are kept in (\S+)\./;
	is(output($purged) =~ s/.*^(?=600 )//msr, <<"TEXT", 'a purge removes all but keys and users');
600 root
$kept_keys
/var/log/nginx/provisor.log
provisor
provisor-hooks
TEXT
	is((() = output($exposure) =~ / (?:OK|SAFE) /g), 3, 'all units are restricted');
}

is(join("\n", $host->system->left), '', 'nothing is left running or mounted');
done_testing;
