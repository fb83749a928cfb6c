// The users of MongoDB, for mongosh: one for each service, which may do what that service does and no more.
// Runs at the first start of MongoDB in Docker Compose, and at each start of the primary in Kubernetes; it may run
// again at any time, and then sets the passwords.

const DATABASE = "tomp3";
const NOTIFIER = "notifier";

const tomp3 = db.getSiblingDB(DATABASE);
const admin = db.getSiblingDB("admin");

// What the notifier does to jobs; it does not know the files. It declares the indexes of the jobs as the other
// services do. It signs the links in mails, and may be the first that needs the secret for that. It keeps what is to be sent to
// webhooks, and disables those that fail.
const privileges = [
  {
    resource: { db: DATABASE, collection: "jobs" },
    actions: ["find", "update", "createIndex", "listIndexes"],
  },
  { resource: { db: DATABASE, collection: "secrets" }, actions: ["find", "insert"] },
  {
    resource: { db: DATABASE, collection: "webhooks" },
    actions: ["find", "update", "createIndex", "listIndexes"],
  },
  {
    resource: { db: DATABASE, collection: "webhook_deliveries" },
    actions: ["find", "insert", "update", "remove", "createIndex", "listIndexes"],
  },
];
if (tomp3.getRole(NOTIFIER)) tomp3.updateRole(NOTIFIER, { privileges, roles: [] });
else tomp3.createRole({ role: NOTIFIER, privileges, roles: [] });

const users = {
  gateway: { password: process.env.MONGODB_GATEWAY_PASSWORD, role: "readWrite" },
  converter: { password: process.env.MONGODB_CONVERTER_PASSWORD, role: "readWrite" },
  notification: { password: process.env.MONGODB_NOTIFICATION_PASSWORD, role: NOTIFIER },
};
for (const [user, { password, role }] of Object.entries(users)) {
  if (!password) throw new Error("no password for the user " + user);
  const settings = { pwd: password, roles: [{ role, db: DATABASE }] };
  if (admin.getUser(user)) admin.updateUser(user, settings);
  else admin.createUser({ user, ...settings });
}
