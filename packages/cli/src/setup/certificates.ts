import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import type { DataDir } from './data-dir.ts';

/** Name that the cluster listener's generated certificate carries and nodes ask for. */
export const CLUSTER_SERVER_NAME = 'gatescope-cluster';

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly nodeCert: string;
  readonly nodeKey: string;
  readonly proxyCert: string;
  readonly proxyKey: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEARS = 10;

/** Where the generated certificates lie. */
export function certificateFiles(dataDir: DataDir): CertificateFiles {
  return {
    ca: dataDir.file('cluster-ca.crt'),
    serverCert: dataDir.file('cluster-server.crt'),
    serverKey: dataDir.file('cluster-server.key'),
    nodeCert: dataDir.file('cluster-node.crt'),
    nodeKey: dataDir.file('cluster-node.key'),
    proxyCert: dataDir.file('proxy.crt'),
    proxyKey: dataDir.file('proxy.key'),
  };
}

/**
 * Makes, once, an authority with a certificate for the cluster listener and one for nodes, and a self-signed one for the proxy. The
 * authority's own key is not kept: nobody can make further certificates with it.
 */
export async function ensureCertificates(dataDir: DataDir): Promise<CertificateFiles> {
  const files = certificateFiles(dataDir);
  if (Object.values(files).every((path) => existsSync(path))) return files;
  x509.cryptoProvider.set(webcrypto as never);
  const authority = await generate();
  const ca = await certificate('CN=Gatescope cluster authority', authority, null, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ]);
  const issuer = { name: ca.subject, key: authority.privateKey };
  const server = await generate();
  const serverCert = await certificate(
    `CN=${CLUSTER_SERVER_NAME}`,
    server,
    issuer,
    leaf([x509.ExtendedKeyUsage.serverAuth], [CLUSTER_SERVER_NAME, 'localhost']),
  );
  const node = await generate();
  const nodeCert = await certificate(
    'CN=gatescope-node',
    node,
    issuer,
    leaf([x509.ExtendedKeyUsage.clientAuth], ['gatescope-node']),
  );
  const proxy = await generate();
  const proxyCert = await certificate(
    'CN=localhost',
    proxy,
    null,
    leaf([x509.ExtendedKeyUsage.serverAuth], ['localhost']),
  );
  write(files.ca, ca.toString('pem'));
  write(files.serverCert, serverCert.toString('pem'));
  write(files.serverKey, await keyPem(server));
  write(files.nodeCert, nodeCert.toString('pem'));
  write(files.nodeKey, await keyPem(node));
  write(files.proxyCert, proxyCert.toString('pem'));
  write(files.proxyKey, await keyPem(proxy));
  return files;
}

type KeyPair = Awaited<ReturnType<typeof generate>>;

async function generate() {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function leaf(usages: string[], names: string[]): x509.Extension[] {
  const alternatives = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    { type: 'ip' as const, value: '127.0.0.1' },
    { type: 'ip' as const, value: '::1' },
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages),
    new x509.SubjectAlternativeNameExtension(alternatives),
  ];
}

async function certificate(
  name: string,
  keys: KeyPair,
  issuer: { name: string; key: webcrypto.CryptoKey } | null,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  const now = Date.now();
  return await x509.X509CertificateGenerator.create({
    // Positive and without leading zeros, as RFC 5280 (4.1.2.2) has it.
    serialNumber: `1${randomBytes(15).toString('hex').slice(1)}`,
    subject: name,
    issuer: issuer?.name ?? name,
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + YEARS * 365 * 86_400_000),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey as never,
    signingKey: (issuer?.key ?? keys.privateKey) as never,
    extensions,
  });
}

async function keyPem(keys: KeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}

function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
