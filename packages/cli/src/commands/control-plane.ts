import { parseAddress, urlHost } from '../setup/address.ts';
import { ensureCertificates } from '../setup/certificates.ts';
import { VERSION } from '../version.ts';
import { type Command, textOf } from './command.ts';
import { dataDirOf, dataDirOption } from './data-dir-option.ts';

export const controlPlane: Command = {
  name: 'control-plane',
  summary: 'Runs a control plane alone. Data planes elsewhere connect to it by mutual TLS.',
  usage: '[options]',
  arguments: { min: 0, max: 0 },
  options: {
    config: {
      type: 'string',
      placeholder: 'FILE',
      help: 'kong.yml for its nodes; replaces the stored configuration',
    },
    ...dataDirOption('where everything is kept'),
  },
  async run(given) {
    const dataDir = dataDirOf(given);
    await ensureCertificates(dataDir);
    const config = textOf(given, 'config');
    const { runControlPlane } = await import('../processes/control-plane-process.ts');
    const { signInToken } = await runControlPlane({
      dataDir,
      config: config === undefined ? null : { path: config, replaces: true },
      waitsForNode: false,
      logLevel: process.env['KONG_LOG_LEVEL'] ?? 'notice',
      env: process.env,
    });
    const api = urlHost(
      parseAddress('GATESCOPE_API_LISTEN', process.env['GATESCOPE_API_LISTEN'] ?? '127.0.0.1:8001'),
    );
    process.stdout.write(
      `Gatescope ${VERSION} control plane\n\n  Sign in   http://${api}/sign-in#${signInToken}\n            good once, within 10 minutes\n  Data      ${dataDir.path}\n\n`,
    );
    return await new Promise<never>(() => undefined);
  },
};
