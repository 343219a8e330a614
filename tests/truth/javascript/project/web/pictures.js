"use strict";

const { exec } = require("child_process");
const fs = require("fs");
const path = require("path");

const FOLDER = "/srv/pictures";

function open(name) {
  return fs.promises.readFile(path.join(FOLDER, name));
}

function shrink(name, done) {
  exec("convert -resize 200 " + FOLDER + "/" + name + " -", { encoding: "buffer" }, done);
}

/** Only the tests still clean up with it. */
function sweep(pattern, done) {
  exec("rm -f " + pattern, done);
}

module.exports = { open, shrink, sweep };
