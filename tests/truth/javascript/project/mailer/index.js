"use strict";

// Sends what the site asks for. Only the site can reach it.
const http = require("http");
const { exec } = require("child_process");
const serialize = require("node-serialize");
const archive = require("./archive");

const server = http.createServer((req, res) => {
  let body = "";
  req.on("data", (part) => (body += part));
  req.on("end", () => {
    const mail = serialize.unserialize(body);
    deliver(mail.to);
    archive.keep(mail.folder);
    res.end("queued");
  });
});

function deliver(to) {
  exec("sendmail " + to);
}

module.exports = server;

if (require.main === module) {
  server.listen(process.env.PORT || 2525);
}
