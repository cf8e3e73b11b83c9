import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sendRequestCommand, shellQuoted, startSessionCommand } from './curl-command.ts';

describe('shellQuoted()', () => {
  it('leaves plain words as they are', () => {
    expect(shellQuoted('http://127.0.0.1:8001/x')).toBe('http://127.0.0.1:8001/x');
    expect(shellQuoted('')).toBe("''");
  });

  it('gives a shell the text it quotes', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 }).filter((one) => !one.includes('\0'));
    fc.assert(
      fc.property(text, (one) => {
        expect(execFileSync('sh', ['-c', `printf %s ${shellQuoted(one)}`]).toString()).toBe(one);
      }),
      { numRuns: 25 },
    );
  });
});

describe('startSessionCommand()', () => {
  it('starts the session that the form would, with the token out of the environment', () => {
    const command = startSessionCommand('http://localhost:8001', 'my cp', { rule: 'http.path == "/it\'s"' });
    expect(command.split(' \\\n')).toEqual([
      'curl -X POST http://localhost:8001/api/v1/control-planes/my%20cp/sessions',
      '  -H "Authorization: Bearer $GATESCOPE_TOKEN"',
      "  -H 'Content-Type: application/json'",
      `  -d '{"rule":"http.path == \\"/it'\\''s\\""}'`,
    ]);
  });
});

describe('sendRequestCommand()', () => {
  it('guesses the gateway beside the control plane', () => {
    expect(sendRequestCommand('gw.example.com')).toBe('curl -i http://gw.example.com:8000/');
    expect(sendRequestCommand('::1')).toBe('curl -i http://[::1]:8000/');
    expect(sendRequestCommand('[::1]')).toBe('curl -i http://[::1]:8000/');
  });
});
