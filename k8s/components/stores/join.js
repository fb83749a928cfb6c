// The startup probe of a MongoDB pod. It succeeds when the server is a member of the replica set, and until then
// it does what is missing for that: it initiates the set, adds the member, or repairs a set of one. A primary makes
// the users of the services first.

const SET = "rs0";
const PODS = ["mongodb-0", "mongodb-1", "mongodb-2"];
const address = (pod) => pod + ".mongodb-members:27017";

/**
 * Decides what to do. Pure: join.test.js tests it without a server.
 *
 * @param pod the name of this pod
 * @param hello the answer of this server to the command hello, which requires no login
 * @param seen what a login shows, or undefined if nobody has looked: error is the name of the error of
 *     replSetGetStatus, config the configuration of the set that this server has, and others the answers of the
 *     other pods to hello, null for a pod that exists and does not answer
 * @return the action, and for "wait" and "fail" the reason
 */
function decide(pod, hello, seen) {
  if (hello.setName && hello.isWritablePrimary) return { action: "users" };
  // It will be the primary; until then nobody can make the users.
  if (hello.setName && hello.hosts?.length === 1) return { action: "wait", reason: "it is not the primary yet" };
  // Also while it copies the data: the probe must not stop that, however long it takes. The drivers of the
  // services find out which member is the primary.
  if (hello.setName) return { action: "ready" };
  if (!seen) return { action: "look" };
  const { error, config, others } = seen;
  switch (error) {
    case "NotYetInitialized": {
      if (others.includes(null)) return { action: "wait", reason: "another pod does not answer" };
      const member = others.find((other) => other.setName === SET);
      if (member) {
        if (member.hosts.includes(address(pod)))
          return { action: "wait", reason: "the other members will send the configuration" };
        if (!member.primary) return { action: "wait", reason: "the set has no primary" };
        return { action: "add", primary: member.primary, host: address(pod) };
      }
      if (pod !== PODS[0]) return { action: "wait", reason: PODS[0] + " has not initiated the set" };
      return { action: "initiate", config: { _id: SET, members: [{ _id: 0, host: address(pod) }] } };
    }
    case "InvalidReplicaSetConfig":
      // Its name did not resolve to itself when it started. Other members would tell it that it is one of them.
      if (config.members.length === 1 && config.members[0].host === address(pod))
        return { action: "reconfigure", config };
      return { action: "wait", reason: "the other members have not reached this one" };
    case undefined:
      return { action: "wait", reason: "the configuration is being loaded" };
    default:
      return { action: "fail", reason: error };
  }
}

/** The configuration with one more member. */
function withMember(config, host) {
  const id = Math.max(...config.members.map((member) => member._id)) + 1;
  return { ...config, version: config.version + 1, members: [...config.members, { _id: id, host }] };
}

if (typeof db === "undefined") {
  module.exports = { decide, withMember };
} else {
  const user = process.env.MONGO_INITDB_ROOT_USERNAME;
  const password = process.env.MONGO_INITDB_ROOT_PASSWORD;
  const pod = process.env.HOSTNAME;
  const admin = db.getSiblingDB("admin");
  const connect = (host) =>
    new Mongo("mongodb://" + host + "/?directConnection=true&serverSelectionTimeoutMS=2000").getDB("admin");

  const hello = admin.hello();
  let decision = decide(pod, hello);
  if (decision.action === "look") {
    admin.auth(user, password);
    const seen = { others: [] };
    try {
      rs.status();
    } catch (e) {
      seen.error = e.codeName;
    }
    if (seen.error === "InvalidReplicaSetConfig") seen.config = rs.conf();
    for (const other of PODS) {
      if (other === pod) continue;
      try {
        const server = connect(address(other));
        seen.others.push(server.hello());
      } catch (e) {
        // a pod that does not exist has no name
        if (!/ENOTFOUND/.test(e.message)) seen.others.push(null);
      }
    }
    decision = decide(pod, hello, seen);
  }
  switch (decision.action) {
    case "ready":
      break;
    case "users":
      admin.auth(user, password);
      load("/users/mongodb-users.js");
      break;
    case "initiate":
      rs.initiate(decision.config);
      break;
    case "reconfigure":
      rs.reconfig(decision.config, { force: true });
      break;
    case "add": {
      const primary = connect(decision.primary);
      primary.auth(user, password);
      const { config } = primary.runCommand({ replSetGetConfig: 1 });
      const result = primary.runCommand({ replSetReconfig: withMember(config, decision.host) });
      if (!result.ok) throw new Error(result.errmsg);
      break;
    }
    default:
      throw new Error(decision.reason);
  }
}
