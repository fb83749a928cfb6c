// node --test: what the startup probe of MongoDB decides in each state of a server.
const test = require("node:test");
const assert = require("node:assert");
const { decide, withMember } = require("./join.js");

const ALONE = { isreplicaset: true };
const ME = "mongodb-0.mongodb-members:27017";
const OTHER = "mongodb-1.mongodb-members:27017";
const member = (hosts, primary) => ({ setName: "rs0", hosts, primary });
const uninitialized = (...others) => ({ error: "NotYetInitialized", others });

test("a member of the set is ready without a login, whatever its state", () => {
  for (const hello of [
    { setName: "rs0", secondary: true, hosts: [ME, OTHER] },
    // copies the data
    { setName: "rs0", isWritablePrimary: false, secondary: false, hosts: [ME, OTHER] },
    // was removed, or does not know the others yet
    { setName: "rs0", isWritablePrimary: false, secondary: false },
  ])
    assert.strictEqual(decide("mongodb-0", hello).action, "ready");
});

test("a primary makes the users of the services before it is ready", () => {
  for (const hosts of [[ME], [ME, OTHER]])
    assert.strictEqual(decide("mongodb-0", { setName: "rs0", isWritablePrimary: true, hosts }).action, "users");
});

test("the only member is not ready before it is the primary, which makes the users", () => {
  const elects = { setName: "rs0", isWritablePrimary: false, secondary: true, hosts: [ME] };
  assert.strictEqual(decide("mongodb-0", elects).action, "wait");
});

test("a server that is no member is looked at", () => {
  assert.strictEqual(decide("mongodb-0", ALONE).action, "look");
});

test("the first pod initiates the set with itself, under the name that the others know", () => {
  assert.deepStrictEqual(decide("mongodb-0", ALONE, uninitialized()), {
    action: "initiate",
    config: { _id: "rs0", members: [{ _id: 0, host: ME }] },
  });
  // three pods that start at once
  assert.strictEqual(decide("mongodb-0", ALONE, uninitialized(ALONE, ALONE)).action, "initiate");
});

test("another pod never initiates a set", () => {
  assert.strictEqual(decide("mongodb-1", ALONE, uninitialized()).action, "wait");
  assert.strictEqual(decide("mongodb-1", ALONE, uninitialized(ALONE)).action, "wait");
});

test("another pod adds itself at the primary", () => {
  assert.deepStrictEqual(decide("mongodb-1", ALONE, uninitialized(member([ME], ME))), {
    action: "add",
    primary: ME,
    host: OTHER,
  });
});

test("the first pod with an empty disk returns to its set instead of initiating another", () => {
  const others = [member([ME, OTHER], OTHER), ALONE];
  assert.strictEqual(decide("mongodb-0", ALONE, uninitialized(...others)).action, "wait");
  const removed = [member([OTHER], OTHER)];
  assert.strictEqual(decide("mongodb-0", ALONE, uninitialized(...removed)).action, "add");
});

test("nothing is initiated or added while a pod does not answer or there is no primary", () => {
  assert.strictEqual(decide("mongodb-0", ALONE, uninitialized(null)).action, "wait");
  assert.strictEqual(decide("mongodb-0", ALONE, uninitialized(member([OTHER], OTHER), null)).action, "wait");
  assert.strictEqual(decide("mongodb-1", ALONE, uninitialized(member([ME]))).action, "wait");
});

test("a set of one that did not find its own name gets its configuration again", () => {
  const config = { _id: "rs0", version: 3, members: [{ _id: 0, host: ME }] };
  const seen = { error: "InvalidReplicaSetConfig", config, others: [] };
  assert.deepStrictEqual(decide("mongodb-0", ALONE, seen), { action: "reconfigure", config });
});

test("a larger set is never forced, and neither is a set of another server", () => {
  for (const hosts of [[ME, OTHER], [OTHER]]) {
    const config = { _id: "rs0", members: hosts.map((host, _id) => ({ _id, host })) };
    const seen = { error: "InvalidReplicaSetConfig", config, others: [] };
    assert.strictEqual(decide("mongodb-0", ALONE, seen).action, "wait");
  }
});

test("any other error fails with its name", () => {
  assert.deepStrictEqual(decide("mongodb-0", ALONE, { error: "Unauthorized", others: [] }), {
    action: "fail",
    reason: "Unauthorized",
  });
});

test("a new member has an id and a version that the set has not had", () => {
  const config = { _id: "rs0", version: 4, members: [{ _id: 0, host: ME }, { _id: 2, host: "x" }] };
  assert.deepStrictEqual(withMember(config, OTHER), {
    _id: "rs0",
    version: 5,
    members: [{ _id: 0, host: ME }, { _id: 2, host: "x" }, { _id: 3, host: OTHER }],
  });
  assert.strictEqual(config.members.length, 2);
});
