"use strict";

const assert = require("node:assert");
const { execSync } = require("child_process");
const crypto = require("crypto");
const test = require("node:test");

const { isStaff, sameTokenSafely } = require("../lib/session");

test("staff and guests", () => {
  assert.ok(isStaff({ role: "office" }));
  assert.ok(!isStaff({ role: "guest" }));
});

test("tokens are compared", () => {
  const token = crypto.randomUUID();
  assert.ok(sameTokenSafely(token, token));
});

test("the checksum of the fixture", () => {
  const digest = crypto.createHash("md5").update("fixture").digest("hex");
  assert.match(digest, /^[0-9a-f]+$/);
});

test("the server starts", () => {
  const file = process.env.SERVER_FILE || "server.js";
  execSync("node --check " + file);
});
