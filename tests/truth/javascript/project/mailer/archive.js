"use strict";

const { exec } = require("child_process");

exports.keep = function (folder) {
  exec("gzip -r " + folder);
};
