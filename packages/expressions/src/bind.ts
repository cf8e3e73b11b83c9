import type { Check, Condition } from './conditions.ts';
import type { FieldReaders } from './field-readers.ts';
import { STAGES } from './fields.ts';
import { MATCH, NO_MATCH, NOT_YET, type Verdict } from './verdict.ts';

/** A rule whose fields have been looked up; `stage` is an index into STAGES. */
export type Plan =
  | { readonly kind: 'and' | 'or'; readonly left: Plan; readonly right: Plan; readonly stage: number }
  | { readonly kind: 'not'; readonly operand: Plan; readonly stage: number }
  /** Known from its stage on. */
  | { readonly kind: 'condition'; readonly condition: Condition; readonly stage: number };

/** A rule that can be asked of requests. */
export interface BoundRule<Request> {
  /** Whether it can say more at a stage than at an earlier one (indices into STAGES; -1: none). */
  learnsSince(earlier: number, stage: number): boolean;
  /** Asks with what is known at a stage. */
  evaluate(stage: number, request: Request): Verdict;
  /** Asks with everything known. */
  matches(request: Request): boolean;
}

type Ask<Request> = (request: Request) => Verdict;

/** What a part of a rule is at a stage: not known at all, known for every request, or known for some. */
type Part<Request> =
  | { readonly state: 'unknown' }
  | { readonly state: 'known'; readonly check: Check<Request> }
  | { readonly state: 'open'; readonly ask: Ask<Request> };

const UNKNOWN = { state: 'unknown' } as const;

/** One function for each stage at which the rule learns something. */
export function bindPlan<Request>(plan: Plan, readers: FieldReaders<Request>): BoundRule<Request> {
  const checks = new Map<Plan, Check<Request>>();
  const learnsAt = new Array<boolean>(STAGES.length).fill(false);
  bindConditions(plan, readers, checks, learnsAt);
  const asks: Ask<Request>[] = [];
  let ask: Ask<Request> = notYet;
  let last: Part<Request> = UNKNOWN;
  for (let stage = 0; stage < STAGES.length; stage++) {
    if (learnsAt[stage]) {
      last = partOf(plan, stage, checks);
      ask = askOf(last);
    }
    asks.push(ask);
  }
  const matches = last.state === 'known' ? last.check : () => false;
  return {
    learnsSince: (earlier, stage) => (earlier < 0 ? notYet : asks[earlier]) !== asks[stage],
    evaluate: (stage, request) => asks[stage]!(request),
    matches,
  };
}

function notYet(): Verdict {
  return NOT_YET;
}

/** Makes each condition a check, and notes the stages at which one becomes known. */
function bindConditions<Request>(
  plan: Plan,
  readers: FieldReaders<Request>,
  checks: Map<Plan, Check<Request>>,
  learnsAt: boolean[],
): void {
  switch (plan.kind) {
    case 'and':
    case 'or':
      bindConditions(plan.left, readers, checks, learnsAt);
      bindConditions(plan.right, readers, checks, learnsAt);
      return;
    case 'not':
      bindConditions(plan.operand, readers, checks, learnsAt);
      return;
    case 'condition':
      checks.set(plan, plan.condition(readers));
      learnsAt[plan.stage] = true;
  }
}

function partOf<Request>(
  plan: Plan,
  stage: number,
  checks: ReadonlyMap<Plan, Check<Request>>,
): Part<Request> {
  switch (plan.kind) {
    case 'condition':
      return plan.stage > stage ? UNKNOWN : { state: 'known', check: checks.get(plan)! };
    case 'not':
      return inverse(partOf(plan.operand, stage, checks));
    default: {
      const left = partOf(plan.left, stage, checks);
      const right = partOf(plan.right, stage, checks);
      return plan.kind === 'and' ? both(left, right) : either(left, right);
    }
  }
}

function inverse<Request>(part: Part<Request>): Part<Request> {
  if (part.state === 'unknown') return part;
  if (part.state === 'known') {
    const { check } = part;
    return { state: 'known', check: (request) => !check(request) };
  }
  const { ask } = part;
  return {
    state: 'open',
    ask: (request) => {
      const verdict = ask(request);
      return verdict === NOT_YET ? NOT_YET : verdict === MATCH ? NO_MATCH : MATCH;
    },
  };
}

function both<Request>(left: Part<Request>, right: Part<Request>): Part<Request> {
  if (left.state === 'unknown' && right.state === 'unknown') return UNKNOWN;
  if (left.state === 'known' && right.state === 'known') {
    const [first, second] = [left.check, right.check];
    return { state: 'known', check: (request) => first(request) && second(request) };
  }
  const [first, second] = [askOf(left), askOf(right)];
  return {
    state: 'open',
    ask: (request) => {
      const verdict = first(request);
      if (verdict === NO_MATCH) return NO_MATCH;
      const other = second(request);
      return other === NO_MATCH ? NO_MATCH : verdict === MATCH ? other : NOT_YET;
    },
  };
}

function either<Request>(left: Part<Request>, right: Part<Request>): Part<Request> {
  if (left.state === 'unknown' && right.state === 'unknown') return UNKNOWN;
  if (left.state === 'known' && right.state === 'known') {
    const [first, second] = [left.check, right.check];
    return { state: 'known', check: (request) => first(request) || second(request) };
  }
  const [first, second] = [askOf(left), askOf(right)];
  return {
    state: 'open',
    ask: (request) => {
      const verdict = first(request);
      if (verdict === MATCH) return MATCH;
      const other = second(request);
      return other === MATCH ? MATCH : verdict === NO_MATCH ? other : NOT_YET;
    },
  };
}

function askOf<Request>(part: Part<Request>): Ask<Request> {
  if (part.state === 'unknown') return notYet;
  if (part.state === 'open') return part.ask;
  const { check } = part;
  return (request) => (check(request) ? MATCH : NO_MATCH);
}
