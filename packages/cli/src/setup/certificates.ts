import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { newAuthority, newCertificate, validFor } from './certificate-maker.ts';
import type { DataDir } from './data-dir.ts';

/** Name that the cluster listener's generated certificate carries and nodes ask for. */
export const CLUSTER_SERVER_NAME = 'gatescope-cluster';
/** Name of a certificate that control plane and nodes share: Kong's. */
export const SHARED_SERVER_NAME = 'kong_clustering';

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

const DAYS = 10 * 365;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

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
  const validity = validFor(DAYS);
  const authority = await newAuthority('Gatescope cluster authority', validity);
  const server = await newCertificate(authority, {
    name: CLUSTER_SERVER_NAME,
    usages: ['server'],
    hosts: [CLUSTER_SERVER_NAME, SHARED_SERVER_NAME, ...LOOPBACK],
    validity,
  });
  const node = await newCertificate(authority, {
    name: 'gatescope-node',
    usages: ['client'],
    hosts: ['gatescope-node'],
    validity,
  });
  const proxy = await newCertificate(null, {
    name: 'localhost',
    usages: ['server'],
    hosts: LOOPBACK,
    validity,
  });
  writeSecret(files.ca, authority.cert);
  writeSecret(files.serverCert, server.cert);
  writeSecret(files.serverKey, server.key);
  writeSecret(files.nodeCert, node.cert);
  writeSecret(files.nodeKey, node.key);
  writeSecret(files.proxyCert, proxy.cert);
  writeSecret(files.proxyKey, proxy.key);
  return files;
}

/** Writes a file that its owner alone may read, whole or not at all. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
