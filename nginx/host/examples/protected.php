<?php
/* The page of a customer's resource, behind nginx and provisor-protect.conf. */
function provisor($name)
{
	return rawurldecode($_SERVER["HTTP_X_PROVISOR_$name"]);
}

header('Content-Type: text/plain; charset=utf-8');
if (provisor('STATE') == 'suspended') {
	http_response_code(403);
	exit("This resource is suspended.\n");
}
echo provisor('EMAIL'), ' uses the resource ', provisor('RESOURCE'), ' on the plan ', provisor('PLAN'), ".\n";
