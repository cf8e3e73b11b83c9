import type {
  AttributeBlock,
  ControlPlane,
  List,
  Me,
  Role,
  Session,
  TraceSummary,
} from '@gatescope/protocol';
import { STATISTICS_SESSIONS_MAX } from '@gatescope/protocol';
import {
  type InfiniteData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
  useInfiniteQuery,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { isRunning } from '../engine/live-session.ts';
import type { SettingsPage } from '../engine/paths.ts';
import { maySeeSettings } from '../engine/settings-access.ts';
import type { TracePart } from '../engine/trace-part.ts';
import { api } from './api.ts';
import { ApiProblem } from './api-problem.ts';
import { connection } from './connection.ts';
import type { TraceSource } from './trace-source.ts';

/** Keys of everything that is cached, so that whoever changes something can name what has become old. */
export const keys = {
  me: ['me'],
  controlPlanes: ['control-planes'],
  nodes: (cp: string) => ['nodes', cp],
  config: (cp: string) => ['config', cp],
  entities: (cp: string) => ['entities', cp],
  payloadCapture: ['payload-capture'],
  redaction: ['redaction'],
  encryptionKeys: ['encryption-keys'],
  users: ['users'],
  tokens: ['tokens'],
  sessions: (cp: string) => ['sessions', cp],
  session: (cp: string, session: string) => ['session', cp, session],
  traces: (cp: string, session: string) => ['traces', cp, session],
} as const;

const LIVE_MS = 2_000;
const CALM_MS = 15_000;

/** A client whose every 401 leads to the sign-in page, and that asks anew what it shows once the control plane answers again. */
export function newQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiProblem && error.status === 401) client.setQueryData(keys.me, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      mutations: { networkMode: 'always' },
      queries: {
        // A control plane on this very machine answers without any network.
        networkMode: 'always',
        staleTime: 1_000,
        retry: (failures, error) => failures < 2 && mayPass(error),
      },
    },
  });
  connection.onRecovered(() => {
    void client.invalidateQueries({
      predicate: ({ queryKey, state }) => state.data === undefined || !NEVER_CHANGING.has(queryKey[0]),
    });
  });
  return client;
}

/** Whether a failure may be over in a moment. A key that is not available waits for somebody. */
function mayPass(error: Error): boolean {
  if (!(error instanceof ApiProblem)) return true;
  return error.status === 0 || (error.status === 503 && error.code !== 'key_unavailable');
}

/** What is as it was, however long one was cut off. */
const NEVER_CHANGING: ReadonlySet<unknown> = new Set(['skeleton', 'attributes', 'payload']);

/** Who is signed in; `null` for nobody. */
export function useMe() {
  return useQuery<Me | null>({
    queryKey: keys.me,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      try {
        return await api.me(signal);
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
  });
}

/** Whether who is signed in may look at a page of the settings. */
export function useMaySee(page: SettingsPage): boolean {
  const role = useMe().data?.role;
  return role !== undefined && maySeeSettings(role, page);
}

/** Whether who is signed in may start and stop sessions. */
export function useMayChange(): boolean {
  const role: Role | undefined = useMe().data?.role;
  return role === 'org_admin' || role === 'control_plane_admin';
}

export function useControlPlanes() {
  return useQuery({
    queryKey: keys.controlPlanes,
    queryFn: ({ signal }) => api.controlPlanes(signal),
    select: (list): readonly ControlPlane[] => list.data,
    refetchInterval: CALM_MS,
  });
}

/** One control plane; nothing is asked for null. */
export function useControlPlane(cp: string | null) {
  return useQuery({
    queryKey: [...keys.controlPlanes, cp],
    queryFn: ({ signal }) => api.controlPlane(cp!, signal),
    enabled: cp !== null,
    refetchInterval: CALM_MS,
  });
}

export function useNodes(cp: string) {
  return useQuery({
    queryKey: keys.nodes(cp),
    queryFn: ({ signal }) => api.nodes(cp, signal),
    select: (list) => list.data,
    refetchInterval: 5_000,
  });
}

/** Services and routes of the configuration in force. */
export function useEntities(cp: string) {
  return useQuery({
    queryKey: keys.entities(cp),
    queryFn: ({ signal }) => api.entities(cp, signal),
    staleTime: 10_000,
  });
}

/** The configuration in force; null where none was ever put. Asked for only where it may be read. */
export function useConfig(cp: string) {
  const mayRead = useMayChange();
  return useQuery({
    queryKey: keys.config(cp),
    queryFn: async ({ signal }) => {
      try {
        return await api.config(cp, signal);
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
    enabled: mayRead,
    refetchInterval: CALM_MS,
  });
}

/** What putting a text in force would say; nothing is asked for null. */
export function useConfigCheck(cp: string, text: string | null) {
  return useQuery({
    queryKey: ['config-check', cp, text],
    queryFn: ({ signal }) => api.checkConfig(cp, text ?? '', signal),
    enabled: text !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
    placeholderData: (before) => before,
  });
}

/** The sessions of a control plane, newest first; often asked for while one of them runs. */
export function useSessions(cp: string) {
  return useInfiniteQuery({
    queryKey: keys.sessions(cp),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => api.sessions(cp, pageParam, signal),
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.data.some(isRunning)) ? LIVE_MS : CALM_MS,
  });
}

/** How the traces of sessions did, by their ids; asked again when one of them has other traces. */
export function useSessionStatistics(cp: string, sessions: readonly Session[]) {
  const asked = sessions.filter(({ counts }) => counts.traces > 0).slice(0, STATISTICS_SESSIONS_MAX);
  return useQuery({
    queryKey: ['session-statistics', cp, asked.map(({ id, counts }) => `${id}:${counts.traces}`)],
    queryFn: ({ signal }) =>
      api.sessionStatistics(
        cp,
        asked.map(({ id }) => id),
        signal,
      ),
    select: (list) => new Map(list.data.map((one) => [one.session_id, one])),
    enabled: asked.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    placeholderData: (before) => before,
  });
}

/** The newest sessions of a control plane as far as they are known already; nothing is asked for. */
export function useKnownSessions(cp: string | null): readonly Session[] {
  const client = useQueryClient();
  const known = client.getQueryData<InfiniteData<List<Session>>>(keys.sessions(cp ?? ''));
  return known?.pages[0]?.data ?? NO_SESSIONS;
}

const NO_SESSIONS: readonly Session[] = [];

/** One session as it was when it was asked for; nothing is asked for null. */
export function useSession(cp: string | null, session: string | null) {
  return useQuery({
    queryKey: keys.session(cp ?? '', session ?? ''),
    queryFn: ({ signal }) => api.session(cp!, session!, signal),
    enabled: cp !== null && session !== null,
    staleTime: 30_000,
  });
}

/** Every trace of a session, newest first, as it was when it was asked for. */
export function useSessionTraces(cp: string, session: string) {
  return useQuery({
    queryKey: keys.traces(cp, session),
    queryFn: async ({ signal }) => {
      const traces: TraceSummary[] = [];
      for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
        const list = await api.traces(cp, session, after, signal);
        traces.push(...list.data);
        after = list.next;
      }
      return traces as readonly TraceSummary[];
    },
    staleTime: 10_000,
    structuralSharing: false,
  });
}

/** Whether payloads may be captured. */
export function usePayloadCapture() {
  return useQuery({
    queryKey: keys.payloadCapture,
    queryFn: ({ signal }) => api.payloadCapture(signal),
    staleTime: 5_000,
  });
}

/** What the sanitizer makes of a payload; what it made of the one before until the answer is there. */
export function useSanitizerPreview(payload: Parameters<typeof api.previewSanitizer>[0]) {
  return useQuery({
    queryKey: ['sanitizer-preview', payload],
    queryFn: ({ signal }) => api.previewSanitizer(payload, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
    placeholderData: (before) => before,
  });
}

/** How often is looked for a trace that is not there, and after how long each time. */
export const LOOKS_MAX = 30;
const LOOK_MS = 2_000;

/** What asks for the columns of a trace. */
export function skeletonQuery(source: TraceSource) {
  return queryOptions({
    queryKey: ['skeleton', ...source.key],
    queryFn: ({ signal }) => source.skeleton(signal),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** What asks for the block of attributes that begins at a row; whoever leaves the page while it is on its way finds it on coming back. */
export function attributesQuery(source: TraceSource, from: number) {
  return queryOptions({
    queryKey: ['attributes', ...source.key, from],
    queryFn: () => source.attributes(from),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** The columns of a trace, also of one that is still on its way. A trace never changes, and comparing thousands of numbers would be for nothing. */
export function useSkeleton(source: TraceSource, isWanted = true) {
  return useQuery({
    ...skeletonQuery(source),
    enabled: isWanted,
    refetchInterval: ({ state: { error, errorUpdateCount } }) =>
      error instanceof ApiProblem && error.status === 404 && errorUpdateCount < LOOKS_MAX ? LOOK_MS : false,
  });
}

/** The blocks of attributes that begin at these rows; `blocks` holds those that are there already. */
export function useAttributeBlocks(source: TraceSource, starts: readonly number[]) {
  return useQueries({
    queries: starts.map((from) => attributesQuery(source, from)),
    combine: (results) => ({
      blocks: results.flatMap((result): AttributeBlock[] => (result.data === undefined ? [] : [result.data])),
      error: results.find((result) => result.error !== null)?.error ?? null,
      isLoading: results.some((result) => result.isLoading),
    }),
  });
}

/** The attributes of every row, in one block; asked for only where they are wanted. */
export function useAllAttributes(source: TraceSource, isWanted: boolean) {
  return useQuery({
    queryKey: ['attributes', ...source.key, 'all'],
    queryFn: ({ signal }) => source.allAttributes(signal),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** A trace's log; asked for only where it is wanted. Lines may come a moment after their trace. */
export function useTraceLog(source: TraceSource, isWanted = true) {
  return useQuery({
    queryKey: ['log', ...source.key],
    queryFn: ({ signal }) => partOf(source.log, signal),
    enabled: isWanted && 'read' in source.log,
    staleTime: 5_000,
    structuralSharing: false,
  });
}

/** What was captured of a trace. Each reading is noted in the audit log: it is asked for once. */
export function usePayload(source: TraceSource) {
  return useQuery({
    queryKey: ['payload', ...source.key],
    queryFn: ({ signal }) => partOf(source.payload, signal),
    enabled: 'read' in source.payload,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    retry: false,
  });
}

function partOf<T>(part: TracePart<T>, signal: AbortSignal): Promise<T> {
  return 'read' in part ? part.read(signal) : Promise.reject(new Error(part.reason));
}
