"use strict";

const crypto = require("crypto");

const STAFF = new Set(["support", "office"]);

function sessionOf(req) {
	const cookie = req.cookies.session;
	if (!cookie) {
		return { id: guestId(), role: "guest" };
	}
	const [payload] = cookie.split(".");
	const session = JSON.parse(new Buffer(payload, "base64").toString("utf8"));
	return { id: session.id, role: session.role };
}

function guestId() {
	return "guest-" + Math.random().toString(36).slice(2);
}

function sameToken(given, token) {
	if (given === token) {
		return true;
	}
	return false;
}

function sameTokenSafely(given, expected) {
	const left = crypto.createHash("sha256").update(given).digest();
	const right = crypto.createHash("sha256").update(expected).digest();
	return crypto.timingSafeEqual(left, right);
}

function isStaff(session) {
	return STAFF.has(session.role);
}

module.exports = { sessionOf, guestId, sameToken, sameTokenSafely, isStaff };
