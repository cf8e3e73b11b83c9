import { X509Certificate } from 'node:crypto';
import type { Consumer } from '../../pipeline/exchange.ts';
import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { serveAnonymously, setConsumerHeaders } from '../consumer-headers.ts';
import { verifyChain } from './verify-chain.ts';

interface Config {
  readonly ca_certificates: readonly string[];
  readonly skip_consumer_lookup: boolean;
  readonly consumer_by: readonly ('username' | 'custom_id')[];
  readonly anonymous: string | null;
}

/** Results of checks kept; a connection's requests show the same certificate. */
const CHECKED_MAX = 1_000;

/** Authenticates clients by the certificate of their TLS connection, which an authority of the configuration has to have signed. */
export const mtlsAuth: PluginDefinition = {
  name: 'mtls-auth',
  schema: {
    ca_certificates: { type: 'list', of: { type: 'string' }, required: true, minItems: 1 },
    skip_consumer_lookup: { type: 'boolean', default: false },
    consumer_by: {
      type: 'list',
      of: { type: 'string', oneOf: ['username', 'custom_id'] },
      default: ['username', 'custom_id'],
    },
    anonymous: { type: 'string' },
    revocation_check_mode: { type: 'string', oneOf: ['SKIP', 'IGNORE_CA_ERROR', 'STRICT'], default: 'SKIP' },
    send_ca_dn: { type: 'boolean', default: false },
    allow_partial_chain: { type: 'boolean', default: false },
  },
  check: (config) => {
    const unsupported: { path: string[]; message: string }[] = [];
    if (config['revocation_check_mode'] !== 'SKIP')
      unsupported.push({
        path: ['revocation_check_mode'],
        message: 'revocation lists and OCSP are not asked by this gateway; use SKIP',
      });
    if (config['send_ca_dn'] === true)
      unsupported.push({
        path: ['send_ca_dn'],
        message: 'names of authorities are not sent to clients by this gateway; use false',
      });
    return unsupported;
  },
  create(raw, { consumers, caCertificates, now }) {
    const config = raw as unknown as Config;
    const authorities = caCertificates
      .filter(({ id }) => config.ca_certificates.includes(id))
      .map(({ cert }) => new X509Certificate(cert));
    const anonymous = consumers.find(
      (one) => config.anonymous !== null && [one.id, one.username].includes(config.anonymous),
    );
    const checked = new Map<Buffer, string | null>();
    const check = (chain: readonly Buffer[]): string | null => {
      const known = checked.get(chain[0]!);
      if (known !== undefined) return known;
      const failure = verifyChain(chain, authorities, now());
      if (checked.size >= CHECKED_MAX) checked.clear();
      checked.set(chain[0]!, failure);
      return failure;
    };
    return {
      asksForClientCertificate: true,
      access(exchange) {
        if (exchange.consumer !== null && config.anonymous !== null) return;
        const { clientCertificates: chain, headers } = exchange.request;
        const refuse = (message: string) => {
          if (anonymous === undefined) {
            exchange.fail(401, message);
            return;
          }
          exchange.debug?.('served as the anonymous consumer', { instead_of: message });
          serveAnonymously(exchange, anonymous);
        };
        if (chain.length === 0) {
          exchange.debug?.('the client sent no certificate');
          return refuse('No required TLS certificate was sent');
        }
        const failure = check(chain);
        if (failure !== null) {
          exchange.log('info', `client certificate refused: ${failure}`);
          return refuse('TLS certificate failed verification');
        }
        headers.remove('x-anonymous-consumer');
        const leaf = new X509Certificate(chain[0]!);
        if (config.skip_consumer_lookup) {
          headers.set('X-Client-Cert-DN', leaf.subject.split('\n').reverse().join(','));
          headers.set('X-Client-Cert-SAN', leaf.subjectAltName ?? '');
          exchange.debug?.('the client certificate was accepted; no consumer is looked up');
          return;
        }
        const consumer = consumerOf(leaf, consumers, config.consumer_by);
        if (consumer === null) {
          exchange.debug?.('no consumer has a name that the client certificate has', {
            subject: leaf.subject,
            looked_up_by: config.consumer_by,
          });
          return refuse('Unauthorized');
        }
        exchange.debug?.(`consumer ${consumer.username ?? consumer.id} authenticated by certificate`);
        exchange.consumer = consumer;
        setConsumerHeaders(exchange, consumer);
        headers.remove('x-credential-identifier');
      },
    };
  },
};

/** The consumer that a name of the certificate names: alternative names first, then the common name. */
function consumerOf(
  leaf: X509Certificate,
  consumers: readonly Consumer[],
  by: readonly ('username' | 'custom_id')[],
): Consumer | null {
  const alternative = (leaf.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^[^:]+:/, ''));
  const common = /^CN=(.*)$/m.exec(leaf.subject)?.[1];
  for (const name of [...alternative, common]) {
    if (name === undefined || name === '') continue;
    const found = consumers.find((consumer) => by.some((field) => consumer[field] === name));
    if (found !== undefined) return found;
  }
  return null;
}
