import { connect, createServer } from 'node:net';

/** A line to a server that can be cut: all connections over it break, and new ones fail at once. */
export class Line {
  #server;
  /** @type {Set<import('node:net').Socket>} */
  #open = new Set();
  #whole = true;
  url = '';

  /** @param {URL} target */
  constructor(target) {
    this.#server = createServer((near) => {
      if (!this.#whole) {
        near.destroy();
        return;
      }
      const far = connect(Number(target.port), target.hostname);
      for (const [socket, other] of [[near, far], [far, near]]) {
        this.#open.add(socket);
        socket.pipe(other);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#open.delete(socket);
          other.destroy();
        });
      }
    });
  }

  /** @param {string} url */
  static async to(url) {
    const target = new URL(url);
    const line = new Line(target);
    await new Promise((ready) => line.#server.listen(0, target.hostname, () => ready(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (line.#server.address());
    line.url = `http://${target.hostname}:${port}`;
    return line;
  }

  cut() {
    this.#whole = false;
    for (const socket of this.#open) socket.destroy();
  }

  mend() {
    this.#whole = true;
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
