import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import type { CertificateFiles } from './certificates.ts';

/** PEM of the cluster listener. */
export interface ClusterTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/**
 * What the cluster listener shows and trusts: the certificate that `KONG_CLUSTER_CERT` and `KONG_CLUSTER_CERT_KEY` name, or else the
 * generated one. With `KONG_CLUSTER_MTLS=shared` nodes show the same certificate; with `pki` one of `KONG_CLUSTER_CA_CERT`.
 * `GATESCOPE_CLUSTER_…` are other names of the same. Throws `invalid_request` with what is wrong.
 */
export function clusterTls(
  env: Readonly<Record<string, string | undefined>>,
  files: CertificateFiles,
): ClusterTls {
  const given = (name: string) => env[`GATESCOPE_${name}`] ?? env[`KONG_${name}`];
  const cert = given('CLUSTER_CERT');
  const key = given('CLUSTER_CERT_KEY');
  const ca = given('CLUSTER_CA_CERT');
  const mode = env['KONG_CLUSTER_MTLS'] ?? (ca === undefined ? 'shared' : 'pki');
  if (mode !== 'shared' && mode !== 'pki')
    throw new AppError('invalid_request', `KONG_CLUSTER_MTLS is shared or pki, not ${mode}`);
  if (cert === undefined && key === undefined) {
    return {
      cert: read('the generated certificate', files.serverCert),
      key: read('the generated key', files.serverKey),
      ca: read(ca === undefined ? 'the generated authority' : 'KONG_CLUSTER_CA_CERT', ca ?? files.ca),
    };
  }
  if (cert === undefined || key === undefined) {
    throw new AppError('invalid_request', 'set both KONG_CLUSTER_CERT and KONG_CLUSTER_CERT_KEY, or neither');
  }
  if (mode === 'pki' && ca === undefined) {
    throw new AppError(
      'invalid_request',
      'KONG_CLUSTER_MTLS=pki needs KONG_CLUSTER_CA_CERT, the authority that issued the certificates of the nodes',
    );
  }
  return {
    cert: read('KONG_CLUSTER_CERT', cert),
    key: read('KONG_CLUSTER_CERT_KEY', key),
    ca: read('KONG_CLUSTER_CA_CERT', mode === 'pki' ? ca! : (ca ?? cert)),
  };
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('invalid_request', `${name} (${path}) can't be read: ${messageOf(error)}`);
  }
}
