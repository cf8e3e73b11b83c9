import { ConfigTab } from '../control-planes/config-tab.tsx';
import { ControlPlaneFrame } from '../control-planes/control-plane-frame.tsx';
import { NodesTab } from '../control-planes/nodes-tab.tsx';
import { OverviewTab } from '../control-planes/overview-tab.tsx';
import type { ControlPlaneTab } from '../engine/paths.ts';

const TABS = { overview: OverviewTab, nodes: NodesTab, configuration: ConfigTab } as const;

/** One control plane: overview, nodes or configuration. */
export function ControlPlanePage({ cp, tab }: { readonly cp: string; readonly tab: ControlPlaneTab }) {
  const Tab = TABS[tab];
  return (
    <ControlPlaneFrame cp={cp} current={tab}>
      <Tab cp={cp} />
    </ControlPlaneFrame>
  );
}
