import { useConfig, useMayChange } from '../api/queries.ts';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { ConfigEditor } from './config-editor.tsx';

/** The configuration of a control plane's nodes: read, changed, compared, put in force. */
export function ConfigTab({ cp }: { readonly cp: string }) {
  usePageTitle('Configuration');
  const config = useConfig(cp);
  const mayRead = useMayChange();
  if (!mayRead) {
    return (
      <EmptyState title="The configuration is not for viewers">
        <p>It may hold secrets. Ask for the role of a control plane admin to read or change it.</p>
      </EmptyState>
    );
  }
  if (config.isPending) return <Loading what="the configuration" />;
  if (config.data === undefined) return <ProblemNotice error={config.error} />;
  return <ConfigEditor cp={cp} inForce={config.data} />;
}
