import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, messageOf } from '@gatescope/base';
import {
  type CertifiedKey,
  newAuthority,
  newCertificate,
  type Usage,
  validFor,
} from '../setup/certificate-maker.ts';
import { CLUSTER_SERVER_NAME, SHARED_SERVER_NAME, writeSecret } from '../setup/certificates.ts';
import { type Command, type Given, numberOf, textOf } from './command.ts';

const DAYS_DEFAULT = 3 * 365;
const DAYS_MAX = 30 * 365;

const OUTPUT: Command['options'] = {
  out: { type: 'string', placeholder: 'DIR', help: 'folder for the files (default: here)' },
  days: { type: 'string', placeholder: 'DAYS', help: `how long they are good (default: ${DAYS_DEFAULT})` },
  force: { type: 'boolean', help: 'overwrite files that are there' },
};

export const certsShared: Command = {
  name: 'certs shared',
  summary: 'Makes one certificate that the control plane and its nodes share (KONG_CLUSTER_MTLS=shared).',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: OUTPUT,
  examples: [
    'gatescope certs shared --out certs',
    'KONG_CLUSTER_CERT=certs/cluster.crt KONG_CLUSTER_CERT_KEY=certs/cluster.key gatescope control-plane',
  ],
  async run(given) {
    const made = await newCertificate(null, {
      name: SHARED_SERVER_NAME,
      usages: ['server', 'client'],
      hosts: [SHARED_SERVER_NAME],
      validity: validFor(daysOf(given)),
    });
    return write(given, 'cluster', made);
  },
};

export const certsAuthority: Command = {
  name: 'certs authority',
  summary:
    'Makes an authority whose certificates nodes and control planes show each other (KONG_CLUSTER_MTLS=pki).',
  usage: '[NAME] [options]',
  arguments: { min: 0, max: 1 },
  options: OUTPUT,
  examples: [
    'gatescope certs authority --out certs',
    'gatescope certs authority eu-west --out certs/eu-west',
  ],
  async run(given) {
    // Never the name of a certificate of its own: one that seems to have issued itself is taken for self-signed.
    const name = `${given.positionals[0] ?? 'Gatescope cluster'} authority`;
    return write(given, 'ca', await newAuthority(name, validFor(daysOf(given))));
  },
};

export const certsIssue: Command = {
  name: 'certs issue',
  summary: 'Makes a certificate of an authority: for a node, or with --server for the cluster listener.',
  usage: 'NAME [options]',
  arguments: { min: 1, max: 1 },
  options: {
    ...OUTPUT,
    ca: { type: 'string', placeholder: 'FILE', help: "the authority's certificate (default: ca.crt in DIR)" },
    'ca-key': { type: 'string', placeholder: 'FILE', help: "the authority's key (default: ca.key in DIR)" },
    server: { type: 'boolean', help: 'for a control plane' },
    host: {
      type: 'string',
      placeholder: 'NAME,…',
      help: `names and addresses by which nodes reach a control plane (besides NAME and ${CLUSTER_SERVER_NAME})`,
    },
  },
  examples: [
    'gatescope certs issue edge-1 --out certs',
    'gatescope certs issue gateway.example.com --server --out certs',
  ],
  async run(given) {
    const [name = ''] = given.positionals;
    if (!/^[\w.-]{1,64}$/.test(name))
      throw new AppError(
        'invalid_request',
        'NAME has letters, digits, dots, dashes and underscores, 64 at most',
      );
    const authority = {
      cert: read(textOf(given, 'ca') ?? join(folderOf(given), 'ca.crt')),
      key: read(textOf(given, 'ca-key') ?? join(folderOf(given), 'ca.key')),
    };
    const isServer = given.values['server'] === true;
    const usages: Usage[] = isServer ? ['server', 'client'] : ['client'];
    const hosts = (textOf(given, 'host') ?? '').split(',').flatMap((host) => host.trim() || []);
    const made = await newCertificate(authority, {
      name,
      usages,
      hosts: [name, ...(isServer ? [CLUSTER_SERVER_NAME] : []), ...hosts],
      validity: validFor(daysOf(given)),
    });
    return write(given, name, made);
  },
};

function daysOf(given: Given): number {
  const days = numberOf(given, 'days') ?? DAYS_DEFAULT;
  if (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX) return days;
  throw new AppError('invalid_request', `--days is a whole number from 1 to ${DAYS_MAX}`);
}

function folderOf(given: Given): string {
  return resolve(textOf(given, 'out') ?? '.');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `${path} can't be read: ${messageOf(error)}; gatescope certs authority makes one`,
    );
  }
}

function write(given: Given, name: string, made: CertifiedKey): number {
  const folder = folderOf(given);
  mkdirSync(folder, { recursive: true });
  const paths = [`${name}.crt`, `${name}.key`].map((file) => join(folder, file));
  const there = paths.find((path) => existsSync(path));
  if (there !== undefined && given.values['force'] !== true)
    throw new AppError('invalid_request', `${there} is there already; --force overwrites it`);
  writeSecret(paths[0]!, made.cert);
  writeSecret(paths[1]!, made.key);
  process.stdout.write(`${paths.join('\n')}\n`);
  return 0;
}
