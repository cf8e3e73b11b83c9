import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { messageOf } from '@gatescope/base';
import type { ControlPlane, List, Node } from '@gatescope/protocol';
import { addressText, parseAddress } from '../setup/address.ts';
import { certificateFiles } from '../setup/certificates.ts';
import { clusterTls } from '../setup/cluster-tls.ts';
import type { DataDir } from '../setup/data-dir.ts';
import { VERSION } from '../version.ts';
import type { Command } from './command.ts';
import { dataDirOf, dataDirOption } from './data-dir-option.ts';
import { API_OPTIONS, apiOf, printJson } from './shared.ts';

/** What was looked at: fine, worth a look, or broken; with what to do. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly message: string;
}

/** Certificates that end within these days are worth a look. */
const EXPIRY_WARN_DAYS = 30;
/** Clocks that differ by more are worth a look, milliseconds. */
const CLOCK_WARN_MS = 5_000;

export const doctor: Command = {
  name: 'doctor',
  summary:
    'Looks for what keeps an installation from working, and says how to mend it. Exit code 1: something is broken.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: { ...dataDirOption('what is looked at'), ...API_OPTIONS },
  examples: ['gatescope doctor', 'gatescope doctor --json'],
  async run(given) {
    const dataDir = dataDirOf(given);
    const findings = [runtime(), ...files(dataDir), ...certificates(dataDir)];
    const api = await askApi(given);
    findings.push(...api.findings);
    // What the API answers from is taken, and rightly so.
    if (!api.answers) findings.push(...(await ports()));
    if (given.values['json'] === true) printJson(findings);
    else
      for (const { state, check, message } of findings)
        process.stdout.write(`${state.padEnd(5)} ${check.padEnd(14)} ${message}\n`);
    return findings.some(({ state }) => state === 'fail') ? 1 : 0;
  },
};

const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message });
const warn = (check: string, message: string): Finding => ({ check, state: 'warn', message });
const fail = (check: string, message: string): Finding => ({ check, state: 'fail', message });

function runtime(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 9)
    ? ok('node', `Node.js ${process.versions.node}, Gatescope ${VERSION}`)
    : fail('node', `Node.js ${process.versions.node} is too old; install 20.9 or newer`);
}

/** The data directory, its database and its key. */
function files(dataDir: DataDir): Finding[] {
  const findings: Finding[] = [];
  const open = readdirSync(dataDir.path).filter(
    (name) =>
      /\.key$|token|\.db/.test(name) &&
      (statSync(dataDir.file(name)).mode & 0o077) !== 0 &&
      name !== 'gatescope.db-shm',
  );
  const secrets = open.filter((name) => !name.startsWith('gatescope.db'));
  findings.push(
    secrets.length === 0
      ? ok('data', `${dataDir.path} is its owner's alone`)
      : fail('data', `others may read ${secrets.join(', ')} in ${dataDir.path}; chmod 600 them`),
  );
  const database = dataDir.file('gatescope.db');
  if (!existsSync(database))
    findings.push(warn('database', `there is none in ${dataDir.path} yet; the first start makes it`));
  else {
    const head = readFileSync(database).subarray(0, 15).toString();
    const size = statSync(database).size;
    findings.push(
      size === 0 || head === 'SQLite format 3'
        ? ok('database', `${(size / 1_048_576).toFixed(1)} MiB`)
        : fail('database', `${database} is no database; restore it from a backup`),
    );
    const key = dataDir.file('local.key');
    findings.push(
      existsSync(key)
        ? ok('key', 'the local key is there; keep a copy of it apart from the database')
        : warn('key', `${key} is missing: sessions sealed with it can't be read; restore it from a backup`),
    );
  }
  return findings;
}

function certificates(dataDir: DataDir): Finding[] {
  const generated = certificateFiles(dataDir);
  if (!existsSync(generated.serverCert) && process.env['KONG_CLUSTER_CERT'] === undefined)
    return [warn('certificates', 'there are none yet; the first start makes them')];
  try {
    const tls = clusterTls(process.env, generated);
    return [
      ['cluster cert', tls.cert] as const,
      ['cluster ca', tls.ca] as const,
      ...(existsSync(generated.nodeCert)
        ? [['node cert', readFileSync(generated.nodeCert, 'utf8')] as const]
        : []),
    ].map(([name, pem]) => validity(name, pem));
  } catch (error) {
    return [fail('certificates', messageOf(error))];
  }
}

/** How long a certificate is still good. */
export function validity(name: string, pem: string, now = Date.now()): Finding {
  try {
    const { subject, validTo, validFrom } = new X509Certificate(pem);
    const who = subject.replaceAll('\n', ', ');
    const days = Math.floor((Date.parse(validTo) - now) / 86_400_000);
    if (Date.parse(validFrom) > now)
      return fail(name, `${who} is not good before ${validFrom}; is the clock right?`);
    if (days < 0) return fail(name, `${who} expired on ${validTo}; make a new one with gatescope certs`);
    if (days < EXPIRY_WARN_DAYS)
      return warn(name, `${who} expires in ${days} days; make a new one with gatescope certs`);
    return ok(name, `${who}, good for ${days} days`);
  } catch (error) {
    return fail(name, `it can't be read: ${messageOf(error)}`);
  }
}

async function askApi(
  given: Parameters<Command['run']>[0],
): Promise<{ findings: Finding[]; answers: boolean }> {
  const findings: Finding[] = [];
  try {
    const { api } = apiOf(given);
    const planes = await api.get<List<ControlPlane>>('/control-planes?size=1000');
    findings.push(ok('api', `${planes.data.length} control planes`));
    for (const { name } of planes.data) {
      const nodes = await api.get<List<Node>>(`/control-planes/${encodeURIComponent(name)}/nodes?size=1000`);
      findings.push(...nodes.data.map((node) => nodeFinding(name, node)));
    }
    return { findings, answers: true };
  } catch (error) {
    return { findings: [warn('api', `${messageOf(error)} (fine where nothing runs yet)`)], answers: false };
  }
}

/** How a node does. */
export function nodeFinding(group: string, node: Node): Finding {
  const name = `${node.hostname} (${group})`;
  if (!node.connected) return warn('node', `${name} is not connected; last seen ${node.last_seen_at}`);
  if (node.version !== VERSION)
    return warn('node', `${name} runs ${node.version}, this is ${VERSION}; bring both to the same version`);
  if (!node.config_in_sync)
    return warn('node', `${name} does not serve the configuration in force; its log says why`);
  if (Math.abs(node.clock_offset_ms ?? 0) > CLOCK_WARN_MS)
    return warn('node', `${name}: its clock is off by ${node.clock_offset_ms} ms; synchronise it (NTP)`);
  if (!node.tracing.available) return warn('node', `${name} can't be traced: ${node.tracing.reason}`);
  return ok('node', `${name} is connected and can be traced`);
}

/** Whether the addresses that would be listened on are free. */
async function ports(): Promise<Finding[]> {
  const wanted = {
    GATESCOPE_API_LISTEN: '127.0.0.1:8001',
    GATESCOPE_CLUSTER_LISTEN: '127.0.0.1:8005',
  };
  return await Promise.all(
    Object.entries(wanted).map(async ([name, fallback]) => {
      try {
        const address = parseAddress(name, process.env[name] ?? fallback);
        const taken = await new Promise<string | null>((resolve) => {
          const server = createServer().once('error', (error) => resolve(messageOf(error)));
          server.listen({ host: address.host, port: address.port }, () => server.close(() => resolve(null)));
        });
        return taken === null
          ? ok('port', `${addressText(address)} is free`)
          : fail(
              'port',
              `${addressText(address)} can't be listened on: ${taken}. Set ${name} to another address.`,
            );
      } catch (error) {
        return fail('port', messageOf(error));
      }
    }),
  );
}
