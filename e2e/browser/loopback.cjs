// Loaded before the Agents Playground: it listens on every interface and calls home. Here it does neither. What it asks of
// login.microsoftonline.com, the port PLAYGROUND_LOGIN of this machine answers.
const net = require("net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === "number" && typeof rest[0] !== "string" ? listen.call(this, port, "127.0.0.1", ...rest) : listen.call(this, port, ...rest);
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof options === "object" ? options.host || "localhost" : typeof args[1] === "string" ? args[1] : "localhost";
  if (host === "login.microsoftonline.com" && process.env.PLAYGROUND_LOGIN && typeof options === "object") {
    Object.assign(options, { host: "127.0.0.1", port: Number(process.env.PLAYGROUND_LOGIN), path: undefined });
    return connect.apply(this, args);
  }
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host) || (typeof options === "object" && options.path)) return connect.apply(this, args);
  process.nextTick(() => this.destroy(Object.assign(new Error(`no connection to ${host}: offline`), { code: "ENETUNREACH" })));
  return this;
};

// It speaks English whatever the browser does. A person may have Teams in Swedish.
const fs = require("fs");
const Module = require("module");
const load = Module._extensions[".js"];
Module._extensions[".js"] = function (module, file) {
  if (!process.env.PLAYGROUND_LOCALE || !file.endsWith("m365agentsplayground/dist/index.js")) return load(module, file);
  module._compile(fs.readFileSync(file, "utf8").replaceAll('locale:"en-US"', `locale:${JSON.stringify(process.env.PLAYGROUND_LOCALE)}`), file);
};
