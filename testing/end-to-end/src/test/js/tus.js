// What a program with tus-js-client does: node tus.js URL TOKEN FILE whole|paused|deferred|terminated|broken
// Prints the id of the upload. "broken" ends the first connections in the middle of a request.
import * as fs from "node:fs";
import * as http from "node:http";
import {PassThrough} from "node:stream";
import * as tus from "tus-js-client";

const [endpoint, token, file, how] = process.argv.slice(2);
const sockets = new Set();
const agent = new http.Agent({keepAlive: false});
const createConnection = agent.createConnection;
agent.createConnection = function (...all) {
  const socket = createConnection.apply(this, all);
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  return socket;
};
let breaks = how === "broken" ? 5 : 0;
let paused = how !== "paused";
const done = code => {
  console.log(upload.url.split("/").pop());
  process.exit(code);
};
// a stream whose length the client cannot know
const input = fs.createReadStream(file);
const upload = new tus.Upload(how === "deferred" ? input.pipe(new PassThrough()) : input, {
  endpoint,
  headers: {Authorization: `Bearer ${token}`},
  metadata: {filename: file.split("/").pop(), filetype: "audio/wav"},
  chunkSize: 1 << 20,
  uploadSize: how === "deferred" ? null : fs.statSync(file).size,
  uploadLengthDeferred: how === "deferred",
  retryDelays: Array(20).fill(50),
  httpStack: new tus.DefaultHttpStack({agent}),
  onProgress(sent) {
    if (how === "terminated" && sent > 1 << 20) {
      upload.abort(true).then(() => done(0));
    } else if (!paused && sent > 1 << 20) {
      paused = true;
      upload.abort().then(() => upload.start());
    } else if (breaks > 0 && sent % (1 << 20) > 100000) {
      breaks--;
      for (const socket of sockets) socket.destroy();
    }
  },
  onError(error) {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => done(0),
});
upload.start();
