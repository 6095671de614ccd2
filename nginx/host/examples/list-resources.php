#!/usr/bin/php
<?php
/* Prints the resources of a customer, through the local API of provisor
 * (provisor-api(7)).  TEXT is the e-mail address of the owner, the name of a resource,
 * or the beginning of an id:
 *
 *	list-resources.php [--socket PATH] TEXT
 *
 * Its user must be in the group provisor-vendor. */

function fail($why)
{
	fwrite(STDERR, "list-resources.php: $why\n");
	exit(1);
}

function call_api($socket, $path)
{
	$stream = @stream_socket_client("unix://$socket", $number, $why, 10) or fail("$socket: $why");
	fwrite($stream, "GET $path HTTP/1.0\r\nHost: localhost\r\nX-Provisor-Actor: list-resources.php\r\n\r\n");
	$answer = explode("\r\n\r\n", stream_get_contents($stream), 2);
	$body = json_decode($answer[1] ?? '', true);
	if (!preg_match('{^HTTP/1.1 200 }', $answer[0]))
		fail($body['message'] ?? 'the response is incomplete');
	return $body;
}

$options = getopt('', ['socket:'], $rest);
$socket = $options['socket'] ?? '/run/provisor/vendor.sock';
$text = $argv[$rest] ?? fail('usage: list-resources.php [--socket PATH] TEXT');

$path = '/v1/resources?limit=1000&text=' . rawurlencode($text);
$next = '';
do {
	$page = call_api($socket, $path . $next);
	foreach ($page['resources'] as $resource)
		echo "$resource[id] $resource[addon] $resource[plan] $resource[state]\n";
	$next = '&after=' . rawurlencode($page['next'] ?? '');
} while ($page['next'] !== null);
