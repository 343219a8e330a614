"use strict";

// How a filter of a reader is understood.
const filter = process.argv[2];
console.log(eval(filter));
