import { addressText } from '../setup/address.ts';
import { ensureCertificates } from '../setup/certificates.ts';
import { VERSION } from '../version.ts';
import { type Command, textOf } from './command.ts';
import { dataDirOf, dataDirOption } from './data-dir-option.ts';

export const dataPlane: Command = {
  name: 'data-plane',
  summary:
    'Runs a gateway alone: with a kong.yml of its own, or as a node of the control plane that KONG_CLUSTER_CONTROL_PLANE names.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: {
    conf: { type: 'string', placeholder: 'FILE', help: 'kong.conf with its settings; KONG_* variables win' },
    ...dataDirOption('where it keeps its id, certificates and last configuration'),
  },
  async run(given) {
    const dataDir = dataDirOf(given);
    await ensureCertificates(dataDir);
    const { runDataPlane } = await import('../processes/data-plane-process.ts');
    const settings = await runDataPlane({ env: process.env, confPath: textOf(given, 'conf'), dataDir });
    const listens = settings.listeners.map((listener) =>
      listener.path === null
        ? `${listener.ssl ? 'https' : 'http'}://${addressText(listener)}`
        : `unix:${listener.path}`,
    );
    process.stdout.write(`Gatescope ${VERSION} data plane\n\n  Gateway   ${listens.join('   ')}\n\n`);
    return await new Promise<never>(() => undefined);
  },
};
