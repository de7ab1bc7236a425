#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// npm-server.js MODULES STORE [KEY]: npm's Forward server; a line of JSON for each entry that it emits.
const fs = require("fs");
const [modules, store, sharedKey] = process.argv.slice(2);
const { FluentServer } = require(require.resolve("@fluent-org/logger", { paths: [modules] }));

const security = sharedKey && { serverHostname: "npm", sharedKey, authorize: false, userDict: {} };
const server = new FluentServer({ security, keepalive: true, listenOptions: { port: 0, host: "127.0.0.1" } });
const out = fs.openSync(store, "a");
server.on("entry", (tag, time, record) => {
	const stored = { tag, time: [time.epoch, time.nano], chunk: null, acked: false, record };
	fs.writeSync(out, JSON.stringify(stored) + "\n");
});
server.listen().then(() => console.log(server.port));
