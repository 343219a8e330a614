"use strict";

const https = require("https");

const BASE = process.env.BACKEND_URL || "https://backend.shop.svc:5000";

const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const req = https.request(BASE + path, { method, agent, timeout: 8000 }, (res) => {
      const parts = [];
      res.on("data", (part) => parts.push(part));
      res.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        if (res.statusCode >= 400) {
          return reject(new Error(`backend answered ${res.statusCode}`));
        }
        resolve(JSON.parse(text));
      });
    });
    req.on("timeout", () => req.destroy(new Error("backend is too slow")));
    req.on("error", reject);
    if (body !== undefined) {
      req.setHeader("Content-Type", "application/json");
      req.write(JSON.stringify(body));
    }
    req.end();
  });
}

module.exports = {
  get: (path) => call("GET", path),
  post: (path, body) => call("POST", path, body),
};
