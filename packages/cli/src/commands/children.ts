import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@gatescope/base';
import { tellSupervisor } from '../processes/child-messages.ts';
import { DataDir } from '../setup/data-dir.ts';
import { DEMO_CONFIG } from '../setup/paths.ts';

/** The processes that the all-in-one and the data plane start; not for people. */
export const CHILDREN: Readonly<Record<string, () => Promise<void>>> = {
  '__control-plane': () =>
    child(async () => {
      const { runControlPlane } = await import('../processes/control-plane-process.ts');
      const { env } = process;
      const dataDir = new DataDir(env['GATESCOPE_DATA_DIR']!);
      const path = env['GATESCOPE_START_CONFIG']!;
      const { signInToken, configText } = await runControlPlane({
        dataDir,
        config: { path, replaces: env['GATESCOPE_START_REPLACES'] === '1' },
        waitsForNode: true,
        logLevel: env['KONG_LOG_LEVEL'] ?? 'warn',
        env,
      });
      tellSupervisor({
        type: 'listening',
        signInToken,
        servesDemo: path === DEMO_CONFIG && configText === readFileSync(DEMO_CONFIG, 'utf8'),
      });
    }),
  '__data-plane': () =>
    child(async () => {
      const { runDataPlane } = await import('../processes/data-plane-process.ts');
      await runDataPlane({
        env: process.env,
        confPath: process.env['GATESCOPE_CONF'],
        dataDir: new DataDir(process.env['GATESCOPE_DATA_DIR']!),
      });
      tellSupervisor({ type: 'listening' });
    }),
  __worker: async () => {
    const { runWorker } = await import('../processes/data-plane-process.ts');
    await runWorker();
  },
};

async function child(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const failure = AppError.from(error);
    tellSupervisor({
      type: 'failed',
      message: failure.code === 'internal' ? `could not start: ${messageOf(error)}` : failure.message,
    });
    // The message has to leave the process before it ends.
    setTimeout(() => process.exit(1), 100);
  }
}
