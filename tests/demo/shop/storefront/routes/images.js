"use strict";

const fs = require("fs");
const path = require("path");
const { exec, execFile } = require("child_process");
const express = require("express");

const router = express.Router();
const ROOT = process.env.IMAGE_DIR || "/var/lib/shop/images";
const NAME = /^[a-f0-9]{32,64}$/;

router.get("/file", (req, res) => {
  const file = path.join(ROOT, req.query.file);
  fs.readFile(file, (err, data) => {
    if (err) {
      return res.status(404).end();
    }
    res.type("image/webp").send(data);
  });
});

router.get("/resized", (req, res) => {
  const { name, width } = req.query;
  exec(`convert ${ROOT}/${name} -resize ${width} webp:-`, { encoding: "buffer" }, (err, out) => {
    if (err) {
      return res.status(500).end();
    }
    res.type("image/webp").send(out);
  });
});

router.get("/info/:name", (req, res) => {
  if (!NAME.test(req.params.name)) {
    return res.status(400).end();
  }
  const file = path.join(ROOT, req.params.name);
  execFile("/usr/bin/identify", ["-format", "%w %h", file], (err, out) => {
    if (err) {
      return res.status(404).end();
    }
    const [width, height] = out.trim().split(" ").map(Number);
    res.json({ width, height });
  });
});

module.exports = router;
