import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createSanitizer, type Sanitizer } from '@gatescope/sanitizer';
import type { RequestView } from './request-view.ts';

/** Bytes kept while the file can't take them; beyond it lines are left out. */
const BUFFER_BYTES_MAX = 4 * 1_048_576;

/** The gateway's access log in nginx's combined format, with Kong's request id at the end. Never makes a request wait. */
export class AccessLog {
  readonly #stream: NodeJS.WritableStream & { readonly writableLength: number };
  #sanitizer = createSanitizer();
  lost = 0;

  constructor(path: string) {
    if (path === '/dev/stdout') this.#stream = process.stdout;
    else if (path === '/dev/stderr') this.#stream = process.stderr;
    else {
      mkdirSync(dirname(path), { recursive: true });
      this.#stream = createWriteStream(path, { flags: 'a', mode: 0o640 });
    }
    this.#stream.on('error', () => {
      this.lost++;
    });
  }

  /** Masks by these rules from now on. */
  use(sanitizer: Sanitizer): void {
    this.#sanitizer = sanitizer;
  }

  write(request: RequestView): void {
    if (this.#stream.writableLength > BUFFER_BYTES_MAX) {
      this.lost++;
      return;
    }
    const { requestHeaders } = request;
    const target = this.#shown(`${request.rawPath}${request.query === '' ? '' : `?${request.query}`}`);
    const time = new Date().toISOString();
    this.#stream.write(
      `${request.clientAddress} - - [${time}] "${request.method} ${quoted(target)} HTTP/${request.version === '2' ? '2.0' : request.version}" ${request.status ?? '-'} ${request.responseBodyBytes} "${quoted(this.#shown(requestHeaders.get('referer') ?? '-'))}" "${quoted(this.#shown(requestHeaders.get('user-agent') ?? '-'))}" kong_request_id: "${request.requestId}"\n`,
    );
  }

  #shown(text: string): string {
    return this.#sanitizer.text(text).text;
  }
}

/** Quotes and control characters as nginx escapes them, so that nobody can forge a line. */
function quoted(text: string): string {
  return text.replaceAll(
    /["\\\u0000-\u001f\u007f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}
