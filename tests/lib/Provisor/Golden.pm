package Provisor::Golden;

# The golden files of a marketplace: requests as its documents have them, and the
# responses that they get.
#
#	my $golden = Provisor::Golden->new('tests/golden/scalingo', $host->addons_dir);
#	for my $exchange ($golden->exchanges) {
#		is(join('; ', $golden->play($exchange, $client)), '', $exchange->{name});
#	}
#
# tests/golden/NAME/ is for the dialect NAME.  Its home/ has the files of an add-on; the
# other files are exchanges, played in the order of their names.  A file begins with
# sentences about the exchange.  Lines with > are the request, lines with < the response,
# whose first line is the status:
#
#	> POST /scalingo
#	> Authorization: Basic {{login}}
#	>
#	> {"plan":"basic","app_id":"app-1"}
#
#	< 201
#	< Content-Type: application/json
#	<
#	< {"id":"{{id}}"}
#
# A response has the headers of the file, and may have others; one without a value is
# absent.  JSON is compared without regard to blanks and order.  {{NAME}} is a value:
#
#	{{login}} {{salt}}	of the home's manifest: user and password in base64, and its salt
#	{{now}} {{now_ms}}	the time
#	{{user}}, ...		any other is set by the first response that has it
#
# In a request, [[sha1 TEXT]], [[sha256 TEXT]], [[sha512 TEXT]] and [[hmac KEY TEXT]] are
# digests in hexadecimal digits.

use strict;
use warnings;

use Cwd 'abs_path';
use Digest::SHA qw(hmac_sha256_hex sha1_hex sha256_hex sha512_hex);
use File::Basename qw(basename dirname);
use File::Copy 'copy';
use File::Path 'make_path';
use JSON::PP ();
use MIME::Base64 'encode_base64';
use Time::HiRes 'time';

my $top = abs_path(dirname(__FILE__) . '/../..') . '/golden';
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# The folders with golden files.
sub folders {
	return glob "$top/*";
}

sub _read {
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

# The name of the dialect.
sub name { return $_[0]{name} }

# Copies the home into the folder of all homes.
sub new {
	my ($class, $folder, $homes) = @_;
	my $self = bless { folder => $folder, name => basename($folder), values => {} }, $class;
	my $manifest = $json->decode(_read("$self->{folder}/home/addon-manifest.json"));
	my $api = $manifest->{api} // $manifest;
	my $slug = $manifest->{id} // $manifest->{slug} // 'fast-db';
	my $home = join '/', $homes, $self->{name} =~ s/-v\d+\z//r, $slug;

	make_path($home);
	for my $file (glob "$self->{folder}/home/*") {
		copy($file, $home) or die "$file: $!\n";
	}
	$self->{values} = {
		login => encode_base64(($api->{username} // $slug) . ":$api->{password}", ''),
		salt => $api->{sso_salt},
	};
	return $self;
}

# --- files ---------------------------------------------------------------------

# Divides lines into the first one, the headers and the body.
sub _message {
	my (@lines) = @_;
	my $first = shift @lines;
	my @headers;

	while (@lines && length(my $line = shift @lines)) {
		push @headers, [ split /:\s*/, $line, 2 ];
	}
	return { first => $first, headers => \@headers, body => join "\n", @lines };
}

sub _exchange {
	my ($path) = @_;
	my @lines = split /\n/, _read($path);
	my %part = map {
		my $mark = $_;
		($mark => _message(map { /\A\Q$mark\E ?(.*)\z/ ? $1 : () } @lines));
	} qw(> <);

	return { name => basename($path), request => $part{'>'}, response => $part{'<'} };
}

sub exchanges {
	my ($self) = @_;

	return map { _exchange($_) } sort glob "$self->{folder}/*.http";
}

# --- values ---------------------------------------------------------------------

sub _digest {
	my ($kind, $text) = @_;

	return hmac_sha256_hex(reverse split / /, $text, 2) if $kind eq 'hmac';
	return { sha1 => \&sha1_hex, sha256 => \&sha256_hex, sha512 => \&sha512_hex }->{$kind}->($text);
}

sub _fill {
	my ($self, $text) = @_;

	$text =~ s/\{\{(\w+)\}\}/$self->{values}{$1} \/\/ die "{{$1}} has no value\n"/ge;
	return $text =~ s/\[\[(\w+) (.*?)\]\]/_digest($1, $2)/ger;
}

# The text equals the expected one, whose unknown values are set.
sub _fits {
	my ($self, $text, $expected) = @_;
	my ($pattern, @names) = ('');

	for my $part (split /(\{\{\w+\}\})/, $expected) {
		my ($name) = $part =~ /\A\{\{(\w+)\}\}\z/;
		my $value = defined $name ? $self->{values}{$name} : $part;

		push @names, $name unless defined $value;
		$pattern .= defined $value ? quotemeta $value : '([^\s";]+)';
	}
	my @values = $text =~ /\A$pattern\z/ or return 0;
	@{ $self->{values} }{@names} = @values if @names;
	return 1;
}

# JSON in its canonical form, and any other text as it is.
sub _canonical {
	my ($text) = @_;
	my $value = eval { $json->decode($text) };

	return defined $value ? $json->encode($value) : $text;
}

# --- playing --------------------------------------------------------------------

sub send {
	my ($self, $request, $client) = @_;
	my ($method, $path) = split / /, $self->_fill($request->{first}), 2;
	my $body = $self->_fill($request->{body});

	return $client->request(
		method => $method,
		path => $path,
		headers => { map { $_->[0] => $self->_fill($_->[1]) } @{ $request->{headers} } },
		length $body ? (body => $body) : (),
	);
}

sub _header_faults {
	my ($self, $answer, $name, $expected) = @_;
	my @values = map { $_->[1] } grep { $_->[0] eq lc $name } @{ $answer->{headers} };

	return if length $expected ? grep { $self->_fits($_, $expected) } @values : !@values;
	return "$name: @values, not $expected";
}

# Sends the request of an exchange.  Returns the faults of the response, in words.
sub play {
	my ($self, $exchange, $client) = @_;
	my $expected = $exchange->{response};

	@{ $self->{values} }{qw(now now_ms)} = (int time, int 1000 * time);
	my $answer = $self->send($exchange->{request}, $client);
	my $body = _canonical($answer->body);
	my @faults = map { $self->_header_faults($answer, @$_) } @{ $expected->{headers} };

	unshift @faults, 'status ' . $answer->status . ", not $expected->{first}"
		if $answer->status ne $expected->{first};
	push @faults, "body $body, not $expected->{body}"
		unless $expected->{body} eq '{{page}}' || $self->_fits($body, _canonical($expected->{body}));
	return @faults;
}

1;
