-- Requests for wrk, from a file: method, path, type, authorization and body of each in
-- a line, with tabs between.  Each @uuid@ in a body becomes a random id.
--
-- At the end it prints the rate, latencies in milliseconds, and how many responses had
-- an error's status.

local lines, next_line = {}, 0
local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

local function random_uuid()
	return ("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"):gsub("x", function()
		return ("%x"):format(math.random(0, 15))
	end)
end

function init(arguments)
	math.randomseed(os.time() * 16 + number)
	for line in io.lines(arguments[1]) do
		local method, path, kind, login, body =
			line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
		lines[#lines + 1] = { method = method, path = path, body = body,
			headers = { ["Content-Type"] = kind,
				["Authorization"] = login ~= "" and login or nil } }
	end
	-- Threads begin at different lines.
	next_line = number * math.floor(#lines / 2)
end

function request()
	local line = lines[next_line % #lines + 1]
	next_line = next_line + 1
	return wrk.format(line.method, line.path, line.headers,
		(line.body:gsub("@uuid@", random_uuid)))
end

function done(summary, latency)
	local errors = summary.errors
	print(("rate %.0f"):format(summary.requests / summary.duration * 1e6))
	print(("p50 %.3f"):format(latency:percentile(50) / 1000))
	print(("p99 %.3f"):format(latency:percentile(99) / 1000))
	print(("errors %d"):format(errors.status + errors.connect + errors.read
		+ errors.write + errors.timeout))
end
