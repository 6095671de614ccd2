package Provisor::MarketplaceDashboard;

# The marketplace's dashboard: a page of another site that submits a sign-on form
# without a click.
#
#	my $dashboard = Provisor::MarketplaceDashboard->new;
#	$browser->open($dashboard->page_for($url, @fields));

use strict;
use warnings;

use File::Temp 'tempdir';
use IO::Socket::INET;
use POSIX ();

use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);

sub new {
	my ($class) = @_;
	my $folder = tempdir('provisor-dashboard-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 10)
		or die "no port: $!\n";
	my $self = bless { page => "$folder/page", port => $listener->sockport }, $class;

	Provisor::ChildProcess->start(sub { $self->_serve($listener) });
	return $self;
}

sub _escape {
	my ($text) = @_;

	return $text =~ s/([&<>"])/sprintf '&#%d;', ord $1/ger;
}

# The URL of a page that posts these fields to $url.
sub page_for {
	my ($self, $url, @fields) = @_;
	my $inputs = '';

	while (my ($name, $value) = splice @fields, 0, 2) {
		$inputs .= sprintf qq{<input type="hidden" name="%s" value="%s">\n},
			_escape($name), _escape($value);
	}
	write_text($self->{page}, <<"END");
<!DOCTYPE html>
<meta charset="utf-8">
<title>A marketplace</title>
<form method="post" action="@{[ _escape($url) ]}">
$inputs</form>
<script>leaves = true; document.forms[0].submit();</script>
END
	return "http://127.0.0.1:$self->{port}/";
}

# A browser opens connections before it needs them, so each has its own process.
sub _serve {
	my ($self, $listener) = @_;

	$SIG{CHLD} = 'IGNORE';
	while (1) {
		my $bits = '';
		vec($bits, fileno $listener, 1) = 1;
		next unless select $bits, undef, undef, 1;
		my $socket = $listener->accept or next;
		next if fork;
		alarm 60;
		$self->_answer($socket);
		POSIX::_exit(0);
	}
	return;
}

sub _answer {
	my ($self, $socket) = @_;
	my $text = '';

	1 while $text !~ /\r\n\r\n/ && sysread $socket, $text, 65_536, length $text;
	my $page = read_text($self->{page}) // '';
	print {$socket} "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n",
		"Cache-Control: no-store\r\nContent-Length: ", length $page, "\r\n\r\n", $page;
	close $socket;
	return;
}

1;
