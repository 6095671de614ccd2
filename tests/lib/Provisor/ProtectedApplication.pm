package Provisor::ProtectedApplication;

# A vendor's application that nginx protects with auth_request, in three forms: an
# HTTP server, a FastCGI server, and files.
#
#	my $application = Provisor::ProtectedApplication->new($host);	# before nginx starts
#	$host->start;
#	# https://localhost:PORT/proxy/… returns the request that it got, as JSON
#	$application->count('proxy');				# of requests
#
# It serves one request at a time.

use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();

use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);

sub new {
	my ($class, $host) = @_;
	my $home = $host->home;
	my $self = bless { home => $home }, $class;
	my $http = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50)
		or die "no port: $!\n";
	my $fastcgi = IO::Socket::UNIX->new(Local => $host->socket('vendor'), Listen => 50)
		or die "no socket: $!\n";

	mkdir $_, 0755 for "$home/files", "$home/files/resources";
	write_text("$home/files/resources/page.txt", "a file\n");
	chmod 0644, "$home/files/resources/page.txt";
	Provisor::ChildProcess->start(sub { $self->_serve($http, \&_http) });
	Provisor::ChildProcess->start(sub { $self->_serve($fastcgi, \&_fastcgi) });
	$self->_add_locations($host, $http->sockport, $host->socket('vendor'));
	return $self;
}

# nginx reads its site when it starts, and includes these locations.
sub _add_locations {
	my ($self, $host, $port, $socket) = @_;
	my $locations = <<"END";
	location /proxy/ {
		set \$provisor_admits heroku/fast-db;
		include provisor-protect.conf;
		client_max_body_size 5000000;
		proxy_pass http://127.0.0.1:$port;
	}
	location /fastcgi/ {
		set \$provisor_admits heroku/slow-db,heroku/fast-db;
		include provisor-protect.conf;
		fastcgi_param REQUEST_METHOD \$request_method;
		fastcgi_param REQUEST_URI    \$request_uri;
		fastcgi_param CONTENT_LENGTH \$content_length;
		fastcgi_pass unix:$socket;
	}
	location ^~ /files/ {
		set \$provisor_admits heroku/fast-db;
		include provisor-protect.conf;
		alias $self->{home}/files/;
	}
	location /unnamed/ {
		include provisor-protect.conf;
		proxy_pass http://127.0.0.1:$port;
	}
	location /misspelled/ {
		set \$provisor_admits heroku/fats-db;
		include provisor-protect.conf;
		proxy_pass http://127.0.0.1:$port;
	}
END

	$host->{locations} = $locations;
	return;
}

# The number of requests to "proxy" or "fastcgi".
sub count {
	my ($self, $way) = @_;

	return length(read_text("$self->{home}/seen-$way") // '');
}

# --- in the children --------------------------------------------------------

sub _serve {
	my ($self, $listener, $answer) = @_;

	$SIG{PIPE} = 'IGNORE';
	while (1) {
		my $bits = '';
		vec($bits, fileno $listener, 1) = 1;
		next unless select $bits, undef, undef, 1;
		my $socket = $listener->accept or next;
		$answer->($self, $socket);
		close $socket;
	}
	return;
}

sub _note {
	my ($self, $way) = @_;

	open my $file, '>>', "$self->{home}/seen-$way" or die "seen-$way: $!\n";
	print {$file} '.';
	close $file;
	return;
}

# The request as JSON; its headers have their names in CGI.
sub _page {
	my ($method, $uri, $length, %variables) = @_;
	my %provisor = map { /\AHTTP_X_PROVISOR_(.*)/ ? (lc $1 => $variables{$_}) : () }
		keys %variables;

	return JSON::PP->new->utf8->canonical->encode({
		method => $method, path => $uri, length => $length, provisor => \%provisor });
}

sub _http {
	my ($self, $socket) = @_;
	my $text = '';

	1 while $text !~ /\r\n\r\n/ && sysread $socket, $text, 65_536, length $text;
	my ($head, $body) = split /\r\n\r\n/, $text, 2;
	my ($first, @lines) = split /\r\n/, $head;
	my ($method, $uri) = split ' ', $first;
	my %variables = map {
		my ($name, $value) = split /: */, $_, 2;
		('HTTP_' . uc($name) =~ tr/-/_/r => $value)
	} @lines;
	my $expected = $variables{HTTP_CONTENT_LENGTH} // 0;

	1 while length $body < $expected && sysread $socket, $body, 65_536, length $body;
	$self->_note('proxy');
	my $page = _page($method, $uri, length $body, %variables);
	print {$socket} "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: ",
		length $page, "\r\n\r\n", $method eq 'HEAD' ? '' : $page;
	return;
}

sub _length {
	my ($bytes) = @_;
	my $first = unpack 'C', $$bytes;

	return unpack 'C', substr $$bytes, 0, 1, '' if $first < 128;
	return unpack('N', substr $$bytes, 0, 4, '') & 0x7fffffff;
}

sub _pairs {
	my ($bytes) = @_;
	my %pairs;

	while (length $bytes) {
		my ($name, $value) = (_length(\$bytes), _length(\$bytes));
		my $key = substr $bytes, 0, $name, '';
		$pairs{$key} = substr $bytes, 0, $value, '';
	}
	return %pairs;
}

sub _fastcgi {
	my ($self, $socket) = @_;
	my ($input, %stream) = ('', 4 => '', 5 => '');
	my $is_whole = 0;

	while (!$is_whole && sysread $socket, $input, 65_536, length $input) {
		while (length $input >= 8) {
			my ($type, $length, $padding) = unpack 'x C x2 n C', $input;
			last if length $input < 8 + $length + $padding;
			$stream{$type} .= substr $input, 8, $length;
			substr $input, 0, 8 + $length + $padding, '';
			$is_whole = 1 if $type == 5 && $length == 0;
		}
	}
	my %variables = _pairs($stream{4});
	my $page = "Content-Type: application/json\r\n\r\n"
		. _page(@variables{qw(REQUEST_METHOD REQUEST_URI)}, length $stream{5}, %variables);

	$self->_note('fastcgi');
	print {$socket} pack('C C n n C x', 1, 6, 1, length $page, 0), $page,
		pack('C C n n C x', 1, 3, 1, 8, 0), "\0" x 8;
	return;
}

1;
