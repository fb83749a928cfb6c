// Initiates the replica set with its first member, once. docs/kubernetes.md describes how to add members.
const admin = db.getSiblingDB("admin");
admin.auth(process.env.MONGO_INITDB_ROOT_USERNAME, process.env.MONGO_INITDB_ROOT_PASSWORD);
try {
  rs.status();
} catch (e) {
  if (e.codeName !== "NotYetInitialized") throw e;
  if (process.env.HOSTNAME === "mongodb-0") {
    rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb-0.mongodb-members:27017" }] });
  }
}
