"use strict";

exports.strip = (text) => text.replace(/^\uFEFF/, "");
