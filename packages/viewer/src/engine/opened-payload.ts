import type { CapturedBody, CapturedMessage, Payload } from '@gatescope/protocol';
import { count, list, orNull, record, text } from './read-fields.ts';

/** Headers, and redactions, of one message, at most: a gateway takes 200. */
const ENTRIES_MAX = 1_000;

/** The payload in a file of an archive, whose name is `where`. Throws `OpenError` that says what of it is wrong. */
export function openedPayload(json: unknown, where: string): Payload {
  const payload = record(json, where);
  const message = (name: keyof Payload) => orNull(payload[name], `${where}: ${name}`, openedMessage);
  return {
    client_request: message('client_request'),
    upstream_request: message('upstream_request'),
    upstream_response: message('upstream_response'),
    client_response: message('client_response'),
  };
}

function openedMessage(value: unknown, where: string): CapturedMessage {
  const message = record(value, where);
  return {
    headers: list(message['headers'], ENTRIES_MAX, `${where}.headers`).map((header, index) => {
      const at = `${where}.headers[${index}]`;
      const [name, content] = list(header, 2, at);
      return [text(name, `${at}[0]`), text(content, `${at}[1]`)];
    }),
    body: orNull(message['body'], `${where}.body`, openedBody),
    redactions: list(message['redactions'], ENTRIES_MAX, `${where}.redactions`).map((value, index) => {
      const at = `${where}.redactions[${index}]`;
      const redaction = record(value, at);
      return {
        where: text(redaction['where'], `${at}.where`),
        rule: text(redaction['rule'], `${at}.rule`),
        count: count(redaction['count'], `${at}.count`),
      };
    }),
  };
}

function openedBody(value: unknown, where: string): CapturedBody {
  const body = record(value, where);
  const fields = {
    content_type: orNull(body['content_type'], `${where}.content_type`, text),
    content_encoding: orNull(body['content_encoding'], `${where}.content_encoding`, text),
    size_bytes: count(body['size_bytes'], `${where}.size_bytes`),
    captured_bytes: count(body['captured_bytes'], `${where}.captured_bytes`),
    truncated: body['truncated'] === true,
  };
  return 'base64' in body
    ? { base64: text(body['base64'], `${where}.base64`), ...fields }
    : { text: text(body['text'], `${where}.text`), ...fields };
}
