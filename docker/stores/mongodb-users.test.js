// node --test: which users and roles mongodb-users.js makes, on a stub of a server.
const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const SCRIPT = fs.readFileSync(path.join(__dirname, "mongodb-users.js"), "utf8");
const PASSWORDS = {
  MONGODB_GATEWAY_PASSWORD: "g",
  MONGODB_CONVERTER_PASSWORD: "c",
  MONGODB_NOTIFICATION_PASSWORD: "n",
};

class Server {
  users = {};
  roles = {};
  getSiblingDB(database) {
    return {
      getUser: (user) => this.users[database + "." + user] ?? null,
      createUser: ({ user, ...settings }) => {
        assert.ok(!this.users[database + "." + user]);
        this.users[database + "." + user] = settings;
      },
      updateUser: (user, settings) => (this.users[database + "." + user] = settings),
      getRole: (role) => this.roles[database + "." + role] ?? null,
      createRole: ({ role, ...settings }) => (this.roles[database + "." + role] = settings),
      updateRole: (role, settings) => (this.roles[database + "." + role] = settings),
    };
  }
  run(env) {
    vm.runInNewContext(SCRIPT, { db: this, process: { env } });
    return JSON.parse(JSON.stringify({ users: this.users, roles: this.roles }));
  }
}

const EXPECTED = {
  users: {
    "admin.gateway": { pwd: "g", roles: [{ role: "readWrite", db: "tomp3" }] },
    "admin.converter": { pwd: "c", roles: [{ role: "readWrite", db: "tomp3" }] },
    "admin.notification": { pwd: "n", roles: [{ role: "notifier", db: "tomp3" }] },
  },
  roles: {
    "tomp3.notifier": {
      privileges: [
        { resource: { db: "tomp3", collection: "jobs" }, actions: ["find", "update", "createIndex", "listIndexes"] },
        { resource: { db: "tomp3", collection: "secrets" }, actions: ["find", "insert"] },
        {
          resource: { db: "tomp3", collection: "webhooks" },
          actions: ["find", "update", "createIndex", "listIndexes"],
        },
        {
          resource: { db: "tomp3", collection: "webhook_deliveries" },
          actions: ["find", "insert", "update", "remove", "createIndex", "listIndexes"],
        },
      ],
      roles: [],
    },
  },
};

test("each service has a user with the rights that it needs", () => {
  assert.deepStrictEqual(new Server().run(PASSWORDS), EXPECTED);
});

test("a second run changes passwords and nothing else", () => {
  const server = new Server();
  server.run({ ...PASSWORDS, MONGODB_CONVERTER_PASSWORD: "earlier" });
  assert.deepStrictEqual(server.run(PASSWORDS), EXPECTED);
});

test("no user is made without a password", () => {
  const server = new Server();
  assert.throws(() => server.run({ ...PASSWORDS, MONGODB_NOTIFICATION_PASSWORD: "" }), /notification/);
  assert.ok(!server.users["admin.notification"]);
});
