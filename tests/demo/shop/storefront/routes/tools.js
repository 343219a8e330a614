"use strict";

const { execSync } = require("child_process");
const express = require("express");

const { isStaff } = require("../lib/session");

const router = express.Router();

router.use((req, res, next) => {
  if (!isStaff(req.session)) {
    return res.status(403).end();
  }
  next();
});

router.post("/lookup", (req, res) => {
  const host = req.body.host;
  const output = execSync("nslookup " + host);
  res.type("text/plain").send(output);
});

router.get("/version", (req, res) => {
  res.json({ node: process.version, uptime: Math.round(process.uptime()) });
});

module.exports = router;
