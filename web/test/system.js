import {spawn} from 'node:child_process';
import {createWriteStream, existsSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {createInterface} from 'node:readline';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const START = 180_000;

/**
 * The system whose page is tested. TOMP3_URL and TOMP3_ACCOUNT (address:password of an administrator) name one that
 * runs. Otherwise one is started: from TEST_APPLICATION, which the script `test` prepares, or by the script `run`.
 */
export class System {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  #directory = '';
  /** @type {Record<string, string>} */
  #environment = {};
  url = '';
  account = {email: '', password: ''};

  /** @param {Record<string, string>} [settings] of the system that is started */
  static async start(settings = {}) {
    const system = new System();
    const {TOMP3_URL: url, TOMP3_ACCOUNT: account} = process.env;
    if (url) {
      if (!account) throw new Error('TOMP3_URL is set, and TOMP3_ACCOUNT is not');
      system.url = url.replace(/\/$/, '');
      system.account = split(account);
      return system;
    }
    system.#directory = mkdtempSync(join(tmpdir(), 'tomp3-web-'));
    const [gateway, auth, metrics] = await freePorts();
    system.#environment = {
      DATA_DIR: join(system.#directory, 'data'),
      GATEWAY_PORT: String(gateway),
      AUTH_PORT: String(auth),
      METRICS_PORT: String(metrics),
      ...settings,
    };
    await system.#launch();
    return system;
  }

  /** Whether the tests started it, and may stop it. */
  get isOwn() {
    return this.#directory !== '';
  }

  async #launch() {
    const log = createWriteStream(join(this.#directory, 'log'), {flags: 'a'});
    const [command, ...options] = startCommand();
    const child = spawn(command, options, {
      cwd: REPOSITORY,
      env: {...process.env, ...this.#environment},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.pipe(log);
    await new Promise((ready, fail) => {
      const late = setTimeout(() => fail(new Error(`not ready, see ${this.#directory}/log`)), START);
      child.once('error', fail);
      child.once('exit', status => fail(new Error(`ended with ${status}, see ${this.#directory}/log`)));
      createInterface(child.stdout).on('line', line => {
        const account = /^export USER_PASSWORD='(.*)'$/.exec(line);
        if (account) this.account = split(account[1]);
        const url = /^ready (http:\S+)$/.exec(line);
        if (url) this.url = url[1];
        // the account is printed by the first start only, after the address
        if (this.url && this.account.email) {
          clearTimeout(late);
          ready(undefined);
        }
      });
    });
    child.removeAllListeners('exit');
  }

  /** Ends the process as a power failure would. */
  async kill() {
    const child = this.#process;
    if (!child) throw new Error('only a system that the tests started can be killed');
    const ended = new Promise(end => child.once('exit', end));
    child.kill('SIGKILL');
    await ended;
  }

  /** Starts it again after {@link kill}, with the same data, at the same address. */
  async restart() {
    const url = this.url;
    this.url = '';
    await this.#launch();
    if (this.url !== url) throw new Error(`it was at ${url}, and is at ${this.url} now`);
  }

  async stop() {
    if (!this.isOwn) return;
    await this.kill();
    rmSync(this.#directory, {recursive: true, force: true});
  }
}

/** @param {string} account address:password */
function split(account) {
  const colon = account.indexOf(':');
  return {email: account.slice(0, colon), password: account.slice(colon + 1)};
}

/** @returns {string[]} */
function startCommand() {
  const application = process.env.TEST_APPLICATION;
  if (!application) return [join(REPOSITORY, 'run')];
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const cache = join(application, 'tomp3.aot');
  return [
    java,
    '-Xmx384m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:ReservedCodeCacheSize=240m',
    '--enable-native-access=ALL-UNNAMED',
    '--sun-misc-unsafe-memory-access=allow',
    ...(existsSync(cache) ? [`-XX:AOTCache=${cache}`, '-Xlog:aot*=off', '-Xlog:cds*=off'] : []),
    '-jar',
    join(application, 'standalone.jar'),
  ];
}

/**
 * Three free ports; the one after the third is free as well: METRICS_PORT takes two. The system takes them seconds
 * later, so they are not among those that Linux, macOS and Windows give to connections and to servers that name none.
 */
async function freePorts() {
  for (;;) {
    const first = 20_000 + 4 * Math.floor(Math.random() * 3_000);
    const ports = [first, first + 1, first + 2];
    const servers = await Promise.allSettled([...ports, first + 3].map(listen));
    const free = servers.flatMap(server => (server.status === 'fulfilled' ? [server.value] : []));
    await Promise.all(free.map(server => new Promise(end => server.close(end))));
    if (free.length === servers.length) return ports;
  }
}

/**
 * @param {number} port
 * @returns {Promise<import('node:net').Server>}
 */
function listen(port) {
  return new Promise((open, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => open(server));
  });
}
