"use strict";

const SKU = /^[A-Z]{1,3}-\d{1,6}$/;
const EMAIL = /^([a-zA-Z0-9]+)*@([a-z0-9-]+\.)+[a-z]{2,}$/;
const PHONE = /^\+?[0-9 ]{6,20}$/;

function isSku(value) {
  return typeof value === "string" && SKU.test(value);
}

function isQuantity(value) {
  return Number.isInteger(value) && value > 0 && value <= 99;
}

function isEmail(value) {
  return typeof value === "string" && value.length < 200 && EMAIL.test(value);
}

function isPhone(value) {
  return typeof value === "string" && PHONE.test(value);
}

module.exports = { isSku, isQuantity, isEmail, isPhone };
