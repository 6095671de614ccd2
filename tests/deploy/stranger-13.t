#!/usr/bin/perl
# The same as stranger.t, on Debian 13.
use strict;
use warnings;
use FindBin;

exec $^X, "$FindBin::Bin/stranger.t", 'trixie';
