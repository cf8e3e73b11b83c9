import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Body = Record<string, unknown>;

/** A key management service that speaks AWS's JSON protocol for one key: what is not asked for here is not in it, signatures are not checked. */
export class KmsServer {
  readonly arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  state = 'Enabled';
  /** Calls by operation. */
  readonly calls: string[] = [];
  readonly #versions = [randomBytes(32)];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<KmsServer> {
    const server = createServer();
    const kms = new KmsServer(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
        const answer = kms.#answer(operation, JSON.parse(Buffer.concat(chunks).toString()) as Body);
        response
          .writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return kms;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get versions(): number {
    return this.#versions.length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(operation: string, body: Body): Body {
    this.calls.push(operation);
    if (operation === 'DescribeKey') return { KeyMetadata: { KeyId: this.arn, KeyState: this.state } };
    if ((body['KeyId'] ?? body['SourceKeyId']) !== this.arn)
      return { __type: 'NotFoundException', message: 'no such key' };
    if (this.state === 'Disabled')
      return { __type: 'DisabledException', message: `${this.arn} is disabled.` };
    try {
      return this.#do(operation, body);
    } catch {
      return { __type: 'InvalidCiphertextException', message: null };
    }
  }

  #do(operation: string, body: Body): Body {
    switch (operation) {
      case 'GenerateDataKey': {
        const plain = randomBytes(32);
        return {
          KeyId: this.arn,
          Plaintext: plain.toString('base64'),
          CiphertextBlob: this.#wrap(plain, body['EncryptionContext']),
        };
      }
      case 'Decrypt':
        return {
          KeyId: this.arn,
          Plaintext: this.#unwrap(body['CiphertextBlob'], body['EncryptionContext']).toString('base64'),
        };
      case 'ReEncrypt': {
        const plain = this.#unwrap(body['CiphertextBlob'], body['SourceEncryptionContext']);
        return { KeyId: this.arn, CiphertextBlob: this.#wrap(plain, body['DestinationEncryptionContext']) };
      }
      case 'RotateKeyOnDemand':
        this.#versions.push(randomBytes(32));
        return { KeyId: this.arn };
      default:
        return { __type: 'UnknownOperationException', message: operation };
    }
  }

  #wrap(plain: Buffer, context: unknown): string {
    const version = this.#versions.length - 1;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#versions[version]!, nonce).setAAD(aad(context));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  #unwrap(blob: unknown, context: unknown): Buffer {
    const bytes = Buffer.from(String(blob), 'base64');
    const cipher = createDecipheriv('aes-256-gcm', this.#versions[bytes[0]!]!, bytes.subarray(1, 13));
    cipher.setAAD(aad(context)).setAuthTag(bytes.subarray(13, 29));
    return Buffer.concat([cipher.update(bytes.subarray(29)), cipher.final()]);
  }
}

function aad(context: unknown): Buffer {
  return Buffer.from(JSON.stringify(context ?? null));
}
