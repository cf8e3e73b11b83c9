import { renderTree } from '@gatescope/trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectWhole } from '../testing/check-trace.ts';
import { EchoUpstream } from '../testing/echo-upstream.ts';
import { routeWith } from '../testing/kong-yml.ts';
import { TestGateway } from '../testing/test-gateway.ts';
import { traced } from '../testing/trace-collector.ts';

/** Gates that code in a plugin waits at, by path. */
function gates(): Record<string, () => void> {
  const open: Record<string, () => void> = {};
  const waits = (path: string) => new Promise<void>((resolve) => (open[path] = resolve));
  Object.assign(globalThis, { gatesOfTest: waits });
  onTestFinished(() => {
    Reflect.deleteProperty(globalThis, 'gatesOfTest');
  });
  return open;
}

const WAIT = 'const path = kong.request.get_path(); kong.log.notice("at ", path); await gatesOfTest(path);';

describe('a record that is used again', () => {
  it.each(['access', 'log'])(
    'gets nothing of the request it was for before, whose plugin still waits in %s',
    async (phase) => {
      const open = gates();
      const upstream = await EchoUpstream.start();
      const gateway = await TestGateway.start(
        routeWith(
          upstream.url,
          { name: 'pre-function', config: { access: [WAIT] } },
          { name: 'post-function', config: { [phase]: [''] } },
        ),
      );
      const collector = await traced(gateway);
      const left = await gateway.connect();
      left.send('GET /left HTTP/1.1\r\nHost: a.test\r\n\r\n');
      await gateway.untilLogged('at /left');
      left.reset();
      await collector.until(1);
      const answer = gateway.send('/kept');
      await gateway.untilLogged('at /kept');
      open['/left']!();
      await new Promise((resolve) => setImmediate(resolve));
      open['/kept']!();
      expect((await answer).status).toBe(200);
      const [first, second] = await collector.until(2);
      expectWhole(first!);
      expectWhole(second!);
      const plugins = [first!, second!].map(({ spans }) =>
        renderTree(spans.filter(({ name }) => /^kong$|access|log/.test(name))),
      );
      expect(plugins).toEqual(
        phase === 'access'
          ? [
              'kong !read ECONNRESET\n  kong.phase.access\n    kong.access.plugin.pre-function',
              'kong\n  kong.phase.access\n    kong.access.plugin.pre-function\n    kong.access.plugin.post-function',
            ]
          : [
              'kong !read ECONNRESET\n  kong.phase.access\n    kong.access.plugin.pre-function\n  kong.phase.log\n    kong.log.plugin.post-function',
              'kong\n  kong.phase.access\n    kong.access.plugin.pre-function\n  kong.phase.log\n    kong.log.plugin.post-function',
            ],
      );
    },
  );
});
