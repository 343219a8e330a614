"use strict";

const assert = require("node:assert");
const test = require("node:test");

const { isEmail, isPhone, isQuantity, isSku } = require("../lib/validate");

test("article numbers", () => {
  assert.ok(isSku("AB-123"));
  assert.ok(!isSku("ab-123"));
  assert.ok(!isSku("../etc"));
});

test("quantities", () => {
  assert.ok(isQuantity(1));
  assert.ok(!isQuantity(100));
  assert.ok(!isQuantity("1"));
});

test("addresses", () => {
  assert.ok(isEmail("someone@shop.example"));
  assert.ok(isPhone("+49 30 1234567"));
});
