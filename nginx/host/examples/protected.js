// The page of a customer's resource, behind nginx and provisor-protect.conf.
require('http').createServer((request, response) => {
	const provisor = name => decodeURIComponent(request.headers[`x-provisor-${name}`]);
	const suspended = provisor('state') === 'suspended';

	response.writeHead(suspended ? 403 : 200, { 'Content-Type': 'text/plain; charset=utf-8' });
	response.end(suspended
		? 'This resource is suspended.\n'
		: `${provisor('email')} uses the resource ${provisor('resource')} on the plan ${provisor('plan')}.\n`);
}).listen(process.env.PORT || 3000, '127.0.0.1');
