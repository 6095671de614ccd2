#!/usr/bin/python3
"""Follows the events of all resources through the local API of provisor.

	follow-events.py [--socket PATH] STATE

STATE is a file with the number of the last event; the next run continues after it.
Each event is printed as a line of JSON, and the number is stored after it: a run that
is killed prints at most one page again.  Its user must be in the group provisor-vendor.
See provisor-api(7).
"""

import argparse
import http.client
import json
import os
import socket
import sys
import time


class Connection(http.client.HTTPConnection):
	"""HTTP through a unix socket."""

	def __init__(self, path):
		super().__init__("localhost", timeout=60)
		self.path = path

	def connect(self):
		self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		self.sock.settimeout(self.timeout)
		self.sock.connect(self.path)


def read_page(path, after):
	connection = Connection(path)
	try:
		connection.request("GET", "/v1/events?wait=25&limit=1000&after=%d" % after)
		response = connection.getresponse()
		body = json.load(response)
	finally:
		connection.close()
	if response.status != 200:
		raise OSError(body["message"])
	return body


def read_state(path):
	try:
		with open(path, encoding="ascii") as file:
			return json.load(file)
	except FileNotFoundError:
		return {"next": 0, "epoch": None}


def write_state(path, state):
	with open(path + ".new", "w", encoding="ascii") as file:
		json.dump(state, file)
		file.flush()
		os.fsync(file.fileno())
	os.replace(path + ".new", path)


def follow(path, state_path):
	state = read_state(state_path)
	while True:
		started = time.monotonic()
		try:
			page = read_page(path, state["next"])
		except (OSError, ValueError) as error:
			print("follow-events.py: %s" % error, file=sys.stderr)
			time.sleep(5)
			continue
		if state["epoch"] not in (None, page["epoch"]):
			sys.exit("follow-events.py: the database was restored or has failed over: "
				"compare, then set \"epoch\" in %s to %s" % (state_path, page["epoch"]))
		for event in page["events"]:
			print(json.dumps(event), flush=True)
		if page["next"] != state["next"] or state["epoch"] is None:
			state = {"next": page["next"], "epoch": page["epoch"]}
			write_state(state_path, state)
		elif time.monotonic() - started < 1:
			time.sleep(1)  # all places to wait are taken


parser = argparse.ArgumentParser()
parser.add_argument("--socket", default="/run/provisor/vendor.sock")
parser.add_argument("state")
arguments = parser.parse_args()
follow(arguments.socket, arguments.state)
