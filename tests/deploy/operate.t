#!/usr/bin/perl
# An operator types the commands of provisor-operate(7) on a host that was set up as
# README.md describes.  Each task does what the page promises.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use ManualCommands;
use Test::More;
use DeployedHost;

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my @blocks = ManualCommands::blocks('provisor-operate.7');
my ($from_source) = map { $_->{text} =~ /^apt-get install (?:.*\\\n)*.*/mg }
	grep { $_->{task} eq 'FROM SOURCE' } @blocks;
my $host = eval {
	DeployedHost->new(packages => [qw(jq logrotate iproute2 cron)],
		later => ['pgbouncer', grep { !/^(?:apt-get|install|-.*|\\)$/ } split ' ', $from_source]);
};
plan skip_all => "a private host is impossible: $@" =~ s/\n+/ /gr unless $host;
plan skip_all => 'systemd cannot boot here' unless $host->system->can_boot;

# The programs are built already: FROM SOURCE compiles nothing.
$host->system->copy_build("$FindBin::Bin/../..", '/srv/provisor');

# ---- what is typed, and what it must print ----

my (@expected, %typed);

sub also { $host->then(@_) }

# Commands that prepare or examine the host, with the output that they must have.
sub see {
	my ($name, $text, $pattern) = @_;
	prints(also($name, $text), $pattern, $name);
}

sub prints {
	my ($number, $pattern, $name) = @_;
	push @expected, [$number, $pattern, $name];
}

# The next block of a task.  input: what is typed into it; on: a program that
# executes it elsewhere; fails: it may exit with any status.
sub block {
	my ($task, %is) = @_;
	my ($next) = grep { $blocks[$_]{task} eq $task } 0 .. $#blocks;
	die "provisor-operate(7) has no more commands in \"$task\"\n" unless defined $next;
	my $text = splice(@blocks, $next, 1)->{text};
	push @{ $typed{$task} }, $text;
	$text = "$is{on} <<'TYPED'\n${text}TYPED\n" if $is{on};
	$text = "{\n$text} <<'TYPED'\n$is{input}\nTYPED\n" if defined $is{input};
	$text = "{\n$text} || echo \"status \$?\"\n" if $is{fails};
	my $number = also($task, $text);
	prints($number, $is{prints}, "$task: the output") if $is{prints};
	return $number;
}

# ---- the host, with an add-on and a marketplace ----

$host->then_begin('booted');
my ($package, $database, $home, @start) = $host->steps_with_systemd;
$host->then_typed('', $package, $database, $home);
also('the template in README.md', <<'SH');
install -g provisor -m 0640 template.json /etc/provisor/addons/heroku/fast-db
SH
$host->then_typed('', @start);

# nginx plays the marketplace: its tokens, and files in /srv/marketplace.
also('a marketplace that can be called', <<'SH');
mkdir -p /srv/marketplace/addons
cp -L /etc/letsencrypt/live/addons.example.com/*.pem /srv/marketplace
echo '[]' >/srv/marketplace/addons.json
cat >/etc/nginx/conf.d/marketplace.conf <<'END'
log_format tokens '$request_body';
server {
	listen 127.0.0.1:8443 ssl;
	ssl_certificate /srv/marketplace/fullchain.pem;
	ssl_certificate_key /srv/marketplace/privkey.pem;
	root /srv/marketplace;
	default_type application/json;
	location = /oauth/token {
		access_log /srv/marketplace/tokens tokens;
		proxy_pass http://127.0.0.1:8090;
	}
	location / {
		if ($request_method != GET) { return 200 '{}'; }
		try_files $uri $uri.json =404;
	}
}
server {
	listen 127.0.0.1:8090;
	default_type application/json;
	location / {
		return 200 '{"access_token":"access","refresh_token":"refresh","expires_in":28799}';
	}
}
END
nginx -s reload
cat >>/etc/provisor/provisor.env <<'END'
PROVISOR_ANSWER_LIMIT=6s
PROVISOR_JOB_LIMIT=2s
PROVISOR_PLATFORM_URL=https://addons.example.com:8443
PROVISOR_TOKEN_URL=https://addons.example.com:8443/oauth/token
PROVISOR_PLATFORM_CA=/srv/marketplace/fullchain.pem
END
echo before | install -g provisor -m 0640 /dev/stdin /etc/provisor/fast-db.secret
echo '{"client_secret_file": "/etc/provisor/fast-db.secret"}' |
	install -g provisor -m 0640 /dev/stdin /etc/provisor/addons/heroku/fast-db/settings.json
provisor reload
SH
also('the marketplace\'s requests', <<'SH');
resource=01234567-89ab-cdef-0123-456789abcdef
with_grant=11111111-89ab-cdef-0123-456789abcdef
removed=22222222-89ab-cdef-0123-456789abcdef
later=33333333-89ab-cdef-0123-456789abcdef
changed=44444444-89ab-cdef-0123-456789abcdef
home=/etc/provisor/addons/heroku/fast-db
# call METHOD [/ID] [BODY]
call() {
	curl -s -X "$1" -u "fast-db:$(jq -r .api.password $home/addon-manifest.json)" \
		-d "${3-}" ${to-} "https://addons.example.com/heroku/resources${2-}"
}
create() {
	call POST '' "{\"uuid\":\"$1\",\"plan\":\"basic\"}"
}
create_with_grant() {
	code=$(openssl rand -hex 8)
	expires=$(date -u -d '5 minutes' +%FT%TZ)
	call POST '' "{\"uuid\":\"$1\",\"plan\":\"basic\",\"oauth_grant\":{\"code\":\"$code\",
		\"type\":\"authorization_code\",\"expires_at\":\"$expires\"}}" >/dev/null
	for i in $(seq 100); do grep -q "$code" /srv/marketplace/tokens && break; sleep 0.1; done
	grep "$code" /srv/marketplace/tokens
}
# The status of a request with this password.
status_with() {
	echo "user = \"fast-db:$1\"" | curl -s -o /dev/null -w '%{http_code}\n' -K - -d '{}' \
		https://addons.example.com/heroku/resources
}
# The status of a sign-on with this salt.
sign_on() {
	now=$(date +%s)
	token=$(printf %s "$resource:$1:$now" | sha1sum | cut -c 1-40)
	curl -s -o /dev/null -c /srv/cookies -w '%{http_code}\n' \
		-d "resource_id=$resource&resource_token=$token&timestamp=$now" ${to-} \
		https://addons.example.com/sso/login
}
reveal() {
	provisor resources show --reveal --json $resource | jq -c .config
}
can_log_in() {
	PGPASSWORD=$2 psql -h localhost -U "$1" -qAtc "SELECT 'yes'" provisor 2>/dev/null || echo no
}
password_in() {
	sed -n "s/^PROVISOR_DATABASE.*password=\([^ ']*\).*/\1/p" /etc/provisor/$1 | head -n 1
}
create $resource >/srv/response
reveal >/srv/config
call PUT /$resource '{"plan":"premium"}'
call PUT /$resource '{"plan":""}'
call PUT /$resource '{"plan":"basic"}'
sign_on wrong
SH
block('DESCRIPTION');

# ---- secrets ----

block('Password of an add-on');
see('both passwords are valid', "status_with \$old\nstatus_with \$new\n", qr/\A422\n422\n\z/);
block('Password of an add-on');
see('... and stay so', "status_with \$old\nstatus_with \$new\n", qr/\A422\n422\n\z/);
block('Password of an add-on', prints => qr/\A422\n\z/);
block('Password of an add-on', prints => qr/used \d+ times/);
block('Password of an add-on');
see('only the new password is valid', "status_with \$old\nstatus_with \$new\n", qr/\A401\n422\n\z/);

block('Salt of single sign-on');
see('both salts are valid', "sign_on \$old\nsign_on \$new\n", qr/\A303\n303\n\z/);
block('Salt of single sign-on');
see('only the new salt is valid', "sign_on \$old\nsign_on \$new\n", qr/\A403\n303\n\z/);
see('the files are as private as before', <<'SH', qr/\A640 root provisor\n640 root provisor\n\z/);
stat -c '%a %U %G' $home/addon-manifest.json $home/settings.json
SH

see('a grant is exchanged with the old secret', "create_with_grant \$with_grant\n",
	qr/client_secret=before/);
block('OAuth client secret', input => 'after');
see('... with the new one', "create_with_grant \$removed\n", qr/client_secret=after/);
block('OAuth client secret', prints => qr/jobs: unfinished: 0/);

also('the password of the worker', "old=\$(password_in provisor.env)\n");
block('Password of the worker\'s role');
see('requests continue', "create \$resource | cmp - /srv/response\n", qr/\A\z/);
block('Password of the worker\'s role', prints => qr/^workers replaced: /m);
see('only the new password of the worker is valid', <<'SH', qr/\Ano\nyes\nyes\n\z/);
can_log_in provisor_worker "$old"
can_log_in provisor_worker "$new"
can_log_in provisor_worker "$(password_in provisor.env)"
if grep -r "$new" /var/log/postgresql; then exit 1; fi
create $resource | cmp - /srv/response
SH
also('the password of the owner', "old=\$(password_in owner.env)\n");
block('Password of the owner\'s role');
see('only the new password of the owner is valid', <<'SH', qr/\Ano\nyes\n600\n\z/);
can_log_in provisor_owner "$old"
can_log_in provisor_owner "$(password_in owner.env)"
stat -c %a /etc/provisor/owner.env
SH

block('Sealing key', prints => qr/ yes +[1-9]\d*\n.* no +0\n/);
block('Sealing key', prints => qr/dropped/);
see('sealed values can be opened with the new key alone', <<'SH', qr/\A1\n\z/);
wc -l </etc/provisor/keys
reveal | cmp - /srv/config
create $resource | cmp - /srv/response
SH

block('Key of nginx\'s sites');
also('the key is private', <<'SH');
test "$(stat -c '%a %U' /etc/nginx/provisor-server-key.conf)" = '600 root'
grep -q "$(sed -n 's/^PROVISOR_SERVER_KEY=//p' /etc/provisor/provisor.env)" /etc/nginx/provisor-server-key.conf
SH
block('Certificate');
also('the certificate is renewed', <<'SH');
cd /etc/letsencrypt/live/addons.example.com
openssl x509 -noout -enddate -in fullchain.pem >/srv/enddate
openssl req -x509 -key privkey.pem -days 9 -out fullchain.pem \
	-subj /CN=addons.example.com -addext subjectAltName=DNS:addons.example.com
run-parts /etc/letsencrypt/renewal-hooks/deploy
sleep 1
cd /srv/provisor
SH
block('Certificate', prints => qr/\AnotAfter=/);
see('the new certificate is served', <<'SH', qr/\A\z/);
openssl s_client -connect addons.example.com:443 </dev/null 2>/dev/null |
	openssl x509 -noout -enddate |
	(! cmp -s - /srv/enddate)
create $resource | cmp - /srv/response
SH

# ---- releases ----

block('Upgrade', prints => qr/_next\n.*workers replaced:.*provisor 9\.9\.9\n/s);
see('the new release serves', "create \$resource | cmp - /srv/response\n", qr/\A\z/);
block('Roll back', prints => qr/workers replaced:.*provisor 0.*is newer than this program by 1 migrations/s);
see('the release before serves', "create \$resource | cmp - /srv/response\n", qr/\A\z/);
also('the new release is given up', <<'SH');
runuser -u postgres -- psql -q -d provisor -c "DELETE FROM migrations WHERE name LIKE '%_next'" \
	-c 'ALTER TABLE resources DROP COLUMN next_release'
SH

# ---- hosts and database ----

# The second host has this host's files below a folder, and a network of its own.
also('a second host', <<'SH');
mkdir /srv/second
mount -t tmpfs -o mode=755 second /srv/second
mkdir /srv/second/changed /srv/second/work /srv/second/root
cat >/srv/start-second <<'END'
mount -t overlay -o lowerdir=/,upperdir=/srv/second/changed,workdir=/srv/second/work \
	second /srv/second/root
cd /srv/second/root
for folder in proc dev; do mount --rbind /$folder $folder; done
mount -t tmpfs -o mode=755 run run
echo $$ >/srv/second.pid
exec chroot . sleep infinity
END
unshare --mount --net sh -e /srv/start-second >/srv/second.log 2>&1 &
for i in $(seq 50); do test -s /srv/second.pid && break; sleep 0.1; done
sleep 0.5
second=$(cat /srv/second.pid)
ip link add first type veth peer name second netns $second
ip addr add 192.0.2.1/24 dev first
ip link set first up
cat >/usr/local/bin/on_second <<END
#!/bin/sh
exec nsenter --target $second --mount --net --root --wd "\$@"
END
cat >/usr/local/bin/ssh <<'END'
#!/bin/sh
shift
exec on_second "$@"
END
chmod 755 /usr/local/bin/on_second /usr/local/bin/ssh
on_second sh -e <<'END'
ip link set lo up
ip addr add 192.0.2.2/24 dev second
ip link set second up
rm -r /etc/provisor
mkdir -p /run/lock
END
SH
block('A second host');
block('A second host');
see('the password of the owner is not copied', "on_second ls /etc/provisor\n", qr/\A(?!.*owner)/s);
block('A second host', on => 'on_second sh -e');
block('WITHOUT SYSTEMD', on => 'on_second sh -e', prints => qr/^jobs +running/m);
also('its nginx', "on_second nginx\n");
block('A second host', on => 'on_second sh -e', prints => qr/"status":"ok"/);
see('the second host serves the same', <<'SH', qr/\A303\nsessions: 204\n\z/);
to='--connect-to addons.example.com:443:192.0.2.2:443'
create $resource | cmp - /srv/response
to=
sign_on "$(jq -r .api.sso_salt $home/addon-manifest.json)"
printf 'sessions: '
curl -s -o /dev/null -w '%{http_code}\n' -b /srv/cookies \
	--connect-to addons.example.com:443:192.0.2.2:443 https://addons.example.com/session
SH
also('the second host stops', <<'SH');
on_second provisor stop
on_second nginx -s stop
kill $(cat /srv/second.pid)
SH

block('Connection pooler');
block('Connection pooler');
block('Connection pooler', prints => qr/connects through a pooler/);
see('requests pass through the pooler', <<'SH', qr/"message":/);
systemctl stop pgbouncer
create $resource
systemctl start pgbouncer
for i in $(seq 50); do create $resource | cmp -s - /srv/response && break; sleep 0.1; done
create $resource | cmp - /srv/response
SH

# The order of the page: role and settings, list of the pooler, processes.
also('the password of the worker, behind the pooler', "old=\$new\n"
	. $typed{"Password of the worker's role"}[0] . $typed{'Connection pooler'}[1]
	. $typed{"Password of the worker's role"}[1]);
see('only the new password is valid behind the pooler', <<'SH', qr/\Ano\nyes\n\z/);
can_log_in provisor_worker "$old"
can_log_in provisor_worker "$new"
create $resource | cmp - /srv/response
SH

block('Back up');
block('Back up');
block('Back up', prints => qr/TABLE DATA public resources/);
also('the marketplace has changes after the backup', <<'SH');
as_listed() {
	printf '{"id":"%s","name":"fast","provider_id":"%s","state":"provisioned",
		"addon_service":{"name":"fast-db"},"plan":{"name":"fast-db:basic"}}' $1 $1
}
as_config() {
	provisor resources show --reveal --json $1 |
		jq '.config | to_entries | map({name: .key, value: .value})'
}
create_with_grant $later
config_of() { create $1 | jq -S .config; }
config_of $later >/srv/config.later
call DELETE /$removed
cd /srv/marketplace
echo "[$(as_listed $with_grant),$(as_listed $later)]" >addons.json
echo '{"state":"deprovisioned"}' >addons/$removed.json
mkdir -p vendor/resources/$later
echo '{"oauth_grant":{"code":"another"}}' >vendor/resources/$later/oauth-grant
for id in $with_grant $later; do
	mkdir addons/$id
	as_listed $id >addons/$id.json
	as_config $id >addons/$id/config
done
cd /srv/provisor
SH
block('Restore');
also('the host is lost', "mv /etc/provisor /srv/lost\n");
block('Restore');
block('Restore');
block('Restore', fails => 1, prints => qr/gone.*lost|lost.*gone/s);
also('the partner portal lists all resources', <<'SH');
{ echo id,plan; printf '%s,basic\n' $resource $with_grant $later; } >/root/fast-db.csv
SH
block('Restore', fails => 1, prints => qr/imported/);
block('Restore', fails => 1, prints => qr/released: \d/);
block('Restore');
see('the restored host knows what the marketplace knows', <<'SH', qr/\A410\n2 agree, 0 differ/);
create $resource | cmp - /srv/response
config_of $later | cmp - /srv/config.later
reveal | cmp - /srv/config
curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db:$(jq -r .api.password $home/addon-manifest.json)" \
	-d "{\"uuid\":\"$removed\",\"plan\":\"basic\"}" https://addons.example.com/heroku/resources
for i in $(seq 100); do test -z "$(provisor jobs list --json)" && break; sleep 0.1; done
provisor reconcile 2>&1 | sed -n 's/^provisor: //p'
SH
block('Restore');

also('a disk of the database that is full', <<'SH');
mkdir /srv/disk
mount -t tmpfs -o size=64m disk /srv/disk
chown postgres /srv/disk
provisor stop
runuser -u postgres -- psql -q <<'END'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'provisor';
CREATE TABLESPACE disk LOCATION '/srv/disk';
ALTER DATABASE provisor SET TABLESPACE disk;
END
provisor start
for i in $(seq 100); do curl -s --fail http://127.0.0.1:918/ready && break; sleep 0.1; done
dd if=/dev/zero of=/srv/disk/full bs=64k || true
SH
see('readiness and check fail while the disk is full', <<'SH', qr/\A503\nerror .*(?:disk|space|write)/);
for i in $(seq 100); do
	status=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:918/ready)
	test $status = 200 || break
	sleep 0.5
done
echo $status
provisor check | grep '^error'
SH
block('Full disk of the database', prints => qr{Avail.*/var/lib/postgresql}s);
block('Full disk of the database');
also('the disk has space again', "rm /srv/disk/full\n");
block('Full disk of the database', prints => qr/DELETE/);
see('readiness returns by itself', <<'SH', qr/\A200\n/);
for i in $(seq 100); do
	status=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:918/ready)
	test $status != 200 || break
	sleep 0.5
done
echo $status
create $resource | cmp - /srv/response
SH

also('a copy of the keys', "cp -p /etc/provisor/keys /srv/keys\n");
block('Lost keys');
block('Lost keys', fails => 1, prints => qr/status 1/);
block('Lost keys');
see('the resource can be used again', <<'SH', qr/"FAST_DB_URL":"postgres:.*\}0\n/);
create $resource
if provisor resources show --reveal $with_grant >/dev/null 2>&1; then exit 1; fi
grep -v '^#' /srv/keys >>/etc/provisor/keys
create $resource >/srv/response
provisor keys reseal >/dev/null; echo $?
SH

# ---- monitoring ----

block('Health and readiness', prints => qr/"status":"ok"/);
block('Open the console', prints => qr/^[0-9a-f]{24}$/m);
block('Open the console', prints => qr/^ok +127\.0\.0\.1:919: nginx lets nobody use the console without a password$/m);
also('what support does', <<'SH');
console() {
	printf 'user = "jane:%s"\n' "$password" | curl -sK - "$@"
}
SH
see('the console shows a resource', 'console http://127.0.0.1:919/console/resources/$resource' . "\n", qr/<h1>.*jane, read-only|jane, read-only.*<h1>/s);
see('... and is read-only', 'console http://127.0.0.1:919/console/resources/$resource/rotate' . "\n", qr/The console is read-only/);
block('Let support act');
see('... until it may act', 'console http://127.0.0.1:919/console/resources/$resource/rotate' . "\n", qr/name="token"/);
see('... with a form', <<'SH', qr/^303$/m);
page=http://127.0.0.1:919/console/resources/$resource/rotate
token=$(console $page | sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p')
console -o /dev/null -w '%{http_code}\n' -H 'Origin: http://127.0.0.1:919' -d "token=$token&overlap=1h" $page
SH
block('Let support act', prints => qr/console:jane/);
block('Close the console');
see('... it is closed', "curl -s http://127.0.0.1:919/console || echo closed\n", qr/^closed$/m);

# ---- the local API ----

my ($enable) = grep { $_->{task} eq 'To enable it' } ManualCommands::blocks('provisor-api.7');
also('To enable it, in provisor-api(7)', $enable->{text});
see('the local API serves root and its group, also after nginx was killed', <<'SH',
list() {
	curl -s -o /dev/null -w '%{http_code}\n' --unix-socket /run/provisor/vendor.sock \
		http://localhost/v1/resources
}
# A reload of nginx goes on after its command has ended.
is_served() {
	for i in $(seq 100); do
		test "$(list)" != 200 || break
		sleep 0.1
	done
	list
}
is_served
while pidof nginx >/dev/null; do
	kill -KILL $(pidof nginx) || true
	sleep 0.1
done
systemctl restart nginx
is_served
for user in www-data provisor-hooks provisor; do
	runuser -u $user -- curl -s -w ' %{http_code}\n' --unix-socket /run/provisor/vendor.sock \
		http://localhost/v1/resources || true
done
runuser -u nobody -g provisor-vendor -- curl -s -o /dev/null -w '%{http_code}\n' \
	--unix-socket /run/provisor/vendor.sock http://localhost/v1/resources
SH
	qr/\A200\n200\n(?: 000\n){3}200\n\z/);
see('... and check agrees', "provisor check | grep vendor\n", qr{^ok +/run/provisor/vendor: no other user can call}m);

block('Scheduled check');
also('the line of cron', <<'SH');
grep -v '^#' /etc/cron.d/provisor | sed -n 's/^[*0-9].* root //p' >/srv/line
as_cron() {
	env -i "$(grep PATH /etc/cron.d/provisor)" HOME=/root sh /srv/line || true
}
SH
see('cron prints nothing while all is in order', "as_cron\n", qr/\A\z/);
see('... and what is wrong', <<'SH', qr/\A(?:error|warning) /);
mv $home/template.json /srv/
as_cron
mv /srv/template.json $home/
SH

also('a request', "create \$resource\n");
block('Log', prints => qr/level=info/);
block('Log', prints => qr/request_id=(\w+)\n.*request_id=\1/s);
block('Log');
see('log lines are in the file', <<'SH', qr/\A.*addon=fast-db/);
create $resource >/dev/null
tail -n 1 /var/log/provisor/provisor.log
SH
block('Log', prints => qr/provisor\.log\n.*provisor\.log\.1\n/);
see('only the new file is written', <<'SH', qr/\A[1-9]\d*\n600 provisor\n/);
cp -p /var/log/provisor/provisor.log.1 /srv/rotated
create $resource >/dev/null
cmp /var/log/provisor/provisor.log.1 /srv/rotated
grep -c addon=fast-db /var/log/provisor/provisor.log
stat -c '%a %U' /var/log/provisor/provisor.log
sed -i /^PROVISOR_LOG=/d /etc/provisor/provisor.env
provisor reload
SH
block('Figures of the business', prints => qr/^total .*^day,plan,so_far,.*,basic,true,/ms);

# ---- customers ----

block('CUSTOMER COMPLAINTS', prints => qr/01234567.*provisioned/s);
block('CUSTOMER COMPLAINTS', prints => qr/status=[345]/);
block('I cannot sign in', prints => qr/reason=wrong-token/);
also('the manifest has another config var', <<'SH');
edit_json $home/addon-manifest.json '.api.config_vars += ["FAST_DB_REGION"]'
SH
block('Config vars are missing', prints => qr/FAST_DB_URL/);
block('Config vars are missing');
see('the config var is set', "reveal\n", qr/"FAST_DB_REGION":"us"/);
block('Provisioning failed', prints => qr/resource=01234567/);
block('The plan did not change', prints => qr/method=PUT.*status=422/);
also('the marketplace has another plan', <<'SH');
create_with_grant $changed
cd /srv/marketplace
mkdir addons/$changed
as_listed $changed | sed s/:basic/:premium/ >addons/$changed.json
as_config $changed >addons/$changed/config
cd /srv/provisor
SH
block('The plan did not change', fails => 1, prints => qr/44444444\S* .* plan +basic +premium +changed/);
block('The add-on is still there after its removal', prints => qr/provisioned/);
block('The add-on is still there after its removal', prints => qr/deprovisioned/);

# ---- personal data ----

block('A request for access');
block('A request for erasure', prints => qr/^found: .* 0, .* 0/);

# ---- add-ons ----

block('Staging and production on one host', prints => qr/fast-db .*fast-db-staging/s);
see('both add-ons are served', <<'SH', qr/\A200\n204\n/);
staging=$(jq -r .api.password /etc/provisor/addons/heroku/fast-db-staging/addon-manifest.json)
curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db-staging:$staging" \
	-d "{\"uuid\":\"$later\",\"plan\":\"basic\"}" https://addons.example.com/heroku/resources
curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db-staging:$staging" \
	-X DELETE https://addons.example.com/heroku/resources/$later
config_of $later | cmp - /srv/config.later
SH
block('An add-on that is no longer sold');
block('An add-on that is no longer sold');
block('An add-on that is no longer sold');
see('the add-on that is no longer sold is unknown', <<'SH', qr/\A401\n\z/);
curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db-staging:$staging" -d '{}' \
	https://addons.example.com/heroku/resources
SH
see('the other add-on is still served', "config_of \$later | cmp - /srv/config.later\n", qr/\A\z/);

# ---- uninstalling ----

block('UNINSTALLING');
block('UNINSTALLING');
see('the settings stay until the purge', "ls /etc/provisor\n", qr/^keys\n.*^provisor\.env\n/ms);
block('UNINSTALLING');
block('UNINSTALLING', prints => qr/The sealing keys are kept in/);
my $find_left = <<'SH';
find / -xdev \( -path /srv -o -path /proc -o -path /sys -o -path /run/systemd \) -prune \
	-o -name '*provisor*' -print | sed 's/-20[0-9-]*$/-DATE/; s/\.20[0-9-]*\..*/.DATE/' | sort
ls -d /run/provisor 2>/dev/null || true
for user in provisor provisor-hooks; do getent passwd $user | cut -d : -f 1; done
for group in provisor provisor-hooks provisor-vendor; do getent group $group | cut -d : -f 1; done
runuser -u postgres -- psql -qAtc "SELECT datname FROM pg_database WHERE datname = 'provisor'
	UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'provisor%'"
for exe in /proc/[0-9]*/exe; do
	case $(readlink $exe) in */provisor*) readlink $exe ;; esac
done
systemctl list-units --all --no-legend --type service,socket '*provisor*'
nginx -t
SH
my $left = also('what is left', $find_left);

# ---- from source ----

also('the users of the package are removed', <<'SH');
userdel provisor-hooks
userdel provisor
groupdel provisor-vendor
hash -r
SH
block('FROM SOURCE');
block('FROM SOURCE', prints => qr/added; it seals/);
block('FROM SOURCE');
$host->then_typed(', from source', $database, $home, @start);
see('the programs from source serve', <<'SH', qr{\A/usr/local/bin/provisor\n.*/usr/local/lib/provisor/provisor\.fcgi\n\z}s);
command -v provisor
for exe in /proc/[0-9]*/exe; do readlink $exe; done | grep fcgi | sort -u
SH
block('FROM SOURCE');
also('systemd does not start the init script', <<'SH');
rm /etc/init.d/provisor
update-rc.d provisor remove
SH
block('FROM SOURCE');
see('make uninstall is refused while the pools run', <<'SH', qr/still run.*provisor stop/s);
if make uninstall 2>&1; then exit 1; fi
test -x /usr/local/bin/provisor
SH
block('FROM SOURCE', prints => qr/The configuration in .* is not removed/);
block('FROM SOURCE');
also('the database is dropped', $typed{UNINSTALLING}[2]);
my $left_from_source = also('what is left', $find_left);

# ---- the run ----

if ($host->run('booted')) {
	like($host->output($_->[0]), $_->[1], $_->[2]) for @expected;
	is($host->output($left), <<'TEXT', 'only the files that the page names are left');
/root/provisor-keys-DATE
/root/provisor-resources.jsonl
/var/backups/provisor
/var/backups/provisor-keys.DATE
/var/log/nginx/provisor.log
provisor
provisor-hooks
provisor
provisor-hooks
provisor-vendor
TEXT
	is($host->output($left_from_source), <<'TEXT', '... also if it was installed from source');
/root/provisor-keys-DATE
/root/provisor-resources.jsonl
/var/backups/provisor
/var/backups/provisor-keys.DATE
/var/log/nginx/provisor.log
TEXT
}
# tests/checks/manual.t examines those for Prometheus, and integration/kept.t restores.
my %is_examined_elsewhere = map { $_ => 1 }
	'Metrics and alerts', 'A customer has deprovisioned by mistake';
is_deeply([grep { !$is_examined_elsewhere{$_} } map { $_->{task} } @blocks], [],
	'all commands of the page were typed');
is(join("\n", $host->system->left), '', 'nothing is left running or mounted');
done_testing;
